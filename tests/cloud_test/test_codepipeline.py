"""CodePipeline as real CodePipeline was seen to behave, driven by boto3."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError

QUICK = [{"name": name, "actions": [{"name": f"Do{name}", "seconds": 0.01}]}
         for name in ("Source", "Build", "Test")]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def codepipeline(aws):
    return aws("codepipeline")


@pytest.fixture
def run(cloud, codepipeline):
    """Runs a pipeline with a plan to its end; its execution as GetPipelineExecution shows it."""

    def run(**plan):
        cloud.pipeline("golden", plan={"stages": QUICK, **plan})
        started = codepipeline.start_pipeline_execution(name="golden")["pipelineExecutionId"]
        cloud.wait_for(executions={"finished": True})
        return codepipeline.get_pipeline_execution(
            pipelineName="golden", pipelineExecutionId=started)["pipelineExecution"]

    return run


def start(codepipeline, token, **values):
    variables = [{"name": name, "value": value} for name, value in values.items()]
    return codepipeline.start_pipeline_execution(
        name="golden", clientRequestToken=token, **({"variables": variables} if values else {})
    )["pipelineExecutionId"]


def test_the_same_token_is_the_same_execution(cloud, codepipeline):
    cloud.pipeline("golden", variables=["A", {"name": "B", "defaultValue": "b"}])
    first = start(codepipeline, "token-1", A="1")
    assert UUID.fullmatch(first)
    assert start(codepipeline, "token-1", A="changed") == first
    assert start(codepipeline, "token-1") == first
    assert start(codepipeline, "token-2", A="2") != first
    assert [each["variables"] for each in cloud.executions()] == [
        {"A": "1", "B": "b"}, {"A": "2", "B": "b"}]
    assert [each["token"] for each in cloud.executions()] == ["token-1", "token-2"]
    assert cloud.violations() == []


def test_shape_is_checked_before_the_token(cloud, codepipeline):
    cloud.pipeline("golden", variables=["A"])
    start(codepipeline, "token-1", A="1")
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    with pytest.raises(ClientError, match="must be unique.*already in use: A"):
        codepipeline.start_pipeline_execution(name="golden", clientRequestToken="token-1",
                                              variables=twice)


def test_unknown_variables_are_ignored(cloud, codepipeline):
    cloud.pipeline("golden", variables=["A"])
    start(codepipeline, "t", A="1", Bogus="2", a="3")
    assert cloud.executions()[0]["variables"] == {"A": "1"}


def test_a_missing_required_variable_fails_at_once(cloud, codepipeline):
    cloud.pipeline("golden", variables=["A", "B"])
    execution = codepipeline.get_pipeline_execution(
        pipelineName="golden", pipelineExecutionId=start(codepipeline, "t", B="1"))
    execution = execution["pipelineExecution"]
    assert (execution["status"], execution["statusSummary"]) == (
        "Failed", "Values for required variables haven't been provided: A")
    assert codepipeline.list_action_executions(pipelineName="golden")[
        "actionExecutionDetails"] == []


def test_regions_are_apart(cloud, aws, codepipeline):
    cloud.pipeline("golden", region="us-east-1")
    with pytest.raises(codepipeline.exceptions.PipelineNotFoundException) as refusal:
        start(codepipeline, "t")
    assert "does not have a pipeline with name 'golden'" in str(refusal.value)
    start(aws("codepipeline", "us-east-1"), "t")
    assert [each["region"] for each in cloud.executions()] == ["us-east-1"]


def test_success_with_outputs(cloud, codepipeline):
    cloud.pipeline("golden", plan={"stages": [{"name": "Build", "actions": [
        {"name": "Bake", "seconds": 0.01, "outputs": {"GOLDEN_AMI_ID": "{ami}", "N": "1"}}]}]})
    execution_id = start(codepipeline, "t")
    cloud.wait_for(executions={"status": "Succeeded"})
    (action,) = codepipeline.list_action_executions(
        pipelineName="golden", filter={"pipelineExecutionId": execution_id}
    )["actionExecutionDetails"]
    assert action["status"] == "Succeeded"
    outputs = action["output"]["outputVariables"]
    assert re.fullmatch(r"ami-[0-9a-f]{17}", outputs["GOLDEN_AMI_ID"]) and outputs["N"] == "1"
    assert cloud.violations() == []


def test_failure_names_the_action(cloud, run, codepipeline):
    execution = run(outcome="Failed", at="Build", code="JobFailed", message="packer said no")
    assert execution["status"] == "Failed"
    details = codepipeline.list_action_executions(pipelineName="golden")["actionExecutionDetails"]
    assert [(each["stageName"], each["status"]) for each in details] == [
        ("Build", "Failed"), ("Source", "Succeeded")]
    result = details[0]["output"]["executionResult"]
    assert result["errorDetails"] == {"code": "JobFailed", "message": "packer said no"}
    assert result["externalExecutionSummary"] == "packer said no"
    assert result["externalExecutionUrl"].startswith("https://console.aws.amazon.com/codebuild/")


def test_failure_without_details(run, codepipeline):
    run(outcome="Failed", details=False, url="https://ci.example.net/7")
    details = codepipeline.list_action_executions(pipelineName="golden")["actionExecutionDetails"]
    result = details[0]["output"]["executionResult"]
    assert "errorDetails" not in result
    assert result["externalExecutionUrl"] == "https://ci.example.net/7"


@pytest.mark.parametrize(("outcome", "last"), [
    ("Stopped", ("Test", "Abandoned")), ("Cancelled", ("Test", "Abandoned")),
    ("Superseded", ("Source", "Succeeded"))])
def test_other_ends(run, codepipeline, outcome, last):
    assert run(outcome=outcome)["status"] == outcome
    newest = codepipeline.list_action_executions(pipelineName="golden")[
        "actionExecutionDetails"][0]
    assert (newest["stageName"], newest["status"]) == last


@pytest.mark.parametrize("outcome", ["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"])
def test_control_ends_what_hangs(cloud, codepipeline, outcome):
    cloud.pipeline("golden", plan={"stages": QUICK, "outcome": "Hang", "at": "Build"})
    execution_id = start(codepipeline, "t")
    cloud.wait_for(executions={"status": "InProgress"})
    cloud.finish(execution_id, outcome)
    assert cloud.executions()[0]["status"] == outcome
    cloud.finish(execution_id, "Failed")
    assert cloud.executions()[0]["status"] == outcome


def test_somebody_else_starts_one(cloud, codepipeline):
    cloud.pipeline("golden", variables=["BASE"], plan={"stages": QUICK})
    execution_id = cloud.start_pipeline("golden", variables={"BASE": "ami-1"})
    cloud.wait_for(executions={"status": "Succeeded"})
    execution, = cloud.executions()
    assert (execution["id"], execution["token"]) == (execution_id, None)
    assert execution["started_by"].endswith(":user/somebody")
    assert execution["variables"] == {"BASE": "ami-1"}


def test_plans_are_used_up_in_order(cloud, codepipeline):
    cloud.pipeline("golden", plans=[{"stages": QUICK, "outcome": "Failed"}, {"stages": QUICK}])
    for token in ("1", "2", "3"):
        start(codepipeline, token)
    cloud.wait_for(executions={"finished": True, "count": 3})
    statuses = [each["status"] for each in cloud.executions()]
    assert statuses == ["Failed", "Succeeded", "Succeeded"]


def test_lists_are_newest_first_and_paged(cloud, codepipeline):
    cloud.pipeline("golden", plan={"stages": QUICK})
    ids = [start(codepipeline, token) for token in ("1", "2", "3")]
    cloud.wait_for(executions={"finished": True, "count": 3})
    pages = codepipeline.get_paginator("list_pipeline_executions").paginate(
        pipelineName="golden", PaginationConfig={"PageSize": 2})
    summaries = [page["pipelineExecutionSummaries"] for page in pages]
    assert [len(page) for page in summaries] == [2, 1]
    assert [each["pipelineExecutionId"] for page in summaries for each in page] == ids[::-1]
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName="golden", filter={"pipelineExecutionId": ids[0]},
        PaginationConfig={"PageSize": 2})
    stages = [each["stageName"] for page in pages for each in page["actionExecutionDetails"]]
    assert stages == ["Test", "Build", "Source"]


def test_not_found(cloud, codepipeline):
    cloud.pipeline("golden")
    given = {"pipelineName": "golden",
             "pipelineExecutionId": "00000000-0000-0000-0000-000000000000"}
    with pytest.raises(codepipeline.exceptions.PipelineExecutionNotFoundException):
        codepipeline.get_pipeline_execution(**given)
    with pytest.raises(codepipeline.exceptions.InvalidNextTokenException):
        codepipeline.list_pipeline_executions(pipelineName="golden", nextToken="?")


def test_declaration(cloud, codepipeline):
    cloud.pipeline("golden", variables=["A", {"name": "B", "defaultValue": "b"}])
    pipeline = codepipeline.get_pipeline(name="golden")["pipeline"]
    assert (pipeline["pipelineType"], pipeline["executionMode"]) == ("V2", "QUEUED")
    assert pipeline["variables"] == [{"name": "A"}, {"name": "B", "defaultValue": "b"}]
    assert cloud.violations() == []
