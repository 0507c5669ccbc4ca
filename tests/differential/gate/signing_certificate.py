"""A signing certificate by the rules: one PEM block of strict DER, SNS's name, its dates, its key.

Its encoding is walked here byte by byte (X.690); what it says is read by `cryptography`. Where only
that one refuses what was damaged inside, as OpenSSL would not, the rules do not decide: nobody's
signature over the certificate is looked at, so that whoever can damage it can write another.
"""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Iterator
from datetime import timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

FILE_MAX = 16 * 1024
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)"
                 rb"-----END CERTIFICATE-----(?:\r?\n)?")
RSA = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
DIGESTS = {"1": hashes.SHA1, "2": hashes.SHA256}
UNDERSTOOD = (x509.KeyUsage, x509.SubjectAlternativeName, x509.BasicConstraints,
              x509.CertificatePolicies, x509.CRLDistributionPoints, x509.ExtendedKeyUsage,
              x509.PolicyConstraints, x509.NameConstraints, x509.InhibitAnyPolicy)

warnings.simplefilter("ignore", CryptographyDeprecationWarning)


class BadBody(ValueError):
    pass


class BadKey(ValueError):
    pass


class Undecided(BadBody):
    """It was damaged where readers may differ."""


class SigningCertificate:
    """Raises BadBody, BadKey or Undecided: whatever can be said of it without a message."""

    def __init__(self, pem: bytes) -> None:
        try:
            self._read(_der_in(pem))
        except BadBody:
            raise
        except (ValueError, TypeError, x509.DuplicateExtension, x509.InvalidVersion) as error:
            raise Undecided(error) from error
        self._check_key()

    def _read(self, der: bytes) -> None:
        _check_der(der)
        self._x509 = x509.load_der_x509_certificate(der)
        self._names = _names(self._x509)
        self._begin = self._x509.not_valid_before_utc.astimezone(timezone.utc)
        self._end = self._x509.not_valid_after_utc.astimezone(timezone.utc)
        for extension in self._x509.extensions:
            if isinstance(extension.value, x509.KeyUsage) and \
                    not any(vars(extension.value).values()):
                raise Undecided("a usage for nothing")
            if extension.critical and not isinstance(extension.value, UNDERSTOOD):
                raise BadBody(f"critical and not understood: {extension.oid}")

    def _check_key(self) -> None:
        if self._x509.public_key_algorithm_oid != RSA or self._is_ca():
            raise BadKey
        try:
            self._key = self._x509.public_key()
        except UnsupportedAlgorithm as error:
            raise BadKey from error
        except ValueError as error:
            raise Undecided from error
        exponent = self._key.public_numbers().e
        if not isinstance(self._key, rsa.RSAPublicKey) or not 2048 <= self._key.key_size <= 8192 \
                or exponent < 65537 or exponent % 2 == 0:
            raise BadKey

    def _is_ca(self) -> bool:
        """One that says so, or that may sign certificates."""
        found = {type(each.value): each.value for each in self._x509.extensions}
        constraints, usage = found.get(x509.BasicConstraints), found.get(x509.KeyUsage)
        return bool(constraints and constraints.ca or usage and usage.key_cert_sign)

    @property
    def size(self) -> int:
        return (self._key.key_size + 7) // 8

    def is_named(self, name: str) -> bool:
        return name.lower() in (each.lower() for each in self._names)

    def is_valid_at(self, second: int) -> bool:
        return self._begin.timestamp() <= second <= self._end.timestamp()

    def has_signed(self, text: bytes, signature: bytes, version: str) -> bool:
        try:
            self._key.verify(signature, text, padding.PKCS1v15(), DIGESTS[version]())
        except InvalidSignature:
            return False
        return True


def _der_in(pem: bytes) -> bytes:
    found = PEM.fullmatch(pem) if len(pem) <= FILE_MAX else None
    if not found:
        raise BadBody("not one PEM block")
    text = re.sub(rb"[\r\n]", b"", found[1])
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadBody(error) from error
    if base64.b64encode(data) != text or not data:
        raise BadBody("not strict base64")
    return data


def _names(certificate: x509.Certificate) -> list[str]:
    """DNS names; where there are none, the subject's common names (RFC 6125, 6.4.4)."""
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        others = []
    names = [each.value for each in others if isinstance(each, x509.DNSName)]
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return names or [each.value for each in common if isinstance(each.value, str)]


# Distinguished encoding.

CONSTRUCTED, SEQUENCE, UTF8 = 0x20, 0x30, 0x0c
STRINGS = (UTF8, 0x13, 0x14, 0x16)


def _check_der(data: bytes) -> None:
    """One value, of the tags, lengths and contents that DER allows, and nothing after it."""
    found = list(_values(data))
    if len(found) != 1 or found[0][0] != SEQUENCE:
        raise BadBody("not one SEQUENCE")
    outer, inner = _children(found[0][1]), None
    if len(outer) == 3:
        inner = _children(outer[0][1])
    if not inner or len(inner) < 6 or (outer[1] != inner[2 if inner[0][0] == 0xa0 else 1]):
        raise BadBody("it says twice, and differently, how it is signed")
    _check_inside(found[0], 0)
    for name in (inner[3], inner[5]) if inner[0][0] == 0xa0 else (inner[2], inner[4]):
        _check_name(name[1])


def _check_name(content: bytes) -> None:
    """An issuer or subject: of strings, and of kinds that every reader takes for such."""
    for _, several in _values(content):
        for _, pair in _values(several):
            if [tag for tag, _ in _values(pair)][1:] not in ([each] for each in STRINGS):
                raise Undecided("a name of other kinds of value")


def _children(content: bytes) -> list[tuple[int, bytes]]:
    return list(_values(content))


def _check_inside(value: tuple[int, bytes], depth: int) -> None:
    tag, content = value
    if depth > 64:
        raise BadBody("nested too deeply")
    if tag & CONSTRUCTED:
        for each in _values(content):
            _check_inside(each, depth + 1)
    elif tag == UTF8 and not _is_utf8(content):
        raise BadBody("not UTF-8")
    elif tag == 0x02 and (not content or len(content) > 1 and
                          (content[0] == 0 and content[1] < 0x80 or
                           content[0] == 0xff and content[1] >= 0x80)):
        raise BadBody("an integer with a byte too many, or without")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) < at + 2 or data[at] & 0x1f == 0x1f:
            raise BadBody("a tag without length, or a long one")
        tag, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            size = length - 0x80
            length = int.from_bytes(data[at:at + size], "big")
            if not 1 <= size <= 4 or length < (0x80 if size == 1 else 1 << (8 * (size - 1))):
                raise BadBody("a length that is not as short as it can be")
            at += size
        if at + length > len(data):
            raise BadBody("cut short")
        yield tag, data[at:at + length]
        at += length
