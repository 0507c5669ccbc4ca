"""What one hostile case is, before it becomes a folder."""
from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

from .notary import Notary

# Decided before anything is fetched; the others have made the worker ask the certificate's host.
CHEAP = {"too_big", "json", "field_missing", "field_type", "field_format", "type_unexpected",
         "topic_not_allowed", "cert_url", "signature_version"}
KEPT = CHEAP | {"cert_fetch", "cert_body", "cert_name", "cert_time", "cert_key",
                "signature_format", "signature_mismatch", "too_old", "in_future", "payload"}
LARGE = 40000  # bytes; what is larger is not kept as a file
# What a message may hold: SendMessage, SQS API reference.
_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


@dataclasses.dataclass(frozen=True)
class Case:
    """One way in which a message arrives.

    certificate: the one that its URL leads to, a folder of sns_certificate. served: how that host
    answers, instead of with the certificate. after_s: the clock, so long after the moment; such a
    case is for the gate alone, since the worker has its own clock. form "lambda": so is this one.
    """

    name: str
    title: str
    reason: str
    make: Callable[[Notary], dict[str, Any] | str | bytes]
    word: str = ""  # of the explanation
    certificate: str = "good"
    served: dict[str, Any] | None = None
    fetched: bool | None = None
    after_s: float | None = None
    form: str = "queue"
    signature: str | None = None  # what the topic's entry allows
    own_url: bool = False  # no other case has its certificate's URL

    @property
    def disposition(self) -> str:
        return "kept" if self.reason in KEPT else "deleted"

    @property
    def connections(self) -> str:
        fetched = self.reason not in CHEAP if self.fetched is None else self.fetched
        return "certificate" if fetched else "none"

    def is_for_gate(self, body: bytes) -> bool:
        """Is it a file, and does everything that matters stand in it?"""
        return self.served is None and len(body) <= LARGE

    def is_for_worker(self, body: bytes) -> bool:
        """Can it be a message in a queue, judged by the clock that there is?"""
        return (self.form == "queue" and self.after_s is None and
                _TEXT.fullmatch(body.decode(errors="surrogateescape")) is not None)

    def body(self, notary: Notary) -> bytes:
        what = self.make(dataclasses.replace(notary, case=self.name))
        if isinstance(what, dict):
            what = text_of(what)
        return what if isinstance(what, bytes) else what.encode()

    def described(self) -> dict[str, Any]:
        """case.json."""
        optional = {"word": self.word or None, "served": self.served, "after_s": self.after_s,
                    "certificate": self.certificate if self.certificate != "good" else None,
                    "form": self.form if self.form != "queue" else None,
                    "signature": self.signature}
        return {"title": self.title, "reason": self.reason, "disposition": self.disposition,
                "connections": self.connections,
                **{name: value for name, value in optional.items() if value is not None}}


def text_of(whole: dict[str, Any]) -> str:
    return json.dumps(whole, indent=2) + "\n"
