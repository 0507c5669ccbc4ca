"""SNS envelopes as SQS receives them, genuine and forged.

Source: "Amazon SNS message and JSON formats" and "Verifying the signatures of Amazon SNS
messages", SNS developer guide.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from .certificate import Signer
from .errors import Refused

FORGERIES = ("signature", "key", "message", "topic", "subject", "message_id", "timestamp",
             "version", "cert_url")


@dataclass
class Notice:
    """What is published: the signed fields, and the attributes, which are not signed."""

    topic: str
    message: str
    subject: str | None = None
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    timestamp: str = field(default_factory=lambda: timestamp())
    version: str = "1"
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.topic.split(":")[3]


def timestamp(moment: float | None = None) -> str:
    """A moment as SNS writes it: milliseconds and Z."""
    moment = time.time() if moment is None else moment
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{whole}.{int(moment * 1000) % 1000:03d}Z"


def string_to_sign(notice: Notice) -> str:
    fields = {"Message": notice.message, "MessageId": notice.message_id,
              "Subject": notice.subject, "Timestamp": notice.timestamp,
              "TopicArn": notice.topic, "Type": "Notification"}
    return "".join(f"{name}\n{value}\n" for name, value in fields.items() if value is not None)


def seal(notice: Notice, signer: Signer) -> dict[str, Any]:
    """The signed envelope, members in the order in which SNS writes them."""
    region, account = notice.topic.split(":")[3:5]
    envelope = {
        "Type": "Notification", "MessageId": notice.message_id, "TopicArn": notice.topic,
        "Subject": notice.subject, "Message": notice.message, "Timestamp": notice.timestamp,
        "SignatureVersion": notice.version,
        "Signature": signer.sign(string_to_sign(notice), notice.version),
        "SigningCertURL": signer.url(region),
        "UnsubscribeURL": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
                          f"arn:aws:sns:{region}:{account}:local:{notice.message_id}",
    }
    if notice.subject is None:
        del envelope["Subject"]
    if notice.attributes:
        envelope["MessageAttributes"] = {
            name: {"Type": value["DataType"], "Value": value.get("StringValue")
                   or value.get("BinaryValue")} for name, value in notice.attributes.items()}
    return envelope


def forge(envelope: dict[str, Any], how: str) -> dict[str, Any]:
    """Spoils a genuine envelope in one way; all but ``cert_url`` break its signature."""
    forged = dict(envelope)
    if how == "signature":
        text = forged["Signature"]
        forged["Signature"] = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    elif how == "message":
        forged["Message"] = forged["Message"].replace("ami-0", "ami-e", 1) + " "
    elif how == "topic":
        forged["TopicArn"] += "-evil"
    elif how == "subject":
        forged["Subject"] = forged.get("Subject", "") + "!"
    elif how == "message_id":
        forged["MessageId"] = str(uuid.uuid4())
    elif how == "timestamp":
        forged["Timestamp"] = timestamp(time.time() - 1)
    elif how == "version":
        forged["SignatureVersion"] = "2" if forged["SignatureVersion"] == "1" else "1"
    elif how == "cert_url":
        forged["SigningCertURL"] = forged["SigningCertURL"].replace(
            ".amazonaws.com/", ".amazonaws.com.example.net/")
    else:
        raise Refused(f"unknown forgery {how!r}: one of {', '.join(FORGERIES)}")
    return forged


def write(envelope: dict[str, Any]) -> str:
    """The text that SNS puts into a queue: two spaces, and blanks around the colon."""
    return json.dumps(envelope, indent=2, separators=(",", " : "), ensure_ascii=False)
