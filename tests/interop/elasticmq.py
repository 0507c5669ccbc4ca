"""ElasticMQ, an SQS of others, in Java. Maven fetches its jars once, into build/interop/jars.

jars.sha256 is the lock, as sha256sum writes it over a folder laid out as Maven lays out: a path
says group, artifact and version. pom.xml asks for one version; the README says how to renew both.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.interop.server import Server

HERE = Path(__file__).resolve().parent
JARS = HERE.parents[1] / "build" / "interop" / "jars"
_READY = r"Started SQS rest server, bind address 127\.0\.0\.1:(\d+)"
_FETCH_S = 120
_TRIES = 2
_INSTALL = "tests/setup interop installs it"
_SHORT_OF_PATIENCE = ["-Daether.connector.connectTimeout=10000",
                      "-Daether.connector.requestTimeout=30000",
                      "-Dmaven.wagon.rto=30000", "-Dmaven.wagon.http.retryHandler.count=1"]


class Unavailable(Exception):
    """This machine cannot have it; says why, and what would help."""


def server() -> Server:
    """Not started yet."""
    if not shutil.which("java"):
        raise Unavailable(f"no Java here; {_INSTALL}")
    path = ":".join(str(JARS / jar) for jar in jars())
    return Server(["java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", path,
                   "-Drest-sqs.bind-hostname=127.0.0.1", "-Drest-sqs.bind-port={port}",
                   "-Drest-stats.enabled=false", "org.elasticmq.server.Main"], _READY)


def jars() -> list[str]:
    """The jars of the lock, in JARS and just as the lock says; fetched unless they are there."""
    lock = dict(reversed(line.split()) for line in (HERE / "jars.sha256").read_text().splitlines())
    if _wrong(lock):
        _fetch()
    wrong = _wrong(lock)
    assert not wrong, f"not what jars.sha256 says: {', '.join(wrong)}"
    return list(lock)


def _wrong(lock: dict[str, str]) -> list[str]:
    return [jar for jar, digest in lock.items()
            if not (JARS / jar).exists()
            or hashlib.sha256((JARS / jar).read_bytes()).hexdigest() != digest]


def _fetch() -> None:
    if not shutil.which("mvn"):
        raise Unavailable(f"no Maven here to fetch ElasticMQ with; {_INSTALL}")
    command = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), *_SHORT_OF_PATIENCE,
               "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    said = "nothing"
    for _ in range(_TRIES):
        try:
            done = subprocess.run(command, text=True, timeout=_FETCH_S, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            said = f"no end after {_FETCH_S} s"
            continue
        if done.returncode == 0:
            return
        said = next((line for line in done.stdout.splitlines() if "ERROR" in line), said)
    raise Unavailable(f"Maven cannot fetch ElasticMQ: {said[:200]}")
