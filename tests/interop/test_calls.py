"""Each service that the worker speaks to, asked in moto: our body, our signature, our reading."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.worker import environment
from tests.interop.moto_server import IMAGE
from tests.interop.queues import Queue

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
REGION = "eu-west-1"


@pytest.fixture
def call(moto, tmp_path):
    """call("GetParameter", ["name", "/a"], ...): what AWS answers, with what tells it in rows."""
    def make(operation, *rows, **env):
        body = json.loads(run("wire_body", json.dumps([[operation], *rows])))["body"]
        given = {"AWS_ENDPOINT_URL": moto.url, "AWS_ACCESS_KEY_ID": moto.key["AccessKeyId"],
                 "AWS_SECRET_ACCESS_KEY": moto.key["SecretAccessKey"], **env}
        said = run("aws_call", body, operation, REGION, env=environment(None, tmp_path, **given))
        request_id, answer = said.split("\n", 1)
        assert request_id
        return answer
    return make


def run(tool, text, *arguments, env=None):
    done = subprocess.run([TOOLS / tool, *arguments], input=text, text=True, env=env,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(operation, answer):
    """As the worker reads XML."""
    return json.loads(run("wire_answer", json.dumps({"operation": operation, "body": answer})))


def test_sts(moto, call):
    who = read("GetCallerIdentity", call("GetCallerIdentity"))
    assert who["Arn"].endswith(":user/evergold") and who["Account"] == "123456789012"
    answer = read("AssumeRole", call("AssumeRole", ["role_arn", moto.role],
                                     ["session_name", "golden"], ["duration_s", "900"]))
    assert json.dumps(answer).count("ASIA") == 1


def test_sns(moto, call):
    queue = Queue(moto.client("sqs"))
    topic = moto.client("sns").create_topic(Name="news")["TopicArn"]
    policy = json.dumps({"kind": ["release"]})
    read_arn = call("Subscribe", ["topic_arn", topic], ["queue_arn", queue.arn],
                    ["filter_policy", policy])
    [made] = moto.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert made["SubscriptionArn"] in read_arn
    told = read("GetSubscriptionAttributes",
                call("GetSubscriptionAttributes", ["subscription_arn", made["SubscriptionArn"]]))
    assert (told["TopicArn"], told["Endpoint"]) == (topic, queue.arn)
    assert json.loads(told["FilterPolicy"]) == json.loads(policy)


def test_ec2(call):
    [found] = read("DescribeImages", call("DescribeImages", ["image_id", IMAGE]))["Images"]
    assert (found["ImageId"], found["State"]) == (IMAGE, "available")


def test_ssm(moto, call):
    call("PutParameter", ["name", "/golden/a"], ["value", "ami-1 äß☃"])
    assert moto.client("ssm").get_parameter(Name="/golden/a")["Parameter"]["Value"] == "ami-1 äß☃"
    told = json.loads(call("GetParameter", ["name", "/golden/a"]))["Parameter"]
    assert (told["Value"], told["Version"]) == ("ami-1 äß☃", 1)
    below = json.loads(call("GetParametersByPath", ["path", "/golden"]))["Parameters"]
    assert "/golden/a" in [each["Name"] for each in below]


def test_secretsmanager(moto, call):
    moto.client("secretsmanager").create_secret(Name="slack", SecretString="xoxb-1")
    assert json.loads(call("GetSecretValue", ["secret_id", "slack"]))["SecretString"] == "xoxb-1"


def test_eventbridge_brings_our_event_into_a_queue(moto, call):
    queue, events = Queue(moto.client("sqs")), moto.client("events")
    events.put_rule(Name="ours", EventPattern=json.dumps({"source": ["evergold"]}))
    events.put_targets(Rule="ours", Targets=[{"Id": "queue", "Arn": queue.arn}])
    answer = json.loads(call("PutEvents", ["source", "evergold"],
                             ["detail_type", "Golden"], ["detail", '{"a": 1}'],
                             ["time_s", "1764547200"]))
    assert answer["FailedEntryCount"] == 0
    queue.wait(visible=1)


def test_dynamodb(moto, call):
    moto.client("dynamodb").create_table(
        TableName="ledger", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    table = ["table", "ledger"]
    put = ["PutItem", table, ["item", "pk", "S", "build#1"], ["item", "n", "N", "7"],
           ["condition", "attribute_not_exists(pk)"]]
    call(*put)
    told = json.loads(call("GetItem", table, ["item", "pk", "S", "build#1"]))["Item"]
    assert told == {"pk": {"S": "build#1"}, "n": {"N": "7"}}
    with pytest.raises(AssertionError, match="ConditionalCheckFailedException"):
        call(*put)


@pytest.mark.parametrize("operation, rows, words", [
    ("GetCallerIdentity", [], "SignatureDoesNotMatch"),
    ("DescribeImages", [["image_id", IMAGE]], "AWS was not able to validate"),
    ("GetParameter", [["name", "/golden/a"]], "signature we calculated does not match"),
])
def test_a_wrong_secret_is_refused(call, operation, rows, words):
    with pytest.raises(AssertionError, match=words):
        call(operation, *rows, AWS_SECRET_ACCESS_KEY="wrong")
