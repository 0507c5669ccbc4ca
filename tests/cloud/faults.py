"""Faults on request: what a network, a load balancer or AWS on a bad day does to a call.

A rule says which calls it meets and what becomes of them:

    {"service": "sqs", "operation": "ReceiveMessage", "params": {...}, "region": "...",
     "kind": "status", "count": 3, "skip": 0, ...}

``count`` is how many calls it meets (default 1, null: until removed); ``skip`` lets the first
calls pass.  Rules are tried in order; the first that meets a call decides.

| kind | what happens | more members |
|---|---|---|
| reset | the connection is torn down, nothing is done | |
| hang | no answer for as long as the client waits, nothing is done | |
| garbage200, html200 | 200 with bytes that are no answer, nothing is done | body |
| status | that HTTP status, nothing is done | status, code, message, body, headers |
| throttle | ThrottlingException (SQS: RequestThrottled) | |
| throttle_no_message | the same, and the body holds ``__type`` alone | |
| expired_token | ExpiredTokenException | |
| redirect | 307 to another place | location |
| slack_error | Slack's refusal with that word | error, messages |
| skew | the server's clock is off, for the signature and in Date | seconds |
| early_empty | a receive answers empty at once | |
| slow | done, and the answer drips | seconds |
| half | done, and half of the answer comes | |
| lost_answer | done, and the connection is torn down instead of the answer | |
| endless | done, and after the head bytes without an end, in pieces | seconds between them |
| wrong_md5 | a receive: MD5OfBody of the first message is another's | |
| eleven | a receive: messages are repeated until they are eleven | |
| stale_handle | a receive: receipt handles that delete nothing any more, and successfully | |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .calls import Call
from .errors import AwsError, Refused
from .http11 import Response
from .message_queue import stale_handle

INSTEAD = frozenset({"reset", "hang", "garbage200", "html200", "status", "throttle",
                     "throttle_no_message", "expired_token", "redirect", "slack_error"})
ALONGSIDE = frozenset({"early_empty", "skew", "slow", "half", "lost_answer", "endless",
                       "wrong_md5", "eleven", "stale_handle"})
_TOO_MANY = 11
_MATCHERS = ("service", "operation", "region", "params")
_HTML = b"<html><head><title>Sign in</title></head><body>Please accept the terms.</body></html>"


@dataclass
class Rule:
    kind: str
    match: dict[str, Any]
    count: int | None = 1
    skip: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    met: int = 0

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Rule:
        """Reads a rule; Refused when its kind is not known."""
        rest = dict(given)
        kind = rest.pop("kind", None)
        if kind not in INSTEAD | ALONGSIDE:
            raise Refused(f"unknown fault kind {kind!r}")
        match = {name: rest.pop(name) for name in _MATCHERS if name in rest}
        count = rest.pop("count", None if kind == "skew" else 1)
        return cls(kind, match, count, rest.pop("skip", 0), rest)

    @property
    def spent(self) -> bool:
        return self.count is not None and self.count <= 0

    def take(self) -> bool:
        """Counts one call that the rule meets; True when the fault strikes it."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        self.met += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rules: list[dict[str, Any]]) -> None:
        self._rules += [Rule.parse(rule) for rule in rules]

    def clear(self) -> None:
        self._rules.clear()

    def strike(self, call: Call) -> Rule | None:
        """The rule that strikes this call, if any; a spent rule is dropped."""
        for rule in self._rules:
            if call.matches(rule.match) and rule.take():
                call.fault = rule.kind
                self._rules = [kept for kept in self._rules if not kept.spent]
                return rule
        return None

    def show(self) -> list[dict[str, Any]]:
        return [{"kind": rule.kind, "count": rule.count, "met": rule.met, **rule.match}
                for rule in self._rules]


def response_instead(rule: Rule) -> Response | None:
    """The bare answer of a rule that needs none of AWS's protocols, else None."""
    details = rule.details
    if rule.kind in ("reset", "hang"):
        return Response(manner=rule.kind)
    if rule.kind == "garbage200":
        body = details.get("body", "\x00\x01{\"Messages\":[{\"Body\":").encode("latin-1")
        return Response(200, body, {"Content-Type": "application/x-amz-json-1.0"})
    if rule.kind == "html200":
        return Response(200, _HTML, {"Content-Type": "text/html"})
    if rule.kind == "redirect":
        return Response(307, b"", {"Location": details.get("location", "http://127.0.0.1:9/")})
    if rule.kind == "status" and "code" not in details:
        body = details.get("body", "").encode()
        return Response(details.get("status", 500), body, dict(details.get("headers", {})))
    return None


def error_instead(rule: Rule, service: str) -> AwsError:
    """The AWS error of a rule that answers with one."""
    details = rule.details
    if rule.kind == "status":
        return AwsError(details["code"], details.get("message"), details.get("status", 400))
    if rule.kind == "expired_token":
        return AwsError("ExpiredTokenException",
                        "The security token included in the request is expired",
                        403 if service == "sqs" else 400)
    message = None if rule.kind == "throttle_no_message" else "Rate exceeded"
    if service == "sqs":
        return AwsError("RequestThrottled", message, 403)
    if service in ("sns", "sts"):
        return AwsError("Throttling", message, 400)
    return AwsError("ThrottlingException", message, 400)


def skew(rule: Rule | None) -> float:
    """How many seconds the server's clock is off for a call."""
    return rule.details.get("seconds", 3600) if rule and rule.kind == "skew" else 0


def alter(rule: Rule | None, members: dict[str, Any]) -> dict[str, Any]:
    """What a receive answers, as a rule makes it wrong; other answers stay as they are."""
    messages = members.get("Messages")
    if rule is None or not messages:
        return members
    if rule.kind == "wrong_md5":
        messages = [{**messages[0], "MD5OfBody": "0" * 32}, *messages[1:]]
    elif rule.kind == "eleven":
        messages = (messages * _TOO_MANY)[:_TOO_MANY]
    elif rule.kind == "stale_handle":
        messages = [{**each, "ReceiptHandle": stale_handle(each["ReceiptHandle"])}
                    for each in messages]
    return {**members, "Messages": messages}


def bend(rule: Rule | None, response: Response) -> Response:
    """Changes how the answer of a done call reaches the client."""
    if rule is None:
        return response
    if rule.kind == "lost_answer":
        response.manner = "reset"
    elif rule.kind == "half":
        response.manner = "half"
    elif rule.kind == "slow":
        response.manner, response.seconds = "drip", rule.details.get("seconds", 1.0)
    elif rule.kind == "endless":
        response.manner, response.seconds = "endless", rule.details.get("seconds", 0.0)
    response.clock_offset = skew(rule)
    return response
