"""The messages that the README shows, as people read them: as text, and drawn as Slack draws them.

They are cases of the worker's own writer (tests/cases/slack), so what is shown is what is sent.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

CASES = Path("tests/cases/slack")
SHOWN = ("building", "succeeded", "failed", "fixed")
PEOPLE = "@platform-team"  # whom the cases mention
_MENTION = re.compile(r"<!subteam\^[A-Z0-9]+>")
_LINK = re.compile(r"<(https://[^|<>]*)\|([^<>]*)>")


def messages(name: str) -> list[dict[str, Any]]:
    """The root, and the reply in its thread if there is one."""
    lines = (CASES / f"shown-{name}" / "want.json").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_text(name: str) -> str:
    """Every message's plain text, a reply indented below its root."""
    root, *replies = [_read(message["text"]) for message in messages(name)]
    told = [root] + ["\n".join(f"  │ {line}" for line in reply.split("\n")) for reply in replies]
    return "\n".join(told) + "\n"


def as_html(name: str) -> str:
    """A page that looks as Slack does."""
    root, *replies = [_drawn(message) for message in messages(name)]
    thread = "".join(f'<div class="thread">{reply}</div>' for reply in replies)
    return f"<!DOCTYPE html><meta charset=utf-8><style>{_STYLE}</style><main>{root}{thread}</main>"


def _read(text: str) -> str:
    text = _LINK.sub(r"\2", _MENTION.sub(PEOPLE, text))
    return html.unescape(text.replace("```", "").replace("`", ""))


def _drawn(message: dict[str, Any]) -> str:
    return '<b class="who">evergold</b> <i>APP</i>' + "".join(
        _block(block) for block in message["blocks"])


def _block(block: dict[str, Any]) -> str:
    if block["type"] == "header":
        return f"<h1>{_marked(block['text']['text'])}</h1>"
    if "fields" in block:
        fields = "".join(f"<p>{_marked(each['text'])}</p>" for each in block["fields"])
        return f'<div class="fields">{fields}</div>'
    if block["type"] == "context":
        return "".join(f"<small>{_marked(each['text'])}</small>" for each in block["elements"])
    return f"<p>{_marked(block['text']['text'])}</p>"


def _marked(text: str) -> str:
    """Slack's markup as HTML; its escapes are those of HTML."""
    text = _LINK.sub(r'<a href="\1">\2</a>', _MENTION.sub(f"<mark>{PEOPLE}</mark>", text))
    text = re.sub(r"```(.*?)```", r"<pre>\1</pre>", text, flags=re.S)
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
    return re.sub(r"^\*([^*]*)\*", r"<b>\1</b>", text).replace("\n", "<br>")


_STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.46 "Lato", "DejaVu Sans", sans-serif; color: #1d1c1d; background: #fff;
  width: 720px }
main { padding: 14px 20px 14px 64px; position: relative }
main::before { content: "🥇"; position: absolute; left: 18px; top: 14px; font-size: 26px;
  width: 36px; height: 36px; background: #f4ede4; border-radius: 6px; text-align: center;
  line-height: 36px }
i { font: 600 10px sans-serif; background: #ddd; color: #616061; padding: 1px 4px;
  border-radius: 2px }
h1 { font-size: 18px; line-height: 1.33; margin: 6px 0 }
p { margin: 6px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16px }
.fields p { font-size: 14px; overflow-wrap: anywhere }
a { color: #1264a3; text-decoration: none }
code, pre { font: 12px/1.5 "DejaVu Sans Mono", monospace; background: #f8f8f8;
  border: 1px solid #ddd; border-radius: 3px }
code { padding: 1px 3px; color: #c01343 } pre { padding: 8px; white-space: pre-wrap }
.fields code { color: #1d1c1d }
mark { background: #fff5d6; color: #1264a3; border-radius: 3px; padding: 0 2px }
small { display: block; color: #616061; font-size: 13px; margin: 4px 0; overflow-wrap: anywhere }
.thread { border-left: 3px solid #ddd; padding-left: 14px; margin: 12px 0 0 2px }
"""
