"""The key and certificate that sign announcements here, made anew at every start.

The file looks as SNS's own does: the leaf alone, CN and SAN ``sns.amazonaws.com``, RSA-2048,
sha256WithRSA, CA:FALSE, digitalSignature and keyEncipherment, serverAuth.  The authority above
it is thrown away, as a verifier never sees SNS's either.  Source: "Verifying the signatures of
Amazon SNS messages", SNS developer guide, and certificates that SNS has served.
"""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAME = "sns.amazonaws.com"
_YEAR = datetime.timedelta(days=365)


class Signer:
    """One private key with its certificate."""

    def __init__(self) -> None:
        self._key = _new_key()

    @functools.cached_property
    def _certificate(self) -> x509.Certificate:
        return _leaf(self._key)

    @property
    def pem(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def url(self, region: str) -> str:
        """Where SNS in that region would serve the certificate."""
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        name = hashlib.md5(der).hexdigest()
        return f"https://sns.{region}.amazonaws.com/SimpleNotificationService-{name}.pem"

    def sign(self, text: str, version: str) -> str:
        """Base64 of the signature: version "1" is SHA-1, "2" is SHA-256, both PKCS #1 v1.5."""
        digest = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), digest)
        return base64.b64encode(signature).decode()


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _leaf(key: rsa.RSAPrivateKey) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Evergold local test CA")])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)]))
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _YEAR)
        .not_valid_after(now + _YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(_new_key(), hashes.SHA256())
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_encipherment=True, content_commitment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False)
