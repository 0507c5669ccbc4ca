"""What both gates are asked, and how ours answers: tests/tools/gate_verdict.c."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

TOOL = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools")) / "gate_verdict"


@dataclasses.dataclass
class Question:
    """A message, who is listened to, and what the certificate's host would serve.

    topics: pairs of an ARN and the signature version that counts there, or "any".
    """

    body: bytes
    certificate: bytes
    topics: list[tuple[str, str]]
    max_age_s: int
    now_ms: int
    is_lambda: bool = False

    def line(self) -> str:
        whole = dataclasses.asdict(self)
        whole["body"] = base64.b64encode(self.body).decode()
        whole["certificate"] = base64.b64encode(self.certificate).decode()
        return json.dumps(whole, separators=(",", ":")) + "\n"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """`matched` is believed. fetched: the certificate was asked for."""

    reason: str
    fetched: bool


def answers(questions: Iterable[Question]) -> list[Verdict]:
    """What our gate says to each, in one process."""
    ran = subprocess.run([TOOL], input="".join(each.line() for each in questions), text=True,
                         stdout=subprocess.PIPE, check=True)
    found = (line.split() for line in ran.stdout.splitlines())
    return [Verdict(reason, connections == "certificate") for reason, connections in found]
