"""What is done to the members of an envelope: before it is signed, and after."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.hostile.catalogue import notary

from . import originals
from .originals import Draft

Change = Callable[[Draft, Random], None]

VALUES = (None, "", 0, 1, -1, 2, 1.5, True, False, [], {}, ["Notification"], {"a": {}}, "null",
          " ", "\n", "x", "1", "2", "3", "01", "1 ", "٢", "é" * 100, "\x7f", "\u2028", "🐧")
# At the edges of what a form allows.
SUBJECTS = ("", "x" * 99, "x" * 100, "x" * 101, "é" * 100, "🐧" * 100, "🐧" * 101, "a\nb", "a\rb",
            "\t", "\x1f", "\x7f", "\x80", "\u2028", " ", "\x1b[2J", "null", "\ufeff")
TIMES = ("2010-01-01T00:00:00.000Z", "2009-12-31T23:59:59.999Z", "2999-12-31T23:59:59.999Z",
         "3000-01-01T00:00:00.000Z", "2028-02-29T01:02:03Z", "2026-02-29T01:02:03Z",
         "2100-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2026-08-18T01:00:00.1Z",
         "2026-08-18T01:00:00.12Z", "2026-08-18T01:00:00.1234Z", "2026-08-18T24:00:00Z",
         "2026-08-18T01:00:60Z", "2026-08-18T01:00:00.Z", "2026-08-18t01:00:00Z",
         "2026-08-18T01:00:00.123z", "2026-08-18T01:00:00+00:00", "2026-08-18T01:00:00",
         "20260818T010000Z", " 2026-08-18T01:00:00Z", "2026-08-18T01:00:00Z\n", "2026-8-18T1:0:0Z",
         "２026-08-18T01:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z")
UUIDS = ("5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b20", "5B8F6C1E-2A3D-5F47-9C0B-7D1E4A6F8B20",
         "00000000-0000-0000-0000-000000000000", "5b8f6c1e2a3d5f479c0b7d1e4a6f8b20",
         "5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b2g", "5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b20\n",
         "5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b2", "------------------------------------")


# Before: SNS signs what it would never send.

def odd_subject(draft: Draft, some: Random) -> None:
    draft.fields["Subject"] = some.choice(SUBJECTS)


def odd_timestamp(draft: Draft, some: Random) -> None:
    draft.fields["Timestamp"] = some.choice(TIMES)


def odd_message_id(draft: Draft, some: Random) -> None:
    draft.fields["MessageId"] = some.choice(UUIDS)


def other_version(draft: Draft, some: Random) -> None:
    draft.fields["SignatureVersion"] = some.choice("12")


def other_key(draft: Draft, some: Random) -> None:
    draft.signer = some.choice(("other", "ca"))


def near_the_edge(draft: Draft, some: Random) -> None:
    """A Timestamp about as old, or as far ahead, as is allowed."""
    edge = some.choice((timedelta(days=15), timedelta(minutes=-15), timedelta(0)))
    draft.moment += timedelta(milliseconds=some.choice((-1001, -1, 0, 1, 1000)))
    draft.fields["Timestamp"] = notary.stamp(draft.moment)
    draft.now_ms = originals.now_ms(draft.moment) + int(edge.total_seconds()) * 1000 + \
        some.choice((-1, 0, 1))


SIGNED: tuple[Change, ...] = (odd_subject, odd_timestamp, odd_message_id, other_version, other_key,
                              near_the_edge)


# After: what an attacker makes of it.

def fold(draft: Draft, some: Random) -> None:
    """A field swallows those that follow in the signed text, which stays the same."""
    names = [name for name in ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
             if isinstance(draft.fields.get(name), str)]
    if len(names) < 2:
        return
    at = some.randrange(len(names) - 1)
    for name in names[at + 1:at + 1 + some.choice((1, 1, 2, len(names)))]:
        draft.fields[names[at]] += f"\n{name}\n{draft.fields.pop(name)}"


def unfold(draft: Draft, some: Random) -> None:
    """What looked like fields in Message are fields now."""
    parts = f"Message\n{draft.fields.get('Message', '')}".split("\n")
    draft.fields |= dict(zip(parts[::2], parts[1::2], strict=False))


def set_field(draft: Draft, some: Random) -> None:
    draft.fields[_name(draft, some)] = some.choice(VALUES)


def drop_field(draft: Draft, some: Random) -> None:
    draft.fields.pop(_name(draft, some), None)


def spoil_field(draft: Draft, some: Random) -> None:
    name = _name(draft, some)
    draft.fields[name] = spoiled(str(draft.fields.get(name, "")), some)


def change_case(draft: Draft, some: Random) -> None:
    name = _name(draft, some)
    other = some.choice((name.lower(), name.upper(), name.swapcase(), f"{name} ", f" {name}"))
    draft.fields[other] = some.choice((draft.fields.get(name), "x", 1))
    if some.random() < .5:
        draft.fields.pop(name, None)


def both_spellings(draft: Draft, some: Random) -> None:
    url = draft.fields.get(draft.url_key)
    other = "SigningCertURL" if draft.is_lambda else "SigningCertUrl"
    draft.fields[other] = some.choice((url, url, f"{url}x", None, 1, ""))


def more_fields(draft: Draft, some: Random) -> None:
    """Unsigned, and so nothing to do with it."""
    draft.fields |= {some.choice(("MessageAttributes", "x", "Token", "SubscribeURL", "é", "",
                                  "UnsubscribeURL", "__proto__")): some.choice(VALUES)}


def swap_signature(draft: Draft, some: Random) -> None:
    other = originals.original(some.randrange(64))
    draft.fields["Signature"] = other.fields["Signature"]
    if some.random() < .3:
        draft.fields["SignatureVersion"] = other.fields["SignatureVersion"]


def swap_field(draft: Draft, some: Random) -> None:
    name, other = _name(draft, some), originals.original(some.randrange(64))
    draft.fields[name] = other.fields.get(name)


def in_another_order(draft: Draft, some: Random) -> None:
    items = list(draft.fields.items())
    some.shuffle(items)
    draft.fields = dict(items)


def other_signature(draft: Draft, some: Random) -> None:
    """Base64 of another kind or length, or of other bytes."""
    text = str(draft.fields.get("Signature", ""))
    size = some.choice((0, 1, 2, 3, 128, 255, 256, 257, 512, 1024, 1025))
    draft.fields["Signature"] = some.choice((
        text.rstrip("="), f"{text}=", f"{text}\n", f" {text}", text.replace("+", "-"),
        text.replace("/", "_"), f"{text[:76]}\n{text[76:]}", text * 2, f"{text[:-3]}B==",
        f"{text[:-3]}x==", text.swapcase(), f"{text[:8]}===={text[8:]}", "====", "=", "A",
        base64.b64encode(bytes(size)).decode(), base64.b64encode(some.randbytes(size)).decode()))


def other_url(draft: Draft, some: Random) -> None:
    partition, region = draft.place
    url = str(draft.fields.get(draft.url_key, ""))
    host, name = url[8:].split("/")[0], url.rsplit("/", 1)[-1]
    draft.fields[draft.url_key] = some.choice((
        url.replace("https", "http"), url.replace(region, "us-west-2"), f"{url}?x", f"{url}#x",
        url.replace(host, f"{host}.evil.test"), url.replace(host, f"{host}@evil.test"),
        url.replace(host, f"x@{host}"), url.replace(host, f"{host}:443"), url.upper(),
        url.replace(host, f"{host}."), url.replace(host, host.upper()), url.replace("//", "/"),
        url.replace(".pem", ".PEM"), url.replace(".pem", ""), f"{url}\n", f" {url}", f"{url}\0x",
        url.replace(name, f"x/../{name}"), url.replace(name, name.upper()), f"https://{host}/",
        url.replace(name, f"./{name}"), url[:-36] + f"{some.getrandbits(128):032x}.pem",
        url[:-36] + f"{some.getrandbits(120):031x}.pem", url[:-36] + "0" * 33 + ".pem",
        url.replace("amazonaws", "amazonav\u200bs"), url.replace("/", "\\"),
        url.replace("s", "ſ", 1),
        url.replace(".com", ".com.cn"), url.replace("https:", ""), url.replace("-", "%2d")))


def spoiled(text: str, some: Random) -> str:
    """A letter more, less, or another."""
    at = some.randrange(len(text) + 1)
    letter = some.choice(("", "x", " ", "\n", "\0", "0", "é", "\u200b", "\x7f", "=", ":", "🐧"))
    return text[:at] + letter + text[at + some.choice((0, 1, 1)):]


def _name(draft: Draft, some: Random) -> str:
    names = [*draft.fields, "Type", "TopicArn", "Subject", "Signature", draft.url_key]
    return some.choice(names)


AFTER: tuple[Change, ...] = (
    fold, fold, unfold, set_field, set_field, drop_field, spoil_field, spoil_field, change_case,
    both_spellings, more_fields, swap_signature, swap_field, in_another_order, other_signature,
    other_signature, other_url, other_url)
