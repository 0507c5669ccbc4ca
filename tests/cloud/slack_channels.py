"""The channels of one Slack workspace: messages, their edits, their threads, and how to read them.

Source: Slack API documentation, "Retrieving messages" and "Pagination".  The history of a channel
holds what was posted to it and what was broadcast out of a thread, newest first; a thread is its
root and then its replies, oldest first.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from . import slack_text
from .errors import Refused

MAX_PAGE = 999
DEFAULT_CHANNELS = ("golden-amis", "golden-amis-test")
_CONTENT = ("text", "blocks", "attachments", "metadata")


class SlackError(Exception):
    """Slack's word for why it does not do what it was asked."""

    def __init__(self, word: str, reason: str = "") -> None:
        super().__init__(word)
        self.word, self.reason = word, reason


@dataclass
class SlackMessage:
    """A message as its channel shows it now.

    ``versions`` are the texts that it had before; ``edits`` its whole contents before each edit.
    """

    channel: str
    channel_name: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    via: str
    thread_ts: str | None = None
    versions: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    broadcast: bool = False
    edits: list[dict[str, Any]] = field(default_factory=list)
    edited_ts: str | None = None

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _CONTENT}

    def change(self, payload: dict[str, Any]) -> None:
        """Replaces what the payload names; what it leaves out stays."""
        self.versions.append(self.text)
        self.edits.append(self.content())
        self.edited_ts = _ts(len(self.edits))
        for name in _CONTENT:
            setattr(self, name, payload.get(name, getattr(self, name)))
        self.broadcast = self.broadcast or bool(payload.get("reply_broadcast"))

    def show(self) -> dict[str, Any]:
        """The message for the control interface, with those that it would ping."""
        shown = asdict(self)
        return {**shown, "pings": slack_text.pings(shown), "hazards": slack_text.hazards(shown)}


def channel_id(name: str) -> str:
    """What a channel of this name, with or without ``#``, is called by programs."""
    return "C" + hashlib.sha256(name.lstrip("#").encode()).hexdigest()[:10].upper()


class Channels:
    """Every channel and message."""

    def __init__(self) -> None:
        self.messages: list[SlackMessage] = []
        self.states: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._posted = 0
        for name in DEFAULT_CHANNELS:
            self.add(name)

    def add(self, name: str) -> None:
        self._ids[name.lstrip("#")] = channel_id(name)

    def set_state(self, name: str, word: str | None) -> None:
        """From now on the channel answers everything with this error; None ends that."""
        channel = self.find(name)
        if channel is None:
            raise Refused(f"no channel {name!r}")
        self.states.pop(channel, None)
        if word:
            self.states[channel] = word

    def find(self, wanted: Any, by_id_alone: bool = False) -> str | None:
        """A channel's id, by id or by name with or without ``#``."""
        if wanted in self._ids.values():
            return wanted
        if by_id_alone or not isinstance(wanted, str):
            return None
        return self._ids.get(wanted.lstrip("#"))

    def described(self, channel: str) -> dict[str, Any]:
        """The channel of this id, as conversations.info tells of it."""
        state = self.states.get(channel)
        name = next(name for name, each in self._ids.items() if each == channel)
        return {"id": channel, "name": name, "is_channel": True, "is_private": False,
                "is_archived": state == "is_archived", "is_member": state != "not_in_channel"}

    def open(self, wanted: Any, by_id_alone: bool = False) -> str:
        """The id of a channel that the app may use; SlackError of one that it may not."""
        channel = self.find(wanted, by_id_alone)
        if channel is None:
            raise SlackError("channel_not_found")
        if channel in self.states:
            raise SlackError(self.states[channel])
        return channel

    def message(self, channel: str, ts: Any) -> SlackMessage | None:
        return next((each for each in self.messages
                     if (each.channel, each.ts) == (channel, ts)), None)

    def check_thread(self, channel: str, thread_ts: Any) -> None:
        """A reply goes to the root of a thread, not to another reply."""
        if thread_ts is None:
            return
        if not _is_ts(thread_ts):
            raise SlackError("invalid_thread_ts", f"{thread_ts} is not a valid thread_ts")
        root = self.message(channel, thread_ts)
        if root is None or root.thread_ts:
            raise SlackError("thread_not_found")

    def post(self, channel: str, payload: dict[str, Any], via: str) -> SlackMessage:
        self._posted += 1
        name = next(name for name, each in self._ids.items() if each == channel)
        message = SlackMessage(channel, name, _ts(self._posted), payload.get("text", ""),
                               payload.get("blocks", []), via, payload.get("thread_ts"),
                               attachments=payload.get("attachments", []),
                               metadata=payload.get("metadata", {}),
                               broadcast=bool(payload.get("reply_broadcast")))
        self.messages.append(message)
        return message

    def delete(self, ts: str) -> None:
        """What somebody deletes in the client; its thread stays."""
        if not any(each.ts == ts for each in self.messages):
            raise Refused(f"no message {ts!r}")
        self.messages = [each for each in self.messages if each.ts != ts]

    def history(self, channel: str) -> list[SlackMessage]:
        """What the channel shows, newest first."""
        return [each for each in reversed(self.messages)
                if each.channel == channel and (each.thread_ts is None or each.broadcast)]

    def thread(self, channel: str, ts: Any) -> list[SlackMessage]:
        """A root and its replies, oldest first; a message without replies is its own thread."""
        found = self.message(channel, ts)
        if found is None:
            raise SlackError("thread_not_found")
        root = found.thread_ts or found.ts
        return [each for each in self.messages
                if each.channel == channel and root in (each.ts, each.thread_ts)]

    def shown(self, message: SlackMessage, metadata: bool = True) -> dict[str, Any]:
        """A message as the Web API shows it."""
        shown: dict[str, Any] = {
            "type": "message", "user": "U000", "bot_id": "B000", "app_id": "A000",
            "team": "T000", "ts": message.ts, "text": message.text, "blocks": message.blocks}
        if message.via == "webhook":
            shown = {**shown, "subtype": "bot_message", "bot_id": "B001"}
        if message.attachments:
            shown["attachments"] = message.attachments
        if message.edited_ts:
            shown["edited"] = {"user": "B000", "ts": message.edited_ts}
        if metadata and message.metadata:
            shown["metadata"] = message.metadata
        return {**shown, **self._shown_thread(message)}

    def _shown_thread(self, message: SlackMessage) -> dict[str, Any]:
        """What ties a message to a thread, on a reply and on a root."""
        if message.thread_ts:
            broadcast = {"subtype": "thread_broadcast"} if message.broadcast else {}
            return {"thread_ts": message.thread_ts, "parent_user_id": "U000", **broadcast}
        replies = [each for each in self.messages
                   if (each.channel, each.thread_ts) == (message.channel, message.ts)]
        if not replies:
            return {}
        return {"thread_ts": message.ts, "reply_count": len(replies), "reply_users_count": 1,
                "reply_users": ["U000"], "latest_reply": replies[-1].ts}


def read_page(messages: list[SlackMessage], given: dict[str, Any],
              most: int) -> tuple[list[SlackMessage], str]:
    """The messages between oldest and latest, one page of them, and the next cursor or ''.

    A page holds at most ``most``, even where the caller asks for more.
    """
    oldest, latest = _moment(given, "oldest", 0.0), _moment(given, "latest", float("inf"))
    edges = {oldest, latest} if flag(given.get("inclusive")) else set()
    limit = str(given.get("limit", 100))
    if not limit.isdigit() or not 1 <= int(limit) <= MAX_PAGE:
        raise SlackError("invalid_limit")
    chosen = [each for each in messages
              if oldest < float(each.ts) < latest or float(each.ts) in edges]
    start = _start(given.get("cursor"))
    end = start + min(most, int(limit))
    more = base64.b64encode(f"next:{end}".encode()).decode() if end < len(chosen) else ""
    return chosen[start:end], more


def flag(value: Any) -> bool:
    """A truth value as forms and JSON carry it."""
    return value in (True, 1, "1", "true", "True")


def _moment(given: dict[str, Any], name: str, default: float) -> float:
    try:
        return float(given.get(name, default))
    except (TypeError, ValueError):
        raise SlackError(f"invalid_ts_{name}") from None


def _start(cursor: str | None) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().partition(":")[2]) \
            if cursor else 0
    except ValueError:
        raise SlackError("invalid_cursor") from None


def _is_ts(value: Any) -> bool:
    whole, dot, digits = value.partition(".") if isinstance(value, str) else ("", "", "")
    return bool(dot) and whole.isdigit() and digits.isdigit()


def _ts(number: int) -> str:
    return f"{int(time.time())}.{number:06d}"
