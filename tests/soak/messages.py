"""What a queue gets over the years, mixed: genuine, forged, broken, and of something else.

Each message is given as the members of an SQS message that do not change with its delivery. What
takes time to make is made once and sent often; what has to be new every time (the ids of signed
messages and of executions, broken texts) is.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.cloud import announce, envelope, releases
from tests.cloud.certificate import Signer

TRACKED, STRANGE = "amazon-linux-2023", "amazon-linux-2"
REGIONS = ("eu-west-1", "us-east-1")
RELEASE_EVERY = 10_000  # messages
POOL = 40               # of each kind that is sent often; every tenth names all regions
SHARES = {"redelivered": 30, "again": 15, "strange": 5, "forged": 25, "junk": 10, "event": 15}
JUNK = ('{"Type": "Notification"', '{"Type": "Notification", "Message": %d}', "[" * 40 + "%d",
        '{"a": {"b": ["%d"]}}', "%d and no JSON at all", '{"Type": "Notification", "Type": "%d"}',
        '"\\ud800%d"', "\u0661%d\u2028", '{"source": "aws.codepipeline", "detail": %d}')


@dataclass(frozen=True)
class Message:
    """members: MD5OfBody and Body, as JSON without braces; leaves: the worker must delete it."""

    members: bytes
    leaves: bool


def message(body: str, leaves: bool = True) -> Message:
    digest = hashlib.md5(body.encode()).hexdigest()
    return Message(f'"MD5OfBody":"{digest}","Body":{json.dumps(body)}'.encode(), leaves)


class Mix:
    """So many messages, drawn from one generator; ``new`` are the envelopes of new releases."""

    def __init__(self, total: int, new: list[str], seed: int = 1) -> None:
        self.total = total
        self.signer = Signer()
        self._new = [message(text) for text in new]
        self._random = random.Random(seed)
        self._redelivered = [message(self._announcement(TRACKED, n)) for n in range(POOL)]
        self._strange = [message(self._announcement(STRANGE, n), False) for n in range(POOL)]
        self._forged = [self._forgery(n) for n in range(POOL)]

    def __iter__(self) -> Iterator[Message]:
        kinds: dict[str, Callable[[], Message]] = {
            name: getattr(self, f"_make_{name}") for name in SHARES}
        names, weights = list(kinds), list(SHARES.values())
        for number in range(self.total):
            if number % RELEASE_EVERY:
                yield kinds[self._random.choices(names, weights)[0]]()
            else:
                yield self._new[number // RELEASE_EVERY]

    # What is drawn.

    def _make_redelivered(self) -> Message:
        return self._random.choice(self._redelivered)

    def _make_again(self) -> Message:
        """A release that is long over, announced anew."""
        return message(self._announcement(TRACKED, 1 + self._random.randrange(POOL) * 10))

    def _make_strange(self) -> Message:
        """Signed in earnest, on a topic that nobody listens to."""
        return self._random.choice(self._strange)

    def _make_forged(self) -> Message:
        if self._random.random() < 0.5:
            return self._random.choice(self._forged)
        signature = base64.b64encode(self._random.randbytes(256)).decode()
        return message(envelope.write({**self._sealed(TRACKED, 1), "Signature": signature}), False)

    def _make_junk(self) -> Message:
        text = self._random.choice(JUNK)
        return message(text % self._random.getrandbits(60) if "%d" in text else text, False)

    def _make_event(self) -> Message:
        """Of an execution that nobody knows."""
        return message(json.dumps({
            "version": "0", "id": self._uuid(), "account": "111122223333", "region": REGIONS[0],
            "detail-type": "CodePipeline Pipeline Execution State Change",
            "source": "aws.codepipeline", "time": "2026-01-01T00:00:00Z", "resources": [],
            "detail": {"pipeline": "another", "execution-id": self._uuid(), "version": 1.0,
                       "state": "STARTED"}}))

    # How it is made.

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _announcement(self, publisher: str, number: int) -> str:
        return envelope.write(self._sealed(publisher, number))

    def _sealed(self, publisher: str, number: int) -> dict:
        topic = announce.TOPICS[publisher]
        version = f"{'2.0' if publisher == STRANGE else '2023.8'}.{_day(2022, number)}.0"
        where = releases.REGIONS if number % 10 == 0 else REGIONS
        body, subject = releases.announcement(topic, version, where)
        return envelope.seal(
            envelope.Notice(topic, body, subject, message_id=self._uuid(),
                            version=self._random.choice("12")), self.signer)

    def _forgery(self, number: int) -> Message:
        kinds = [kind for kind in envelope.FORGERIES if kind != "key"]
        forged = envelope.forge(self._sealed(TRACKED, number), kinds[number % len(kinds)])
        return message(envelope.write(forged), False)


def new_releases(total: int) -> list[str]:
    """The versions that are announced for the first time, oldest first."""
    return [f"2023.9.{_day(2024, number)}.0"
            for number in range((total - 1) // RELEASE_EVERY + 1)]


def _day(year: int, number: int) -> str:
    """So many days after its first, as versions have it."""
    return f"{datetime.date(year, 1, 1) + datetime.timedelta(number):%Y%m%d}"
