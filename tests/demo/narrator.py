"""What the demo prints: one line for each thing that happens, and Slack messages as boxes.

Colours only on a terminal and without NO_COLOR (https://no-color.org).
"""

from __future__ import annotations

import os
import re
import textwrap
import threading
from typing import Any, TextIO

WIDTH = 100
_COLOURS = {"AWS": "33", "evergold": "36", "pipeline": "35", "Slack": "32", "dim": "2", "bold": "1",
            "red": "31"}
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")


class Narrator:
    """Writes whole lines, from any thread."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ

    def title(self, text: str) -> None:
        self._write("", self._paint("bold", text), "")

    def chapter(self, text: str) -> None:
        self._write("", self._paint("bold", f"── {text} ".ljust(WIDTH, "─")))

    def say(self, who: str, text: str, note: str = "") -> None:
        """One line: who does it, what, and a remark."""
        line = f"{self._paint(who, who.ljust(9))} {text}"
        self._write(line + (f"  {self._paint('dim', note)}" if note else ""))

    def trouble(self, text: str) -> None:
        self._write("", self._paint("red", text))

    def slack(self, root: dict[str, Any], reply: dict[str, Any]) -> None:
        """A message: what it said before it was edited, what it says now, and its reply."""
        self.say("Slack", f"#{root['channel_name']}")
        for text in root["versions"]:
            self._quote(text.splitlines()[:1], "dim", "edited to:")
        self._quote(_lines(root))
        where = "↳ in its thread, and in the channel" if reply["broadcast"] else "↳ in its thread"
        self._quote([where], "dim")
        self._quote(["  " + line for line in _lines(reply)])

    def _quote(self, lines: list[str], colour: str = "", note: str = "") -> None:
        bar = self._paint("Slack", "│")
        for line in lines:
            self._write(f"{' ' * 10}{bar} {self._paint(colour, line)}"
                        + (f"  {self._paint('dim', note)}" if note else ""))

    def table(self, rows: list[tuple[str, str]]) -> None:
        width = max(len(name) for name, _ in rows)
        self._write(*(f"  {name.ljust(width)}  {value}" for name, value in rows))

    def _paint(self, colour: str, text: str) -> str:
        code = _COLOURS.get(colour)
        return f"\033[{code}m{text}\033[0m" if self._coloured and code else text

    def _write(self, *lines: str) -> None:
        with self._lock:
            print(*lines, sep="\n", file=self._out, flush=True)


def _lines(message: dict[str, Any]) -> list[str]:
    """The blocks of a message as lines of text."""
    return [line for block in message["blocks"] for line in _block(block)]


def _block(block: dict[str, Any]) -> list[str]:
    if block["type"] == "header":
        return [block["text"]["text"]]
    if "fields" in block:
        return [_field(field["text"]) for field in block["fields"]]
    if block["type"] == "context":
        texts = [element["text"] for element in block["elements"]]
    else:
        texts = [block["text"]["text"]]
    return [line for text in texts for line in _wrapped(_plain(text))]


def _field(text: str) -> str:
    """``*Label*`` and value on one line; a link shows its words."""
    label, _, value = _plain(text).partition("\n")
    return f"{label.strip('*'):<22}{'  '.join(value.split(chr(10)))}"


def _plain(text: str) -> str:
    text = _LINK.sub(r"\2", text).replace("```", "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _wrapped(text: str) -> list[str]:
    return [line for part in text.split("\n")
            for line in textwrap.wrap(part, WIDTH - 14) or [""]]
