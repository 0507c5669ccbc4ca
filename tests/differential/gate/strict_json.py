"""JSON as the gate wants it, by Python's own parser and what that one lets pass.

Source: RFC 8259; besides, nothing that two readers might understand differently: no key twice, no
NUL, no half of a surrogate pair, no number beyond a double, no integer that is 2^63 or more as a
double, and no more depth, values and members than a message of SNS has.
"""

from __future__ import annotations

import json
from typing import Any

DEPTH, TOKENS, MEMBERS, DIGITS = 32, 65536, 256, 64


class Refused(ValueError):
    pass



def parse(body: bytes) -> Any:
    """Raises Refused."""
    try:
        value = json.loads(body.decode("utf-8", "strict"), object_pairs_hook=_object,
                           parse_int=_integer, parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Refused(error) from error
    if _count(value, 1) > TOKENS:
        raise Refused("too many values")
    return value


def _refuse(what: str) -> None:
    raise Refused(what)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or len(pairs) > MEMBERS:
        raise Refused("a key twice, or too many")
    return found


def _integer(text: str) -> int:
    if len(text) > DIGITS or abs(float(text)) >= 2**63:
        raise Refused("a number out of range")
    return int(text)


def _number(text: str) -> float:
    if len(text) > DIGITS or abs(float(text)) == float("inf"):
        raise Refused("a number out of range")
    return float(text)


def _count(value: Any, depth: int) -> int:
    """Keys and values; looks at texts on the way."""
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, (dict, list)):
        return 1
    if depth > DEPTH:
        raise Refused("nested too deeply")
    if isinstance(value, list):
        return 1 + sum(_count(each, depth + 1) for each in value)
    return 1 + sum(_text(key) + _count(each, depth + 1) for key, each in value.items())


def _text(text: str) -> int:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused("NUL or half a surrogate pair")
    return 1
