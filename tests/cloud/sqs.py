"""Amazon SQS over its JSON protocol: standard queues.

Source: Amazon SQS API reference, 2012-11-05; error codes from the service model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .errors import AwsError
from .message_queue import BadHandle, Message, Queue
from .service import AwsCall, attributes_md5

MAX_BODY = 1024 * 1024
SENDER_ID = "AIDAEVERGOLDLOCALUSER"
_CONTENTS = re.compile(r"[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_BATCH_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SETTABLE = frozenset({
    "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "Policy",
    "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout", "RedrivePolicy", "RedriveAllowPolicy",
    "SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"})


class Sqs:
    """The queues of every account and region."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._queues: dict[tuple[str, str, str], Queue] = {}

    # What the rest of the local AWS asks for.

    def queues(self) -> list[Queue]:
        return list(self._queues.values())

    def make(self, name: str, region: str, account: str, attributes: dict[str, str]) -> Queue:
        """The queue of that name, made if it is not there."""
        key = (account, region, name)
        if key not in self._queues:
            self._queues[key] = Queue(name, region, account, attributes, self._notify)
            self._queues[key].dead_letters = self.by_arn
        return self._queues[key]

    def by_arn(self, arn: str) -> Queue | None:
        return next((queue for queue in self._queues.values() if queue.arn == arn), None)

    def by_name(self, name: str, region: str | None = None) -> Queue | None:
        """The queue with that name, ARN or URL; the region decides between namesakes."""
        name = name.rstrip("/").replace(":", "/").rsplit("/", 1)[-1]
        return next((queue for (_, where, title), queue in self._queues.items()
                     if title == name and region in (None, where)), None)

    def clear(self) -> None:
        for queue in self._queues.values():
            queue.wake()
            queue.purge()
        self._queues.clear()

    # The operations.

    def create_queue(self, call: AwsCall) -> dict[str, Any]:
        name, attributes = call.params["QueueName"], call.params.get("Attributes", {})
        if not _NAME.fullmatch(name):
            raise AwsError("InvalidParameterValueException", "Can only include alphanumeric "
                           "characters, hyphens, or underscores. 1 to 80 in length")
        _check_attributes(attributes)
        queue = self._queues.get((call.account, call.region, name))
        if queue and any(queue.attributes.get(key) != value for key, value in attributes.items()):
            raise AwsError("QueueNameExists", "A queue already exists with the same name and a "
                           "different value for attribute")
        return {"QueueUrl": queue_url(self.make(name, call.region, call.account, attributes))}

    def get_queue_url(self, call: AwsCall) -> dict[str, Any]:
        owner = call.params.get("QueueOwnerAWSAccountId", call.account)
        queue = self._queues.get((owner, call.region, call.params["QueueName"]))
        if queue is None:
            raise _no_queue()
        return {"QueueUrl": queue_url(queue)}

    def list_queues(self, call: AwsCall) -> dict[str, Any]:
        prefix = call.params.get("QueueNamePrefix", "")
        urls = [queue_url(queue) for (account, region, name), queue in self._queues.items()
                if (account, region) == (call.account, call.region)
                and name.startswith(prefix)]
        return {"QueueUrls": urls} if urls else {}

    def get_queue_attributes(self, call: AwsCall) -> dict[str, Any]:
        queue = self._queue(call)
        wanted = call.params.get("AttributeNames", [])
        every = _attributes(queue)
        chosen = {name: value for name, value in every.items()
                  if name in wanted or "All" in wanted}
        return {"Attributes": chosen} if chosen else {}

    def set_queue_attributes(self, call: AwsCall) -> dict[str, Any]:
        _check_attributes(call.params["Attributes"])
        self._queue(call).attributes.update(call.params["Attributes"])
        return {}

    def send_message(self, call: AwsCall) -> dict[str, Any]:
        return self._send(self._queue(call), call.params)

    def send_message_batch(self, call: AwsCall) -> dict[str, Any]:
        queue = self._queue(call)
        return _batch(call.params["Entries"],
                      lambda entry: {"Id": entry["Id"], **self._send(queue, entry)})

    async def receive_message(self, call: AwsCall) -> dict[str, Any]:
        queue, params = self._queue(call), call.params
        most = _between(params, "MaxNumberOfMessages", 1, 10, 1)
        default_wait = queue.setting("ReceiveMessageWaitTimeSeconds", 0)
        wait = _between(params, "WaitTimeSeconds", 0, 20, default_wait)
        visibility = _between(params, "VisibilityTimeout", 0, 43200,
                              queue.setting("VisibilityTimeout", 30))
        taken = await queue.receive(most, wait, visibility)
        return {"Messages": [_received(message, params) for message in taken]} if taken else {}

    def delete_message(self, call: AwsCall) -> dict[str, Any]:
        _delete(self._queue(call), call.params["ReceiptHandle"])
        return {}

    def delete_message_batch(self, call: AwsCall) -> dict[str, Any]:
        queue = self._queue(call)

        def delete(entry: dict[str, Any]) -> dict[str, Any]:
            _delete(queue, entry["ReceiptHandle"])
            return {"Id": entry["Id"]}

        return _batch(call.params["Entries"], delete)

    def change_message_visibility(self, call: AwsCall) -> dict[str, Any]:
        _change_visibility(self._queue(call), call.params)
        return {}

    def change_message_visibility_batch(self, call: AwsCall) -> dict[str, Any]:
        queue = self._queue(call)

        def change(entry: dict[str, Any]) -> dict[str, Any]:
            _change_visibility(queue, {"VisibilityTimeout": 0, **entry})
            return {"Id": entry["Id"]}

        return _batch(call.params["Entries"], change)

    def purge_queue(self, call: AwsCall) -> dict[str, Any]:
        self._queue(call).purge()
        return {}

    def delete_queue(self, call: AwsCall) -> dict[str, Any]:
        queue = self._queue(call)
        del self._queues[queue.account, queue.region, queue.name]
        queue.wake()
        return {}

    def _queue(self, call: AwsCall) -> Queue:
        """The queue that QueueUrl names, in the region that the request is signed for.

        Another account's queue is denied: no queue here has a policy that says otherwise.
        """
        url = urlsplit(call.params["QueueUrl"])
        parts = url.path.strip("/").split("/")
        queue = self._queues.get((parts[0], call.region, parts[-1])) if len(parts) == 2 else None
        named_region = re.fullmatch(r"sqs\.([a-z0-9-]+)\.amazonaws\.com", url.hostname or "")
        if queue is None or (named_region and named_region[1] != call.region):
            raise _no_queue()
        if queue.account != call.account:
            raise AwsError("AccessDenied", f"Access to the resource {url.geturl()} is denied.", 403)
        return queue

    def _send(self, queue: Queue, entry: dict[str, Any]) -> dict[str, Any]:
        body, attributes = entry["MessageBody"], entry.get("MessageAttributes", {})
        if not body:
            raise AwsError("MissingRequiredParameterException",
                           "The request must contain the parameter MessageBody.")
        if not _CONTENTS.fullmatch(body):
            raise AwsError("InvalidMessageContents", "Invalid characters found. Valid unicode "
                           "characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
                           "#x10000 to #x10FFFF.")
        if len(body.encode()) > MAX_BODY:
            raise AwsError("InvalidParameterValueException", "One or more parameters are invalid. "
                           "Reason: Message must be shorter than 1048576 bytes.")
        message = Message(body, attributes, {"SenderId": SENDER_ID})
        delay = _between(entry, "DelaySeconds", 0, 900, queue.setting("DelaySeconds", 0))
        queue.put(message, delay)
        sent = {"MD5OfMessageBody": message.md5, "MessageId": message.message_id}
        if attributes:
            sent["MD5OfMessageAttributes"] = attributes_md5(attributes)
        return sent


def queue_url(queue: Queue) -> str:
    """The URL as AWS writes it; requests go to AWS_ENDPOINT_URL whatever it says."""
    return f"https://sqs.{queue.region}.amazonaws.com/{queue.account}/{queue.name}"


def _attributes(queue: Queue) -> dict[str, str]:
    counts = queue.counts()
    return {
        "VisibilityTimeout": "30", "MaximumMessageSize": str(MAX_BODY),
        "MessageRetentionPeriod": "345600", "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
        **queue.attributes,
        "QueueArn": queue.arn,
        "CreatedTimestamp": str(queue.created), "LastModifiedTimestamp": str(queue.created),
        "ApproximateNumberOfMessages": str(counts["visible"]),
        "ApproximateNumberOfMessagesNotVisible": str(counts["in_flight"]),
        "ApproximateNumberOfMessagesDelayed": str(counts["delayed"]),
    }


def _received(message: Message, params: dict[str, Any]) -> dict[str, Any]:
    """A message as a receive shows it: attributes only as far as they were asked for."""
    shown: dict[str, Any] = {"MessageId": message.message_id, "ReceiptHandle": message.handle(),
                             "MD5OfBody": message.md5, "Body": message.body}
    system = {**message.system, "ApproximateReceiveCount": str(message.receives),
              "SentTimestamp": str(message.sent_ms),
              "ApproximateFirstReceiveTimestamp": str(message.first_received_ms)}
    wanted = params.get("MessageSystemAttributeNames", []) + params.get("AttributeNames", [])
    chosen = {key: value for key, value in system.items() if key in wanted or "All" in wanted}
    if chosen:
        shown["Attributes"] = chosen
    names = params.get("MessageAttributeNames", [])
    own = {key: value for key, value in message.attributes.items()
           if key in names or "All" in names or ".*" in names}
    if own:
        shown["MessageAttributes"] = own
        shown["MD5OfMessageAttributes"] = attributes_md5(own)
    return shown


def _delete(queue: Queue, handle: str) -> None:
    try:
        queue.delete(handle)
    except BadHandle:
        raise _bad_handle(handle) from None


def _change_visibility(queue: Queue, entry: dict[str, Any]) -> None:
    seconds = _between(entry, "VisibilityTimeout", 0, 43200, 0)
    handle = entry["ReceiptHandle"]
    try:
        code = queue.change_visibility(handle, seconds)
    except BadHandle:
        raise _bad_handle(handle) from None
    if code == "MessageNotInflight":
        raise AwsError(code, None)
    if code:
        raise AwsError(code, f"Value {handle} for parameter ReceiptHandle is invalid. Reason: "
                       "Message does not exist or is not available for visibility timeout change.")


def _batch(entries: list[dict[str, Any]], act: Callable[[dict], dict]) -> dict[str, Any]:
    """Runs each entry; those refused are listed under Failed, which is absent when empty."""
    if not entries:
        raise AwsError("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > 10:
        raise AwsError("TooManyEntriesInBatchRequest", "Maximum number of entries per request "
                       f"are 10. You have sent {len(entries)}.")
    ids = [entry["Id"] for entry in entries]
    if not all(map(_BATCH_ID.fullmatch, ids)):
        raise AwsError("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric "
                       "characters, hyphens and underscores. It can be at most 80 letters long.")
    if len(set(ids)) < len(ids):
        raise AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.")
    successful, failed = [], []
    for entry in entries:
        try:
            successful.append(act(entry))
        except AwsError as error:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code,
                           "Message": error.message or ""})
    answer: dict[str, Any] = {"Successful": successful} if successful else {}
    return {**answer, "Failed": failed} if failed else answer


def _between(params: dict[str, Any], name: str, low: int, high: int, default: int) -> int:
    value = params.get(name, default)
    if not low <= value <= high:
        raise AwsError("InvalidParameterValueException", f"Value {value} for parameter {name} is "
                       f"invalid. Reason: Must be between {low} and {high}, if provided.")
    return value


def _check_attributes(attributes: dict[str, str]) -> None:
    for name in attributes:
        if name not in _SETTABLE:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")


def _no_queue() -> AwsError:
    return AwsError("QueueDoesNotExist", "The specified queue does not exist.")


def _bad_handle(handle: str) -> AwsError:
    return AwsError("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a '
                    "valid receipt handle.")
