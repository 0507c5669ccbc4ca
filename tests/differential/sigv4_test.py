"""Our signer against botocore's, over requests made at random from a fixed seed.

They are made of the odd things: blanks, repeated names, encodings, dots, text beyond ASCII.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.differential.botocore_signer import Request, sign

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
SEED = 20261123
REQUESTS = 3000
LETTERS = "abcXYZ019-_.~"
ODD = "/:@,;$!*'()[]{}<>|\\^`\" \t"
SERVICES = ("sqs", "codepipeline", "ssm", "sns", "sts", "ec2", "dynamodb")
WIDE = "äßé→☃𝄞"


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, alphabet: str, longest: int = 12, shortest: int = 0) -> str:
        return "".join(self.random.choices(alphabet, k=self.random.randint(shortest, longest)))

    def flag(self, probability: float = 0.5) -> bool:
        return self.random.random() < probability

    def headers(self) -> list[tuple[str, str]]:
        pool = ["Content-Type", *("X-" + self.text(LETTERS, 6, 1) for _ in range(6))]
        names = self.random.choices(pool, k=self.random.randint(0, 12))
        return [("Host", self.text("abc.", 10, 1) + ":4566")] + [
            (self.random.choice((str.upper, str.lower, str))(name), self.value()) for name in names]

    def value(self) -> str:
        return self.text(LETTERS + ODD + WIDE + "   \t", 30).replace("  ", self.random.choice(
            ("  ", "\t ", "\n  ")))

    def path(self) -> str:
        return "/" + "/".join(self.segment() for _ in range(self.random.randint(0, 6)))

    def segment(self) -> str:
        plain = self.text(LETTERS + WIDE + "$:@!*")
        return self.random.choice(("..", ".", "", "%20", "a b", plain))

    def query(self) -> str:
        return "&".join(self.parameter() for _ in range(self.random.randint(0, 5)))

    def parameter(self) -> str:
        encoded = ("%20", "%2F", "%c3%bc", "%7e", "%26", "%3D")
        pieces = [self.text(LETTERS + "+/:$" + WIDE, 3) for _ in range(3)]
        pieces.insert(self.random.randint(0, 3), self.random.choice((*encoded, "")))
        return self.random.choice(("", "a", "".join(pieces))) + self.random.choice(
            ("", "=", "=1", "=2", "=a=b", "=" + "".join(pieces)))

    def request(self) -> Request:
        return Request(
            method=self.random.choice(("GET", "POST", "PUT", "DELETE")),
            path=self.path(), query=self.query(), headers=self.headers(),
            body=self.text(LETTERS + ODD + WIDE + "\n", 200),
            access_key_id="AKIA" + self.text("ABCDEFGH234567", 16, 16),
            secret_access_key=self.text(LETTERS + "/+=", 80, 1),
            session_token=self.text(LETTERS + "/+=", 400, 1) if self.flag() else None,
            region=self.random.choice(("eu-west-1", "us-gov-west-1", "cn-north-1")),
            service=self.random.choice(SERVICES),
            timestamp=f"20{self.random.randint(10, 99)}-{self.random.randint(1, 12):02}-"
                      f"{self.random.randint(1, 28):02}T{self.random.randint(0, 23):02}:59:00Z",
            sign_body=self.flag(0.2), normalize=self.flag(0.8), token_after=self.flag(0.2))


def signed_by_us(requests: list[Request]) -> list[dict]:
    lines = "".join(json.dumps(asdict(request)) + "\n" for request in requests)
    done = subprocess.run([TOOLS / "sigv4_sign"], input=lines, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    maker = Maker(SEED)
    return [maker.request() for _ in range(REQUESTS)]


def test_both_signers_agree(requests):
    ours = signed_by_us(requests)
    for request, mine in zip(requests, ours, strict=True):
        assert mine == asdict(sign(request)), request


def test_the_requests_hold_the_odd_things(requests):
    """Guards the generator: a comparison of plain requests would prove nothing."""
    def share(of) -> float:
        return sum(map(of, requests)) / REQUESTS

    names = [[name.lower() for name, _ in request.headers] for request in requests]
    assert sum(len(set(each)) < len(each) for each in names) > REQUESTS / 4
    assert share(lambda request: "\n" in "".join(value for _, value in request.headers)) > 0.1
    assert share(lambda request: ".." in request.path and request.normalize) > 0.2
    assert share(lambda request: "%" in request.query) > 0.2
    assert share(lambda request: not request.query.isascii()) > 0.2
