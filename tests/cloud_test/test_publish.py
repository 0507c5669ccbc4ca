"""SNS Publish to topics of one's own: what is kept, and what is refused."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def sns(aws):
    return aws("sns")


def text(value):
    return {"DataType": "String", "StringValue": value}


def test_kept(cloud, sns):
    topic = cloud.topic("golden-amis")
    answer = sns.publish(TopicArn=topic, Message="built", Subject="golden-web: ✅",
                         MessageAttributes={"family": text("web")})
    kept, = cloud.published(topic)
    assert kept["message_id"] == answer["MessageId"]
    assert (kept["subject"], kept["message"]) == ("golden-web: ✅", "built")
    assert (kept["attributes"], kept["account"]) == ({"family": "web"}, cloud.account)
    assert cloud.published("arn:aws:sns:eu-west-1:111122223333:other") == []
    assert cloud.violations() == []


@pytest.mark.parametrize(("given", "message"), [
    ({"Message": ""}, "Empty message"), ({"Subject": "x" * 100}, "Subject"),
    ({"Subject": "two\nlines"}, "Subject"), ({"Subject": ""}, "Subject"),
    ({"Message": "x" * (256 * 1024 + 1)}, "too long"),
    ({"MessageAttributes": {"a": text("")}}, "non-empty"),
    ({"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}}, "supported"),
    ({"MessageStructure": "json", "Message": "no json"}, "failed to parse"),
    ({"MessageStructure": "json", "Message": '{"sqs": "x"}'}, "No default")])
def test_refused(cloud, sns, given, message):
    with pytest.raises(ClientError, match=message):
        sns.publish(**{"TopicArn": cloud.topic("golden-amis"), "Message": "x", **given})
    assert cloud.published() == []


def test_a_message_for_each_protocol(cloud, sns):
    topic = cloud.topic("golden-amis")
    cloud.queue("mine")
    cloud.subscribe(topic, "mine", raw=True)
    texts = {"default": "built", "email": "It was built.", "sqs": '{"built": true}'}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    message, = cloud.queue_state("mine", bodies=True)["messages"]
    assert message["body"] == '{"built": true}'
    assert json.loads(cloud.published()[0]["message"]) == texts


def test_topics_of_others(cloud, sns):
    with pytest.raises(ClientError, match="Topic does not exist"):
        sns.publish(TopicArn="arn:aws:sns:eu-west-1:111122223333:none", Message="x")
    closed = cloud.topic("golden-amis", account="444455556666")
    with pytest.raises(ClientError, match="not authorized to perform: SNS:Publish"):
        sns.publish(TopicArn=closed, Message="x")
    cloud.topic("golden-amis", account="444455556666", publishers=[cloud.account])
    sns.publish(TopicArn=closed, Message="x")
    assert [each["topic"] for each in cloud.published()] == [closed]
