"""Slack's two interfaces: the Web API for a bot token, and an incoming webhook.

Source: Slack API documentation, auth.test, chat.postMessage, chat.update, conversations.info,
conversations.history, conversations.replies, "Sending messages using incoming webhooks" and "Rate
limits": errors of the Web API come inside HTTP 200, those of a webhook as a word with a 4xx status;
about one message a second and channel, with short bursts; edits and reads are of tier 3, fifty and
more a minute.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from . import slack_limits
from .calls import Changes
from .errors import Refused
from .http11 import Request, Response
from .slack_channels import (
    DEFAULT_CHANNELS,
    MAX_PAGE,
    Channels,
    SlackError,
    flag,
    read_page,
)

TOKEN = "xoxb-evergold-local"
WEBHOOK = "/slack/webhook/T000/B000/evergold"
SCOPES = frozenset({"chat:write", "chat:write.public", "channels:history", "channels:read"})
MODES = {"up", "down", "error", "reset", "slow", "rate_limited", "revoked", "inactive"}
TOKEN_FAULTS = {"revoked": "token_revoked", "inactive": "account_inactive"}
_STATUSES = {"down": 503, "error": 500}
_WEBHOOK_WORDS = {"is_archived": (410, "channel_is_archived"),
                  "channel_not_found": (404, "channel_not_found"),
                  "not_in_channel": (403, "action_prohibited")}
_FORM, _OBJECTS = "application/x-www-form-urlencoded", {"blocks", "attachments", "metadata"}
_SENT = {"channel", "text", "blocks", "attachments", "metadata", "reply_broadcast", "parse"}
_ARGUMENTS = {
    "chat.postMessage": _SENT | {"thread_ts", "unfurl_links", "unfurl_media", "mrkdwn"},
    "chat.update": _SENT | {"ts"},
    "conversations.info": {"channel", "include_locale", "include_num_members"},
    "conversations.history": {"channel", "cursor", "inclusive", "latest", "limit", "oldest",
                              "include_all_metadata"},
    "conversations.replies": {"channel", "ts", "cursor", "inclusive", "latest", "limit", "oldest",
                              "include_all_metadata"},
    "webhook": _SENT - {"channel", "metadata"} | {"thread_ts", "unfurl_links", "unfurl_media"},
}


class Bucket:
    """A rate limit: ``burst`` at once, then ``per_second``."""

    def __init__(self, burst: float, per_second: float = 1.0) -> None:
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


class TooMany(Exception):
    """The rate limit is reached."""


class Slack:
    """One workspace."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.clear()

    def clear(self) -> None:
        self.mode, self.retry_after, self.page = "up", 1, MAX_PAGE
        self.token, self.webhook, self.scopes = TOKEN, WEBHOOK, SCOPES
        self.channels = Channels()
        self._revoked: set[str] = set()
        self._refusals: dict[str, Any] = {"count": 0}
        self._rates = {"post": {"burst": 5.0, "per_second": 1.0},
                       "method": {"burst": 50.0, "per_second": 50 / 60}}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def configure(self, given: dict[str, Any]) -> None:
        """Changes what is named; see the table in README.md."""
        settings: dict[str, Callable[[Any], None]] = {
            "mode": self._set_mode, "retry_after": self._set_retry_after, "page": self._set_page,
            "token": self._set_token, "webhook": self._set_webhook, "scopes": self._set_scopes,
            "channels": lambda names: [self.channels.add(name) for name in names],
            "states": lambda states: [self.channels.set_state(*each) for each in states.items()],
            "rate_limit": lambda rate: self._set_rate("post", rate),
            "update_limit": lambda rate: self._set_rate("method", rate),
            "refuse_blocks": self._set_refusals, "delete": self.channels.delete}
        for name, value in given.items():
            if name not in settings:
                raise Refused(f"unknown setting {name!r}: one of {', '.join(settings)}")
            settings[name](value)
        self._changes.notify()

    def show(self) -> list[dict[str, Any]]:
        return [message.show() for message in self.channels.messages]

    async def serve(self, request: Request, method: str, payload: Any) -> Response:
        """Answers one request; ``payload`` is its body as read() gave it."""
        await self._changes.until(lambda: self.mode != "slow", float("inf"))
        if self.mode in _STATUSES:
            return Response(_STATUSES[self.mode], b"Service Unavailable",
                            {"Content-Type": "text/plain"})
        if self.mode == "reset":
            return Response(manner="reset")
        try:
            if self.mode == "rate_limited":
                raise TooMany
            if method == "webhook":
                return self._webhook(request, payload)
            return _answer({"ok": True, **self._web_api(request, method, payload)})
        except TooMany:
            return self._too_many()
        except SlackError as error:
            return self.refusal(method, {"error": error.word, "reason": error.reason})

    def refusal(self, method: str, given: dict[str, Any]) -> Response:
        """How a method answers with an ``error``, for a ``reason`` or ``messages``."""
        word, reason = given["error"], given.get("reason", "")
        if method == "webhook":
            return _word(*_WEBHOOK_WORDS.get(word, (400, word)))
        members = {"ok": False, "error": word}
        if messages := given.get("messages", [f"[ERROR] {reason}"] if reason else []):
            members["response_metadata"] = {"messages": messages}
        if word == "missing_scope":
            members |= {"needed": given.get("needed", reason),
                        "provided": ",".join(sorted(self.scopes))}
            members.pop("response_metadata", None)
        return _answer(members)

    # What can be set.

    def _set_mode(self, mode: str) -> None:
        if mode not in MODES:
            raise Refused(f"unknown Slack mode {mode!r}: one of {', '.join(sorted(MODES))}")
        self.mode = mode

    def _set_retry_after(self, seconds: int) -> None:
        self.retry_after = seconds

    def _set_page(self, most: int) -> None:
        self.page = most

    def _set_token(self, token: str) -> None:
        self._revoked.add(self.token)
        self.token = token

    def _set_webhook(self, path: str) -> None:
        self.webhook = path

    def _set_scopes(self, scopes: list[str] | None) -> None:
        self.scopes = SCOPES if scopes is None else frozenset(scopes)

    def _set_rate(self, kind: str, rate: dict[str, float] | None) -> None:
        self._rates[kind] = rate or {"burst": float("inf")}
        self._buckets.clear()

    def _set_refusals(self, given: Any) -> None:
        """true: for ever; a number: so often; an object: {count, error}."""
        given = given if isinstance(given, dict) else {"count": given}
        self._refusals = {**given, "count": float("inf") if given.get("count", True) is True
                          else int(given["count"])}

    # The methods.

    def _web_api(self, request: Request, method: str, payload: Any) -> dict[str, Any]:
        methods: dict[str, tuple[str | None, Callable[[dict[str, Any]], dict[str, Any]]]] = {
            "auth.test": (None, lambda _: dict(_AUTH_TEST)),
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "conversations.info": ("channels:read", self._info),
            "conversations.history": ("channels:history", self._history),
            "conversations.replies": ("channels:history", self._replies)}
        self._check_token(request)
        if method not in methods:
            raise SlackError("unknown_method")
        scope, serve = methods[method]
        if scope and scope not in self.scopes:
            raise SlackError("missing_scope", scope)
        if not isinstance(payload, dict):
            raise SlackError("invalid_json")
        return serve(payload)

    def _check_token(self, request: Request) -> None:
        kind, _, token = (request.header("authorization") or "").partition(" ")
        if kind != "Bearer" or not token:
            raise SlackError("not_authed")
        if token not in {self.token, *self._revoked}:
            raise SlackError("invalid_auth")
        if token != self.token or self.mode in TOKEN_FAULTS:
            raise SlackError(TOKEN_FAULTS.get(self.mode, "token_revoked"))

    def _post(self, payload: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.open(payload.get("channel"))
        self.channels.check_thread(channel, payload.get("thread_ts"))
        self._check_content(payload)
        self._spend("post", channel)
        message = self.channels.post(channel, payload, "bot")
        self._changes.notify()
        return {"channel": channel, "ts": message.ts, "message": self.channels.shown(message)}

    def _update(self, payload: dict[str, Any]) -> dict[str, Any]:
        """chat.update knows a channel by its id alone, and edits only what the app posted."""
        channel = self.channels.open(payload.get("channel"), by_id_alone=True)
        message = self.channels.message(channel, payload.get("ts"))
        if message is None:
            raise SlackError("message_not_found")
        if message.via != "bot":
            raise SlackError("cant_update_message")
        self._check_content(payload, updates=True)
        self._spend("method", "chat.update")
        message.change(payload)
        self._changes.notify()
        return {"channel": channel, "ts": message.ts, "text": message.text,
                "message": self.channels.shown(message)}

    def _info(self, payload: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.find(payload.get("channel"), by_id_alone=True)
        if channel is None:
            raise SlackError("channel_not_found")
        self._spend("method", "conversations.info")
        return {"channel": self.channels.described(channel)}

    def _history(self, payload: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.open(payload.get("channel"), by_id_alone=True)
        self._spend("method", "conversations.history")
        shown, more = read_page(self.channels.history(channel), payload, self.page)
        return {**self._listed(shown, more, payload), "pin_count": 0}

    def _replies(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The root stands at the head of every page."""
        channel = self.channels.open(payload.get("channel"), by_id_alone=True)
        self._spend("method", "conversations.replies")
        root, *replies = self.channels.thread(channel, payload.get("ts"))
        shown, more = read_page(replies, payload, self.page)
        return self._listed([root, *shown], more, payload)

    def _listed(self, messages: list[Any], more: str, payload: dict[str, Any]) -> dict[str, Any]:
        metadata = flag(payload.get("include_all_metadata"))
        return {"messages": [self.channels.shown(each, metadata) for each in messages],
                "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    def _webhook(self, request: Request, payload: Any) -> Response:
        if request.path != self.webhook:
            return _word(404, "no_service")
        if self.mode in TOKEN_FAULTS:
            return _word(403, "invalid_token")
        if not isinstance(payload, dict):
            return _word(400, "invalid_payload")
        channel = self.channels.open(DEFAULT_CHANNELS[0])
        self.channels.check_thread(channel, payload.get("thread_ts"))
        self._check_content(payload)
        self._spend("post", channel)
        self.channels.post(channel, payload, "webhook")
        self._changes.notify()
        return _word(200, "ok")

    def _check_content(self, payload: dict[str, Any], updates: bool = False) -> None:
        if found := slack_limits.fault(payload, updates):
            raise SlackError(*found)
        if payload.get("blocks") and self._refusals["count"] > 0:
            self._refusals["count"] -= 1
            raise SlackError(self._refusals.get("error", "invalid_blocks"),
                             "failed to match all allowed schemas [json-pointer:/blocks/0]")

    def _spend(self, kind: str, what: str) -> None:
        bucket = self._buckets.setdefault((kind, what), Bucket(**self._rates[kind]))
        if not bucket.take():
            raise TooMany

    def _too_many(self) -> Response:
        headers = {"Retry-After": str(self.retry_after), "Content-Type": "application/json"}
        return Response(429, b'{"ok":false,"error":"ratelimited"}', headers)


_AUTH_TEST = {"url": "https://evergold.slack.com/", "team": "Evergold", "user": "evergold",
              "team_id": "T000", "user_id": "U000", "bot_id": "B000",
              "is_enterprise_install": False}


def method_of(path: str) -> str:
    """The name under which a request to this path is recorded."""
    prefix = "/slack/api/"
    return path[len(prefix):] if path.startswith(prefix) else "webhook"


def read(request: Request) -> Any:
    """The arguments: JSON, or a form or query whose objects are JSON text; None when neither."""
    try:
        text = request.body.decode("utf-8")
        is_form = (request.header("content-type") or "").startswith(_FORM)
        if not is_form and not _reads(method_of(request.path)):
            return json.loads(text) if text else {}
        pairs = parse_qsl(request.query, keep_blank_values=True)
        form = dict(pairs + (parse_qsl(text, keep_blank_values=True) if is_form else []))
        if "payload" in form:
            return json.loads(form["payload"])
        return {name: json.loads(value) if name in _OBJECTS else value
                for name, value in form.items()}
    except ValueError:
        return None


def check_form(request: Request, method: str, payload: Any) -> list[str]:
    """What a careful client would do better, for the record of calls."""
    wrong = []
    kind = request.header("content-type") or ""
    if request.method != "POST" and not _reads(method):
        wrong.append(f"{request.method} must be POST")
    if kind.startswith("application/json") and _reads(method):
        wrong.append(f"{method} does not accept application/json")
    if method.startswith("chat.") and kind.startswith("application/json") and "charset" not in kind:
        wrong.append("missing_charset: application/json without charset=utf-8")
    if isinstance(payload, dict) and method in _ARGUMENTS:
        wrong += [f"unknown argument {name}" for name in sorted(payload.keys())
                  if name not in _ARGUMENTS[method]]
        if payload.get("parse", "none") != "none":
            wrong.append(f"parse is {payload['parse']!r}: Slack would find names and links itself")
        if payload.get("blocks") and not payload.get("text"):
            wrong.append("blocks without a text for those who cannot see them")
    return wrong


def error_of(response: Response) -> str | None:
    """Slack's error word in an answer, for the record of calls."""
    if response.status != 200:
        return response.body.decode(errors="replace")[:80]
    if response.body in (b"ok", b""):
        return None
    try:
        return json.loads(response.body).get("error")
    except (ValueError, AttributeError):
        return None


def _reads(method: str) -> bool:
    """Methods that read take a form or a query, no JSON."""
    return method.startswith("conversations.")


def _answer(members: dict[str, Any]) -> Response:
    body = json.dumps(members, ensure_ascii=False).encode()
    return Response(200, body, {"Content-Type": "application/json; charset=utf-8"})


def _word(status: int, word: str) -> Response:
    return Response(status, word.encode(), {"Content-Type": "text/html"})
