"""EventBridge events of CodePipeline, as a rule with a queue as its target delivers them.

The body of the message is the event itself, compact JSON without an SNS envelope; numbers are
JSON reals (``1.0``); order is not preserved and an event may come twice.
Source: "Monitoring CodePipeline events", CodePipeline user guide, and captured events.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .envelope import timestamp
from .errors import Refused
from .message_queue import Message, Queue

if TYPE_CHECKING:
    from .executions import ActionRun, Execution

SENDER_ID = "AIDAJXNJGGKNS7OSV23OI"
PIPELINE_STATES = {"InProgress": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                   "Stopping": "STOPPING", "Stopped": "STOPPED", "Superseded": "SUPERSEDED",
                   "Cancelled": "CANCELED"}
_LEVELS = ("pipeline", "stage", "action")


@dataclass
class Rule:
    """How the events of one pipeline reach a queue.

    ``levels``: which of pipeline, stage and action events; ``copies``: how often each comes;
    ``delay``: seconds that each takes; ``late_start``: STARTED comes only after the last event.
    """

    queue: Queue
    levels: tuple[str, ...] = ("pipeline",)
    copies: int = 1
    delay: float = 0.0
    late_start: bool = False
    _held: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, given: Any, find_queue: Callable[[str | None], Queue | None]) -> Rule | None:
        """Reads true, false or an object with the members above; None is no events."""
        if not given:
            return None
        rest = {} if given is True else dict(given)
        queue = find_queue(rest.pop("queue", None))
        levels = tuple(rest.pop("levels", ("pipeline",)))
        if queue is None or not set(levels) <= set(_LEVELS):
            raise Refused("events need a queue that exists, and levels out of "
                          + ", ".join(_LEVELS))
        try:
            return cls(queue, levels, **rest)
        except TypeError as error:
            raise Refused(str(error)) from None

    def send(self, level: str, event: dict[str, Any]) -> None:
        """Sends an event on its way, as late and as often as the rule says."""
        if level not in self.levels:
            return
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        if self.late_start and event["detail"]["state"] == "STARTED":
            self._held.append(body)
            return
        self._deliver(body)
        if level == "pipeline" and event["detail"]["state"] != "STOPPING":
            while self._held:
                self._deliver(self._held.pop())

    def _deliver(self, body: str) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self.copies):
            message = Message(body, system={"SenderId": SENDER_ID})
            loop.call_later(self.delay, self.queue.put, message)


def pipeline_event(execution: Execution, state: str) -> dict[str, Any]:
    detail = {**_common(execution), "state": state}
    if state == "STARTED":
        detail["execution-trigger"] = {"trigger-type": "StartPipelineExecution",
                                       "trigger-detail": execution.trigger}
    return _event(execution, "CodePipeline Pipeline Execution State Change", detail)


def stage_event(execution: Execution, stage: str, state: str) -> dict[str, Any]:
    detail = {**_common(execution), "stage": stage, "state": state,
              "pipeline-execution-attempt": 0.0}
    return _event(execution, "CodePipeline Stage Execution State Change", detail)


def action_event(execution: Execution, run: ActionRun, state: str) -> dict[str, Any]:
    detail = {
        **_common(execution), "stage": run.plan.stage, "action": run.plan.name,
        "action-execution-id": run.action_id, "state": state,
        "region": execution.pipeline.region,
        "type": {"owner": "AWS", "provider": run.plan.provider, "category": run.plan.category,
                 "version": "1"}}
    if state == "FAILED":
        detail["execution-result"] = {"external-execution-summary": execution.plan.summary,
                                      "error-code": execution.plan.code}
    return _event(execution, "CodePipeline Action Execution State Change", detail)


def _common(execution: Execution) -> dict[str, Any]:
    return {"pipeline": execution.pipeline.name, "execution-id": execution.execution_id,
            "start-time": timestamp(execution.started), "version": 1.0,
            "pipeline-execution-attempt": 1.0}


def _event(execution: Execution, title: str, detail: dict[str, Any]) -> dict[str, Any]:
    pipeline = execution.pipeline
    return {"version": "0", "id": str(uuid.uuid4()), "detail-type": title,
            "source": "aws.codepipeline", "account": pipeline.account,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "region": pipeline.region, "resources": [pipeline.arn], "detail": detail}
