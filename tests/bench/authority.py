"""A certificate authority for localhost, made at every run, and the system's trust in it.

The worker trusts what libcurl trusts: the system's bundle. So the benchmark runs itself again in
a mount namespace of its own, where that bundle has one certificate more. The machine's own stays
as it is.
"""

from __future__ import annotations

import datetime
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_BUNDLES = [Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pki/tls/certs/ca-bundle.crt")]
_INSIDE = "EVERGOLD_BENCH_TRUST"


def trusted_tls(folder: Path) -> ssl.SSLContext | None:
    """What a server on localhost needs to be trusted; None where no namespace can be had."""
    if os.environ.get(_INSIDE) != str(os.getpid()):
        return None
    bundle = _bundle()
    key, certificate = _make(folder)
    pem = folder / "bundle.pem"
    pem.write_bytes(bundle.read_bytes() + certificate.read_bytes())
    subprocess.run(["mount", "--bind", pem, bundle], check=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


def enter_namespace() -> None:
    """Runs this very program again with a mount namespace of its own, if that can be had."""
    own = ["unshare", "--map-root-user", "--mount"]
    if _INSIDE in os.environ or not _bundle() or not shutil.which("unshare"):
        return
    if subprocess.run([*own, "true"], capture_output=True).returncode == 0:
        os.environ[_INSIDE] = str(os.getpid())
        os.execvp("unshare", [*own, sys.executable, *sys.argv])


def _bundle() -> Path | None:
    return next((path for path in _BUNDLES if path.exists()), None)


def _make(folder: Path) -> tuple[Path, Path]:
    """Key and certificate; the certificate signs itself, which makes it its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "evergold benchmark")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    paths = folder / "key.pem", folder / "certificate.pem"
    paths[0].write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    paths[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return paths
