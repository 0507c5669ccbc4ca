"""How the events of a pipeline reach a queue: which, how often, in what order, in what form.

``true`` sends the pipeline's own events to the announcements' queue; an object says more:

    {"queue": "events", "levels": ["pipeline", "stage", "action", "build"], "copies": 2,
     "delay": 0.1, "order": "reversed", "seed": 7, "drop": ["pipeline:STARTED", "stage"],
     "via": "codestar", "raw": false}

``copies`` is how often each comes, ``delay`` the seconds that each takes.  ``order`` other than
``kept`` holds all back until the execution ends: ``reversed``, ``shuffled`` (by ``seed``), or
``late_start``, which holds back STARTED alone.  ``drop`` is true for all, or names levels, states,
or level:state.  ``via`` is ``eventbridge``, ``sns`` (the same in an SNS envelope), or ``codestar``
(as CodeStar Notifications publishes it); ``raw`` leaves the envelope away.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import envelope, events
from .certificate import Signer
from .errors import Refused
from .message_queue import Message, Queue

if TYPE_CHECKING:
    from .executions import Execution

EVENTBRIDGE_SENDER, SNS_SENDER = "AIDAJXNJGGKNS7OSV23OI", "AIDAIT2UOQQY3AUEKVGXU"
LEVELS = ("pipeline", "stage", "action", "build")
ORDERS = ("kept", "reversed", "shuffled", "late_start")
VIAS = ("eventbridge", "sns", "codestar")


@dataclass
class Rule:
    """One rule with a queue as its target."""

    queue: Queue
    signer: Signer
    levels: tuple[str, ...] = ("pipeline",)
    copies: int = 1
    delay: float = 0.0
    order: str = "kept"
    seed: int = 0
    drop: Any = ()
    via: str = "eventbridge"
    raw: bool = False
    _held: list[Message] = field(default_factory=list)

    @classmethod
    def parse(cls, given: Any, find_queue: Callable[[str | None], Queue | None],
              signer: Signer) -> Rule | None:
        """Reads true, false or an object with the members above; None is no events."""
        if not given:
            return None
        rest = {} if given is True else dict(given)
        queue = find_queue(rest.pop("queue", None))
        levels = tuple(rest.pop("levels", ("pipeline",)))
        if rest.pop("late_start", False):
            rest["order"] = "late_start"
        if queue is None or not set(levels) <= set(LEVELS):
            raise Refused("events need a queue that exists, and levels out of "
                          + ", ".join(LEVELS))
        if rest.get("order", "kept") not in ORDERS or rest.get("via", "sns") not in VIAS:
            raise Refused(f"order is one of {', '.join(ORDERS)}, via one of {', '.join(VIAS)}")
        try:
            return cls(queue, signer, levels, **rest)
        except TypeError as error:
            raise Refused(str(error)) from None

    def send(self, level: str, event: dict[str, Any], execution: Execution) -> None:
        """Sends an event on its way, as late and as often as the rule says."""
        state = events.state_of(event)
        if level in self.levels and not self._drops(level, state):
            message = self._message(event, execution)
            holds = self.order != "kept" and (self.order != "late_start" or state == "STARTED")
            if holds:
                self._held.append(message)
            else:
                self._deliver(message)
        if level == "pipeline" and state in events.ENDS:
            self._release()

    def _drops(self, level: str, state: str) -> bool:
        return self.drop is True or bool({level, state, f"{level}:{state}"} & set(self.drop or ()))

    def _message(self, event: dict[str, Any], execution: Execution) -> Message:
        shown = events.codestar(event, execution) if self.via == "codestar" else event
        body = json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
        if self.via == "eventbridge":
            return Message(body, system={"SenderId": EVENTBRIDGE_SENDER})
        topic = f"arn:aws:sns:{event['region']}:{event['account']}:pipeline-events"
        if not self.raw:
            body = envelope.write(envelope.seal(envelope.Notice(topic, body), self.signer))
        return Message(body, system={"SenderId": SNS_SENDER})

    def _release(self) -> None:
        held, self._held = self._held, []
        if self.order == "shuffled":
            random.Random(self.seed).shuffle(held)
        for message in reversed(held) if self.order == "reversed" else held:
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self.copies):
            copy = Message(message.body, system=dict(message.system))
            loop.call_later(self.delay, self.queue.put, copy)
