"""What an execution will do: its stages and actions, how long each takes, and how it ends.

A plan is given as JSON; every member may be left out:

    {"stages": [{"name": "Build", "actions": [{"name": "BuildGoldenAMI", "seconds": 0.6,
                                               "provider": "CodeBuild", "category": "Build",
                                               "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]}],
     "outcome": "Failed", "at": "Build/BuildGoldenAMI",
     "code": "JobFailed", "message": "...", "summary": "...", "url": "...",
     "details": true}

``outcome`` is one of OUTCOMES; ``at`` names the stage, or stage/action, where anything but
Succeeded happens (default: the last action; Superseded: the second stage).  ``details`` false
leaves errorDetails out, as AWS sometimes does.  In outputs, ``{ami}`` becomes an invented image
id of the execution's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import Refused

OUTCOMES = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled", "Hang")
FAILURE = ("Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, "
           "Message: Error while executing command: packer build golden.pkr.hcl. "
           "Reason: exit status 1")
DEFAULT_STAGES = (
    {"name": "Source", "actions": [
        {"name": "Fetch", "seconds": 0.2, "provider": "S3", "category": "Source"}]},
    {"name": "Build", "actions": [
        {"name": "BuildGoldenAMI", "seconds": 0.6, "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]},
    {"name": "Test", "actions": [{"name": "BootAndProbe", "seconds": 0.4, "category": "Test"}]},
)


@dataclass(frozen=True)
class ActionPlan:
    stage: str
    name: str
    seconds: float = 0.1
    provider: str = "CodeBuild"
    category: str = "Build"
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.stage}/{self.name}"


@dataclass(frozen=True)
class Plan:
    actions: tuple[ActionPlan, ...]
    outcome: str = "Succeeded"
    at: str = ""
    code: str = "JobFailed"
    message: str = FAILURE
    summary: str = FAILURE
    url: str | None = None
    details: bool = True

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Plan:
        """Reads a plan; Refused when it makes no sense."""
        rest = dict(given)
        actions = tuple(_actions(rest.pop("stages", DEFAULT_STAGES)))
        outcome = rest.pop("outcome", "Succeeded").capitalize()
        if outcome not in OUTCOMES:
            raise Refused(f"unknown outcome {outcome!r}: one of {', '.join(OUTCOMES)}")
        at = _resolve(actions, outcome, rest.pop("at", None))
        if "message" in rest:
            rest.setdefault("summary", rest["message"])
        try:
            return cls(actions, outcome, at, **rest)
        except TypeError as error:
            raise Refused(str(error)) from None

    def ends_at(self, action: ActionPlan) -> bool:
        """True when this action is where the outcome happens."""
        return self.outcome != "Succeeded" and action.path == self.at


def _actions(stages: Any) -> list[ActionPlan]:
    try:
        return [ActionPlan(stage["name"], **action)
                for stage in stages for action in stage["actions"]]
    except (TypeError, KeyError) as error:
        raise Refused(f"a stage or action is malformed: {error}") from None


def _resolve(actions: tuple[ActionPlan, ...], outcome: str, at: str | None) -> str:
    """The path of the action where the outcome happens."""
    if at is None:
        stages = list(dict.fromkeys(action.stage for action in actions))
        at = stages[min(1, len(stages) - 1)] if outcome == "Superseded" else actions[-1].path
    for action in actions:
        if at in (action.path, action.stage):
            return action.path
    raise Refused(f"the plan has no action {at!r}")
