"""What is done to an envelope once it is text: as JSON, and as bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NUMBERS = ("0", "-0", "1e400", "-1e400", "1e308", "1e-400", "9223372036854775807", "1E+2", "1e",
           "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "00", "01", "+1",
           "9223372036854775295", "9223372036854774784", "-9223372036854775807", "1.", ".5", "-",
           "0x10", "NaN", "Infinity", "-Infinity", "1" * 64, "1" * 65, "0." + "1" * 62,
           "0." + "1" * 63, "1.5e3", "9223372036854775808.0", "9.3e18", "1_000", "१", "1e0001")
OTHERS = ("null", "true", "false", "True", "nul", "null0", "'x'", "x", "[]", "{}", "[,]", "[1,]",
          "", '{"a":1,}', '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"a":{"b":[]},"b":1}', "[1 2]",
          '"\\ud83d\\udc27"', '"\\ud83d"', '"\\udc27"', '"\\ud83d\\ud83d"', '"\\u0000"', '"\\u00"',
          '"\\x41"', '"\\u00e9"', '"\\/"', '"\\\\u0000"', '"\t"', '"\\u007f"', '"\\uFEFF"',
          '"\\u+041"', '"\\u 041"', '"\\uD83D\\uDC27"', '{"\\u0000":1}', '{"\\ud83d":1}', '{1:1}',
          '{"a" 1}', '{"a":}', '"a" "b"', "/**/1", "1//", "[1]x", '"', "[", "{", "]", "}")
BYTES = (b"\0", b"\xff", b"\xc0\xaf", b"\xc0\x80", b"\xed\xa0\xbd", b"\xf4\x90\x80\x80",
         b"\xf0\x9f", b"\xe9", b"\xef\xbb\xbf", b"\xc2\x80", b"\xe2\x80\xa8", b"\xed\x9f\xbf",
         b"\xee\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xe0\x80\xaf", b"\x7f", b"\x0b", b"\x0c", b"\x1f",
         b" ", b"\n", b"\\", b'"', b",", b"{", b"}", b"\\u0000", b"\\ud83d", b"\xc2\xa0",
         b"\xe3\x80\x80")
ENDS = ("\0", "x", "{}", ",", "]", "}", "\n", " \t\r\n", "\v", "\ufeff", "//", "null")
AT_EDGE = ((31, 1), (32, 1), (33, 1), (100, 1), (1, 255), (1, 256), (1, 257), (1, 3000))

TextChange = Callable[[str, Random], str]


def escape(text: str, some: Random) -> str:
    """Some letters of strings written with escapes: it says the same."""
    def letters(found: re.Match[str]) -> str:
        return re.sub(r"\\.|.", lambda each: _escaped(each[0], some), found[0][1:-1])
    share = some.random() < .5
    return STRING.sub(lambda found: f'"{letters(found)}"' if share else found[0], text, count=12)


def _escaped(letter: str, some: Random) -> str:
    if letter.startswith("\\") or some.random() < .8:
        return letter
    units = letter.encode("utf-16-be").hex()
    units = units.upper() if some.random() < .5 else units
    return "".join(f"\\u{units[at:at + 4]}" for at in range(0, len(units), 4))


def add_member(text: str, some: Random) -> str:
    value = some.choice((*NUMBERS, *OTHERS))
    name = some.choice(('"x"', '"x"', '"Type"', '"\\u0054ype"', '"type"', '"Subject"', '""',
                        '"Message\\u0000"', '"MessageAttributes"', "x", "'x'", "1"))
    return _insert(text, f"{name}:{value}", some)


def add_edge(text: str, some: Random) -> str:
    """As deep, or with as many members, as is allowed, and a bit more."""
    depth, members = some.choice(AT_EDGE)
    inside = ",".join(f'"{number}":{number}' for number in range(members))
    opening, closing = some.choice((("[", "]"), ('{"a":', "}")))
    return _insert(text, f'"deep":{opening * (depth - 2)}{{{inside}}}{closing * (depth - 2)}', some)


def add_many(text: str, some: Random) -> str:
    """About as many values as are allowed."""
    count = some.choice((65000, 65500, 65510, 65520, 65530, 65536, 70000))
    return _insert(text, f'"many":[{"0," * count}0]', some)


def twice(text: str, some: Random) -> str:
    """A member stands there again, perhaps with another value."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if not whole or not isinstance(whole, dict):
        return text
    name, value = some.choice(list(whole.items()))
    return _insert(text, f"{json.dumps(name)}:{json.dumps(some.choice((value, 'x', None)))}", some)


def _insert(text: str, member: str, some: Random) -> str:
    at = some.choice((text.find("{") + 1, text.rfind("}")))
    before = text[:at].rstrip()
    left = "" if before.endswith("{") else ","
    right = "," if not left and not text[at:].lstrip().startswith("}") else ""
    return f"{text[:at]}{left}{member}{right}{text[at:]}"


def spaces(text: str, some: Random) -> str:
    """Between what it is made of: JSON's own, and others."""
    space = some.choice((" ", "\n", "\t", "\r", "\r\n", "\v", "\f", "\u00a0", "\u2028", "/**/"))
    mark = some.choice((":", ",", "{", "}"))
    return text.replace(mark, some.choice((mark + space, space + mark)), some.choice((1, -1)))


def around(text: str, some: Random) -> str:
    end = some.choice(ENDS)
    return some.choice((text + end, end + text, f"[{text}]", json.dumps(text), text * 2))


def cut(text: str, some: Random) -> str:
    return text[:some.randrange(len(text) + 1)] if some.random() < .7 else text[some.randrange(9):]


def other_value(text: str, some: Random) -> str:
    """A value is another, of any kind, or nearly one."""
    found = [each for each in STRING.finditer(text) if text[:each.start()].endswith((":", ": "))]
    if not found:
        return text
    each = some.choice(found)
    return text[:each.start()] + some.choice((*NUMBERS, *OTHERS)) + text[each.end():]


def grow(text: str, some: Random) -> str:
    return text.ljust(1024 * 1024 + some.choice((-1, 0, 1, 100)) - len(text.encode()) + len(text))


TEXT: tuple[TextChange, ...] = (escape, escape, escape, add_member, add_member, add_edge, twice,
                                spaces, around, cut, other_value, other_value)
LARGE: tuple[TextChange, ...] = (grow, add_many)


def spoil(body: bytes, some: Random) -> bytes:
    """A few bytes more, less, or others."""
    for _ in range(some.choice((1, 1, 2, 5))):
        at = some.randrange(len(body) + 1)
        more = some.choice((some.choice(BYTES), some.randbytes(1), b"", body[at:at + 20]))
        body = body[:at] + more + body[at + some.choice((0, 1, 1, 2, 20)):]
    return body
