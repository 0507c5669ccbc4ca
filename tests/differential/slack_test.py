"""What the worker tells Slack, judged by the local Slack's rules over rows made at random.

Ordinary rows tell the same facts in blocks and in text, line by line. Hostile ones, whose foreign
texts hold mentions, markup, controls, bidirectional overrides and far too much, stay within Slack's
limits and ping nobody but those who are to be called.
"""

from __future__ import annotations

import html
import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import slack_limits, slack_text

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
SEED = 20261123
ROWS = 300
MENTION = "<!subteam^S012345>"
FOREIGN = ("image_id", "image_name", "publisher", "release", "notes_url", "execution_id", "summary",
           "failed_stage", "failed_action", "error_code", "error_message", "error_url",
           "golden_ami", "golden_previous", "base_previous", "hold_detail", "trouble")
HOSTILE = ("x" * 10_000, "<!channel>", "<@U012345>", "<!subteam^S999999>", "<#C012345>", "@here",
           "#general", "&", "<", ">", "|>", "`", "```", "*bold*", "_it_", "~no~", ":fire:", "\n",
           "\r\n", "\t", "\x1b[31m", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "é", "🔥",
           "&amp;", "> quoted", "https://example.com/?a=1&b=2", "https://x/|>",
           "<https://evil.example|click>", "javascript:alert(1)", "mailto:a@b.c", "%s%n")
COUNTS = (0, 1, 2, 10, 30, 100, 1000)
STATUSES = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled", "Stopping", "InProgress")
HELD = ("soaking", "outside_window", "family_held", "quarantined", "pipeline_busy",
        "not_available_yet", "failing")
REMARKS = ("ambiguous", "unreadable", "missed", "withdrawn", "unresolved", "digest",
           "other_execution")


class Maker:
    def __init__(self, seed: int, hostile: bool) -> None:
        self.random = random.Random(seed)
        self.hostile = hostile

    def some(self) -> bool:
        return self.random.random() < 0.5

    def text(self) -> str:
        if not self.hostile:
            return f"{self.random.choice(('golden', 'Build', 'web_*x*', 'a & b'))}" \
                   f"-{self.random.randint(0, 999)}"
        return "".join(self.random.choices(HOSTILE, k=self.random.choice(COUNTS)))

    def time(self) -> str:
        return f"2026-11-{self.random.randint(1, 28):02}T{self.random.randint(0, 23):02}:59:07.000Z"

    def timeline(self) -> str:
        actions = [{"stage": self.text(), "action": self.text(), "started_ms": 1795419000000,
                    "status": self.random.choice(("Succeeded", "Failed", "InProgress", "New")),
                    "ended_ms": 1795419000000 + self.random.randint(0, 10**7)}
                   for _ in range(self.random.randint(0, 40 if self.hostile else 5))]
        return json.dumps({"stages": actions, "tests": {
            "passed": 12, "failed": self.random.randint(0, 3), "report": self.text()}})

    def build(self) -> dict[str, Any]:
        row: dict[str, Any] = {key: self.text() for key in FOREIGN if self.some()}
        row |= {"family": "web", "pipeline": "golden", "pipeline_region": "eu-west-1",
                "region": "eu-west-1", "attempt": self.random.randint(0, 2),
                "state": self.random.choice(("wanted", "started", "finished", "superseded"))}
        row |= {key: self.time() for key in ("announced", "held_since", "started", "finished",
                                             "withdrawn") if self.some()}
        row |= {key: True for key in ("base_written", "golden_written") if self.some()}
        if row["state"] in ("started", "finished"):
            row["status"] = self.random.choice(STATUSES)
            row["failures"] = self.random.randint(0, 3)
        if row["state"] == "wanted" and self.some():
            row["held"] = self.random.choice(HELD)
        if self.some():
            row["timeline"] = self.timeline()
        return row

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"kind": "finished", "mention": MENTION, "build": self.build(),
                                   "part": self.random.choice(("root", "details"))}
        if self.some():
            message |= {"channel": "#golden-amis", "post_id": self.text()}
        if self.some():
            message["several_regions"] = True
        if "channel" in message and self.some():
            message["ts"] = "1795419000.000001"
        if self.random.random() < 0.2:
            message |= {"kind": self.random.choice(REMARKS), "text": "x" + self.text(),
                        "part": "root", "build": {}}
        return message


def written(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    ran = subprocess.run([TOOLS / "slack_message"], input=lines.encode(), capture_output=True,
                         check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def calls(message: dict[str, Any]) -> bool:
    """Is somebody to be called by it? What has ended calls by its details."""
    if "text" in message:
        return message["kind"] in ("ambiguous", "unreadable", "withdrawn", "unresolved")
    row, details = message["build"], message["part"] == "details"
    if row["state"] == "wanted":
        return bool("trouble" in row or row.get("held") == "failing")
    failed = "execution_id" not in row or "trouble" in row or row.get("status") == "Failed"
    return row["state"] == "finished" and failed and (details or "channel" not in message)


def read(text: str) -> list[str]:
    """What people read, line by line."""
    text = re.sub(r"<https://[^|<>]*\|([^<>]*)>", r"\1", text.replace(MENTION, ""))
    return [html.unescape(line).strip() for line in text.replace("`", "").split("\n")
            if line.strip()]


def read_blocks(blocks: list[dict[str, Any]]) -> list[str]:
    lines = []
    for block in blocks:
        for field in block.get("fields", []):
            label, value = field["text"].split("\n", 1)
            lines += read(label.strip("*") + ": " + value.replace("\n", ", "))
        for each in [block["text"]] if "text" in block else block.get("elements", []):
            lines += read(each["text"])
    return lines


def made(hostile: bool) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    maker = Maker(SEED, hostile)
    messages = [maker.message() for _ in range(ROWS)]
    bodies = written(messages)
    assert len(bodies) == ROWS
    return list(zip(messages, bodies, strict=True))


@pytest.mark.parametrize("hostile", [False, True], ids=["ordinary", "hostile"])
def test_slack_takes_it_and_only_those_who_are_to_be_called_are(hostile: bool) -> None:
    for message, body in made(hostile):
        assert slack_limits.fault(body, "ts" in body) is None, message
        assert slack_limits.length(body["text"]) <= slack_limits.MAX_UPDATED_TEXT
        assert not slack_text.hazards(body), message
        assert slack_text.pings(body) == ([MENTION] if calls(message) else []), message


def test_text_and_blocks_tell_the_same() -> None:
    for _, body in made(hostile=False):
        assert read(body["text"]) == read_blocks(body["blocks"])


def test_without_blocks_the_text_is_the_same() -> None:
    pairs = made(hostile=False)
    plain = written([message | {"plain": True} for message, _ in pairs])
    for (_, body), bare in zip(pairs, plain, strict=True):
        assert bare["text"] == body["text"]
        assert bare.get("blocks") == ([] if "ts" in body else None)
