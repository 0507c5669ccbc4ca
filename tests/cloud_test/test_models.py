"""Parameters are judged by AWS's models, and every breach is recorded."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from raw import Raw, send

from tests.cloud import models
from tests.cloud.client import Cloud


def start(**params) -> Raw:
    return Raw("codepipeline", "StartPipelineExecution", {"name": "golden", **params})


def variables(*pairs) -> Raw:
    return start(variables=[{"name": name, "value": value} for name, value in pairs])


@pytest.mark.parametrize(("raw", "code", "words"), [
    (start(colour="red"), "SerializationException", "'colour'"),
    (start(variables=[{"name": "A", "value": "1", "type": "x"}]), "SerializationException",
     "variables.1.member.type"),
    (start(variables="A=1"), "SerializationException", "list expected"),
    (variables(("A", 1)), "SerializationException", "string expected"),
    (Raw("codepipeline", "StartPipelineExecution", {}), "ValidationException",
     "Value null at 'name' failed to satisfy constraint: Member must not be null"),
    (start(variables=[]), "ValidationException", "length greater than or equal to 1"),
    (variables(("A", "")), "ValidationException",
     "1 validation error detected: Value at 'variables.1.member.value' failed to satisfy "
     "constraint: Member must have length greater than or equal to 1"),
    (variables(("A", "x" * 1001)), "ValidationException", "less than or equal to 1000"),
    (variables(("A b", "1")), "ValidationException", "regular expression pattern"),
    (start(clientRequestToken="x" * 129), "ValidationException", "less than or equal to 128"),
    (start(clientRequestToken="a_b"), "ValidationException", "[a-zA-Z0-9-]+"),
    (start(sourceRevisions=[{"actionName": "A", "revisionType": "X", "revisionValue": "1"}]),
     "ValidationException", "enum value set: [COMMIT_ID"),
    (Raw("ssm", "GetParametersByPath", {"Path": "/a", "MaxResults": 11}), "ValidationException",
     "less than or equal to 10"),
    (Raw("ssm", "GetParameter", {"Name": "/a", "WithDecryption": 1}), "SerializationException",
     "boolean expected"),
    (Raw("sqs", "ReceiveMessage", {"QueueUrl": "u", "MaxNumberOfMessages": True}),
     "SerializationException", "integer expected"),
    (Raw("sqs", "ReceiveMessage", {}), "MissingRequiredParameterException", "QueueUrl"),
    (Raw("sqs", "ReceiveMessage", {"QueueUrl": "u", "MessageSystemAttributeNames": ["Colour"]}),
     "InvalidAttributeName", "Unknown Attribute"),
    (Raw("ssm", "GetParameter", body=b'{"Name":"/a","Name":"/b"}'), "SerializationException",
     "twice"),
    (Raw("ssm", "GetParameter", body=b'{"Name":"\xff"}'), "SerializationException", "utf-8"),
    (Raw("ssm", "GetParameter", body=b'["/a"]'), "SerializationException", "object"),
    (Raw("ssm", "GetParameter", body=b""), "SerializationException", "body"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_breach(cloud, raw, code, words):
    answer = send(cloud, raw)
    assert (answer.status, answer.code) == (400, code)
    assert words in answer.message
    assert cloud.violations()


def test_several_breaches_are_counted(cloud):
    answer = send(cloud, variables(("", ""), ("A", "")))
    assert answer.message.startswith("4 validation errors detected: ")


@pytest.mark.parametrize("headers", [
    {"Content-Type": "application/json"},
    {"Content-Type": "application/x-amz-json-1.0"},
    {"X-Amz-Target": "AmazonSSM.NoSuchOperation"},
    {"X-Amz-Target": "AmazonXYZ.GetParameter"},
])
def test_wrong_headers(cloud, headers):
    answer = send(cloud, Raw("ssm", "GetParameter", {"Name": "/a"}, headers=headers))
    assert (answer.status, answer.code) == (404, "UnknownOperationException")
    assert cloud.violations()


FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
TOPIC = "arn%3Aaws%3Asns%3Aus-east-1%3A111122223333%3Anews"


def publish(form: str) -> Raw:
    body = f"Action=Publish&Version=2010-03-31&TopicArn={TOPIC}{form}".encode()
    return Raw("sns", "Publish", region="us-east-1", headers=FORM, body=body)


@pytest.mark.parametrize(("form", "words"), [
    ("&Message=x&Colour=red", "Colour is unknown"),
    ("&Message=x&MessageAttributes.entry.2.Name=a"
     "&MessageAttributes.entry.2.Value.DataType=String", "MessageAttributes.entry.2.Name"),
    ("", "Value null at 'Message'"),
])
def test_form_breach(cloud, form, words):
    answer = send(cloud, publish(form))
    assert answer.status == 400 and words in answer.body.decode()
    assert cloud.violations()


def test_form_with_a_key_twice_is_nothing(cloud):
    assert send(cloud, publish("&Message=x&Message=y")).status == 404


def test_legacy_code_for_sdks(cloud, aws):
    sqs = aws("sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refusal:
        sqs.get_queue_url(QueueName="none")
    assert refusal.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    answer = send(cloud, Raw("sqs", "GetQueueUrl", {"QueueName": "none"}))
    assert answer.code == "QueueDoesNotExist"
    assert b'"com.amazonaws.sqs#QueueDoesNotExist"' in answer.body
    assert "x-amzn-query-error" not in answer.headers


def test_our_own_answers_are_judged():
    operation = models.operation_model("codepipeline", "StartPipelineExecution")
    assert models.answer_report({"pipelineExecutionId": "x"}, operation) == []
    assert models.answer_report({"pipelineExecutionId": "x", "__type": "y"}, operation) == []
    assert models.answer_report({"pipelineExecutionID": "x"}, operation)
    assert models.answer_report({"pipelineExecutionId": 1}, operation)


def test_unserved_operation(aws):
    with pytest.raises(ClientError, match="UnsupportedOperation"):
        aws("sqs").list_message_move_tasks(SourceArn="arn:aws:sqs:eu-west-1:1:a")


def test_record_of_a_call(cloud: Cloud, aws):
    aws("sqs").get_queue_url(QueueName="ami-announcements")
    (call,) = cloud.calls("sqs", "GetQueueUrl")
    assert call["params"] == {"QueueName": "ami-announcements"}
    assert (call["region"], call["status"], call["violations"]) == ("eu-west-1", 200, [])
    assert call["access_key"] == cloud.env()["AWS_ACCESS_KEY_ID"]
