"""Executions of pipelines: they take time, and end as their plan or the control says.

Source: CodePipeline user guide, "How pipeline executions work", "Retry a failed stage" and "Stop a
pipeline execution": an execution ends Succeeded, Failed, Stopped (by way of Stopping), Superseded
or Cancelled; one that failed or was stopped can be set going again under the same id.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from . import event_rule, events
from .errors import Refused
from .plans import ActionPlan, Plan, expand
from .stages import Stages


@dataclass(frozen=True)
class Surroundings:
    """What an execution does to the rest of the cloud.

    ``read(account, region, name)`` gives a parameter's value or None; ``register(execution, region,
    image_id)`` makes an image that an action built.
    """

    notify: Callable[[], None]
    read: Callable[[str, str, str], str | None]
    register: Callable[[Execution, str, str], None]


@dataclass(frozen=True)
class Start:
    """How an execution came to be; ``principal`` is who or what asked for it."""

    principal: str
    token: str | None = None
    trigger_type: str = "StartPipelineExecution"


@dataclass
class Pipeline:
    """``reads`` names a parameter that every build action reads when it begins; ``page`` is the
    most that one page of a list holds, whatever the caller asks for."""

    name: str
    region: str
    account: str
    kind: str = "V2"
    mode: str = "QUEUED"
    variables: list[dict[str, str]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    events: event_rule.Rule | None = None
    reads: str | None = None
    page: int = 100
    tokens: dict[str, str] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    stages: Stages = field(default_factory=Stages)
    first: int = 0

    @property
    def arn(self) -> str:
        return f"arn:aws:codepipeline:{self.region}:{self.account}:{self.name}"

    def next_plan(self) -> Plan:
        """Plans are used up in order; the last one serves for all that follow.

        ``first`` is the number of executions that the pipeline had when it got its plans.
        """
        return self.plans[min(len(self.executions) - self.first, len(self.plans) - 1)]

    def missing(self, values: dict[str, str]) -> list[str]:
        """The declared variables that have no value; V1 knows no variables."""
        return [each["name"] for each in self.variables
                if self.kind == "V2" and each["name"] not in values]


@dataclass
class ActionRun:
    """One run of one action; ``images`` are those that it builds, as (region, id)."""

    plan: ActionPlan
    started: float
    outputs: dict[str, str] = field(default_factory=dict)
    images: list[tuple[str, str]] = field(default_factory=list)
    action_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    build_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "InProgress"
    updated: float = 0.0

    @property
    def visible_outputs(self) -> dict[str, str]:
        """Output variables are there only once the action has succeeded."""
        return self.outputs if self.status == "Succeeded" else {}

    @property
    def type(self) -> dict[str, str]:
        return {"category": self.plan.category, "owner": "AWS", "provider": self.plan.provider,
                "version": "1"}

    def project(self, execution: Execution) -> str:
        """The CodeBuild project that runs the action."""
        return self.plan.project or f"{execution.pipeline.name}-build"

    def result(self, execution: Execution) -> dict[str, Any]:
        """What the action's provider says; only CodeBuild has an id and a page of its own."""
        result: dict[str, Any] = {}
        if self.plan.provider == "CodeBuild":
            build = f"{self.project(execution)}:{self.build_id}"
            result["externalExecutionId"] = build
            result["externalExecutionUrl"] = (
                "https://console.aws.amazon.com/codebuild/home?region="
                f"{execution.pipeline.region}#/builds/{build}/view/new")
        else:
            revision = hashlib.md5(self.build_id.encode()).hexdigest()
            result["externalExecutionSummary"] = f"Amazon S3 version id: {revision}"
        if self.plan.summary and self.status == "Succeeded":
            result["externalExecutionSummary"] = self.plan.summary
        if self.status == "Failed":
            result |= execution.plan.failure()
        return result


class Execution:
    """One execution, running as a task until it ends."""

    def __init__(self, pipeline: Pipeline, variables: dict[str, str], start: Start,
                 surroundings: Surroundings) -> None:
        self.pipeline, self.variables, self.start = pipeline, variables, start
        self.plan = pipeline.next_plan()
        self.execution_id = str(uuid.uuid4())
        self.status, self.summary = "InProgress", None
        self.attempt, self.retried, self.retried_stage = 1, 0.0, None
        self.stop_comments, self.read = None, None
        self.actions: list[ActionRun] = []
        self.told: list[dict[str, Any]] = []
        self._ahead, self._stage = 0.0, None
        self._surroundings = surroundings
        self._task: asyncio.Task | None = None
        self.started = self.updated = self.now()

    @property
    def finished(self) -> bool:
        return self.status not in ("InProgress", "Stopping")

    def now(self) -> float:
        """AWS's clock, which runs ahead where actions take longer than their plan waits."""
        return time.time() + self._ahead

    def begin(self, speed: float) -> None:
        """Sets the execution going; its seconds are divided by ``speed``."""
        self._tell("pipeline", events.pipeline_event(self, "STARTED"))
        if missing := self.pipeline.missing(self.variables):
            self.end("Failed", "Values for required variables haven't been provided: "
                     + ", ".join(missing))
        else:
            self._task = asyncio.ensure_future(self._run(self.plan.actions, speed))

    def retry(self, plan: Plan, every_action: bool, speed: float) -> str:
        """Runs the stage again at which the execution ended, then what follows; its name."""
        if self.status not in ("Failed", "Stopped") or not self.actions:
            raise Refused(f"an execution that is {self.status} has no stage to retry")
        stage = self.actions[-1].plan.stage
        done = {run.plan.name for run in self.actions
                if run.plan.stage == stage and run.status == "Succeeded"}
        names = [each.stage for each in plan.actions]
        if stage not in names:
            raise Refused(f"the plan has no stage {stage!r}")
        left = [each for each in plan.actions[names.index(stage):]
                if each.stage != stage or every_action or each.name not in done]
        self.plan, self.summary, self.stop_comments = plan, None, None
        self.attempt, self.retried, self.retried_stage = self.attempt + 1, self.now(), stage
        self._move("InProgress", "RESUMED")
        self._task = asyncio.ensure_future(self._run(left, speed))
        return stage

    def stop(self, comments: str | None, abandon: bool) -> None:
        """Stops by hand: at once, or when the running action has ended."""
        if self.finished or (self.status == "Stopping" and not abandon):
            raise Refused(f"an execution that is {self.status} cannot be stopped")
        if self.status == "InProgress":
            self.stop_comments = comments
            self._move("Stopping")
        if abandon:
            self.finish(replace(self.plan, outcome="Stopped"))

    def finish(self, plan: Plan) -> None:
        """Ends a running execution at once, in the way that the plan says."""
        if self.finished:
            return
        self.stop_task()
        self.plan = plan
        running = next((run for run in self.actions if run.status == "InProgress"), None)
        self._spoil(running) if plan.outcome != "Succeeded" else self._complete(running)

    def supersede(self) -> None:
        """A newer execution takes the place for which this one waits."""
        self.stop_task()
        self.end("Superseded")

    def stop_task(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None

    def end(self, status: str, summary: str | None = None) -> None:
        self.summary = summary
        self.pipeline.stages.leave(self)
        self._move(status)

    async def _run(self, actions: tuple[ActionPlan, ...] | list[ActionPlan], speed: float) -> None:
        stage = None
        for action in actions:
            if self.plan.ends_at(action) and self.plan.outcome == "Superseded":
                return self.end("Superseded")
            if action.stage != stage:
                stage = await self._enter(action.stage)
            run = self._begin(action)
            if self.plan.ends_at(action) and self.plan.outcome == "Hang":
                return None
            await asyncio.sleep(action.seconds / speed)
            self._ahead += max(0.0, action.took - action.seconds / speed)
            if self.plan.ends_at(action):
                return self._spoil(run)
            self._settle(run, "Succeeded")
            if self.status == "Stopping":
                return self._spoil(None)
        return self._complete(None)

    async def _enter(self, stage: str) -> str:
        if self.pipeline.mode == "SUPERSEDED":
            await self.pipeline.stages.enter(stage, self)
        self._stage = stage
        state = "RESUMED" if stage == self.retried_stage else "STARTED"
        self._tell("stage", events.stage_event(self, stage, state))
        return stage

    def _begin(self, action: ActionPlan) -> ActionRun:
        if self.pipeline.reads and action.category == "Build":
            self._read_parameter(action)
        run = ActionRun(action, self.now())
        run.updated = run.started
        values = {**self.variables, "read": self.read or ""}
        run.outputs, run.images = expand(action.outputs, values, self._seed(),
                                         self.pipeline.region)
        self.actions.append(run)
        self._tell_action(run)
        self._surroundings.notify()
        return run

    def _seed(self) -> str:
        """What the ids of built images follow from: another attempt builds other images."""
        return self.execution_id + (f"/{self.attempt}" if self.attempt > 1 else "")

    def _read_parameter(self, action: ActionPlan) -> None:
        """What a build finds in its environment; without the parameter it fails."""
        pipeline = self.pipeline
        self.read = self._surroundings.read(pipeline.account, pipeline.region, pipeline.reads)
        if self.read is None:
            reason = f"Parameter does not exist: {pipeline.reads}"
            self.plan = replace(self.plan, outcome="Failed", at=action.path, message=reason,
                                summary=reason)

    def _settle(self, run: ActionRun, status: str) -> None:
        run.status, run.updated = status, self.now()
        self.updated = run.updated
        if status == "Succeeded":
            for region, image_id in run.images:
                self._surroundings.register(self, region, image_id)
        self._tell_action(run)
        stage = run.plan.stage
        last = [a for a in self.plan.actions if a.stage == stage][-1:] == [run.plan]
        if status == "Failed" or (status == "Succeeded" and last):
            self._tell("stage", events.stage_event(self, stage, status.upper()))
            self.pipeline.stages.leave(self, stage)
            self._stage = None
        self._surroundings.notify()

    def _complete(self, running: ActionRun | None) -> None:
        if running:
            self._settle(running, "Succeeded")
        self.end("Succeeded")

    def _spoil(self, running: ActionRun | None) -> None:
        """Ends the execution as the plan's outcome says, and its running action with it."""
        outcome = "Stopped" if self.status == "Stopping" else self.plan.outcome
        if outcome == "Stopped" and self.status != "Stopping":
            self._move("Stopping")
        if running:
            self._settle(running, "Failed" if outcome == "Failed" else "Abandoned")
        if outcome == "Stopped" and self._stage:
            self._tell("stage", events.stage_event(self, self._stage, "STOPPED"))
        self.end(outcome)

    def _move(self, status: str, state: str | None = None) -> None:
        self.status, self.updated = status, self.now()
        self._tell("pipeline",
                   events.pipeline_event(self, state or events.PIPELINE_STATES[status]))
        self._surroundings.notify()

    def _tell_action(self, run: ActionRun) -> None:
        self._tell("action", events.action_event(self, run))
        if run.plan.provider == "CodeBuild":
            self._tell("build", events.build_event(self, run))

    def _tell(self, level: str, event: dict[str, Any]) -> None:
        self.told.append(event)
        if self.pipeline.events:
            self.pipeline.events.send(level, event, self)
