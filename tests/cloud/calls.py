"""The record of every call, and the means to wait for what the local AWS shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_CALLS = 100_000


class Changes:
    """Wakes whoever waits for the state to become something."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future] = set()

    def notify(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Waits until ``holds()``; False when it does not within the timeout (seconds)."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not holds():
            waiter = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait([waiter], timeout=max(0.0, deadline - loop.time()))
            finally:
                self._waiters.discard(waiter)
            if loop.time() >= deadline:
                return holds()
        return True


@dataclass
class Call:
    """One request as it was received and answered.  Never a signature, never a token.

    ``account`` and ``principal`` (an ARN) are who made it, as far as its key is known.
    ``status`` is None while the call runs (a long poll), and -1 when it never got its answer
    because the client left or a fault took the answer away.
    """

    seq: int
    at: float
    service: str
    operation: str
    region: str | None
    params: Any
    access_key: str | None = None
    account: str | None = None
    principal: str | None = None
    status: int | None = None
    error: str | None = None
    ended: float | None = None
    fault: str | None = None
    violations: list[str] = field(default_factory=list)

    def matches(self, wanted: dict[str, Any]) -> bool:
        """True when every member that ``wanted`` names has that value (params: a subset)."""
        for name in ("service", "operation", "region", "account", "principal", "status", "error",
                     "fault"):
            if name in wanted and getattr(self, name) != wanted[name]:
                return False
        return self.seq > wanted.get("since", 0) and contains(self.params, wanted.get("params", {}))


def contains(value: Any, wanted: Any) -> bool:
    """True when ``wanted`` is part of ``value``, member by member."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(
            name in value and contains(value[name], item) for name, item in wanted.items())
    if isinstance(wanted, list):
        return isinstance(value, list) and all(
            any(contains(have, item) for have in value) for item in wanted)
    return value == wanted


class CallLog:
    """Every call in order; ``seq`` counts from 1."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._calls: list[Call] = []
        self._started = time.monotonic()
        self._next = 1

    def begin(self, service: str, operation: str, region: str | None, params: Any) -> Call:
        call = Call(self._next, self._clock(), service, operation, region, params)
        self._next += 1
        self._calls.append(call)
        if len(self._calls) > MAX_CALLS:
            del self._calls[: MAX_CALLS // 10]
        self._changes.notify()
        return call

    def end(self, call: Call, status: int, error: str | None = None) -> None:
        call.status, call.error, call.ended = status, error, self._clock()
        self._changes.notify()

    def clear(self) -> None:
        """Forgets the calls; the numbers go on, so ``since`` stays meaningful."""
        self._calls.clear()

    def select(self, wanted: dict[str, Any]) -> Iterator[Call]:
        return (call for call in self._calls if call.matches(wanted))

    def since(self, seq: int) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._calls if call.seq > seq]

    def _clock(self) -> float:
        return round(time.monotonic() - self._started, 6)
