"""Events of pipelines and builds in the queue."""

from __future__ import annotations

import json

import pytest

from tests.cloud.client import CloudError

QUICK = [{"name": name, "actions": [{"name": f"Do{name}", "seconds": 0.01}]}
         for name in ("Source", "Build")]


@pytest.fixture
def bodies(cloud, aws):
    """Runs a pipeline to its end and gives every event's text, in the order of arrival."""

    def bodies(events, count, **plan):
        cloud.pipeline("golden", events=events, plan={"stages": QUICK, **plan})
        aws("codepipeline").start_pipeline_execution(name="golden")
        cloud.wait_for(executions={"finished": True}, queue={"visible": count})
        messages = aws("sqs").receive_message(
            QueueUrl=cloud.queue_url, MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["SenderId"])["Messages"]
        assert {each["Attributes"]["SenderId"] for each in messages} == {"AIDAJXNJGGKNS7OSV23OI"}
        return [message["Body"] for message in messages]

    return bodies


def states(bodies):
    return [json.loads(body)["detail"]["state"] for body in bodies]


def test_shape(cloud, bodies):
    started, ended = bodies(True, 2)
    assert ended == json.dumps(json.loads(ended), separators=(",", ":"))
    assert '"version":1.0' in ended and '"pipeline-execution-attempt":1.0' in ended
    event = json.loads(ended)
    execution = cloud.executions()[0]
    assert event["source"] == "aws.codepipeline" and event["region"] == "eu-west-1"
    assert event["detail-type"] == "CodePipeline Pipeline Execution State Change"
    assert event["resources"] == ["arn:aws:codepipeline:eu-west-1:111122223333:golden"]
    assert event["detail"]["execution-id"] == execution["id"]
    assert event["detail"]["state"] == "SUCCEEDED"
    assert json.loads(started)["detail"]["execution-trigger"]["trigger-type"] == (
        "StartPipelineExecution")
    assert json.loads(started)["id"] != event["id"]


@pytest.mark.parametrize(("outcome", "expected"), [
    ("Failed", ["STARTED", "FAILED"]), ("Superseded", ["STARTED", "SUPERSEDED"]),
    ("Cancelled", ["STARTED", "CANCELED"]), ("Stopped", ["STARTED", "STOPPING", "STOPPED"])])
def test_states(bodies, outcome, expected):
    assert states(bodies(True, len(expected), outcome=outcome)) == expected


def test_twice_with_one_id(bodies):
    events = bodies({"copies": 2}, 4)
    assert events[0] == events[1] and events[2] == events[3]


def test_start_after_the_end(bodies):
    assert states(bodies({"late_start": True}, 2)) == ["SUCCEEDED", "STARTED"]


def test_every_level(bodies):
    levels = {"levels": ["pipeline", "stage", "action"]}
    events = [json.loads(body) for body in bodies(levels, 10)]
    assert [event["detail"]["state"] for event in events] == [
        "STARTED", "STARTED", "STARTED", "SUCCEEDED", "SUCCEEDED",
        "STARTED", "STARTED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]
    assert events[2]["detail"]["action"] == "DoSource"
    assert events[1]["detail"]["pipeline-execution-attempt"] == 0.0


def test_none(cloud, aws):
    cloud.pipeline("golden", plan={"stages": QUICK})
    aws("codepipeline").start_pipeline_execution(name="golden")
    cloud.wait_for(executions={"finished": True})
    assert cloud.queue_depth() == 0


def test_delayed(cloud, aws):
    codepipeline = aws("codepipeline")
    cloud.pipeline("golden", events={"delay": 600}, plan={"stages": QUICK})
    codepipeline.start_pipeline_execution(name="golden")
    cloud.wait_for(executions={"finished": True})
    assert cloud.queue_depth() == 0
    cloud.pipeline("golden", events={"delay": 0.1}, plan={"stages": QUICK})
    codepipeline.start_pipeline_execution(name="golden")
    cloud.wait_for(queue={"visible": 2})


def test_levels_of_a_failure(bodies, cloud):
    every = {"levels": ["pipeline", "stage", "action"]}
    texts = bodies(every, 10, outcome="Failed", at="Build")
    told = {(event["detail-type"].split()[1], states([text])[0]): event["detail"]
            for text in texts if (event := json.loads(text))["source"] == "aws.codepipeline"}
    failed = told["Action", "FAILED"]["execution-result"]
    assert failed["error-code"] == "JobFailed"
    assert failed["external-execution-url"].startswith("https://console.aws.amazon.com/codebuild/")
    assert told["Stage", "FAILED"]["pipeline-execution-attempt"] == 0.0
    assert cloud.violations() == []


def test_builds(cloud, bodies):
    begun, ended = (json.loads(body) for body in bodies(
        {"levels": ["build"], "drop": ["SUCCEEDED"]}, 3, outcome="Failed", at="Build")[1:])
    assert (begun["source"], begun["detail-type"]) == (
        "aws.codebuild", "CodeBuild Build State Change")
    assert begun["detail"]["build-status"] == "IN_PROGRESS"
    assert "logs" not in begun["detail"]["additional-information"]
    assert ended["detail"]["build-status"] == "FAILED"
    assert ended["resources"] == [ended["detail"]["build-id"]]
    about = ended["detail"]["additional-information"]
    assert (about["build-complete"], about["initiator"]) == (True, "codepipeline/golden")
    assert about["logs"]["group-name"] == "/aws/codebuild/golden-build"
    url = cloud.executions()[0]["id"]
    assert url not in ended["detail"]["build-id"]


@pytest.mark.parametrize(("given", "expected"), [
    ({"order": "reversed"}, ["SUCCEEDED", "SUCCEEDED", "STARTED", "SUCCEEDED", "STARTED",
                             "STARTED"]),
    ({"drop": ["stage:STARTED"]}, ["STARTED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]),
    ({"drop": ["stage"]}, ["STARTED", "SUCCEEDED"]),
    ({"drop": ["STARTED"]}, ["SUCCEEDED"] * 3)])
def test_order_and_loss(bodies, given, expected):
    assert states(bodies({"levels": ["pipeline", "stage"], **given}, len(expected))) == expected


def test_shuffled_by_its_seed(bodies, cloud):
    def order(seed):
        cloud.reset()
        rule = {"levels": ["pipeline", "stage", "action"], "order": "shuffled", "seed": seed}
        return [(event["detail-type"], event["detail"]["state"])
                for event in map(json.loads, bodies(rule, 10))]

    assert order(1) == order(1) != order(2)


def test_all_are_lost_and_can_be_had(cloud):
    cloud.pipeline("golden", events={"drop": True}, plan={"stages": QUICK})
    execution = cloud.start_pipeline("golden")
    cloud.wait_for(executions={"finished": True})
    assert cloud.queue_depth() == 0
    told = cloud.events(execution)
    assert [event["detail"]["state"] for event in told if "Pipeline Execution State" in
            event["detail-type"]] == ["STARTED", "SUCCEEDED"]
    cloud.put_body(json.dumps(told[-1]))
    assert cloud.queue_depth() == 1


def test_another_queue(cloud):
    cloud.queue("events")
    cloud.pipeline("golden", events={"queue": "events"}, plan={"stages": QUICK})
    cloud.start_pipeline("golden")
    cloud.wait_for(queue={"name": "events", "visible": 2})
    assert cloud.queue_depth() == 0


@pytest.fixture
def sent(cloud):
    """The bodies that a failing pipeline's rule leaves in the queue."""

    def sent(**rule):
        cloud.pipeline("golden", events=rule, plan={"stages": QUICK, "outcome": "Failed"})
        cloud.start_pipeline("golden")
        cloud.wait_for(executions={"finished": True}, queue={"visible": 2})
        return [each["body"] for each in cloud.queue_state(bodies=True)["messages"]]

    return sent


def test_in_an_sns_envelope(cloud, sent):
    _, body = sent(via="sns")
    envelope = json.loads(body)
    assert envelope["Type"] == "Notification" and envelope["Signature"]
    assert envelope["TopicArn"] == "arn:aws:sns:eu-west-1:111122223333:pipeline-events"
    assert json.loads(envelope["Message"]) == cloud.events()[-1]


@pytest.mark.parametrize("raw", [False, True])
def test_codestar_notifications(sent, raw):
    _, body = sent(via="codestar", raw=raw)
    event = json.loads(body if raw else json.loads(body)["Message"])
    assert event["detailType"] == "CodePipeline Pipeline Execution State Change"
    assert not {"id", "version", "detail-type"} & event.keys()
    assert event["notificationRuleArn"].startswith("arn:aws:codestar-notifications:eu-west-1:")
    known = event["additionalAttributes"]
    assert (known["failedActionCount"], known["failedStage"]) == (1, "Build")
    assert known["failedActions"][0]["action"] == "DoBuild"


def test_codestar_tells_the_sources_of_a_stage(cloud):
    stages = [{"name": "Source", "actions": [
        {"name": "Fetch", "seconds": 0.01, "provider": "S3", "category": "Source"}]}]
    cloud.pipeline("golden", events={"via": "codestar", "raw": True, "levels": ["stage"]},
                   plan={"stages": stages})
    cloud.start_pipeline("golden")
    cloud.wait_for(queue={"visible": 2})
    begun = json.loads(cloud.queue_state(bodies=True)["messages"][0]["body"])
    assert begun["additionalAttributes"] == {"sourceActions": [
        {"sourceActionName": "Fetch", "sourceActionProvider": "S3", "sourceActionVariables": {}}]}


@pytest.mark.parametrize("rule", [
    {"levels": ["weather"]}, {"order": "sorted"}, {"via": "pigeon"}, {"queue": "none"},
    {"colour": 1}])
def test_rules_that_make_no_sense(cloud, rule):
    with pytest.raises(CloudError):
        cloud.pipeline("golden", events=rule)
