"""Slack's limits on a message.

Source: "Reference: blocks" and "chat.postMessage", Slack API documentation.
"""

from __future__ import annotations

from typing import Any

MAX_TEXT, MAX_BLOCKS = 40_000, 50
_SECTION_TEXT, _HEADER_TEXT, _FIELDS, _FIELD_TEXT = 3000, 150, 10, 2000
_CONTEXT_ELEMENTS, _ACTIONS, _BUTTON_TEXT, _URL, _BLOCK_ID = 10, 25, 75, 3000, 255


def fault(payload: dict[str, Any]) -> tuple[str, str] | None:
    """Slack's error word and the reason, or None when the message is acceptable."""
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return "invalid_arguments", "text must be a string and blocks an array"
    if not text and not blocks:
        return "no_text", "neither text nor blocks"
    if len(text) > MAX_TEXT:
        return "msg_too_long", f"text has {len(text)} characters"
    if len(blocks) > MAX_BLOCKS:
        return "invalid_blocks", f"{len(blocks)} blocks"
    for number, block in enumerate(blocks):
        if reason := _block_fault(block):
            return "invalid_blocks", f"block {number}: {reason}"
    return None


def _block_fault(block: Any) -> str | None:
    checks = {"section": _section_fault, "header": _header_fault, "context": _context_fault,
              "actions": _actions_fault, "divider": lambda _: None}
    if not isinstance(block, dict) or block.get("type") not in checks:
        return "unsupported type"
    if len(block.get("block_id", "")) > _BLOCK_ID:
        return "block_id is too long"
    return checks[block["type"]](block)


def _section_fault(block: dict[str, Any]) -> str | None:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        return "a section needs text or fields"
    if len(fields) > _FIELDS:
        return f"{len(fields)} fields"
    if "text" in block and (reason := _text_fault(block["text"], _SECTION_TEXT)):
        return reason
    return next((reason for field in fields if (reason := _text_fault(field, _FIELD_TEXT))), None)


def _header_fault(block: dict[str, Any]) -> str | None:
    text = block.get("text")
    if isinstance(text, dict) and text.get("type") != "plain_text":
        return "a header's text must be plain_text"
    return _text_fault(text, _HEADER_TEXT)


def _context_fault(block: dict[str, Any]) -> str | None:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= _CONTEXT_ELEMENTS:
        return f"{len(elements)} elements"
    return next((reason for each in elements if (reason := _text_fault(each, _SECTION_TEXT))), None)


def _actions_fault(block: dict[str, Any]) -> str | None:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= _ACTIONS:
        return f"{len(elements)} elements"
    for element in elements:
        if element.get("type") != "button" or len(element.get("url", "")) > _URL:
            return "only buttons with a url of at most 3000 characters"
        if reason := _text_fault(element.get("text"), _BUTTON_TEXT):
            return reason
    return None


def _text_fault(text: Any, most: int) -> str | None:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        return "a text object is malformed"
    value = text.get("text")
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        return f"a text must have 1 to {most} characters"
    return None
