"""Slack's limits on a message, judged by code that is not the worker's.

Source: "Reference: blocks", "Composition objects", "Block elements", chat.postMessage,
chat.update and "Message metadata", Slack API documentation.  Lengths count UTF-16 units, the
stricter of the two ways to count.  A message of more than about 13,200 characters in all its
blocks is refused although no page says so; what is more than MAX_TOTAL is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_TEXT, MAX_UPDATED_TEXT, MAX_TOTAL = 40_000, 4_000, 12_000
MAX_BLOCKS, MAX_ATTACHMENTS = 50, 100
_SECTION_TEXT, _HEADER_TEXT, _FIELDS, _FIELD_TEXT = 3000, 150, 10, 2000
_CONTEXT_ELEMENTS, _ACTIONS, _BUTTON_TEXT, _LABEL = 10, 25, 75, 75
_URL, _VALUE, _ID, _ALT_TEXT = 3000, 2000, 255, 2000
_MEMBERS = {
    "section": {"text", "fields", "accessory", "expand"}, "header": {"text"}, "divider": set(),
    "context": {"elements"}, "actions": {"elements"},
    "image": {"image_url", "alt_text", "title"},
}
_BUTTON = {"type", "text", "action_id", "url", "value", "style", "accessibility_label"}
_TEXT = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}


def fault(payload: dict[str, Any], updates: bool = False) -> tuple[str, str] | None:
    """Slack's error word and the reason, or None when the message is acceptable.

    ``updates``: the message is to replace one that is there, so it may keep its blocks.
    """
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    attachments = payload.get("attachments", [])
    if not isinstance(text, str) or not all(isinstance(x, list) for x in (blocks, attachments)):
        return "invalid_arguments", "text must be a string, blocks and attachments arrays"
    if not (text or blocks or attachments or (updates and "blocks" in payload)):
        return "no_text", "neither text nor blocks"
    if length(text) > (most := MAX_UPDATED_TEXT if updates else MAX_TEXT):
        return "msg_too_long", f"text has {length(text)} characters, more than {most}"
    if len(attachments) > MAX_ATTACHMENTS:
        return "too_many_attachments", f"{len(attachments)} attachments"
    if reason := next(_faults(blocks, attachments), None):
        return "invalid_blocks", reason
    if (total := sum(length(each) for each in texts(payload))) > MAX_TOTAL:
        return "msg_blocks_too_long", f"{total} characters in all blocks"
    return _metadata_fault(payload.get("metadata", {}))


def length(text: str) -> int:
    """How many UTF-16 units the text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def texts(payload: dict[str, Any]) -> Iterator[str]:
    """Every text in the blocks of a message, those in its attachments included."""
    attached = payload.get("attachments") or []
    for block in (payload.get("blocks") or []) + [
            block for each in attached for block in each.get("blocks", [])]:
        yield from (text["text"] for text in text_objects(block))


def text_objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every text object below a node."""
    if isinstance(node, dict):
        if node.get("type") in _TEXT and isinstance(node.get("text"), str):
            yield node
        for item in node.values():
            yield from text_objects(item)
    elif isinstance(node, list):
        for item in node:
            yield from text_objects(item)


def _faults(blocks: list[Any], attachments: list[Any]) -> Iterator[str]:
    yield from _blocks_faults(blocks, "/blocks")
    for number, each in enumerate(attachments):
        where = f"/attachments/{number}"
        if not isinstance(each, dict):
            yield _at("must be an object", where)
        else:
            yield from _blocks_faults(each.get("blocks", []), f"{where}/blocks")


def _blocks_faults(blocks: list[Any], where: str) -> Iterator[str]:
    if len(blocks) > MAX_BLOCKS:
        yield _at(f"no more than {MAX_BLOCKS} items allowed", where)
    ids: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"{where}/{number}"
        if not isinstance(block, dict) or block.get("type") not in _MEMBERS:
            yield _at("unsupported type", f"{at}/type")
            continue
        yield from _unknown(block, _MEMBERS[block["type"]] | {"type", "block_id"}, at)
        yield from _id_faults(block, "block_id", ids, at)
        yield from _CHECKS[block["type"]](block, at)


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield _at("a section needs text or fields", at)
    if "text" in block:
        yield from _text(block["text"], _SECTION_TEXT, f"{at}/text")
    fields = block.get("fields", [])
    if len(fields) > _FIELDS:
        yield _at(f"no more than {_FIELDS} items allowed", f"{at}/fields")
    for number, each in enumerate(fields):
        yield from _text(each, _FIELD_TEXT, f"{at}/fields/{number}")
    if "accessory" in block:
        yield from _button(block["accessory"], set(), f"{at}/accessory")


def _header(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _text(block.get("text"), _HEADER_TEXT, f"{at}/text", plain=True)


def _context(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements", [])
    yield from _count(elements, _CONTEXT_ELEMENTS, at)
    for number, each in enumerate(elements):
        yield from _text(each, _SECTION_TEXT, f"{at}/elements/{number}")


def _actions(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements", [])
    yield from _count(elements, _ACTIONS, at)
    ids: set[str] = set()
    for number, each in enumerate(elements):
        yield from _button(each, ids, f"{at}/elements/{number}")


def _image(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _string(block.get("image_url"), _URL, f"{at}/image_url")
    yield from _string(block.get("alt_text"), _ALT_TEXT, f"{at}/alt_text")


def _divider(_: dict[str, Any], __: str) -> Iterator[str]:
    yield from ()


_CHECKS = {"section": _section, "header": _header, "context": _context, "actions": _actions,
           "image": _image, "divider": _divider}


def _button(element: Any, ids: set[str], at: str) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield _at("unsupported element: only buttons", f"{at}/type")
        return
    yield from _unknown(element, _BUTTON, at)
    yield from _text(element.get("text"), _BUTTON_TEXT, f"{at}/text", plain=True)
    yield from _id_faults(element, "action_id", ids, at)
    for name, most in (("url", _URL), ("value", _VALUE), ("accessibility_label", _LABEL)):
        if name in element:
            yield from _string(element[name], most, f"{at}/{name}")
    if not str(element.get("url", "https://")).startswith(("https://", "http://")):
        yield _at("must be a valid URL", f"{at}/url")
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _at("must be one of primary, danger", f"{at}/style")


def _text(text: Any, most: int, at: str, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in _TEXT:
        yield _at("must be a text object", at)
        return
    if plain and text["type"] != "plain_text":
        yield _at("must be plain_text", f"{at}/type")
    yield from _unknown(text, _TEXT[text["type"]] | {"type", "text"}, at)
    yield from _string(text.get("text"), most, f"{at}/text")


def _string(value: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield _at("must be more than 0 characters", at)
    elif length(value) > most:
        yield _at(f"must be less than {most + 1} characters", at)


def _count(items: list[Any], most: int, at: str) -> Iterator[str]:
    if not 1 <= len(items) <= most:
        yield _at(f"must have 1 to {most} items, not {len(items)}", f"{at}/elements")


def _id_faults(node: dict[str, Any], name: str, seen: set[str], at: str) -> Iterator[str]:
    """An id has 1 to 255 characters and is there once."""
    if name not in node:
        return
    yield from _string(node[name], _ID, f"{at}/{name}")
    if node[name] in seen:
        yield _at(f"{name} already exists", f"{at}/{name}")
    seen.add(node[name])


def _unknown(node: dict[str, Any], known: set[str], at: str) -> Iterator[str]:
    for name in sorted(node.keys() - known):
        yield _at(f"invalid additional property: {name}", at)


def _metadata_fault(metadata: Any) -> tuple[str, str] | None:
    if not isinstance(metadata, dict):
        return "invalid_metadata_format", "metadata must be an object"
    if metadata and (set(metadata) != {"event_type", "event_payload"}
                     or not isinstance(metadata["event_type"], str)
                     or not isinstance(metadata["event_payload"], dict)):
        return "invalid_metadata_schema", "metadata is event_type and an object event_payload"
    return None


def _at(reason: str, where: str) -> str:
    return f"{reason} [json-pointer:{where}]"
