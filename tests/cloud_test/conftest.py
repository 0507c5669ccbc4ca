"""One local cloud for the whole run, reset before each test, and boto3 pointed at it."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from raw import SLACK_JSON, slack_call

from tests.cloud.client import Cloud

ONE_TRY = Config(retries={"total_max_attempts": 1}, parameter_validation=True)


@pytest.fixture(scope="session")
def running_cloud():
    with Cloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud):
    running_cloud.reset()
    return running_cloud


@pytest.fixture
def aws(cloud):
    """aws("sqs") or aws("sqs", "us-east-1", secret="..."): a client that tries once."""

    def client(service: str, region: str = "eu-west-1", **given: str):
        env = cloud.env()
        return boto3.client(
            service, region_name=region, endpoint_url=cloud.url,
            aws_access_key_id=given.get("key", env["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=given.get("secret", env["AWS_SECRET_ACCESS_KEY"]),
            aws_session_token=given.get("token"), config=ONE_TRY)

    return client


@pytest.fixture
def slack(cloud):
    """slack("chat.postMessage", {...}) with the right token unless told otherwise."""

    def slack(method, payload, token=cloud.slack_token, kind=SLACK_JSON):
        return slack_call(cloud, method, payload, token, kind)

    return slack
