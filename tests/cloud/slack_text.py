"""What the texts of a Slack message would do to those who read it: ping them, or mislead them.

Source: "Formatting text for app surfaces", Slack API documentation: ``<!...>``, ``<@...>`` and
``<#...>`` are special wherever mrkdwn is read, and ``&``, ``<`` and ``>`` stand for themselves
only when they are escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from .slack_limits import text_objects

_PING = re.compile(r"<[!@#][^<>]*>")
_TOKEN = re.compile(r"<(?:[!@#]|https?://|mailto:)[^<>]*>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def pings(message: dict[str, Any]) -> list[str]:
    """Every token that would ping or name somebody, in order of appearance, each once.

    ``<!date^...>`` names nobody and is left out.
    """
    found = [token for text in _marked_up(message) for token in _PING.findall(text)
             if not token.startswith("<!date^")]
    return list(dict.fromkeys(found))


def hazards(message: dict[str, Any]) -> list[str]:
    """What a careful author would have escaped or taken out."""
    found = []
    for text in _every(message):
        found += [f"{_name(char)} in {text[:60]!r}" for char in dict.fromkeys(text)
                  if char in _BIDI or (unicodedata.category(char) == "Cc" and char != "\n")]
    for text in _marked_up(message):
        if left := re.findall("[&<>]", _ENTITY.sub("", _TOKEN.sub("", _without_quotes(text)))):
            found.append(f"unescaped {left[0]} in {text[:60]!r}")
    return list(dict.fromkeys(found))


def _without_quotes(text: str) -> str:
    """The text without the > that begins a quoted line."""
    return re.sub(r"(?m)^>(>>)? ?", "", text)


def _marked_up(message: dict[str, Any]) -> Iterator[str]:
    """The texts in which Slack reads markup."""
    yield message.get("text") or ""
    for each in _objects(message):
        if each["type"] == "mrkdwn":
            yield each["text"]


def _every(message: dict[str, Any]) -> Iterator[str]:
    yield message.get("text") or ""
    yield from (each["text"] for each in _objects(message))


def _objects(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return text_objects([message.get("blocks"), message.get("attachments")])


def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}")
