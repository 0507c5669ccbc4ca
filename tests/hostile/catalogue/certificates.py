"""The certificates of the cases: made from the test keys beside this file; one moment, same bytes.

Nothing here is secret and nobody trusts these keys: they exist so that cases can be made again.
"""
import base64
import hashlib
from datetime import datetime, timedelta, timezone
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

HERE = Path(__file__).parent
NOTE = "A test key: made up for the cases beside it, trusted by nobody, protecting nothing.\n"
NAME = "sns.amazonaws.com"
PKCS1 = bytes.fromhex("2a864886f70d0101")
RSA_OID, PSS_OID = PKCS1 + b"\x01\x05\x00", PKCS1 + b"\x0a\x30\x00"
SHA256_OID, SHA1_OID = b"\x06\x09" + PKCS1 + b"\x0b", b"\x06\x09" + PKCS1 + b"\x05"
EXPONENT, EVEN_EXPONENT = bytes.fromhex("0203010001"), bytes.fromhex("0203010000")
ONE_EXPONENT = bytes.fromhex("0203000001")


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


class Authority:
    """Makes the certificates of one moment: the usual one is valid around it for 13 months."""

    def __init__(self, moment):
        self.moment = moment
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        self.begin = midnight - timedelta(days=229)
        self.end = self.begin + timedelta(days=397, seconds=-1)

    def certificate(self, subject=NAME, *, names=None, public=None, begin=None, end=None, ca=False,
                    self_signed=False, extra=(), digest=hashes.SHA256, cn=True, usage=None):
        """names: of the SAN extension, by default the subject's; () is none. cn: has a subject.
        usage: of the key, by default what fits ca."""
        issuer_key = key("signer" if self_signed else "ca")
        names = [subject] if names is None else names
        begin, end = begin or self.begin, end or self.end
        serial = hashlib.sha256(f"{subject}{names}{begin}{end}".encode()).digest()[:8]
        builder = (x509.CertificateBuilder()
                   .subject_name(distinguished(subject) if cn else x509.Name([]))
                   .issuer_name(distinguished(subject if self_signed else "Evergold test CA"))
                   .public_key(public or key("signer").public_key())
                   .serial_number(int.from_bytes(serial, "big"))
                   .not_valid_before(begin.replace(tzinfo=timezone.utc))
                   .not_valid_after(end.replace(tzinfo=timezone.utc))
                   .add_extension(x509.BasicConstraints(ca, None), critical=True)
                   .add_extension(usage or usage_of(ca), critical=True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
        if names:
            names = [x509.DNSName(name) if isinstance(name, str) else name for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, digest())


def usage_of(ca):
    return x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=not ca,
                         data_encipherment=False, key_agreement=False, key_cert_sign=ca,
                         crl_sign=ca, encipher_only=False, decipher_only=False)


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


def good_ones(authority, text):
    make, second = authority.certificate, authority.moment.replace(microsecond=0)
    lines = text.splitlines()
    return {
        "good": text,
        "good_4096_bits": pem(make(public=public_rsa(4096))),
        "good_8192_bits": pem(make(public=public_rsa(8192))),
        "good_crlf": text.replace("\n", "\r\n"),
        "good_name_among_several": pem(make(names=["other.test", NAME])),
        "good_name_in_subject_only": pem(make(names=())),
        "good_name_in_subject_beside_mail_address":
            pem(make(names=[x509.RFC822Name("sns@amazonaws.com")])),
        "good_name_not_in_subject": pem(make(cn=False)),
        "good_one_line": "\n".join([lines[0], "".join(lines[1:-1]), lines[-1], ""]),
        "good_self_signed": pem(make(self_signed=True)),
        "good_signed_with_sha1": pem(der(make()).replace(SHA256_OID, SHA1_OID)),
        "good_signed_with_sha512": pem(make(digest=hashes.SHA512)),
        "good_unknown_extension": pem(make(extra=[(unknown(8), False)])),
        "good_until_this_second": pem(make(end=second)),
        "good_from_this_second": pem(make(begin=second)),
        "good_without_last_line_end": text.rstrip("\n"),
    }


def bodies_of_other_text(text):
    """What stands around the certificate, or in its place."""
    lines = text.splitlines()
    return {
        "after_junk": "junk\n" + text,
        "after_blank_line": "\n" + text,
        "after_byte_order_mark": b"\xef\xbb\xbf" + text.encode(),
        "after_space": " " + text,
        "after_explanation": "subject=CN = sns.amazonaws.com\n" + text,
        "before_junk": text + "junk\n",
        "before_blank_line": text + "\n",
        "before_carriage_return": text[:-1] + "\r",
        "before_nul": text + "\0",
        "before_spaces": text + "  ",
        "begin_line_of_other_kind": text.replace("BEGIN", "BEGIN TRUSTED"),
        "begin_line_only": lines[0] + "\n",
        "begin_line_in_lower_case": text.replace("BEGIN CERTIFICATE", "begin certificate"),
        "begin_line_with_four_dashes": text.replace("-----BEGIN", "----BEGIN"),
        "begin_line_with_space": text.replace("-----\n", "----- \n", 1),
        "blank_line_inside": "\n".join([*lines[:3], "", *lines[3:], ""]),
        "comment_inside": "\n".join([*lines[:3], "# comment", *lines[3:], ""]),
        "carriage_returns_only": text.replace("\n", "\r"),
        "empty_block": f"{lines[0]}\n{lines[-1]}\n",
        "encrypted_headers": text.replace(
            "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0123456789ABCDEF\n\n", 1),
        "end_line_of_other_kind": text.replace("END CERTIFICATE", "END X509 CRL"),
        "inside_html": f"<html><body><pre>{text}</pre></body></html>\n",
        "inside_json": f'{{"pem": "{text}"}}\n',
        "inside_xml": f"<xml><value>\n{text}</value></xml>\n",
        "in_utf16": text.encode("utf-16"),
        "line_cut": "\n".join([*lines[:-2], lines[-2][:-3], lines[-1], ""]),
        "missing_end_line": "\n".join(lines[:-1]) + "\n",
        "nul_byte": text[:100] + "\0" + text[100:],
        "padding_too_long": text.replace(lines[-2], lines[-2] + "===="),
        "spaces_at_line_ends": text.replace("\n", " \n"),
        "tabs_before_lines": text.replace("\n", "\n\t"),
        "url_alphabet": text.replace("+", "-").replace("/", "_"),
        "xml_error": "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>\n",
    }


def bodies_of_other_kinds(authority, text):
    """PEM or not, but not the one certificate that it should be."""
    make = authority.certificate
    data, evil = der(make()), make("evil.test", public=key("other").public_key())
    spki = key("signer").public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "broken_extension": pem(make(names=(), extra=[(broken_names(), False)])),
        "critical_name_constraints": pem(make(extra=[(x509.NameConstraints(
            [x509.DNSName("evil.test")], None), True), (unknown(8), True)])),
        "critical_unknown_extension": pem(make(extra=[(unknown(8), True)])),
        "der": data,
        "huge_extension": pem(make(extra=[(unknown(20000), False)])),
        "huge_only_as_text": pem(make(extra=[(unknown(14000), False)])),
        "length_longer_than_needed": pem(longer_length(data)),
        "nested_deeply": pem(nested(2500)),
        "new_label": pem(data, "X509 CERTIFICATE"),
        "pkcs7": pem(data, "PKCS7"),
        "private_key": pem(data, "PRIVATE KEY"),
        "public_key": pem(spki, "PUBLIC KEY"),
        "public_key_in_certificate_block": pem(spki),
        "request": pem(data, "CERTIFICATE REQUEST"),
        "time_that_is_none": pem(data.replace(b"Z\x17", b"T\x17", 1)),
        "trailing_der_byte": pem(data + b"\0"),
        "trailing_der_certificate": pem(data + der(evil)),
        "trusted_certificate": pem(data, "TRUSTED CERTIFICATE"),
        "truncated_der": pem(data[:-1]),
        "two_evil_first": pem(evil) + text,
        "two_good_first": text + pem(evil),
        "two_the_same": text + text,
        "signature_algorithms_differ": pem(data.replace(SHA256_OID, SHA1_OID, 1)),
    }


def keys(authority):
    make, data = authority.certificate, der(authority.certificate())
    return {
        "ca": pem(make(ca=True)),
        "ca_self_signed": pem(make(ca=True, self_signed=True)),
        "ca_with_the_usage_of_a_server": pem(make(ca=True, usage=usage_of(False))),
        "may_sign_certificates": pem(make(usage=usage_of(True))),
        "curve": pem(make(public=ec.derive_private_key(7, ec.SECP256R1()).public_key())),
        "curve_384": pem(make(public=ec.derive_private_key(7, ec.SECP384R1()).public_key())),
        "edwards": pem(make(public=ed25519.Ed25519PrivateKey.from_private_bytes(
            b"7" * 32).public_key())),
        "exponent_3": pem(make(public=public_rsa(2048, 3))),
        "exponent_17": pem(make(public=public_rsa(2048, 17))),
        "exponent_even": pem(data.replace(EXPONENT, EVEN_EXPONENT)),
        "exponent_1": pem(data.replace(EXPONENT, ONE_EXPONENT)),
        "pss_only": pem(data.replace(RSA_OID, PSS_OID)),
        "1024_bits": pem(make(public=public_rsa(1024))),
        "2047_bits": pem(make(public=public_rsa(2047))),
        "8193_bits": pem(make(public=public_rsa(8193))),
        "16384_bits": pem(make(public=public_rsa(16384))),
    }


def other_names(authority):
    make = authority.certificate
    found = {
        "longer": make("sns.amazonaws.com.evil.test"),
        "other": make("sqs.amazonaws.com"),
        "right_only_in_subject": make(names=["other.test"]),
        "as_uri": make(cn=False, names=[x509.UniformResourceIdentifier(f"https://{NAME}/")]),
        "as_ip_address": make(cn=False, names=[x509.IPAddress(ip_address("127.0.0.1"))]),
        "of_parent": make("amazonaws.com"),
        "of_china": make("sns-cn-north-1.amazonaws.com.cn"),
        "of_government": make("sns-us-gov-west-1.amazonaws.com"),
        "of_region": make("sns.us-east-1.amazonaws.com"),
        "of_opt_in_region": make("sns-signing.us-east-1.amazonaws.com"),
        "of_opt_in_region_af": make("sns-signing.af-south-1.amazonaws.com"),
        "of_sovereign_region": make("sns-signing.eusc-de-east-1.amazonaws.eu"),
        "none": make(cn=False, names=()),
        "punycode": make("xn--sns-amazonaws-5fc.com"),
        "starts_with_dot": make(".amazonaws.com"),
        "wildcard": make("*.amazonaws.com"),
        "wildcard_in_part": make("s*s.amazonaws.com"),
        "wildcard_of_all": make("*"),
        "with_port": make(f"{NAME}:443"),
        "with_nul": make(names=["sns.amazonaws.com\0.evil.test"]),
        "with_space": make(names=[f"{NAME} "]),
        "with_trailing_dot": make(names=[f"{NAME}."]),
    }
    return {name: pem(made) for name, made in found.items()}


def times(authority):
    make, moment = authority.certificate, authority.moment.replace(microsecond=0)
    second, written = timedelta(seconds=1), f"{authority.begin:%y%m%d%H%M%S}Z".encode()
    later = f"{authority.begin + timedelta(days=730):%y%m%d%H%M%S}Z".encode()
    return {
        "expired": pem(make(end=moment - second)),
        "expired_long_ago": pem(make(begin=datetime(2011, 1, 1), end=datetime(2012, 1, 1))),
        "not_yet": pem(make(begin=moment + second)),
        "next_year": pem(make(begin=moment + timedelta(days=365),
                              end=moment + timedelta(days=760))),
        "end_before_begin": pem(der(make()).replace(written, later)),
    }


def cases(authority):
    """Name of the case -> (text of the file, what is expected in us-east-1)."""
    text = pem(authority.certificate())
    bodies = bodies_of_other_text(text) | bodies_of_other_kinds(authority, text) | {"empty": ""}
    groups = (("body", bodies), ("key", keys(authority)), ("name", other_names(authority)),
              ("time", times(authority)))
    named = {name: (made, "good") for name, made in good_ones(authority, text).items()}
    for prefix, group in groups:
        named |= {f"{prefix}_{name}": (made, f"cert_{prefix}") for name, made in group.items()}
    return named
