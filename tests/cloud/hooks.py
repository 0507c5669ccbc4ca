"""Receivers of webhooks under /hooks/NAME: they keep what they get, judge it, and answer.

A receiver that knows a secret checks the signature with its own code.
Source: Standard Webhooks, version 1.0.0: "ID.TIMESTAMP.BODY" under HMAC-SHA-256, base64, after
"v1," in webhook-signature, which may hold several; a timestamp is good for five minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from .errors import Refused
from .http11 import Request, Response

PREFIX = "/hooks/"
TOLERANCE_S = 300


@dataclass
class Hook:
    """One receiver: the secret that it knows, and its standing answer."""

    secret: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def answer(self) -> Response:
        return Response(self.status, self.body.encode(), dict(self.headers))


class Hooks:
    """Every receiver by its name."""

    def __init__(self) -> None:
        self._hooks: dict[str, Hook] = {}

    def clear(self) -> None:
        self._hooks.clear()

    def declare(self, given: dict[str, Any]) -> str:
        """Makes or replaces the receiver ``name``: secret, status, headers, body; its path."""
        rest = dict(given)
        name = rest.pop("name")
        try:
            self._hooks[name] = Hook(**rest)
        except TypeError as error:
            raise Refused(str(error)) from None
        return PREFIX + name

    def answer(self, name: str) -> Response:
        hook = self._hooks.get(name)
        return hook.answer() if hook else Response(404, b"no such hook")

    def check(self, name: str, request: Request, now: float) -> list[str]:
        """What is wrong with a request, for the record of calls."""
        hook = self._hooks.get(name)
        if hook is None:
            return [f"no hook {name!r}"]
        wrong = []
        if request.method != "POST":
            wrong.append(f"{request.method} must be POST")
        if (request.header("content-type") or "").split(";")[0] != "application/json":
            wrong.append(f"Content-Type is {request.header('content-type')!r}")
        if hook.secret:
            wrong += _signature_faults(request, hook.secret, now)
        return wrong


def name_of(request: Request) -> str:
    return request.path[len(PREFIX):]


def shown(request: Request) -> dict[str, Any]:
    """A request for the record: its headers by their small names, its body read if it is JSON."""
    text = request.body.decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return {"headers": {name.lower(): value for name, value in request.headers},
            "text": text, "body": body}


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature that a secret gives, with the version before it."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def _signature_faults(request: Request, secret: str, now: float) -> list[str]:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, timestamp, signatures = (request.header(name) or "" for name in names)
    wrong = [f"no {name}" for name in names if not request.header(name)]
    if "." in message_id:
        wrong.append("webhook-id has a dot in it")
    if not timestamp.isdigit() or abs(int(timestamp) - now) > TOLERANCE_S:
        wrong.append(f"webhook-timestamp {timestamp!r} is not of now")
    if sign(secret, message_id, timestamp, request.body) not in signatures.split(" "):
        wrong.append("no webhook-signature is the secret's")
    return wrong
