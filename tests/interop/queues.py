"""A queue on a server that others wrote, looked at and filled through boto3."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

_PATIENCE_S = 30
_DEAD_POLLS = 3
_LOOK_AGAIN_S = 0.1


class Queue:
    """A queue of its own for each test, with a queue for what was received too often."""

    def __init__(self, sqs: Any, max_receives: int = 5) -> None:
        self._sqs = sqs
        self.name = f"announcements-{uuid.uuid4()}"
        self._max_receives = max_receives
        self.make()

    def make(self) -> None:
        self._dead = self._sqs.create_queue(QueueName=f"{self.name}-dead")["QueueUrl"]
        policy = {"deadLetterTargetArn": self._attributes(self._dead, "QueueArn")["QueueArn"],
                  "maxReceiveCount": str(self._max_receives)}
        self._url = self._sqs.create_queue(
            QueueName=self.name, Attributes={"RedrivePolicy": json.dumps(policy)})["QueueUrl"]

    @property
    def url(self) -> str:
        """As a worker is told it: by the names of AWS, wherever its requests are sent."""
        return f"https://sqs.eu-west-1.amazonaws.com/{self._url.split('/')[-2]}/{self.name}"

    @property
    def arn(self) -> str:
        return self._attributes(self._url, "QueueArn")["QueueArn"]

    def send(self, *bodies: str) -> None:
        """In one request, as one receive may bring them."""
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
        assert not self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed")

    def glance(self) -> None:
        """Receives a message and lets it be seen again at once."""
        found = self._sqs.receive_message(QueueUrl=self._url, VisibilityTimeout=0)
        assert len(found["Messages"]) == 1

    def dead_letter(self) -> str:
        """The body of the first message that goes there."""
        for _ in range(_DEAD_POLLS):
            found = self._sqs.receive_message(QueueUrl=self._dead, WaitTimeSeconds=20)
            if found.get("Messages"):
                return found["Messages"][0]["Body"]
        raise AssertionError("no dead letter came")

    def wait(self, *, visible: int = 0, in_flight: int = 0) -> None:
        """Until so many messages are there, and no others."""
        wanted, end = (visible, in_flight), time.monotonic() + _PATIENCE_S
        while (seen := self._counts()) != wanted:
            assert time.monotonic() < end, f"(visible, in flight) is {seen}, not {wanted}"
            time.sleep(_LOOK_AGAIN_S)

    def _counts(self) -> tuple[int, int]:
        said = self._attributes(self._url, "ApproximateNumberOfMessages",
                                "ApproximateNumberOfMessagesNotVisible")
        return (int(said["ApproximateNumberOfMessages"]),
                int(said["ApproximateNumberOfMessagesNotVisible"]))

    def _attributes(self, url: str, *names: str) -> dict[str, str]:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
