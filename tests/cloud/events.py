"""Events of pipelines and builds, as they reach a queue.

EventBridge puts the event itself into the queue, compact JSON without an SNS envelope; a rule of
CodeStar Notifications publishes its own form of it to an SNS topic.  Numbers are JSON reals
(``1.0``); order is not preserved, and an event may come twice, late or never.
Source: "Monitoring CodePipeline events", CodePipeline user guide; "Build state change
notifications", CodeBuild user guide; "Events for pipelines", Developer Tools console user guide;
and captured events.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from .envelope import timestamp

if TYPE_CHECKING:
    from .executions import ActionRun, Execution

PIPELINE_STATES = {"InProgress": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                   "Stopping": "STOPPING", "Stopped": "STOPPED", "Superseded": "SUPERSEDED",
                   "Cancelled": "CANCELED"}
ENDS = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"})
_BUILD_STATES = {"InProgress": "IN_PROGRESS", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                 "Abandoned": "STOPPED"}
_ACTION_STATES = {"InProgress": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                  "Abandoned": "ABANDONED"}


def pipeline_event(execution: Execution, state: str) -> dict[str, Any]:
    detail = {**_common(execution, execution.started), "state": state}
    if state == "STARTED":
        detail["execution-trigger"] = {"trigger-type": execution.start.trigger_type,
                                       "trigger-detail": execution.start.principal}
    if state == "STOPPING" and execution.stop_comments:
        detail["stop-execution-comments"] = execution.stop_comments
    if execution.retried:
        detail["last-retry-attempt-time"] = timestamp(execution.retried)
    return _event(execution, "CodePipeline Pipeline Execution State Change", detail)


def stage_event(execution: Execution, stage: str, state: str) -> dict[str, Any]:
    """A stage's first attempt has the number 0.0, a later one that of the execution."""
    first = next((run.started for run in execution.actions if run.plan.stage == stage),
                 execution.now())
    again = execution.retried_stage == stage
    detail = {**_common(execution, first), "stage": stage, "state": state,
              "pipeline-execution-attempt": float(execution.attempt) if again else 0.0}
    if again:
        detail["stage-last-retry-attempt-time"] = timestamp(execution.retried)
    return _event(execution, "CodePipeline Stage Execution State Change", detail)


def action_event(execution: Execution, run: ActionRun) -> dict[str, Any]:
    state = _ACTION_STATES[run.status]
    detail = {
        **_common(execution, run.started), "stage": run.plan.stage, "action": run.plan.name,
        "action-execution-id": run.action_id, "state": state,
        "region": execution.pipeline.region, "type": run.type}
    if state in ("SUCCEEDED", "FAILED"):
        told = run.result(execution)
        result = {"external-execution-url": told.get("externalExecutionUrl"),
                  "external-execution-summary": told.get("externalExecutionSummary"),
                  "external-execution-id": told.get("externalExecutionId"),
                  "error-code": told.get("errorDetails", {}).get("code")}
        detail["execution-result"] = {name: value for name, value in result.items() if value}
    return _event(execution, "CodePipeline Action Execution State Change", detail)


def build_event(execution: Execution, run: ActionRun) -> dict[str, Any]:
    """CodeBuild's own event: it does not know the execution that it belongs to."""
    pipeline, project = execution.pipeline, run.project(execution)
    arn = (f"arn:aws:codebuild:{pipeline.region}:{pipeline.account}:build/{project}:"
           f"{run.build_id}")
    status = _BUILD_STATES[run.status]
    detail = {"build-status": status, "project-name": project, "build-id": arn,
              "current-phase": "SUBMITTED" if status == "IN_PROGRESS" else "COMPLETED",
              "current-phase-context": "[]", "version": "1",
              "additional-information": _build_information(execution, run, status)}
    event = _event(execution, "CodeBuild Build State Change", detail)
    return {**event, "source": "aws.codebuild", "resources": [arn]}


def _build_information(execution: Execution, run: ActionRun, status: str) -> dict[str, Any]:
    """Logs and phases are told only once there are any."""
    pipeline, project = execution.pipeline, run.project(execution)
    told: dict[str, Any] = {
        "environment": {"image": "aws/codebuild/standard:7.0", "privileged-mode": False,
                        "compute-type": "BUILD_GENERAL1_SMALL", "type": "LINUX_CONTAINER",
                        "environment-variables": [
                            {"name": "EXECUTION", "type": "PLAINTEXT",
                             "value": execution.execution_id}]},
        "timeout-in-minutes": 60.0, "build-complete": status != "IN_PROGRESS",
        "build-number": 1.0, "initiator": f"codepipeline/{pipeline.name}",
        "build-start-time": _spoken(run.started), "source": {"type": "CODEPIPELINE"}}
    if status == "IN_PROGRESS":
        return told
    group = f"/aws/codebuild/{project}"
    link = (f"https://console.aws.amazon.com/cloudwatch/home?region={pipeline.region}"
            f"#logEvent:group={group};stream={run.build_id}")
    phase = {"phase-type": "BUILD", "phase-status": status, "start-time": _spoken(run.started),
             "end-time": _spoken(run.updated), "duration-in-seconds": float(
                 int(run.updated - run.started)), "phase-context": [": "]}
    return {**told, "phases": [phase],
            "logs": {"group-name": group, "stream-name": run.build_id, "deep-link": link}}


def codestar(event: dict[str, Any], execution: Execution) -> dict[str, Any]:
    """The same event as CodeStar Notifications words it: no id, and what it knows besides."""
    members = {name: event[name] for name in ("account", "region", "source", "time", "detail",
                                              "resources")}
    return {**members, "detailType": event["detail-type"],
            "additionalAttributes": _additional(event["detail"], execution),
            "notificationRuleArn": f"arn:aws:codestar-notifications:{event['region']}:"
                                   f"{event['account']}:notificationrule/local"}


def _additional(detail: dict[str, Any], execution: Execution) -> dict[str, Any]:
    """Of a failure the actions that failed, of a stage that begins the sources."""
    failed = [run for run in execution.actions if run.status == "Failed"]
    if detail.get("state") == "FAILED" and "action" not in detail and failed:
        return {"failedActionCount": len(failed), "failedStage": failed[-1].plan.stage,
                "failedActions": [{"action": run.plan.name,
                                   "additionalInformation": execution.plan.message}
                                  for run in failed]}
    if detail.get("state") == "STARTED" and "stage" in detail and "action" not in detail:
        return {"sourceActions": [{"sourceActionName": each.name,
                                   "sourceActionProvider": each.provider,
                                   "sourceActionVariables": each.outputs}
                                  for each in execution.plan.actions if each.category == "Source"]}
    return {}


def state_of(event: dict[str, Any]) -> str:
    """What an event says has become of its thing."""
    return event["detail"].get("state") or event["detail"]["build-status"]


def _spoken(moment: float) -> str:
    """A moment in the words of CodeBuild's events."""
    return time.strftime("%b %-d, %Y %-I:%M:%S %p", time.gmtime(moment))


def _common(execution: Execution, started: float) -> dict[str, Any]:
    return {"pipeline": execution.pipeline.name, "execution-id": execution.execution_id,
            "start-time": timestamp(started), "version": 1.0,
            "pipeline-execution-attempt": float(execution.attempt)}


def _event(execution: Execution, title: str, detail: dict[str, Any]) -> dict[str, Any]:
    pipeline = execution.pipeline
    return {"version": "0", "id": str(uuid.uuid4()), "detail-type": title,
            "source": "aws.codepipeline", "account": pipeline.account,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "region": pipeline.region, "resources": [pipeline.arn], "detail": detail}
