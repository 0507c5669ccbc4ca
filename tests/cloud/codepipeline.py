"""AWS CodePipeline: pipelines made by the control interface, started by the worker.

Source: CodePipeline API reference, 2015-07-09, and what real CodePipeline was seen to do: the
same clientRequestToken gives the same execution and its changed variables are ignored; names of
variables that the pipeline does not declare are ignored; a required variable without a value
gives an execution that has failed at once; throttling comes without a message; nested objects
carry a stray ``__type``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .errors import AwsError, Refused
from .executions import ActionRun, Execution, Pipeline, Start, Surroundings
from .plans import Plan
from .service import AwsCall, page


class CodePipeline:
    """The pipelines of every account and region."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._pipelines: dict[tuple[str, str, str], Pipeline] = {}
        self.speed = 1.0

    def add(self, pipeline: Pipeline) -> None:
        """Makes a pipeline; one of that account, region and name keeps its executions."""
        key = (pipeline.account, pipeline.region, pipeline.name)
        known = self._pipelines.get(key)
        if known:
            pipeline.executions, pipeline.tokens = known.executions, known.tokens
            pipeline.stages = known.stages
            pipeline.first = len(known.executions)
            for execution in known.executions:
                execution.pipeline = pipeline
        self._pipelines[key] = pipeline
        self._surroundings.notify()

    def executions(self) -> list[Execution]:
        """Every execution, oldest first."""
        return sorted((execution for pipeline in self._pipelines.values()
                       for execution in pipeline.executions), key=lambda each: each.started)

    def execution(self, execution_id: str) -> Execution | None:
        return next((each for each in self.executions() if each.execution_id == execution_id),
                    None)

    def clear(self) -> None:
        for execution in self.executions():
            execution.stop_task()
        self._pipelines.clear()

    def start(self, pipeline: Pipeline, given: list[dict[str, str]], start: Start) -> Execution:
        execution = Execution(pipeline, _resolve(pipeline, given), start, self._surroundings)
        pipeline.executions.append(execution)
        execution.begin(self.speed)
        return execution

    def pipeline(self, account: str, region: str, name: str) -> Pipeline | None:
        return self._pipelines.get((account, region, name))

    def retry(self, execution: Execution, plan: Plan, every_action: bool = False) -> str:
        """What somebody retries in the console; the name of the stage."""
        return execution.retry(plan, every_action, self.speed)

    # The operations.

    def start_pipeline_execution(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        _check_names_distinct(params.get("variables", []))
        pipeline = self._pipeline(call, params["name"])
        token = params.get("clientRequestToken")
        if token in pipeline.tokens:
            return {"pipelineExecutionId": pipeline.tokens[token]}
        execution = self.start(pipeline, params.get("variables", []),
                               Start(call.principal, token))
        if token:
            pipeline.tokens[token] = execution.execution_id
        return {"pipelineExecutionId": execution.execution_id}

    def stop_pipeline_execution(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        execution = self._execution(self._pipeline(call, params["pipelineName"]),
                                    params["pipelineExecutionId"])
        if execution.status == "Stopping" and not params.get("abandon"):
            raise AwsError("DuplicatedStopRequestException", "The execution is stopping already.")
        if execution.finished:
            raise AwsError("PipelineExecutionNotStoppableException",
                           "The execution has ended already.")
        execution.stop(params.get("reason"), params.get("abandon", False))
        return {"pipelineExecutionId": execution.execution_id}

    def retry_stage_execution(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        execution = self._execution(self._pipeline(call, params["pipelineName"]),
                                    params["pipelineExecutionId"])
        if params["stageName"] not in [action.stage for action in execution.plan.actions]:
            raise AwsError("StageNotFoundException", "The pipeline has no such stage.")
        try:
            self.retry(execution, replace(execution.plan, outcome="Succeeded"),
                       params["retryMode"] == "ALL_ACTIONS")
        except Refused as refusal:
            raise AwsError("StageNotRetryableException", str(refusal)) from None
        return {"pipelineExecutionId": execution.execution_id}

    def get_pipeline_execution(self, call: AwsCall) -> dict[str, Any]:
        pipeline = self._pipeline(call, call.params["pipelineName"])
        execution = self._execution(pipeline, call.params["pipelineExecutionId"])
        return {"pipelineExecution": _described(execution)}

    def list_pipeline_executions(self, call: AwsCall) -> dict[str, Any]:
        pipeline = self._pipeline(call, call.params["pipelineName"])
        newest_first = [_summary(execution) for execution in reversed(pipeline.executions)]
        return _page("pipelineExecutionSummaries", newest_first, call, pipeline.page)

    def list_action_executions(self, call: AwsCall) -> dict[str, Any]:
        pipeline = self._pipeline(call, call.params["pipelineName"])
        chosen = call.params.get("filter", {})
        latest = chosen.get("latestInPipelineExecution", {})
        wanted = chosen.get("pipelineExecutionId") or latest.get("pipelineExecutionId")
        executions = [self._execution(pipeline, wanted)] if wanted else pipeline.executions
        newest_first = [_action(execution, run) for execution in reversed(executions)
                        for run in _runs(execution, latest.get("startTimeRange") == "Latest")]
        return _page("actionExecutionDetails", newest_first, call, pipeline.page)

    def get_pipeline(self, call: AwsCall) -> dict[str, Any]:
        pipeline = self._pipeline(call, call.params["name"])
        if call.params.get("version", 1) != 1:
            raise AwsError("PipelineVersionNotFoundException",
                           "The pipeline has no such version.")
        return {"pipeline": _declaration(pipeline),
                "metadata": {"pipelineArn": pipeline.arn, "created": 1767225600.0,
                             "updated": 1767225600.0}}

    def _pipeline(self, call: AwsCall, name: str) -> Pipeline:
        pipeline = self._pipelines.get((call.account, call.region, name))
        if pipeline is None:
            raise AwsError("PipelineNotFoundException", f"Account '{call.account}' does not have "
                           f"a pipeline with name '{name}'")
        return pipeline

    def _execution(self, pipeline: Pipeline, execution_id: str) -> Execution:
        for execution in pipeline.executions:
            if execution.execution_id == execution_id:
                return execution
        raise AwsError("PipelineExecutionNotFoundException", "The pipeline does not have an "
                       f"execution with ID '{execution_id}'")


def _runs(execution: Execution, latest: bool) -> list[ActionRun]:
    """The runs of an execution's actions, newest first; ``latest``: of each action the last."""
    newest = {run.plan.path: run for run in execution.actions}
    return [run for run in reversed(execution.actions)
            if not latest or newest[run.plan.path] is run]


def _check_names_distinct(variables: list[dict[str, str]]) -> None:
    seen = set()
    for variable in variables:
        if variable["name"] in seen:
            raise AwsError("ValidationException", "Variable names must be unique. The following "
                           f"variable name is already in use: {variable['name']}")
        seen.add(variable["name"])


def _resolve(pipeline: Pipeline, given: list[dict[str, str]]) -> dict[str, str]:
    """The values of the declared variables; undeclared names are ignored, by V1 all."""
    if pipeline.kind == "V1":
        return {}
    values = {each["name"]: each["value"] for each in given}
    resolved = {}
    for declared in pipeline.variables:
        value = values.get(declared["name"], declared.get("defaultValue"))
        if value is not None:
            resolved[declared["name"]] = value
    return resolved


def _page(member: str, items: list[Any], call: AwsCall, most: int) -> dict[str, Any]:
    size = min(most, call.params.get("maxResults", 100))
    shown, more = page(items, call.params.get("nextToken"), size, "InvalidNextTokenException")
    return {member: shown, **({"nextToken": more} if more else {})}


def _described(execution: Execution) -> dict[str, Any]:
    described = {
        "pipelineName": execution.pipeline.name, "pipelineVersion": 1,
        "pipelineExecutionId": execution.execution_id, "status": execution.status,
        "artifactRevisions": [], "executionMode": execution.pipeline.mode,
        "executionType": "STANDARD",
        "trigger": {"triggerType": execution.start.trigger_type,
                    "triggerDetail": execution.start.principal}}
    if execution.summary:
        described["statusSummary"] = execution.summary
    if execution.variables:
        described["variables"] = [{"name": name, "resolvedValue": value}
                                  for name, value in sorted(execution.variables.items(),
                                                            key=lambda each: each[::-1])]
    return described


def _summary(execution: Execution) -> dict[str, Any]:
    kept = ("pipelineExecutionId", "status", "statusSummary", "trigger", "executionMode",
            "executionType", "stopTrigger")
    described = _described(execution)
    if execution.stop_comments:
        described["stopTrigger"] = {"reason": execution.stop_comments}
    return {**{name: described[name] for name in kept if name in described},
            "startTime": round(execution.started, 3),
            "lastUpdateTime": round(execution.updated, 3), "sourceRevisions": []}


def _action(execution: Execution, run: ActionRun) -> dict[str, Any]:
    return {
        "pipelineExecutionId": execution.execution_id, "actionExecutionId": run.action_id,
        "pipelineVersion": 1, "stageName": run.plan.stage, "actionName": run.plan.name,
        "startTime": round(run.started, 3), "lastUpdateTime": round(run.updated, 3),
        "status": run.status,
        "input": {"actionTypeId": {"__type": "ActionTypeId", **run.type},
                  "configuration": {"ProjectName": run.project(execution)},
                  "resolvedConfiguration": {"ProjectName": run.project(execution)},
                  "region": execution.pipeline.region, "inputArtifacts": []},
        "output": {"outputArtifacts": [], "executionResult": run.result(execution),
                   "outputVariables": run.visible_outputs},
    }


def _declaration(pipeline: Pipeline) -> dict[str, Any]:
    stages: dict[str, list[dict[str, Any]]] = {}
    for action in pipeline.plans[0].actions:
        stage = stages.setdefault(action.stage, [])
        stage.append({
            "name": action.name, "runOrder": len(stage) + 1,
            "actionTypeId": {"category": action.category, "owner": "AWS",
                             "provider": action.provider, "version": "1"}})
    return {
        "name": pipeline.name, "version": 1, "pipelineType": pipeline.kind,
        "roleArn": f"arn:aws:iam::{pipeline.account}:role/{pipeline.name}",
        "executionMode": pipeline.mode, "variables": pipeline.variables,
        "artifactStore": {"type": "S3", "location": f"golden-{pipeline.account}"},
        "stages": [{"name": name, "actions": actions} for name, actions in stages.items()]}
