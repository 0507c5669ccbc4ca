"""Amazon SNS: topics, subscriptions of queues, and publishing with real signatures.

Source: Amazon SNS API reference, 2010-03-31.  Topics of other accounts (the public AMI topics)
exist from the start; nobody can list them, anybody can subscribe a queue to them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import envelope
from .certificate import Signer
from .errors import AwsError
from .message_queue import Message, Queue
from .service import AwsCall

PUBLIC_TOPICS = (
    "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates",
    "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates",
    "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update",
    "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private",
    "arn:aws:sns:us-east-1:782442783595:FreeBSDAMI",
)
MAX_SUBJECT, MAX_BYTES = 100, 256 * 1024
SENDER_ID = "AIDAIT2UOQQY3AUEKVGXU"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass
class Subscription:
    arn: str
    topic: str
    owner: str
    queue: Queue
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bool:
        return self.attributes.get("RawMessageDelivery") == "true"


@dataclass
class Topic:
    arn: str
    attributes: dict[str, str] = field(default_factory=dict)
    publishers: set[str] = field(default_factory=set)


class Sns:
    """The topics of every region, and who listens to them."""

    def __init__(self, find_queue: Callable[[str], Queue | None]) -> None:
        self.signer = Signer()
        self.published: list[dict[str, Any]] = []
        self._find_queue = find_queue
        self._topics: dict[str, Topic] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self.clear()

    def clear(self) -> None:
        self.published: list[dict[str, Any]] = []
        self._topics = {arn: Topic(arn) for arn in PUBLIC_TOPICS}
        self._subscriptions = {}

    def topic(self, arn: str) -> Topic:
        """The topic of that ARN, made if it is not there."""
        return self._topics.setdefault(arn, Topic(arn))

    def listen(self, topic: str, queue: Queue, owner: str,
               attributes: dict[str, str] | None = None) -> Subscription:
        """Subscribes a queue; the same pair again is the same subscription."""
        for known in self._subscriptions.values():
            if known.topic == topic and known.queue is queue:
                return known
        arn = f"{topic}:{uuid.uuid4()}"
        self._subscriptions[arn] = Subscription(arn, topic, owner, queue, attributes or {})
        return self._subscriptions[arn]

    def deliver(self, notice: envelope.Notice, sealed: dict[str, Any] | None = None) -> list[str]:
        """Puts a notice into every subscribed queue; the ids that SQS gives the copies."""
        text = envelope.write(sealed or envelope.seal(notice, self.signer))
        return [put(subscription.queue, notice, text, subscription.raw)
                for subscription in self._subscriptions.values()
                if subscription.topic == notice.topic]

    # The operations.

    def create_topic(self, call: AwsCall) -> dict[str, Any]:
        name = call.params["Name"]
        if not _NAME.fullmatch(name):
            raise AwsError("InvalidParameter", "Invalid parameter: Topic Name")
        topic = self.topic(f"arn:aws:sns:{call.region}:{call.account}:{name}")
        topic.attributes.update(call.params.get("Attributes", {}))
        return {"TopicArn": topic.arn}

    def set_topic_attributes(self, call: AwsCall) -> None:
        topic = self._known(call, call.params["TopicArn"])
        topic.attributes[call.params["AttributeName"]] = call.params.get("AttributeValue", "")

    def get_topic_attributes(self, call: AwsCall) -> dict[str, Any]:
        topic = self._known(call, call.params["TopicArn"])
        owner = topic.arn.split(":")[4]
        return {"Attributes": {"TopicArn": topic.arn, "Owner": owner, "SignatureVersion": "1",
                               **topic.attributes}}

    def subscribe(self, call: AwsCall) -> dict[str, Any]:
        topic = self._known(call, call.params["TopicArn"])
        queue = self._find_queue(call.params.get("Endpoint", ""))
        if call.params["Protocol"] != "sqs" or queue is None:
            raise AwsError("InvalidParameter", "Invalid parameter: SQS endpoint ARN")
        attributes = call.params.get("Attributes", {})
        return {"SubscriptionArn": self.listen(topic.arn, queue, call.account, attributes).arn}

    def unsubscribe(self, call: AwsCall) -> None:
        self._subscriptions.pop(call.params["SubscriptionArn"], None)

    def get_subscription_attributes(self, call: AwsCall) -> dict[str, Any]:
        subscription = self._subscriptions.get(call.params["SubscriptionArn"])
        if subscription is None:
            raise AwsError("NotFound", "Subscription does not exist", 404)
        return {"Attributes": {
            "SubscriptionArn": subscription.arn, "TopicArn": subscription.topic,
            "Owner": subscription.owner, "Protocol": "sqs", "Endpoint": subscription.queue.arn,
            "PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true",
            "RawMessageDelivery": "false", **subscription.attributes}}

    def list_subscriptions(self, call: AwsCall) -> dict[str, Any]:
        """The caller's own; ListSubscriptionsByTopic is denied on a public topic."""
        return {"Subscriptions": [
            {"SubscriptionArn": each.arn, "Owner": each.owner, "Protocol": "sqs",
             "Endpoint": each.queue.arn, "TopicArn": each.topic}
            for each in self._subscriptions.values() if each.topic.split(":")[3] == call.region]}

    def publish(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        topic = self._known(call, params.get("TopicArn") or params.get("TargetArn", ""))
        if call.account not in {topic.arn.split(":")[4], *topic.publishers}:
            raise AwsError("AuthorizationError", "User is not authorized to perform: SNS:Publish "
                           f"on resource: {topic.arn}", 403)
        _check_publish(params)
        attributes = params.get("MessageAttributes", {})
        notice = envelope.Notice(
            topic.arn, _for_queues(params), params.get("Subject"),
            version=topic.attributes.get("SignatureVersion", "1"), attributes=attributes)
        self.published.append({
            "topic": topic.arn, "account": call.account, "region": call.region,
            "message_id": notice.message_id, "subject": notice.subject,
            "message": params["Message"], "structure": params.get("MessageStructure"),
            "attributes": {name: value.get("StringValue") for name, value in attributes.items()}})
        self.deliver(notice)
        return {"MessageId": notice.message_id}

    def _known(self, call: AwsCall, arn: str) -> Topic:
        parts = arn.split(":")
        if len(parts) != 6 or parts[3] != call.region:
            raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
        if arn not in self._topics:
            raise AwsError("NotFound", "Topic does not exist", 404)
        return self._topics[arn]


def _check_publish(params: dict[str, Any]) -> None:
    """Raises what SNS has against a message, its subject, or its attributes."""
    subject, attributes = params.get("Subject"), params.get("MessageAttributes", {})
    if not params["Message"]:
        raise AwsError("InvalidParameter", "Invalid parameter: Empty message")
    if subject is not None and (not 1 <= len(subject) < MAX_SUBJECT or not subject.isprintable()):
        raise AwsError("InvalidParameter", "Invalid parameter: Subject")
    for name, value in attributes.items():
        if value.get("DataType", "").split(".")[0] not in ("String", "Number", "Binary") or not (
                value.get("StringValue") or value.get("BinaryValue")):
            raise AwsError("ParameterValueInvalid", f"The message attribute '{name}' must contain "
                           "a non-empty value of a type that is supported.")
    texts = [part for name, value in attributes.items()
             for part in (name, value["DataType"], str(value.get("StringValue", "")))]
    if len(params["Message"].encode()) + sum(len(text.encode()) for text in texts) > MAX_BYTES:
        raise AwsError("InvalidParameter", "Invalid parameter: Message too long")


def _for_queues(params: dict[str, Any]) -> str:
    """The text for queues: with MessageStructure json, the one for sqs or the default."""
    if "MessageStructure" not in params:
        return params["Message"]
    try:
        texts = json.loads(params["Message"])
    except ValueError:
        texts = None
    if params["MessageStructure"] != "json" or not isinstance(texts, dict):
        raise AwsError("InvalidParameter", "Invalid parameter: Message Structure - JSON message "
                       "body failed to parse")
    if not isinstance(texts.get("default"), str):
        raise AwsError("InvalidParameter", "Invalid parameter: Message Structure - No default "
                       "entry in JSON message body")
    return texts.get("sqs", texts["default"])


def put(queue: Queue, notice: envelope.Notice, text: str, raw: bool) -> str:
    """Puts one copy into a queue: the envelope, or with raw delivery the bare message."""
    message = Message(notice.message if raw else text, notice.attributes if raw else {},
                      {"SenderId": SENDER_ID})
    queue.put(message)
    return message.message_id
