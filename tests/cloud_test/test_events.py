"""EventBridge events of pipelines in the queue."""

from __future__ import annotations

import json

import pytest

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
