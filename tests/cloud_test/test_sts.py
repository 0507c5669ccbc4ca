"""Roles and temporary keys, driven by boto3: who may assume what, and in which account they act."""

from __future__ import annotations

import re
import time

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::444455556666:role/teams/start-golden"
SESSION = "arn:aws:sts::444455556666:assumed-role/start-golden/evergold-web"


@pytest.fixture
def sts(aws):
    return aws("sts")


@pytest.fixture
def assumed(aws, sts):
    """assumed("ssm", ...): a client with the keys of ROLE."""

    def client(service: str, region: str = "eu-west-1", **given):
        return aws(service, region, **keys(assume(sts, **given)))

    return client


def assume(sts, **given):
    return sts.assume_role(RoleArn=ROLE, RoleSessionName="evergold-web", **given)["Credentials"]


def keys(shown):
    return {"key": shown["AccessKeyId"], "secret": shown["SecretAccessKey"],
            "token": shown["SessionToken"]}


def test_a_role_is_assumed(cloud, aws, sts):
    cloud.role(ROLE)
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="evergold-web")
    shown = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", shown["AccessKeyId"])
    assert 3590 < shown["Expiration"].timestamp() - time.time() <= 3600
    assert answer["AssumedRoleUser"]["Arn"] == SESSION
    who = aws("sts", **keys(shown)).get_caller_identity()
    assert (who["Account"], who["Arn"]) == ("444455556666", SESSION)
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert cloud.violations() == []


def test_sessions_have_keys_of_their_own(cloud, sts):
    cloud.role(ROLE)
    assert assume(sts)["AccessKeyId"] != assume(sts)["AccessKeyId"]


def test_who_made_a_call(cloud, assumed, sts):
    cloud.role(ROLE)
    assumed("sts").get_caller_identity()
    first, second = cloud.calls("sts")
    assert (first["account"], first["principal"]) == (
        "111122223333", "arn:aws:iam::111122223333:user/evergold")
    assert (second["account"], second["principal"]) == ("444455556666", SESSION)
    cloud.wait_for(calls={"principal": SESSION, "account": "444455556666"})


@pytest.mark.parametrize("given", [
    {}, {"external_id": "another"}, {"external_id": "ours", "refuse": "AccessDenied"}])
def test_a_role_that_is_denied(cloud, sts, given):
    if given:
        cloud.role(ROLE, **given)
    with pytest.raises(ClientError) as refusal:
        assume(sts, ExternalId="ours")
    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert cloud.violations() == []


def test_denial_names_who_and_what(sts):
    with pytest.raises(ClientError, match="User: arn:aws:iam::111122223333:user/evergold is not "
                       f"authorized to perform: sts:AssumeRole on resource: {ROLE}"):
        assume(sts)


def test_the_external_id(cloud, sts):
    cloud.role(ROLE, external_id="ours")
    assert assume(sts, ExternalId="ours")
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(sts)


@pytest.mark.parametrize("given", [
    {"RoleSessionName": "with space"}, {"RoleSessionName": "x" * 65}, {"DurationSeconds": 3601}])
def test_what_sts_does_not_accept(cloud, sts, given):
    cloud.role(ROLE)
    with pytest.raises(ClientError, match="ValidationError"):
        sts.assume_role(**{"RoleArn": ROLE, "RoleSessionName": "evergold-web", **given})


def test_keys_end(cloud, aws, sts):
    cloud.role(ROLE, lifetime_s=0.001)
    shown = assume(sts)
    assert shown["Expiration"].timestamp() <= time.time() + 1
    with pytest.raises(ClientError, match="ExpiredToken"):
        aws("sts", **keys(shown)).get_caller_identity()


def test_keys_are_ended(cloud, aws, sts):
    cloud.role(ROLE)
    shown, other = assume(sts), assume(sts)
    assert cloud.expire_keys(access_key=shown["AccessKeyId"]) == 1
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        aws("ssm", **keys(shown)).get_parameters(Names=["/a"])
    aws("ssm", **keys(other)).get_parameters(Names=["/a"])
    assert cloud.expire_keys(account="444455556666") == 1
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        aws("ssm", **keys(other)).get_parameters(Names=["/a"])
    assert cloud.expire_keys(principal=SESSION) == 0


def test_a_temporary_key_for_others_to_hand_out(cloud, aws):
    issued = cloud.issue_key(lifetime_s=900, account="444455556666", session="i-0abc")
    assert set(issued) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", issued["Expiration"])
    assert aws("sts", **keys(issued)).get_caller_identity()["Arn"] == (
        "arn:aws:sts::444455556666:assumed-role/evergold/i-0abc")
    assert cloud.issue_key()["AccessKeyId"] != issued["AccessKeyId"]


def test_reset_forgets_roles_and_keys(cloud, aws, sts):
    cloud.role(ROLE)
    shown = assume(sts)
    cloud.reset()
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(sts)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        aws("sts", **keys(shown)).get_caller_identity()


@pytest.fixture
def unsigned(cloud):
    return boto3.client("sts", "eu-west-1", endpoint_url=cloud.url, config=Config(
        signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1}))


def with_token(client, token):
    return client.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="evergold", WebIdentityToken=token)


def test_a_web_identity(cloud, aws, unsigned):
    cloud.role(ROLE, web_identity="header.payload.signature")
    shown = with_token(unsigned, "header.payload.signature")["Credentials"]
    assert aws("sts", **keys(shown)).get_caller_identity()["Account"] == "444455556666"
    assert cloud.violations() == []
    assert "header.payload.signature" not in str(cloud.calls())


@pytest.mark.parametrize(("given", "code"), [
    (None, "AccessDenied"), ({}, "AccessDenied"),
    ({"web_identity": "other"}, "InvalidIdentityToken"),
    ({"web_identity": "token", "refuse": "ExpiredTokenException"}, "ExpiredTokenException")])
def test_a_web_identity_that_is_refused(cloud, unsigned, given, code):
    if given is not None:
        cloud.role(ROLE, **given)
    with pytest.raises(ClientError) as refusal:
        with_token(unsigned, "token")
    assert refusal.value.response["Error"]["Code"] == code


def test_only_that_operation_is_unsigned(unsigned):
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        unsigned.get_caller_identity()


def test_accounts_have_pipelines_of_their_own(cloud, aws, assumed):
    cloud.role(ROLE)
    cloud.pipeline("golden", account="444455556666")
    with pytest.raises(ClientError, match="'111122223333' does not have a pipeline"):
        aws("codepipeline").start_pipeline_execution(name="golden")
    assumed("codepipeline").start_pipeline_execution(name="golden")
    (execution,) = cloud.executions()
    assert (execution["account"], execution["started_by"]) == ("444455556666", SESSION)
    cloud.wait_for(executions={"account": "444455556666", "finished": True})


def test_accounts_have_parameters_of_their_own(cloud, aws, assumed):
    cloud.role(ROLE)
    cloud.parameter("/golden/ami", "ours")
    cloud.parameter("/golden/ami", "theirs", account="444455556666")
    cloud.parameter("/aws/service/ami", "everyone's")
    for ssm, value in ((aws("ssm"), "ours"), (assumed("ssm"), "theirs")):
        assert ssm.get_parameter(Name="/golden/ami")["Parameter"]["Value"] == value
        assert ssm.get_parameter(Name="/aws/service/ami")["Parameter"]["Value"] == "everyone's"
        (shown,) = ssm.get_parameters_by_path(Path="/golden")["Parameters"]
        assert shown["Value"] == value
    assumed("ssm").put_parameter(Name="/golden/ami", Value="new", Type="String", Overwrite=True)
    assert cloud.parameters()["eu-west-1:/golden/ami"] == "ours"
    assert cloud.parameters("444455556666")["eu-west-1:/golden/ami"] == "new"
    cloud.wait_for(parameter={"name": "/golden/ami", "account": "444455556666", "value": "new"})


def test_a_queue_of_another_account_is_denied(cloud, assumed):
    cloud.role(ROLE)
    theirs = assumed("sqs")
    with pytest.raises(ClientError, match="AccessDenied"):
        theirs.receive_message(QueueUrl=cloud.queue_url)
    assert "QueueUrls" not in theirs.list_queues()
    url = theirs.create_queue(QueueName="ami-announcements")["QueueUrl"]
    assert url.endswith("/444455556666/ami-announcements")
    theirs.send_message(QueueUrl=url, MessageBody="hello")
    assert cloud.queue_depth() == 0
