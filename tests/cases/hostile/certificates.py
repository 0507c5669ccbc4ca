"""The certificates of the cases: made from the test keys beside this file, always the same bytes.

Nothing here is secret and nobody trusts these keys: they exist so that cases can be made again.
"""
import base64
import hashlib
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

HERE = Path(__file__).parent
NOTE = "A test key: made up for the cases beside it, trusted by nobody, protecting nothing.\n"
NAME = "sns.amazonaws.com"
BEGIN, END = datetime(2026, 1, 1), datetime(2027, 2, 1, 23, 59, 59)
RSA_OID, PSS_OID = bytes.fromhex("2a864886f70d0101010500"), bytes.fromhex("2a864886f70d01010a3000")
EXPONENT, EVEN_EXPONENT = bytes.fromhex("0203010001"), bytes.fromhex("0203010000")


@cache
def key(name):
    """The private key of this name; a missing one is made, and then the cases change with it."""
    path = HERE / f"test-key-{name}.pem"
    if not path.exists():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path.write_bytes(NOTE.encode() + made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
    return serialization.load_pem_private_key(path.read_bytes().partition(b"\n")[2], None)


def public_rsa(bits, exponent=65537):
    """A public key of which nobody knows the private one: any odd number will do."""
    digits = hashlib.shake_128(str(bits).encode()).digest(bits // 8)
    modulus = int.from_bytes(digits, "big") | 1 << (bits - 1) | 1
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def distinguished(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(subject=NAME, *, names=None, public=None, begin=BEGIN, end=END, ca=False,
                self_signed=False, extra=()):
    """One certificate. names: of the SAN extension, by default the subject's; () is none."""
    issuer_key = key("signer" if self_signed else "ca")
    names = [subject] if names is None else names
    serial = hashlib.sha256(f"{subject}{names}{begin}{end}".encode()).digest()[:8]
    usage = x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=not ca,
                          data_encipherment=False, key_agreement=False, key_cert_sign=ca,
                          crl_sign=ca, encipher_only=False, decipher_only=False)
    builder = (x509.CertificateBuilder()
               .subject_name(distinguished(subject))
               .issuer_name(distinguished(subject if self_signed else "Evergold test CA"))
               .public_key(public or key("signer").public_key())
               .serial_number(int.from_bytes(serial, "big"))
               .not_valid_before(begin.replace(tzinfo=timezone.utc))
               .not_valid_after(end.replace(tzinfo=timezone.utc))
               .add_extension(x509.BasicConstraints(ca, None), critical=True)
               .add_extension(usage, critical=True)
               .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def der(made):
    return made.public_bytes(serialization.Encoding.DER)


def pem(data, label="CERTIFICATE"):
    """PEM text of a certificate or of DER bytes."""
    data = data if isinstance(data, bytes) else der(data)
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def name_of(made):
    """How SNS names the file of a certificate."""
    return hashlib.md5(der(made)).hexdigest()


def unknown(size):
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x04" * size)


def broken_names():
    """A SAN extension that holds no list of names."""
    return x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x03\x82\x09x")


def nested(depth):
    """DER of SEQUENCE in SEQUENCE in SEQUENCE …"""
    data = b""
    for _ in range(depth):
        size = len(data)
        if size < 128:
            head = bytes([size])
        else:
            width = (size.bit_length() + 7) // 8
            head = bytes([0x80 | width]) + size.to_bytes(width, "big")
        data = b"\x30" + head + data
    return data


def longer_length(data):
    """The same certificate with one byte more than needed to say its length: BER, but not DER."""
    return data[:1] + b"\x83\x00" + data[2:4] + data[4:]


def cases():
    """Name of the case -> (text of the file, what is expected)."""
    good, evil = certificate(), certificate("evil.test", public=key("other").public_key())
    text, data = pem(good), der(good)
    lines = text.splitlines()
    spki = key("signer").public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    good_ones = {
        "good": text,
        "good_4096_bits": pem(certificate(public=public_rsa(4096))),
        "good_8192_bits": pem(certificate(public=public_rsa(8192))),
        "good_crlf": text.replace("\n", "\r\n"),
        "good_name_among_several": pem(certificate(names=["other.test", NAME])),
        "good_name_in_subject_only": pem(certificate(names=())),
        "good_one_line": "\n".join([lines[0], "".join(lines[1:-1]), lines[-1], ""]),
        "good_self_signed": pem(certificate(self_signed=True)),
        "good_unknown_extension": pem(certificate(extra=[(unknown(8), False)])),
        "good_without_last_line_end": text.rstrip("\n"),
    }
    bodies = {
        "after_junk": "junk\n" + text,
        "after_blank_line": "\n" + text,
        "before_junk": text + "junk\n",
        "before_blank_line": text + "\n",
        "before_spaces": text + "  ",
        "begin_line_of_other_kind": text.replace("BEGIN", "BEGIN TRUSTED"),
        "begin_line_only": lines[0] + "\n",
        "begin_line_with_space": text.replace("-----\n", "----- \n", 1),
        "blank_line_inside": "\n".join([*lines[:3], "", *lines[3:], ""]),
        "broken_extension": pem(certificate(names=(), extra=[(broken_names(), False)])),
        "critical_unknown_extension": pem(certificate(extra=[(unknown(8), True)])),
        "der": data,
        "empty": "",
        "empty_block": f"{lines[0]}\n{lines[-1]}\n",
        "encrypted_headers": text.replace(
            "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0123456789ABCDEF\n\n", 1),
        "huge_extension": pem(certificate(extra=[(unknown(20000), False)])),
        "huge_only_as_text": pem(certificate(extra=[(unknown(14000), False)])),
        "inside_html": f"<html><body><pre>{text}</pre></body></html>\n",
        "inside_xml": f"<xml><value>\n{text}</value></xml>\n",
        "length_longer_than_needed": pem(longer_length(data)),
        "line_cut": "\n".join([*lines[:-2], lines[-2][:-3], lines[-1], ""]),
        "missing_end_line": "\n".join(lines[:-1]) + "\n",
        "nested_deeply": pem(nested(2500)),
        "nul_byte": text[:100] + "\0" + text[100:],
        "pkcs7": pem(data, "PKCS7"),
        "public_key": pem(spki, "PUBLIC KEY"),
        "public_key_in_certificate_block": pem(spki),
        "spaces_at_line_ends": text.replace("\n", " \n"),
        "trailing_der_byte": pem(data + b"\0"),
        "trusted_certificate": pem(data, "TRUSTED CERTIFICATE"),
        "truncated_der": pem(data[:-1]),
        "two_evil_first": pem(evil) + text,
        "two_good_first": text + pem(evil),
        "xml_error": "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>\n",
    }
    keys = {
        "ca": pem(certificate(ca=True)),
        "curve": pem(certificate(public=ec.derive_private_key(7, ec.SECP256R1()).public_key())),
        "edwards": pem(certificate(public=ed25519.Ed25519PrivateKey.from_private_bytes(
            b"7" * 32).public_key())),
        "exponent_3": pem(certificate(public=public_rsa(2048, 3))),
        "exponent_even": pem(data.replace(EXPONENT, EVEN_EXPONENT)),
        "pss_only": pem(data.replace(RSA_OID, PSS_OID)),
        "1024_bits": pem(certificate(public=public_rsa(1024))),
        "2047_bits": pem(certificate(public=public_rsa(2047))),
        "8193_bits": pem(certificate(public=public_rsa(8193))),
        "16384_bits": pem(certificate(public=public_rsa(16384))),
    }
    names = {
        "longer": pem(certificate("sns.amazonaws.com.evil.test")),
        "other": pem(certificate("sqs.amazonaws.com")),
        "right_only_in_subject": pem(certificate(names=["other.test"])),
        "of_region": pem(certificate("sns.us-east-1.amazonaws.com")),
        "of_opt_in_region": pem(certificate("sns-signing.us-east-1.amazonaws.com")),
        "wildcard": pem(certificate("*.amazonaws.com")),
        "with_nul": pem(certificate(names=["sns.amazonaws.com\0.evil.test"])),
    }
    times = {
        "expired": pem(certificate(end=datetime(2026, 8, 18, 0, 59, 59))),
        "not_yet": pem(certificate(begin=datetime(2026, 8, 18, 1, 0, 1))),
        "end_before_begin": pem(data.replace(b"260101000000Z", b"280101000000Z")),
    }
    named = {name: (made, "good") for name, made in good_ones.items()}
    for prefix, group in (("body", bodies), ("key", keys), ("name", names), ("time", times)):
        named |= {f"{prefix}_{name}": (made, f"cert_{prefix}") for name, made in group.items()}
    return named
