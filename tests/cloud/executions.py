"""Executions of pipelines: they take time, and end as their plan or the control says.

Source: CodePipeline user guide, "How pipeline executions work": an execution ends Succeeded,
Failed, Stopped (by way of Stopping), Superseded or Cancelled.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import events
from .plans import ActionPlan, Plan

_ACTION_STATES = {"InProgress": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                  "Abandoned": "ABANDONED"}


@dataclass
class Pipeline:
    name: str
    region: str
    account: str
    kind: str = "V2"
    mode: str = "QUEUED"
    variables: list[dict[str, str]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    events: events.Rule | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    first: int = 0

    @property
    def arn(self) -> str:
        return f"arn:aws:codepipeline:{self.region}:{self.account}:{self.name}"

    def next_plan(self) -> Plan:
        """Plans are used up in order; the last one serves for all that follow.

        ``first`` is the number of executions that the pipeline had when it got its plans.
        """
        return self.plans[min(len(self.executions) - self.first, len(self.plans) - 1)]


@dataclass
class ActionRun:
    """One run of one action."""

    plan: ActionPlan
    outputs: dict[str, str]
    action_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    build_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "InProgress"
    started: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)

    @property
    def visible_outputs(self) -> dict[str, str]:
        """Output variables are there only once the action has succeeded."""
        return self.outputs if self.status == "Succeeded" else {}


class Execution:
    """One execution, running as a task until it ends."""

    def __init__(self, pipeline: Pipeline, variables: dict[str, str], token: str | None,
                 trigger: str, notify: Callable[[], None]) -> None:
        self.pipeline, self.variables = pipeline, variables
        self.token, self.trigger = token, trigger
        self.plan = pipeline.next_plan()
        self.execution_id = str(uuid.uuid4())
        self.status, self.summary = "InProgress", None
        self.started = self.updated = time.time()
        self.actions: list[ActionRun] = []
        self._notify = notify
        self._task: asyncio.Task | None = None

    @property
    def finished(self) -> bool:
        return self.status not in ("InProgress", "Stopping")

    def start(self, speed: float) -> None:
        """Sets the execution going; its seconds are divided by ``speed``."""
        self._tell("pipeline", events.pipeline_event(self, "STARTED"))
        missing = [each["name"] for each in self.pipeline.variables
                   if each["name"] not in self.variables]
        if missing:
            self.end("Failed", "Values for required variables haven't been provided: "
                     + ", ".join(missing))
        else:
            self._task = asyncio.ensure_future(self._run(speed))

    def finish(self, plan: Plan) -> None:
        """Ends a running execution at once, in the way that the plan says."""
        if self.finished:
            return
        self.stop_task()
        self.plan = plan
        running = next((run for run in self.actions if run.status == "InProgress"), None)
        self._spoil(running) if plan.outcome != "Succeeded" else self._complete(running)

    def stop_task(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None

    def end(self, status: str, summary: str | None = None) -> None:
        self.summary = summary
        self._move(status)

    async def _run(self, speed: float) -> None:
        run = None
        for action in self.plan.actions:
            if self.plan.ends_at(action) and self.plan.outcome == "Superseded":
                return self.end("Superseded")
            run = self._begin(action, first=run is None or run.plan.stage != action.stage)
            if self.plan.ends_at(action) and self.plan.outcome == "Hang":
                return None
            await asyncio.sleep(action.seconds / speed)
            if self.plan.ends_at(action):
                return self._spoil(run)
            self._settle(run, "Succeeded")
        return self._complete(None)

    def _begin(self, action: ActionPlan, first: bool) -> ActionRun:
        digest = hashlib.sha256(self.execution_id.encode()).hexdigest()
        outputs = {key: value.replace("{ami}", f"ami-0{digest[:16]}")
                   for key, value in action.outputs.items()}
        run = ActionRun(action, outputs)
        self.actions.append(run)
        if first:
            self._tell("stage", events.stage_event(self, action.stage, "STARTED"))
        self._tell("action", events.action_event(self, run, "STARTED"))
        self._notify()
        return run

    def _settle(self, run: ActionRun, status: str) -> None:
        run.status, run.updated = status, time.time()
        self.updated = run.updated
        self._tell("action", events.action_event(self, run, _ACTION_STATES[status]))
        last = [a for a in self.plan.actions if a.stage == run.plan.stage][-1:] == [run.plan]
        if status == "Failed" or (status == "Succeeded" and last):
            state = _ACTION_STATES[status]
            self._tell("stage", events.stage_event(self, run.plan.stage, state))
        self._notify()

    def _complete(self, running: ActionRun | None) -> None:
        if running:
            self._settle(running, "Succeeded")
        self.end("Succeeded")

    def _spoil(self, running: ActionRun | None) -> None:
        """Ends the execution as the plan's outcome says, and its running action with it."""
        outcome = self.plan.outcome
        if outcome == "Stopped":
            self._move("Stopping")
        if running:
            self._settle(running, "Failed" if outcome == "Failed" else "Abandoned")
        self.end(outcome)

    def _move(self, status: str) -> None:
        self.status, self.updated = status, time.time()
        self._tell("pipeline", events.pipeline_event(self, events.PIPELINE_STATES[status]))
        self._notify()

    def _tell(self, level: str, event: dict[str, Any]) -> None:
        if self.pipeline.events:
            self.pipeline.events.send(level, event)
