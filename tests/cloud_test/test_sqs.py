"""SQS as its developer guide describes it, driven by boto3."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from raw import Raw, sign


@pytest.fixture
def sqs(aws):
    return aws("sqs")


@pytest.fixture
def receive(cloud, sqs):
    def receive(**given):
        answer = sqs.receive_message(QueueUrl=cloud.queue_url, **{"MaxNumberOfMessages": 10,
                                                                  **given})
        answer.pop("ResponseMetadata")
        return answer

    return receive


def delete(sqs, cloud, *handles):
    entries = [{"Id": str(number), "ReceiptHandle": handle}
               for number, handle in enumerate(handles)]
    answer = sqs.delete_message_batch(QueueUrl=cloud.queue_url, Entries=entries)
    answer.pop("ResponseMetadata")
    return answer


def test_message_as_received(cloud, sqs, receive):
    attributes = {"colour": {"DataType": "String", "StringValue": "réd"},
                  "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sent = sqs.send_message(QueueUrl=cloud.queue_url, MessageBody="grüße",
                            MessageAttributes=attributes)
    (message,) = receive(MessageSystemAttributeNames=["All"],
                         MessageAttributeNames=["All"])["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "grüße" and message["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert set(message["Attributes"]) == {"SenderId", "ApproximateReceiveCount", "SentTimestamp",
                                          "ApproximateFirstReceiveTimestamp"}
    assert cloud.violations() == []


@pytest.mark.parametrize("text", ["\t\n\r ~", "\x7f\ud7ff\ue000\ufffd", "\U00010000\U0010ffff"])
def test_characters_that_a_body_may_have(cloud, sqs, receive, text):
    sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=text)
    assert receive()["Messages"][0]["Body"] == text


@pytest.mark.parametrize("text", ["\0", "a\x08b", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_a_body_may_not_have(cloud, sqs, receive, text):
    with pytest.raises(ClientError, match="InvalidMessageContents"):
        sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=text)
    entries = [{"Id": "0", "MessageBody": text}, {"Id": "1", "MessageBody": "fine"}]
    answer = sqs.send_message_batch(QueueUrl=cloud.queue_url, Entries=entries)
    assert [each["Code"] for each in answer["Failed"]] == ["InvalidMessageContents"]
    assert [each["Body"] for each in receive()["Messages"]] == ["fine"]


def test_attributes_only_when_asked_for(cloud, receive):
    cloud.put_body("x")
    assert "Attributes" not in receive()["Messages"][0]
    cloud.expire()
    (message,) = receive(MessageSystemAttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert message["Attributes"] == {"ApproximateReceiveCount": "2"}


def test_empty_answer_has_no_messages(receive):
    assert receive() == {}


def test_at_most_ten_at_once(cloud, receive):
    cloud.put_body("x", copies=12)
    assert [len(receive()["Messages"]), len(receive()["Messages"])] == [10, 2]


def test_arrival_wakes_one_long_poll(cloud, receive):
    answers = []
    polls = [threading.Thread(target=lambda: answers.append(receive(WaitTimeSeconds=20)))
             for _ in range(3)]
    for poll in polls:
        poll.start()
    cloud.wait_for(queue={"polling": 3})
    cloud.put_body("news")
    cloud.wait_for(queue={"in_flight": 1, "polling": 2})
    assert cloud.wake() == 2
    for poll in polls:
        poll.join()
    assert sorted(len(answer.get("Messages", [])) for answer in answers) == [0, 0, 1]


def test_sixty_four_long_polls(cloud, receive):
    answers = []
    polls = [threading.Thread(target=lambda: answers.append(
        receive(WaitTimeSeconds=20, MaxNumberOfMessages=1))) for _ in range(64)]
    for poll in polls:
        poll.start()
    cloud.wait_for(queue={"polling": 64})
    cloud.put_body("x", copies=64)
    for poll in polls:
        poll.join()
    assert [len(answer["Messages"]) for answer in answers] == [1] * 64


def test_visibility_ends_by_itself(cloud, receive):
    cloud.put_body("x")
    first = receive(VisibilityTimeout=1)["Messages"][0]
    assert receive() == {}
    second = receive(WaitTimeSeconds=20)["Messages"][0]
    assert second["MessageId"] == first["MessageId"]
    assert second["ReceiptHandle"] != first["ReceiptHandle"]


def test_peek_without_hiding(cloud, receive):
    cloud.put_body("x")
    assert len(receive(VisibilityTimeout=0)["Messages"]) == 1
    assert len(receive()["Messages"]) == 1


def test_stale_handle_succeeds_and_deletes_nothing(cloud, sqs, receive):
    cloud.put_body("x")
    stale = receive()["Messages"][0]["ReceiptHandle"]
    cloud.expire()
    fresh = receive()["Messages"][0]["ReceiptHandle"]
    assert delete(sqs, cloud, stale) == {"Successful": [{"Id": "0"}]}
    assert cloud.queue_depth() == 1
    assert delete(sqs, cloud, fresh) == {"Successful": [{"Id": "0"}]}
    assert cloud.queue_depth() == 0
    assert delete(sqs, cloud, fresh) == {"Successful": [{"Id": "0"}]}


def test_late_delete_works_until_received_again(cloud, sqs, receive):
    cloud.put_body("x")
    handle = receive()["Messages"][0]["ReceiptHandle"]
    cloud.expire()
    delete(sqs, cloud, handle)
    assert cloud.queue_depth() == 0


def test_batch_with_a_bad_handle(cloud, sqs, receive):
    cloud.put_body("x")
    handle = receive()["Messages"][0]["ReceiptHandle"]
    answer = delete(sqs, cloud, "garbage", handle)
    assert answer["Successful"] == [{"Id": "1"}]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == (
        "0", "ReceiptHandleIsInvalid", True)


@pytest.mark.parametrize(("ids", "code"), [
    ([], "EmptyBatchRequest"),
    (["a", "a"], "BatchEntryIdsNotDistinct"),
    (["a b"], "InvalidBatchEntryId"),
    ([str(number) for number in range(11)], "TooManyEntriesInBatchRequest"),
])
def test_batch_rules(cloud, sqs, ids, code):
    with pytest.raises(ClientError) as refusal:
        sqs.delete_message_batch(QueueUrl=cloud.queue_url,
                                 Entries=[{"Id": each, "ReceiptHandle": "x"} for each in ids])
    assert refusal.value.response["Error"]["Code"] == f"AWS.SimpleQueueService.{code}"


def test_change_visibility(cloud, sqs, receive):
    cloud.put_body("x")
    handle = receive()["Messages"][0]["ReceiptHandle"]
    given = {"QueueUrl": cloud.queue_url, "ReceiptHandle": handle}
    sqs.change_message_visibility(VisibilityTimeout=600, **given)
    assert receive() == {}
    sqs.change_message_visibility(VisibilityTimeout=0, **given)
    with pytest.raises(ClientError, match="MessageNotInflight"):
        sqs.change_message_visibility(VisibilityTimeout=10, **given)
    assert len(receive()["Messages"]) == 1
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        sqs.change_message_visibility(VisibilityTimeout=10, **given)
    with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
        sqs.change_message_visibility(QueueUrl=cloud.queue_url, ReceiptHandle="garbage",
                                      VisibilityTimeout=1)


def test_change_visibility_batch(cloud, sqs, receive):
    cloud.put_body("x")
    handle = receive()["Messages"][0]["ReceiptHandle"]
    answer = sqs.change_message_visibility_batch(QueueUrl=cloud.queue_url, Entries=[
        {"Id": "good", "ReceiptHandle": handle, "VisibilityTimeout": 0},
        {"Id": "bad", "ReceiptHandle": "garbage", "VisibilityTimeout": 0}])
    assert [each["Id"] for each in answer["Successful"]] == ["good"]
    assert [each["Code"] for each in answer["Failed"]] == ["ReceiptHandleIsInvalid"]


def test_redrive_after_the_last_receive(cloud, sqs, receive):
    cloud.put_body("poison")
    for count in range(1, 6):
        (message,) = receive(MessageSystemAttributeNames=["All"])["Messages"]
        assert message["Attributes"]["ApproximateReceiveCount"] == str(count)
        cloud.expire()
    assert receive() == {}
    (dead,) = cloud.dead_letters()
    assert (dead["body"], dead["message_id"]) == ("poison", message["MessageId"])
    assert cloud.queue_depth() == 0
    url = cloud.queue_state("ami-announcements-dead")["url"]
    answer = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])
    attributes = answer["Messages"][0]["Attributes"]
    assert attributes["DeadLetterQueueSourceArn"].endswith(":ami-announcements")


def test_create_find_describe(cloud, sqs, aws):
    url = sqs.create_queue(QueueName="mine", Attributes={"VisibilityTimeout": "7"})["QueueUrl"]
    assert url == "https://sqs.eu-west-1.amazonaws.com/111122223333/mine"
    assert sqs.get_queue_url(QueueName="mine")["QueueUrl"] == url
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "7"
    assert attributes["QueueArn"] == "arn:aws:sqs:eu-west-1:111122223333:mine"
    with pytest.raises(ClientError, match="QueueAlreadyExists"):
        sqs.create_queue(QueueName="mine", Attributes={"VisibilityTimeout": "8"})
    with pytest.raises(ClientError, match="NonExistentQueue"):
        aws("sqs", "us-east-1").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def test_redrive_policy_is_shown(cloud, sqs):
    attributes = sqs.get_queue_attributes(QueueUrl=cloud.queue_url,
                                          AttributeNames=["RedrivePolicy"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5


def test_send_batch_delay_purge(cloud, sqs, receive):
    answer = sqs.send_message_batch(QueueUrl=cloud.queue_url, Entries=[
        {"Id": "now", "MessageBody": "1"}, {"Id": "late", "MessageBody": "2", "DelaySeconds": 60}])
    assert [each["Id"] for each in answer["Successful"]] == ["now", "late"]
    assert [message["Body"] for message in receive()["Messages"]] == ["1"]
    assert cloud.queue_state()["delayed"] == 1
    sqs.purge_queue(QueueUrl=cloud.queue_url)
    assert cloud.queue_depth() == 0


@pytest.mark.parametrize("given", [{"MaxNumberOfMessages": 11}, {"MaxNumberOfMessages": 0},
                                   {"WaitTimeSeconds": 21}, {"VisibilityTimeout": 43201}])
def test_receive_limits(receive, given):
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        receive(**given)


def test_body_limit_is_one_mebibyte(cloud, sqs, receive):
    sqs.send_message(QueueUrl=cloud.queue_url, MessageBody="x" * 1048576)
    assert len(receive()["Messages"][0]["Body"]) == 1048576
    with pytest.raises(ClientError, match="shorter than 1048576"):
        sqs.send_message(QueueUrl=cloud.queue_url, MessageBody="x" * 1048577)


def test_a_dead_client_takes_no_message(cloud, receive):
    request = sign(cloud, Raw("sqs", "ReceiveMessage",
                              {"QueueUrl": cloud.queue_url, "WaitTimeSeconds": 20}))
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port)
    connection.request("POST", "/", request.body, dict(request.headers.items()))
    cloud.wait_for(queue={"polling": 1})
    connection.close()
    cloud.wait_for(calls={"operation": "ReceiveMessage", "status": -1})
    cloud.put_body("x")
    assert len(receive()["Messages"]) == 1
