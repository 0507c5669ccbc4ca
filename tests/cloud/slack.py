"""Slack's two interfaces: the Web API for a bot token, and an incoming webhook.

Source: Slack API documentation, chat.postMessage, chat.update, auth.test, "Sending messages using
incoming webhooks" and "Rate limits": errors of the Web API come inside HTTP 200, those of a
webhook as a word with a 4xx status; about one message a second and channel, with short bursts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from . import slack_limits
from .calls import Changes
from .errors import Refused
from .http11 import Request, Response

TOKEN = "xoxb-evergold-local"
WEBHOOK = "/slack/webhook/T000/B000/evergold"
MODES = ("up", "down", "slow", "rate_limited", "revoked")
DEFAULT_CHANNELS = ("golden-amis", "golden-amis-test")


@dataclass
class SlackMessage:
    """A message as its channel shows it now; ``versions`` are the texts it had before."""

    channel: str
    channel_name: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    via: str
    thread_ts: str | None = None
    versions: list[str] = field(default_factory=list)


class Bucket:
    """A channel's rate limit: ``burst`` at once, then ``per_second``."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._rate = burst, per_second
        self._level, self._at = burst, asyncio.get_running_loop().time()

    def take(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Slack:
    """One workspace."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.clear()

    def clear(self) -> None:
        self.mode, self.retry_after = "up", 1
        self.burst, self.per_second = 5.0, 1.0
        self.token, self.webhook = TOKEN, WEBHOOK
        self._revoked: set[str] = set()
        self.messages: list[SlackMessage] = []
        self._channels: dict[str, str] = {}
        self._buckets: dict[str, Bucket] = {}
        self._counter = 0
        for name in DEFAULT_CHANNELS:
            self.add_channel(name)

    def add_channel(self, name: str) -> str:
        """Makes a channel and returns its id."""
        name = name.lstrip("#")
        self._channels[name] = "C" + hashlib.sha256(name.encode()).hexdigest()[:10].upper()
        return self._channels[name]

    def configure(self, given: dict[str, Any]) -> None:
        """mode, retry_after, channels (added), rate_limit: {burst, per_second} or null (off).

        A new token revokes the one before, a new webhook (its path) removes the one before.
        """
        mode = given.get("mode", self.mode)
        if mode not in MODES:
            raise Refused(f"unknown Slack mode {mode!r}: one of {', '.join(MODES)}")
        self.mode = mode
        self.retry_after = given.get("retry_after", self.retry_after)
        if "token" in given:
            self._revoked.add(self.token)
            self.token = given["token"]
        self.webhook = given.get("webhook", self.webhook)
        for name in given.get("channels", []):
            self.add_channel(name)
        if "rate_limit" in given:
            limit = given["rate_limit"] or {"burst": float("inf"), "per_second": 1.0}
            self.burst, self.per_second = limit["burst"], limit.get("per_second", 1.0)
            self._buckets.clear()
        self._changes.notify()

    def show(self) -> list[dict[str, Any]]:
        return [asdict(message) for message in self.messages]

    async def serve(self, request: Request, method: str, payload: Any) -> Response:
        """Answers one request; ``payload`` is its body as read() gave it."""
        await self._changes.until(lambda: self.mode != "slow", float("inf"))
        if self.mode == "down":
            return Response(503, b"Service Unavailable", {"Content-Type": "text/plain"})
        if self.mode == "rate_limited":
            return self._too_many()
        if method == "webhook":
            return self._webhook(request, payload)
        return self._web_api(request, method, payload)

    def _web_api(self, request: Request, method: str, payload: Any) -> Response:
        if error := self._token_fault(request):
            return _answer({"ok": False, "error": error})
        if method == "auth.test":
            return _answer({"ok": True, "url": "https://evergold.slack.com/", "team": "Evergold",
                            "user": "evergold", "team_id": "T000", "user_id": "U000",
                            "bot_id": "B000", "is_enterprise_install": False})
        methods = {"chat.postMessage": self._post, "chat.update": self._update}
        if method not in methods:
            return _answer({"ok": False, "error": "unknown_method"})
        if not isinstance(payload, dict):
            return _answer({"ok": False, "error": "invalid_json"})
        return methods[method](payload)

    def _token_fault(self, request: Request) -> str | None:
        kind, _, token = (request.header("authorization") or "").partition(" ")
        if kind != "Bearer" or not token:
            return "not_authed"
        if token not in {self.token, *self._revoked}:
            return "invalid_auth"
        return "token_revoked" if token != self.token or self.mode == "revoked" else None

    def _post(self, payload: dict[str, Any]) -> Response:
        channel = self._find_channel(payload.get("channel"))
        if channel is None:
            return _answer({"ok": False, "error": "channel_not_found"})
        if found := slack_limits.fault(payload):
            return _refuse(*found)
        if not self._bucket(channel).take():
            return self._too_many()
        message = self._add(channel, payload, "bot")
        return _answer({"ok": True, "channel": channel, "ts": message.ts,
                        "message": _shown(message)})

    def _update(self, payload: dict[str, Any]) -> Response:
        """chat.update knows a channel by its id alone."""
        channel = payload.get("channel")
        if channel not in self._channels.values():
            return _answer({"ok": False, "error": "channel_not_found"})
        message = next((each for each in self.messages
                        if (each.channel, each.ts) == (channel, payload.get("ts"))), None)
        if message is None:
            return _answer({"ok": False, "error": "message_not_found"})
        if found := slack_limits.fault(payload):
            return _refuse(*found)
        message.versions.append(message.text)
        message.text, message.blocks = payload.get("text", ""), payload.get("blocks", [])
        self._changes.notify()
        return _answer({"ok": True, "channel": channel, "ts": message.ts, "text": message.text,
                        "message": _shown(message)})

    def _webhook(self, request: Request, payload: Any) -> Response:
        if request.path != self.webhook:
            return _word(404, "no_service")
        if self.mode == "revoked":
            return _word(403, "invalid_token")
        if not isinstance(payload, dict):
            return _word(400, "invalid_payload")
        if found := slack_limits.fault(payload):
            return _word(400, found[0])
        channel = self._channels[DEFAULT_CHANNELS[0]]
        if not self._bucket(channel).take():
            return self._too_many()
        self._add(channel, payload, "webhook")
        return _word(200, "ok")

    def _find_channel(self, wanted: Any) -> str | None:
        """A channel's id, by id or by name with or without ``#``."""
        if wanted in self._channels.values():
            return wanted
        return self._channels.get(wanted.lstrip("#")) if isinstance(wanted, str) else None

    def _bucket(self, channel: str) -> Bucket:
        if channel not in self._buckets:
            self._buckets[channel] = Bucket(self.burst, self.per_second)
        return self._buckets[channel]

    def _too_many(self) -> Response:
        headers = {"Retry-After": str(self.retry_after), "Content-Type": "application/json"}
        return Response(429, b'{"ok":false,"error":"ratelimited"}', headers)

    def _add(self, channel: str, payload: dict[str, Any], via: str) -> SlackMessage:
        self._counter += 1
        name = next(name for name, each in self._channels.items() if each == channel)
        message = SlackMessage(channel, name, f"{int(time.time())}.{self._counter:06d}",
                               payload.get("text", ""), payload.get("blocks", []), via,
                               payload.get("thread_ts"))
        self.messages.append(message)
        self._changes.notify()
        return message


def method_of(path: str) -> str:
    """The name under which a request to this path is recorded."""
    prefix = "/slack/api/"
    return path[len(prefix):] if path.startswith(prefix) else "webhook"


def read(request: Request) -> Any:
    """The body: JSON, or a form (whose ``blocks`` are JSON text); None when it is neither."""
    try:
        text = request.body.decode("utf-8")
        if (request.header("content-type") or "").startswith("application/x-www-form-urlencoded"):
            form: dict[str, Any] = dict(parse_qsl(text, keep_blank_values=True))
            if "payload" in form:
                return json.loads(form["payload"])
            if "blocks" in form:
                form["blocks"] = json.loads(form["blocks"])
            return form
        return json.loads(text) if text else {}
    except ValueError:
        return None


def check_form(request: Request, method: str) -> list[str]:
    """What a careful client would do better, for the record of calls."""
    wrong = []
    kind = request.header("content-type") or ""
    if request.method != "POST":
        wrong.append(f"{request.method} must be POST")
    if method.startswith("chat.") and kind.startswith("application/json") and "charset" not in kind:
        wrong.append("missing_charset: application/json without charset=utf-8")
    return wrong


def error_of(response: Response) -> str | None:
    """Slack's error word in an answer, for the record of calls."""
    if response.status != 200:
        return response.body.decode(errors="replace")[:80]
    if response.body == b"ok":
        return None
    try:
        return json.loads(response.body).get("error")
    except (ValueError, AttributeError):
        return None


def _shown(message: SlackMessage) -> dict[str, Any]:
    shown = {"type": "message", "user": "U000", "bot_id": "B000", "app_id": "A000",
             "team": "T000", "ts": message.ts, "text": message.text, "blocks": message.blocks}
    return {**shown, "thread_ts": message.thread_ts} if message.thread_ts else shown


def _refuse(word: str, reason: str) -> Response:
    return _answer({"ok": False, "error": word,
                    "response_metadata": {"messages": [f"[ERROR] {reason}"]}})


def _answer(members: dict[str, Any]) -> Response:
    body = json.dumps(members, ensure_ascii=False).encode()
    return Response(200, body, {"Content-Type": "application/json; charset=utf-8"})


def _word(status: int, word: str) -> Response:
    return Response(status, word.encode(), {"Content-Type": "text/html"})
