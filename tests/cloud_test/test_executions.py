"""What happens to executions besides their plan: retried, stopped, superseded, not ours."""

from __future__ import annotations

import pytest

from tests.cloud.client import CloudError

QUICK = [{"name": "Source", "actions": [{"name": "Fetch", "seconds": 0.01, "provider": "S3",
                                         "category": "Source"}]},
         {"name": "Build", "actions": [{"name": "Lint", "seconds": 0.01, "category": "Test"},
                                       {"name": "Bake", "seconds": 0.01,
                                        "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]},
         {"name": "Test", "actions": [{"name": "Probe", "seconds": 0.01, "category": "Test"}]}]


@pytest.fixture
def codepipeline(aws):
    return aws("codepipeline")


@pytest.fixture
def begin(cloud):
    """begin(**plan): makes a pipeline with that plan and starts it; the execution's id."""

    def begin(given=None, **plan):
        cloud.pipeline("golden", plan={"stages": QUICK, **plan}, **(given or {}))
        return cloud.start_pipeline("golden")

    return begin


def states(cloud, execution, kind):
    return [event["detail"]["state"] for event in cloud.events(execution)
            if event["detail-type"] == f"CodePipeline {kind} Execution State Change"]


def named(cloud):
    return [(each["stage"], each["action"], each["status"])
            for each in cloud.executions()[0]["actions"]]


def test_retried_in_the_console(cloud, codepipeline, begin):
    execution = begin(outcome="Failed", at="Build/Bake")
    cloud.wait_for(executions={"status": "Failed"})
    assert cloud.retry_stage(execution) == "Build"
    cloud.wait_for(executions={"status": "Succeeded"})
    only, = cloud.executions()
    assert (only["id"], only["attempt"]) == (execution, 2)
    assert named(cloud) == [
        ("Source", "Fetch", "Succeeded"), ("Build", "Lint", "Succeeded"),
        ("Build", "Bake", "Failed"), ("Build", "Bake", "Succeeded"),
        ("Test", "Probe", "Succeeded")]
    asked = {"pipelineName": "golden", "filter": {"pipelineExecutionId": execution}}
    listed = codepipeline.list_action_executions(**asked)["actionExecutionDetails"]
    assert [each["actionName"] for each in listed] == ["Probe", "Bake", "Bake", "Lint", "Fetch"]
    assert [each["status"] for each in listed[1:3]] == ["Succeeded", "Failed"]
    asked["filter"] = {"latestInPipelineExecution": {"pipelineExecutionId": execution,
                                                     "startTimeRange": "Latest"}}
    latest = codepipeline.list_action_executions(**asked)["actionExecutionDetails"]
    assert [each["actionName"] for each in latest] == ["Probe", "Bake", "Lint", "Fetch"]
    assert cloud.violations() == []


def test_a_retry_is_told(cloud, begin):
    execution = begin(outcome="Failed", at="Build/Bake")
    cloud.wait_for(executions={"status": "Failed"})
    cloud.retry_stage(execution, plan={"outcome": "Failed", "at": "Test"}, all_actions=True)
    cloud.wait_for(executions={"status": "Failed"})
    assert [each[1] for each in named(cloud)][3:] == ["Lint", "Bake", "Probe"]
    assert states(cloud, execution, "Pipeline") == ["STARTED", "FAILED", "RESUMED", "FAILED"]
    assert states(cloud, execution, "Stage") == [
        "STARTED", "SUCCEEDED", "STARTED", "FAILED", "RESUMED", "SUCCEEDED", "STARTED", "FAILED"]
    attempts = [(event["detail"].get("stage"), event["detail"]["pipeline-execution-attempt"])
                for event in cloud.events(execution) if "Pipeline" in event["detail-type"]
                and event["detail"].get("state") in ("RESUMED", "FAILED")
                and "action" not in event["detail"]]
    assert attempts == [("Build", 0.0), (None, 1.0), (None, 2.0), ("Build", 2.0),
                        ("Test", 0.0), (None, 2.0)]
    last = cloud.events(execution)[-1]["detail"]
    assert last["last-retry-attempt-time"] > last["start-time"]


def test_only_what_failed_can_be_retried(cloud, codepipeline, begin):
    execution = begin()
    cloud.wait_for(executions={"status": "Succeeded"})
    with pytest.raises(CloudError, match="no stage to retry"):
        cloud.retry_stage(execution)
    where = {"pipelineName": "golden", "pipelineExecutionId": execution,
             "retryMode": "FAILED_ACTIONS"}
    with pytest.raises(codepipeline.exceptions.StageNotRetryableException):
        codepipeline.retry_stage_execution(stageName="Build", **where)
    with pytest.raises(codepipeline.exceptions.StageNotFoundException):
        codepipeline.retry_stage_execution(stageName="None", **where)


def test_stopped_and_abandoned(cloud, codepipeline, begin):
    execution = begin(outcome="Hang", at="Build/Bake")
    cloud.wait_for(executions={"status": "InProgress", "action": "Bake"})
    cloud.stop_execution(execution, comments="wrong base")
    assert cloud.executions()[0]["status"] == "Stopped"
    assert named(cloud)[-1] == ("Build", "Bake", "Abandoned")
    assert states(cloud, execution, "Pipeline") == ["STARTED", "STOPPING", "STOPPED"]
    assert states(cloud, execution, "Stage")[-1] == "STOPPED"
    stopping, = [event["detail"] for event in cloud.events(execution)
                 if event["detail"].get("state") == "STOPPING"]
    assert stopping["stop-execution-comments"] == "wrong base"
    summary, = codepipeline.list_pipeline_executions(pipelineName="golden")[
        "pipelineExecutionSummaries"]
    assert summary["stopTrigger"] == {"reason": "wrong base"}
    cloud.retry_stage(execution)
    cloud.wait_for(executions={"status": "Succeeded"})
    assert cloud.violations() == []


def test_stopping_until_the_action_ends(cloud, codepipeline, begin):
    execution = begin(outcome="Hang", at="Build/Bake")
    where = {"pipelineName": "golden", "pipelineExecutionId": execution}
    cloud.wait_for(executions={"action": "Bake"})
    codepipeline.stop_pipeline_execution(**where, reason="later")
    told = codepipeline.get_pipeline_execution(**where)["pipelineExecution"]
    assert told["status"] == "Stopping"
    with pytest.raises(codepipeline.exceptions.DuplicatedStopRequestException):
        codepipeline.stop_pipeline_execution(**where)
    codepipeline.stop_pipeline_execution(**where, abandon=True)
    cloud.wait_for(executions={"status": "Stopped"})
    with pytest.raises(codepipeline.exceptions.PipelineExecutionNotStoppableException):
        codepipeline.stop_pipeline_execution(**where)
    assert states(cloud, execution, "Pipeline") == ["STARTED", "STOPPING", "STOPPED"]


def test_the_running_action_ends_before_the_stop(cloud, begin):
    execution = begin(stages=[{"name": "Build", "actions": [
        {"name": "One", "seconds": 0.3}, {"name": "Two", "seconds": 0.01}]}])
    cloud.wait_for(executions={"action": "One"})
    cloud.stop_execution(execution, abandon=False)
    assert cloud.executions()[0]["status"] == "Stopping"
    cloud.wait_for(executions={"status": "Stopped"})
    assert named(cloud) == [("Build", "One", "Succeeded")]


def test_a_newer_one_supersedes_the_one_that_waits(cloud, codepipeline):
    cloud.pipeline("golden", mode="SUPERSEDED",
                   plans=[{"stages": QUICK, "outcome": "Hang", "at": "Build/Bake"},
                          {"stages": QUICK}])
    first, second = (cloud.start_pipeline("golden") for _ in range(2))
    cloud.wait_for(executions={"action": "Fetch", "count": 2})
    third = cloud.start_pipeline("golden")
    cloud.wait_for(executions={"status": "Superseded"})
    cloud.finish(first, "Failed")
    cloud.wait_for(executions={"status": "Succeeded"})
    ended = {each["id"]: each["status"] for each in cloud.executions()}
    assert ended == {first: "Failed", second: "Superseded", third: "Succeeded"}
    assert states(cloud, second, "Pipeline") == ["STARTED", "SUPERSEDED"]
    told = codepipeline.get_pipeline_execution(pipelineName="golden", pipelineExecutionId=second)
    assert told["pipelineExecution"]["executionMode"] == "SUPERSEDED"


@pytest.mark.parametrize("trigger", ["CreatePipeline", "Webhook", "StartPipelineExecution"])
def test_started_by_others(cloud, codepipeline, trigger):
    cloud.pipeline("golden")
    who = "arn:aws:iam::111122223333:user/admin"
    execution = cloud.start_pipeline("golden", by=who, trigger=trigger)
    told = codepipeline.get_pipeline_execution(
        pipelineName="golden", pipelineExecutionId=execution)["pipelineExecution"]
    assert told["trigger"] == {"triggerType": trigger, "triggerDetail": who}
    assert cloud.events(execution)[0]["detail"]["execution-trigger"] == {
        "trigger-type": trigger, "trigger-detail": who}


def test_v1_reads_a_parameter_and_no_variables(cloud, codepipeline):
    cloud.parameter("/golden/base", "ami-1", account="444455556666")
    cloud.parameter("/golden/base", "ami-2")
    cloud.pipeline("golden", type="V1", reads="/golden/base", variables=["A"],
                   plan={"stages": [{"name": "Build", "actions": [
                       {"name": "Bake", "seconds": 0.01, "outputs": {"BASE": "{read}"}}]}]})
    codepipeline.start_pipeline_execution(name="golden",
                                          variables=[{"name": "A", "value": "ignored"}])
    cloud.wait_for(executions={"status": "Succeeded"})
    execution, = cloud.executions()
    assert (execution["variables"], execution["read"]) == ({}, "ami-2")
    assert execution["actions"][0]["outputs"] == {"BASE": "ami-2"}
    assert codepipeline.get_pipeline(name="golden")["pipeline"]["pipelineType"] == "V1"


def test_a_build_fails_without_its_parameter(cloud, codepipeline):
    cloud.pipeline("golden", type="V1", reads="/golden/none", plan={"stages": QUICK})
    cloud.start_pipeline("golden")
    cloud.wait_for(executions={"status": "Failed"})
    failed = codepipeline.list_action_executions(pipelineName="golden")[
        "actionExecutionDetails"][0]
    assert failed["actionName"] == "Bake"
    result = failed["output"]["executionResult"]
    assert result["errorDetails"]["message"] == "Parameter does not exist: /golden/none"


def test_outputs_are_filled_in(cloud):
    outputs = {"HERE": "{ami}", "US": "{ami:us-east-1}", "BASE": "{BASE}", "KEPT": "{other}",
               "TESTS_PASSED": "12"}
    cloud.pipeline("golden", variables=["BASE"], plan={"stages": [{"name": "Build", "actions": [
        {"name": "Bake", "seconds": 0.01, "outputs": outputs}]}]})
    cloud.start_pipeline("golden", variables={"BASE": "ami-7"})
    cloud.wait_for(executions={"status": "Succeeded"})
    told = cloud.executions()[0]["actions"][0]["outputs"]
    assert told["HERE"] != told["US"]
    assert {**told, "HERE": 0, "US": 0} == {**outputs, "BASE": "ami-7", "HERE": 0, "US": 0}


def test_actions_take_as_long_as_they_say(cloud, codepipeline):
    cloud.pipeline("golden", plan={"stages": [{"name": "Build", "actions": [
        {"name": "Bake", "seconds": 0.01, "took": 842, "project": "packer", "summary": "built"},
        {"name": "Probe", "seconds": 0.01, "took": 60}]}]})
    cloud.start_pipeline("golden")
    cloud.wait_for(executions={"status": "Succeeded"})
    probe, bake = codepipeline.list_action_executions(pipelineName="golden")[
        "actionExecutionDetails"]
    took = [(each["lastUpdateTime"] - each["startTime"]).total_seconds()
            for each in (bake, probe)]
    assert [round(each) for each in took] == [842, 60]
    assert probe["startTime"] >= bake["lastUpdateTime"]
    result = bake["output"]["executionResult"]
    assert result["externalExecutionId"].startswith("packer:")
    assert result["externalExecutionSummary"] == "built"


@pytest.mark.parametrize(("images", "state"), [
    ({}, "available"), ({"state": "pending"}, "pending"), ({"missing": True}, None),
    ({"missing": ["eu-west-1"]}, None), ({"missing": ["us-east-1"]}, "available")])
def test_built_images(cloud, aws, begin, images, state):
    begin(images=images)
    cloud.wait_for(executions={"status": "Succeeded"})
    image = cloud.executions()[0]["actions"][2]["outputs"]["GOLDEN_AMI_ID"]
    ec2 = aws("ec2")
    if state is None:
        with pytest.raises(ec2.exceptions.ClientError, match="InvalidAMIID.NotFound"):
            ec2.describe_images(ImageIds=[image])
        return
    found, = ec2.describe_images(ImageIds=[image])["Images"]
    assert (found["State"], found["OwnerId"], found["Public"]) == (state, cloud.account, False)
    cloud.image(image, State="available")
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
    with pytest.raises(ec2.exceptions.ClientError, match="InvalidAMIID.NotFound"):
        aws("ec2", "us-east-1").describe_images(ImageIds=[image])


def test_built_images_are_seen_by_whom_they_are_shared_with(cloud, aws, begin):
    begin(images={"accounts": ["444455556666"]})
    cloud.wait_for(executions={"status": "Succeeded"})
    image = cloud.executions()[0]["actions"][2]["outputs"]["GOLDEN_AMI_ID"]
    for account, sees in (("444455556666", True), ("777788889999", False)):
        key = cloud.issue_key(account=account)
        ec2 = aws("ec2", key=key["AccessKeyId"], secret=key["SecretAccessKey"],
                  token=key["SessionToken"])
        shown = ec2.describe_images(Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
        assert bool(shown) == sees


def test_pages_are_as_long_as_aws_likes(cloud, codepipeline, begin):
    begin({"page": 3})
    cloud.wait_for(executions={"status": "Succeeded"})
    pages = list(codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName="golden"))
    assert [len(page["actionExecutionDetails"]) for page in pages] == [3, 1]


def test_a_pipeline_made_anew_keeps_what_runs(cloud, begin):
    first = begin({"mode": "SUPERSEDED"}, outcome="Hang", at="Source")
    cloud.wait_for(executions={"action": "Fetch"})
    begin({"mode": "SUPERSEDED"})
    third = cloud.start_pipeline("golden")
    cloud.wait_for(executions={"status": "Superseded"})
    cloud.finish(first)
    cloud.wait_for(executions={"status": "Succeeded", "count": 2})
    assert [each["status"] for each in cloud.executions() if each["id"] == third] == ["Succeeded"]
