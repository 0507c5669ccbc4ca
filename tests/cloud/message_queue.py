"""One queue of messages: visibility, receive counts, receipt handles, long polls, redrive.

Follows the SQS developer guide, "Visibility timeout", "Short and long polling" and
"Dead-letter queues": a receipt handle names one receive; an old one deletes nothing although
the call succeeds; a message whose receive count has reached maxReceiveCount is moved to the
dead-letter queue when somebody next asks for it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import heapq
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass
class Message:
    body: str
    attributes: dict[str, Any] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent_ms: int = field(default_factory=now_ms)
    first_received_ms: int | None = None
    receives: int = 0
    visible_at: float = 0.0
    in_flight: bool = False

    @property
    def md5(self) -> str:
        return hashlib.md5(self.body.encode()).hexdigest()

    def handle(self) -> str:
        """The receipt handle of the latest receive."""
        return _handle(self.message_id, self.receives)


class BadHandle(Exception):
    """The text is no receipt handle."""


def _handle(message_id: str, receives: int) -> str:
    plain = f"{uuid.uuid4()}/{message_id}/{receives}".encode()
    return "AQEB" + base64.b64encode(plain).decode()


def stale_handle(handle: str) -> str:
    """One of the receive before."""
    message_id, receives = read_handle(handle)
    return _handle(message_id, receives - 1)


def read_handle(handle: str) -> tuple[str, int]:
    """The message id and the number of the receive that a handle names."""
    try:
        plain = base64.b64decode(handle.removeprefix("AQEB"), validate=True).decode()
        _, message_id, receives = plain.split("/")
        return message_id, int(receives)
    except (binascii.Error, ValueError):
        raise BadHandle(handle) from None


class Queue:
    """A standard queue.  Everything runs on the event loop; nothing here blocks."""

    def __init__(self, name: str, region: str, account: str, attributes: dict[str, str],
                 notify: Callable[[], None]) -> None:
        self.name, self.region, self.account = name, region, account
        self.created = int(time.time())
        self.attributes = dict(attributes)
        self.dead_letters: Callable[[str], Queue | None] = lambda arn: None
        self._notify = notify
        self._messages: dict[str, Message] = {}
        self._visible: deque[str] = deque()
        self._hidden: list[tuple[float, str]] = []
        self._waiters: deque[asyncio.Future] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:sqs:{self.region}:{self.account}:{self.name}"

    def setting(self, name: str, default: int) -> int:
        return int(self.attributes.get(name, default))

    def counts(self) -> dict[str, int]:
        in_flight = sum(message.in_flight for message in self._messages.values())
        visible = sum(1 for key in self._visible if key in self._messages)
        return {"visible": visible, "in_flight": in_flight,
                "delayed": len(self._messages) - visible - in_flight,
                "polling": sum(not waiter.done() for waiter in self._waiters)}

    def messages(self) -> list[Message]:
        return list(self._messages.values())

    def put(self, message: Message, delay_s: float = 0) -> None:
        """Takes a message over; it can be received after the delay."""
        self._messages[message.message_id] = message
        message.in_flight = False
        self._show_at(message, delay_s)

    async def receive(self, most: int, wait_s: float, visibility_s: float) -> list[Message]:
        """Up to ``most`` messages, waiting for the first; each becomes invisible."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while not (taken := self._take(most, visibility_s)):
            if not await self._wait(deadline - loop.time()):
                return self._take(most, visibility_s)
        return taken

    def delete(self, handle: str) -> None:
        """Deletes what the handle names, unless a later receive has overtaken it."""
        message_id, receives = read_handle(handle)
        message = self._messages.get(message_id)
        if message and message.receives == receives:
            del self._messages[message_id]
            self._notify()

    def change_visibility(self, handle: str, seconds: int) -> str | None:
        """Hides a message for so long from now; the error code when it cannot be."""
        message_id, receives = read_handle(handle)
        message = self._messages.get(message_id)
        if message is None or message.receives != receives:
            return "InvalidParameterValueException"
        if not message.in_flight:
            return "MessageNotInflight"
        message.in_flight = seconds > 0
        self._show_at(message, seconds)
        return None

    def expire(self) -> int:
        """Ends every visibility timeout and delay at once; how many messages came back."""
        hidden = [m for m in self._messages.values() if m.visible_at > 0]
        for message in hidden:
            message.in_flight = False
            self._show_at(message, 0)
        return len(hidden)

    def wake(self) -> int:
        """Ends every waiting poll with what there is, early and empty as AWS may."""
        woken = 0
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(False)
                woken += 1
        return woken

    def purge(self) -> None:
        self._messages.clear()
        self._visible.clear()
        self._hidden.clear()
        self._notify()

    def _take(self, most: int, visibility_s: float) -> list[Message]:
        taken: list[Message] = []
        while self._visible and len(taken) < most:
            message = self._messages.get(self._visible.popleft())
            if message and not self._redriven(message):
                taken.append(message)
        for message in taken:
            self._hide(message, visibility_s)
        return taken

    def _hide(self, message: Message, visibility_s: float) -> None:
        message.receives += 1
        message.first_received_ms = message.first_received_ms or now_ms()
        message.in_flight = visibility_s > 0
        self._show_at(message, visibility_s)

    def _redriven(self, message: Message) -> bool:
        """Moves a message that was received too often to the dead-letter queue."""
        policy = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        if not policy or message.receives < int(policy["maxReceiveCount"]):
            return False
        target = self.dead_letters(policy["deadLetterTargetArn"])
        if target is None:
            return False
        del self._messages[message.message_id]
        message.system["DeadLetterQueueSourceArn"] = self.arn
        target.put(message)
        self._notify()
        return True

    def _show_at(self, message: Message, seconds: float) -> None:
        if seconds <= 0:
            message.visible_at = 0.0
            self._visible.append(message.message_id)
            self._rouse()
        else:
            message.visible_at = asyncio.get_running_loop().time() + seconds
            heapq.heappush(self._hidden, (message.visible_at, message.message_id))
            self._set_timer()
        self._notify()

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        if self._hidden:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._hidden[0][0], self._show_due)

    def _show_due(self) -> None:
        """Makes every message visible whose time has come."""
        due = asyncio.get_running_loop().time() + 0.001
        while self._hidden and self._hidden[0][0] <= due:
            visible_at, message_id = heapq.heappop(self._hidden)
            message = self._messages.get(message_id)
            if message and message.visible_at == visible_at:
                message.in_flight = False
                self._show_at(message, 0)
        self._set_timer()

    async def _wait(self, seconds: float) -> bool:
        """Waits for a message; False when there is no more time or wake() was called."""
        if seconds <= 0:
            return False
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._notify()
        try:
            done, _ = await asyncio.wait([waiter], timeout=seconds)
            return bool(done) and waiter.result()
        except asyncio.CancelledError:
            if waiter.done():
                self._rouse()
            raise
        finally:
            waiter.cancel()
            self._notify()

    def _rouse(self) -> None:
        """Wakes one waiting poll: a message is there for it."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(True)
                return
