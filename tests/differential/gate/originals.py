"""Genuine messages, each by its number: what SNS would send, signed with a test key."""

from __future__ import annotations

import dataclasses
import functools
import random
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.hostile.catalogue import certificates, notary

from . import signers
from .question import Question

MOMENT = datetime(2026, 8, 18, 1, 0, 0, 123000)
AUTHORITY = certificates.Authority(MOMENT)
DAY_S = 24 * 3600
REGIONS = [*((region, "aws") for region in sorted(signers.FIRST)), ("af-south-1", "aws"),
           ("mx-central-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"),
           ("us-gov-east-1", "aws-us-gov"), ("cn-northwest-1", "aws-cn"),
           ("eusc-de-east-1", "aws-eusc"), ("us-iso-east-1", "aws-iso"),
           ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
           ("us-isof-south-1", "aws-iso-f")]
NAMES = ("ami-updates", "A", "x" * 256, "Corp_Linux-2", "first-in.fifo")
SUBJECTS = (None, None, "Golden image update", "x" * 100, "🐧 é \\ \" /", "null")
MESSAGES = ("{}", "", "prose", "a\nb\r\nc\t", "🐧 é \u2028 \x7f \\ \" /", '{"v1": {"Regions": {}}}',
            "Message\nx\nMessageId\ny\n", "x" * 3000)
TYPES = ("Notification",) * 12 + ("SubscriptionConfirmation", "UnsubscribeConfirmation")


@dataclasses.dataclass
class Draft:
    """A message that is being made, and all that is around it.

    signer: who signs it, a key of the catalogue; None: it is not signed again.
    """

    fields: dict[str, Any]
    topics: list[tuple[str, str]]
    pem: bytes
    moment: datetime
    now_ms: int
    max_age_s: int = 15 * DAY_S
    is_lambda: bool = False
    signer: str | None = None
    style: dict[str, Any] = dataclasses.field(default_factory=dict)  # of json.dumps

    def question(self, body: bytes) -> Question:
        return Question(body, self.pem, self.topics, self.max_age_s, self.now_ms, self.is_lambda)

    @property
    def place(self) -> tuple[str, str]:
        """Partition and region."""
        return signers.parts(self.topics[0][0]) or ("aws", "us-east-1")

    @property
    def url_key(self) -> str:
        return "SigningCertUrl" if self.is_lambda else "SigningCertURL"


def sign(draft: Draft) -> None:
    """Signs the fields as they are; those that SNS would not sign stay as they were."""
    fields = draft.fields
    if fields.get("Type") in notary.SIGNED and fields.get("SignatureVersion") in notary.DIGESTS:
        fields["Signature"] = notary.sign(fields, draft.signer or "signer")


@functools.cache
def pem_of(name: str) -> bytes:
    return certificates.pem(AUTHORITY.certificate(name)).encode()


@functools.lru_cache(maxsize=8)
def original(number: int) -> Draft:
    """To be copied before it is changed."""
    some = random.Random(f"original {number}")
    region, partition = some.choice(REGIONS)
    arn = f"arn:{partition}:sns:{region}:{some.randrange(10**11, 10**12)}:{some.choice(NAMES)}"
    host, name = signers.signer(partition, region)
    moment = MOMENT + timedelta(milliseconds=some.randrange(-20, 20))
    kind = some.choice(TYPES)
    fields = {"Type": kind, "MessageId": str(uuid.UUID(int=some.getrandbits(128))),
              "TopicArn": arn, "Subject": some.choice(SUBJECTS), "Message": some.choice(MESSAGES),
              "Timestamp": notary.stamp(moment), "SignatureVersion": some.choice("12"),
              "Token": "2336412f37fb687f", "SubscribeURL": f"https://{host}/?Action=Confirm"}
    gone = ("Token", "SubscribeURL") if kind == "Notification" else ("Subject",)
    fields = {key: value for key, value in fields.items()
              if key not in gone and value is not None}
    draft = Draft(fields, [(arn, "any"), (f"{arn[:-1]}z", "2")], pem_of(name), moment,
                  now_ms(moment) + some.choice((0, 10_000, 3600_000)), is_lambda=some.random() < .2)
    sign(draft)
    fields[draft.url_key] = f"https://{host}/SimpleNotificationService-" \
                            f"{some.getrandbits(128):032x}.pem"
    fields["UnsubscribeURL"] = f"https://{host}/?Action=Unsubscribe"
    if draft.is_lambda:
        fields.setdefault("Subject", None)
    return draft


def now_ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=timezone.utc).timestamp()) * 1000 + moment.microsecond // 1000


def copy(draft: Draft) -> Draft:
    return dataclasses.replace(draft, fields=dict(draft.fields), topics=list(draft.topics),
                               style=dict(draft.style))
