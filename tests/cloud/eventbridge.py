"""Amazon EventBridge, as far as an application puts events of its own: PutEvents, DescribeEventBus.

Every account and region has the bus ``default``; others are made by the control interface, which
can also let entries fail.  What is put is kept for tests to look at; there are no rules.
Source: EventBridge API reference, 2015-10-07, PutEvents; "Calculating PutEvents event entry size",
EventBridge user guide.  The size of a request is held to 256 KiB, as it was before it grew.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from .errors import AwsError
from .service import AwsCall

MAX_BYTES, MAX_DETAIL_TYPE = 256 * 1024, 128


class EventBridge:
    """The buses of every account and region."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self.clear()

    def clear(self) -> None:
        self._buses: set[str] = set()
        self._failing: dict[str, dict[str, Any]] = {}
        self.put: list[dict[str, Any]] = []

    def declare(self, arn: str, failing: dict[str, Any] | None) -> None:
        """Makes a bus; ``failing`` {count, code, entries}: so often these entries (all) fail."""
        self._buses.add(arn)
        self._failing[arn] = dict(failing or {"count": 0})

    # The operations.

    def put_events(self, call: AwsCall) -> dict[str, Any]:
        entries = call.params["Entries"]
        if sum(_size(each) for each in entries) >= MAX_BYTES:
            raise AwsError("ValidationException", "Total size of the entries in the request is "
                           "over the limit.")
        results = [self._take(call, number, entry) for number, entry in enumerate(entries)]
        for arn in {_bus(call, each) for each in entries} & self._failing.keys():
            self._failing[arn]["count"] -= 1
        self._notify()
        return {"FailedEntryCount": sum("ErrorCode" in each for each in results),
                "Entries": results}

    def describe_event_bus(self, call: AwsCall) -> dict[str, Any]:
        name = call.params.get("Name", "default")
        arn = name if name.startswith("arn:") else bus_arn(call.region, call.account, name)
        if not self._is_there(arn):
            raise AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return {"Name": arn.partition(":event-bus/")[2], "Arn": arn}

    def _is_there(self, arn: str) -> bool:
        return arn.endswith(":event-bus/default") or arn in self._buses

    def _take(self, call: AwsCall, number: int, entry: dict[str, Any]) -> dict[str, str]:
        """Keeps one entry, or says why not."""
        arn = _bus(call, entry)
        if code := self._fails(arn, number):
            return {"ErrorCode": code, "ErrorMessage": "Please try again."}
        if not self._is_there(arn):
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": "EventBus does not exist."}
        if fault := _fault(entry):
            return dict(zip(("ErrorCode", "ErrorMessage"), fault, strict=True))
        kept = {"id": str(uuid.uuid4()), "bus": arn, "account": call.account,
                "region": call.region, "source": entry["Source"], "type": entry["DetailType"],
                "detail": json.loads(entry["Detail"]), "resources": entry.get("Resources", []),
                "time": entry.get("Time")}
        self.put.append(kept)
        return {"EventId": kept["id"]}

    def _fails(self, arn: str, number: int) -> str | None:
        failing = self._failing.get(arn, {"count": 0})
        strikes = failing["count"] > 0 and number in failing.get("entries", [number])
        return failing.get("code", "InternalFailure") if strikes else None


def _bus(call: AwsCall, entry: dict[str, Any]) -> str:
    """The ARN of the bus that an entry is for."""
    name = entry.get("EventBusName", "default")
    return name if name.startswith("arn:") else bus_arn(call.region, call.account, name)


def bus_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


def _fault(entry: dict[str, Any]) -> tuple[str, str] | None:
    """What EventBridge has against one entry, as code and message."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is required."
    if entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    if len(entry["DetailType"]) > MAX_DETAIL_TYPE:
        return "InvalidArgument", "Parameter DetailType is not valid. Reason: it is too long."
    try:
        malformed = not isinstance(json.loads(entry["Detail"]), dict)
    except (ValueError, RecursionError):
        malformed = True
    return ("MalformedDetail", "Detail is malformed.") if malformed else None


def _size(entry: dict[str, Any]) -> int:
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")]
    return (14 if "Time" in entry else 0) + sum(
        len(text.encode()) for text in texts + entry.get("Resources", []))
