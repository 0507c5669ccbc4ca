"""AWS's own endpoints through a proxy, with TLS to its end and the certificates of AWS_CA_BUNDLE.

The proxy plays the other side, too: its tunnels end in its own TLS and go on to the cloud.
"""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.worker import environment

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
WHO_AM_I = "Action=GetCallerIdentity&Version=2011-06-15"
HOST = "sts.eu-west-1.amazonaws.com"
DAY = datetime.timedelta(days=1)


def write_certificate(path: Path) -> None:
    """Key and self-signed certificate of HOST in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY).not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256()))
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption()))


def read_head(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more:
            break
        head += more
    return head.decode("latin-1")


class Proxy:
    """One connection after the other, until the listening socket is closed."""

    def __init__(self, cloud_url: str, certificate: Path) -> None:
        self.asked: list[str] = []
        self._cloud = (urlsplit(cloud_url).hostname, urlsplit(cloud_url).port)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._tunnel(connection)

    def _tunnel(self, connection: socket.socket) -> None:
        self.asked.append(read_head(connection))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            with self._tls.wrap_socket(connection, server_side=True) as inside:
                self._forward(inside)
        except OSError:
            pass  # the other side did not trust us

    def _forward(self, inside: ssl.SSLSocket) -> None:
        with socket.create_connection(self._cloud) as cloud:
            back = threading.Thread(target=pump, args=(cloud, inside))
            back.start()
            pump(inside, cloud)
            cloud.shutdown(socket.SHUT_WR)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass  # whoever closed first has what it wanted


@pytest.fixture
def certificate(tmp_path) -> Path:
    path = tmp_path / "sts.pem"
    write_certificate(path)
    return path


@pytest.fixture
def proxy(cloud, certificate):
    proxy = Proxy(cloud.url, certificate)
    yield proxy
    proxy.close()


def ask(cloud, proxy: Proxy, home: Path, **env: str) -> subprocess.CompletedProcess:
    given = environment(cloud, home, HTTPS_PROXY=proxy.url,
                        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true", **env)
    return subprocess.run([TOOLS / "aws_call", "GetCallerIdentity", "eu-west-1"], text=True,
                          input=WHO_AM_I, capture_output=True, env=given, timeout=60)


def test_aws_is_reached_through_a_proxy(cloud, proxy, certificate, tmp_path):
    asked = ask(cloud, proxy, tmp_path, AWS_CA_BUNDLE=str(certificate))
    assert (asked.stderr, asked.returncode) == ("", 0)
    assert "<Arn>arn:aws:iam::" in asked.stdout
    [tunnel] = proxy.asked
    assert tunnel.startswith(f"CONNECT {HOST}:443 HTTP/1.1\r\n")
    assert "Authorization" not in tunnel and "X-Amz" not in tunnel


def test_the_profile_may_say_who_is_trusted(cloud, proxy, certificate, tmp_path):
    config = tmp_path / "config"
    config.write_text(f"[default]\nca_bundle = {certificate}\n")
    asked = ask(cloud, proxy, tmp_path, AWS_CONFIG_FILE=str(config))
    assert (asked.stderr, asked.returncode) == ("", 0)
    assert "<Arn>arn:aws:iam::" in asked.stdout
    config.write_text("[default]\n\nca_bundle = /nowhere/sts.pem\n")
    asked = ask(cloud, proxy, tmp_path, AWS_CONFIG_FILE=str(config))
    assert f"{config}:3: /nowhere/sts.pem: No such file or directory" in asked.stderr


def test_a_certificate_nobody_trusts_is_refused(cloud, proxy, tmp_path):
    asked = ask(cloud, proxy, tmp_path)
    assert asked.returncode == 1
    assert f"https://{HOST}: SSL certificate problem: self-signed certificate" in asked.stderr
    assert cloud.calls("sts") == []
