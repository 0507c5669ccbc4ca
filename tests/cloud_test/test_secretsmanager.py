"""Secrets Manager: one operation, as boto3 asks for it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def secretsmanager(aws):
    return aws("secretsmanager")


def test_a_secret_by_its_arn_and_by_its_name(cloud, secretsmanager):
    arn = cloud.secret("slack/token", "xoxb-1")
    assert arn.startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack/token-")
    answer = secretsmanager.get_secret_value(SecretId=arn)
    assert (answer["ARN"], answer["Name"], answer["SecretString"]) == (arn, "slack/token", "xoxb-1")
    assert answer["VersionStages"] == ["AWSCURRENT"]
    assert secretsmanager.get_secret_value(SecretId="slack/token")["ARN"] == arn
    assert cloud.violations() == []


def test_a_new_value_is_a_new_version_of_the_same_secret(cloud, secretsmanager):
    arn = cloud.secret("slack", "xoxb-1")
    before = secretsmanager.get_secret_value(SecretId=arn)
    assert cloud.secret("slack", "xoxb-2") == arn
    after = secretsmanager.get_secret_value(SecretId=arn)
    assert after["SecretString"] == "xoxb-2" and after["VersionId"] != before["VersionId"]


def test_regions_are_apart(cloud, aws):
    arn = cloud.secret("slack", "xoxb-1", region="us-east-1")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws("secretsmanager").get_secret_value(SecretId=arn)
    assert aws("secretsmanager", "us-east-1").get_secret_value(SecretId=arn)["ARN"] == arn


def test_of_another_account_only_by_arn(cloud, secretsmanager):
    arn = cloud.secret("slack", "xoxb-1", account="444455556666")
    with pytest.raises(ClientError, match="can't find the specified secret"):
        secretsmanager.get_secret_value(SecretId="slack")
    assert secretsmanager.get_secret_value(SecretId=arn)["SecretString"] == "xoxb-1"


def test_the_record_of_calls_has_no_secret(cloud, secretsmanager):
    secretsmanager.get_secret_value(SecretId=cloud.secret("slack", "xoxb-1"))
    call, = cloud.calls("secretsmanager", "GetSecretValue")
    assert "xoxb-1" not in str(call)
