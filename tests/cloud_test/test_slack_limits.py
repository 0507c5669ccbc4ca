"""Block Kit's limits: the largest that is accepted, and one more."""

from __future__ import annotations

import pytest

from tests.cloud.slack_limits import fault, length


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def button(**given):
    return {"type": "button", "text": plain("x"), "url": "https://x.example/", **given}


def actions(*buttons):
    return {"type": "actions", "elements": list(buttons)}


def section(size):
    return {"type": "section", "text": mrkdwn("x" * size)}


AT_THE_LIMIT = {
    "blocks": [{"type": "divider"}] * 50,
    "section": [section(3000)],
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "fields": [{"type": "section", "fields": [mrkdwn("x")] * 10}],
    "field": [{"type": "section", "fields": [mrkdwn("x" * 2000)]}],
    "context": [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    "actions": [actions(*[button()] * 25)],
    "button": [actions(button(text=plain("x" * 75)))],
    "url": [actions(button(url="https://" + "x" * 2992))],
    "value": [actions(button(value="x" * 2000))],
    "action_id": [actions(button(action_id="x" * 255), button(action_id="y"))],
    "block_id": [{"type": "divider", "block_id": "x" * 255}],
    "total": [section(3000)] * 4,
}
OVER_IT = {
    "blocks": ([{"type": "divider"}] * 51, "/blocks]"),
    "section": ([section(3001)], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "header": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text]"),
    "fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "/blocks/0/fields]"),
    "field": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "/blocks/0/fields/0/text]"),
    "context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements]"),
    "actions": ([actions(*[button()] * 26)], "/blocks/0/elements]"),
    "no action": ([actions()], "/blocks/0/elements]"),
    "button": ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text]"),
    "button's text": ([actions(button(text=mrkdwn("x")))], "/blocks/0/elements/0/text/type]"),
    "url": ([actions(button(url="https://" + "x" * 2993))], "/blocks/0/elements/0/url]"),
    "no url": ([actions(button(url="ftp://x"))], "/blocks/0/elements/0/url]"),
    "value": ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value]"),
    "style": ([actions(button(style="loud"))], "/blocks/0/elements/0/style]"),
    "action_id": ([actions(button(action_id="a"), button(action_id="a"))], "/1/action_id]"),
    "block_id": ([{"type": "divider", "block_id": "x" * 256}], "/blocks/0/block_id]"),
    "two block_ids": ([{"type": "divider", "block_id": "x"}] * 2, "/blocks/1/block_id]"),
    "extra": ([{"type": "divider", "colour": "red"}], "additional property: colour"),
    "emoji in mrkdwn": ([{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}], "emoji"),
    "no object": (["x"], "/blocks/0/type]"),
}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_accepted(name):
    assert fault({"text": "x", "blocks": AT_THE_LIMIT[name]}) is None


@pytest.mark.parametrize("name", OVER_IT)
def test_refused(name):
    blocks, reason = OVER_IT[name]
    word, told = fault({"text": "x", "blocks": blocks})
    assert word == "invalid_blocks" and reason in told
    assert fault({"text": "x", "attachments": [{"color": "#fff", "blocks": blocks}]})[0] == word


def test_everything_together():
    blocks = [section(3000)] * 4 + [section(1)]
    assert fault({"text": "x", "blocks": blocks})[0] == "msg_blocks_too_long"


def test_length_counts_as_the_stricter_way():
    assert length("\U0001f7e1") == 2
    assert fault({"text": "x", "blocks": [section(0)]})[0] == "invalid_blocks"
    text = "\U0001f7e1" * 1501
    assert fault({"text": "x", "blocks": [{"type": "section", "text": mrkdwn(text)}]})
