"""Announcements on request: genuine, repeated, forged, raw, or any bytes at all.

    {"topic": "amazon-linux-2023", "message": {...} or "text", "subject": "...",
     "message_id": "...", "timestamp": "...", "signature_version": "1",
     "attributes": {"name": {"DataType": "String", "StringValue": "..."}},
     "release": "2023.9.20251027.0", "regions": ["eu-west-1"],
     "forge": "signature", "patch": {"SigningCertURL": "..."},
     "queue": "...", "raw": false, "copies": 1, "body": "any text", "images": false}

``topic`` is an ARN or one of TOPICS' short names.  ``release`` and ``regions`` make the message
(see releases.py) where ``message`` is absent.  ``forge`` is one of envelope.FORGERIES (``key``:
signed by a stranger); ``patch`` replaces members after signing, null removes one.  ``queue``
delivers there alone, subscribed or not; ``body`` is put there as it is.  The same announcement
with the same ``message_id`` and ``timestamp`` is SNS delivering again.  The images that it names
are registered with EC2, unless ``images`` is false; those of a forgery are only when it is true.
"""

from __future__ import annotations

import json
from typing import Any

from . import envelope, releases, sns
from .certificate import Signer
from .errors import Refused
from .message_queue import Message
from .world import World

TOPICS = {
    "amazon-linux-2": "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates",
    "amazon-linux-2023": "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates",
    "windows": "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update",
    "windows-withdrawn": "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private",
    "freebsd": "arn:aws:sns:us-east-1:782442783595:FreeBSDAMI",
}


def topic_arn(name: str) -> str:
    """The ARN behind a short name; an ARN is itself."""
    arn = TOPICS.get(name, name)
    if len(arn.split(":")) != 6:
        raise Refused(f"unknown topic {name!r}: an ARN, or one of {', '.join(TOPICS)}")
    return arn


def announce(world: World, given: dict[str, Any]) -> dict[str, Any]:
    """Publishes as asked; the ids, and the text that was delivered."""
    if "body" in given:
        return _put_body(world, given)
    notice = _notice(given)
    if given.get("images", "forge" not in given):
        _register(world, notice)
    sealed = envelope.seal(notice, Signer() if given.get("forge") == "key" else world.sns.signer)
    if given.get("forge") not in (None, "key"):
        sealed = envelope.forge(sealed, given["forge"])
    if given.get("forge") == "key":
        sealed["SigningCertURL"] = world.sns.signer.url(notice.region)
    sealed = {name: value for name, value in {**sealed, **given.get("patch", {})}.items()
              if value is not None}
    delivered: list[str] = []
    for _ in range(given.get("copies", 1)):
        delivered += _deliver(world, given, notice, sealed)
    return {"message_id": notice.message_id, "timestamp": notice.timestamp,
            "sqs_message_ids": delivered, "envelope": envelope.write(sealed)}


def _notice(given: dict[str, Any]) -> envelope.Notice:
    topic = topic_arn(given["topic"])
    message, subject = given.get("message"), given.get("subject")
    if message is None:
        message, title = releases.announcement(topic, given["release"],
                                               given.get("regions", releases.REGIONS))
        subject = subject or title
    if not isinstance(message, str):
        message = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    chosen = {name: given[name] for name in ("message_id", "timestamp", "attributes")
              if name in given}
    return envelope.Notice(topic, message, subject,
                           version=given.get("signature_version", "1"), **chosen)


def _register(world: World, notice: envelope.Notice) -> None:
    """The images of an announcement in the shape v1; of others none."""
    try:
        regions = json.loads(notice.message)["v1"]["Regions"]
        named = [(region, image["ImageId"], image["Name"])
                 for region, images in regions.items() for image in images]
    except (ValueError, LookupError, TypeError, AttributeError):
        return
    for region, image_id, name in named:
        world.ec2.register(region, image_id, name, notice.topic.split(":")[4])


def _deliver(world: World, given: dict[str, Any], notice: envelope.Notice,
             sealed: dict[str, Any]) -> list[str]:
    if "queue" not in given and not given.get("raw"):
        return world.sns.deliver(notice, sealed)
    queue = world.queue(given.get("queue"))
    if queue is None:
        raise Refused(f"no queue {given.get('queue')!r}")
    return [sns.put(queue, notice, envelope.write(sealed), given.get("raw", False))]


def _put_body(world: World, given: dict[str, Any]) -> dict[str, Any]:
    queue = world.queue(given.get("queue"))
    if queue is None:
        raise Refused(f"no queue {given.get('queue')!r}")
    ids = []
    for _ in range(given.get("copies", 1)):
        message = Message(given["body"], system={"SenderId": sns.SENDER_ID})
        queue.put(message)
        ids.append(message.message_id)
    return {"sqs_message_ids": ids}
