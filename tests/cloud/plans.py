"""What an execution will do: its stages and actions, how long each takes, and how it ends.

A plan is given as JSON; every member may be left out:

    {"stages": [{"name": "Build", "actions": [
         {"name": "BuildGoldenAMI", "seconds": 0.6, "took": 842, "provider": "CodeBuild",
          "category": "Build", "project": "golden", "summary": "...",
          "outputs": {"GOLDEN_AMI_ID": "{ami}", "US": "{ami:us-east-1}", "BASE": "{BASE_AMI_ID}"}}
     ]}],
     "outcome": "Failed", "at": "Build/BuildGoldenAMI",
     "code": "JobFailed", "message": "...", "summary": "...", "url": "...", "details": true,
     "images": {"state": "pending", "missing": ["us-east-1"], "accounts": ["444455556666"]}}

``outcome`` is one of OUTCOMES; ``at`` names the stage, or stage/action, where anything but
Succeeded happens (default: the last action; Superseded: the second stage).  ``details`` false
leaves errorDetails out, as AWS sometimes does.  An action waits for ``seconds``, and in AWS's own
times it ``took`` longer where that says so.

In outputs, ``{ami}`` becomes an invented image id of the execution's own, ``{ami:REGION}`` another
in that region (or in the one that the variable of that name says), ``{read}`` what the pipeline
``reads``, ``{NAME}`` the value of a variable.  The images are registered with EC2 when their action
has succeeded, in their region, owned by the pipeline's account: in ``state`` (available), seen by
``accounts`` too, and not at all in the regions that are ``missing`` (true: in none).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from .errors import Refused

OUTCOMES = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled", "Hang")
FAILURE = ("Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, "
           "Message: Error while executing command: packer build golden.pkr.hcl. "
           "Reason: exit status 1")
_PLACE = re.compile(r"\{([^{}]+)\}")
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
    took: float = 0.0
    project: str | None = None
    summary: str | None = None

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
    images: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: dict[str, Any], actions: tuple[ActionPlan, ...] = ()) -> Plan:
        """Reads a plan; Refused when it makes no sense.  Without stages it has these actions."""
        rest = dict(given)
        if "stages" in rest or not actions:
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

    def failure(self) -> dict[str, Any]:
        """What the provider of a failed action says."""
        said: dict[str, Any] = {"externalExecutionSummary": self.summary}
        if self.url:
            said["externalExecutionUrl"] = self.url
        if self.details:
            said["errorDetails"] = {"code": self.code, "message": self.message}
        return said

    def builds_in(self, region: str) -> bool:
        """Is an image of that region there once its action has succeeded?"""
        missing = self.images.get("missing", ())
        return missing is not True and region not in missing


def expand(outputs: dict[str, str], values: dict[str, str], seed: str,
           home: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Outputs with their {places} filled in, and the images that they name, as (region, id)."""
    images: list[tuple[str, str]] = []

    def fill(place: re.Match) -> str:
        kind, _, region = place[1].partition(":")
        if kind != "ami":
            return values.get(place[1], place[0])
        region = values.get(region, region)
        text = f"{seed}:{region}" if region else seed
        images.append((region or home, f"ami-0{hashlib.sha256(text.encode()).hexdigest()[:16]}"))
        return images[-1][1]

    return {name: _PLACE.sub(fill, value) for name, value in outputs.items()}, images


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
