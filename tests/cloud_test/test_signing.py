"""Whose signature is believed, and what a refusal says."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from raw import Raw, send

LIST = Raw("sqs", "GetQueueUrl", {"QueueName": "ami-announcements"})


def like(**changes) -> Raw:
    return Raw(**{**vars(LIST), **changes})


def test_right_signature(cloud):
    answer = send(cloud, LIST)
    assert (answer.status, cloud.violations()) == (200, [])
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert "x-amzn-RequestId" in answer.headers and "Date" in answer.headers


@pytest.mark.parametrize(("raw", "code", "words"), [
    (like(secret="wrong"), "InvalidSignatureException", "does not match"),
    (like(sent_body=b'{"QueueName":"another"}'), "InvalidSignatureException", "does not match"),
    (like(key="NOSUCHKEY"), "UnrecognizedClientException", "security token"),
    (like(token="surplus"), "UnrecognizedClientException", "security token"),
    (like(scope="sns"), "InvalidSignatureException", "correct service: 'sqs'"),
    (like(offset_s=-301), "InvalidSignatureException", "Signature expired: "),
    (like(offset_s=301), "InvalidSignatureException", "Signature not yet current: "),
    (like(without=("authorization",)), "MissingAuthenticationTokenException", "Missing|missing"),
    (like(unsigned={"Authorization": "AWS4-HMAC-SHA256 Credential=x"}),
     "IncompleteSignatureException", "Authorization header requires"),
    (like(without=("x-amz-date",)), "IncompleteSignatureException", "X-Amz-Date"),
    (like(headers={"X-Amz-Content-SHA256": "0" * 64}), "InvalidSignatureException", "hash"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_wrong_signature(cloud, raw, code, words):
    answer = send(cloud, raw)
    assert (answer.status, answer.code) == (403, code)
    assert any(word in answer.message for word in words.split("|"))
    assert cloud.violations()


def test_clock_within_five_minutes(cloud):
    assert send(cloud, like(offset_s=-290)).status == 200
    assert send(cloud, like(offset_s=290)).status == 200


def test_target_must_be_signed(cloud):
    target = {"X-Amz-Target": "AmazonSQS.GetQueueUrl"}
    raw = Raw("s3", "-", LIST.params, scope="sqs", unsigned=target,
              headers={"Content-Type": "application/x-amz-json-1.0"})
    answer = send(cloud, raw)
    assert answer.code == "InvalidSignatureException" and "x-amz-target" in answer.message


def test_json_1_1_refuses_with_400(cloud):
    answer = send(cloud, Raw("ssm", "GetParameter", {"Name": "/a"}, secret="wrong"))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")


@pytest.mark.parametrize(("given", "code"), [
    ({"secret": "wrong"}, "SignatureDoesNotMatch"),
    ({"key": "NOSUCHKEY"}, "InvalidClientTokenId"),
])
def test_query_names(aws, given, code):
    with pytest.raises(ClientError) as refusal:
        aws("sts", **given).get_caller_identity()
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_session_token(cloud, aws):
    cloud.credentials("TEMPORARY", "their-secret", session_token="a+b/c==")
    given = {"key": "TEMPORARY", "secret": "their-secret"}
    assert aws("sts", token="a+b/c==", **given).get_caller_identity()["Account"] == "111122223333"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        aws("sts", token="another", **given).get_caller_identity()
    cloud.credentials("TEMPORARY", "their-secret", session_token="a+b/c==", expired=True)
    with pytest.raises(ClientError, match="ExpiredToken"):
        aws("sts", token="a+b/c==", **given).get_caller_identity()


def test_nothing_secret_is_recorded(cloud, aws):
    cloud.credentials("TEMPORARY", "their-secret", session_token="sesame")
    ssm = aws("ssm", key="TEMPORARY", secret="their-secret", token="sesame")
    ssm.put_parameter(Name="/s", Value="open", Type="SecureString")
    record = str(cloud.calls())
    assert "TEMPORARY" in record
    assert not any(word in record for word in ("their-secret", "sesame", "open", "Signature="))
