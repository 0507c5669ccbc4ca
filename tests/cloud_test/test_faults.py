"""Every fault, as a client sees it."""

from __future__ import annotations

import json
import threading
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError
from raw import Raw, send

FIND = Raw("sqs", "GetQueueUrl", {"QueueName": "ami-announcements"})


def start(token):
    return Raw("codepipeline", "StartPipelineExecution",
               {"name": "golden", "clientRequestToken": token})


def test_lost_answer_keeps_the_effect(cloud):
    cloud.pipeline("golden")
    cloud.faults({"service": "codepipeline", "operation": "StartPipelineExecution",
                  "kind": "lost_answer"})
    with pytest.raises(ConnectionResetError):
        send(cloud, start("token"))
    (execution,) = cloud.executions()
    again = send(cloud, start("token"))
    assert again.status == 200 and execution["id"] in again.body.decode()
    assert len(cloud.executions()) == 1
    first, second = cloud.calls("codepipeline")
    assert (first["status"], first["fault"]) == (-1, "lost_answer")
    assert (second["status"], second["fault"]) == (200, None)


def test_lost_receive_leaves_the_message_in_flight(cloud):
    cloud.put_body("x")
    cloud.faults({"service": "sqs", "kind": "lost_answer"})
    with pytest.raises(ConnectionResetError):
        send(cloud, Raw("sqs", "ReceiveMessage", {"QueueUrl": cloud.queue_url}))
    assert cloud.queue_state()["in_flight"] == 1


def test_reset_has_no_effect(cloud):
    cloud.pipeline("golden")
    cloud.faults({"service": "codepipeline", "kind": "reset"})
    with pytest.raises(ConnectionResetError):
        send(cloud, start("token"))
    assert cloud.executions() == []


def test_half(cloud):
    cloud.faults({"service": "sqs", "kind": "half"})
    with pytest.raises((IncompleteRead, RemoteDisconnected)):
        send(cloud, FIND)


@pytest.mark.parametrize(("rule", "status", "words"), [
    ({"kind": "garbage200"}, 200, b"Messages"),
    ({"kind": "html200"}, 200, b"<html>"),
    ({"kind": "status", "status": 500}, 500, b""),
    ({"kind": "status", "status": 503, "body": "<h1>busy</h1>"}, 503, b"<h1>busy</h1>"),
    ({"kind": "status", "status": 403, "code": "AccessDeniedException", "message": "no"}, 403,
     b'"message": "no"'),
    ({"kind": "throttle"}, 403, b"RequestThrottled"),
    ({"kind": "expired_token"}, 403, b"ExpiredTokenException"),
    ({"kind": "redirect", "location": "http://evil.example.net/"}, 307, b""),
], ids=lambda value: value["kind"] if isinstance(value, dict) else "")
def test_answer_instead(cloud, rule, status, words):
    cloud.faults({"service": "sqs", "operation": "GetQueueUrl", **rule})
    answer = send(cloud, FIND)
    assert answer.status == status and words in answer.body
    assert answer.headers.get("Location") == rule.get("location")
    assert send(cloud, FIND).status == 200


def test_headers_of_a_status(cloud):
    cloud.faults({"kind": "status", "status": 503, "headers": {"x-amz-retry-after": "1500"}})
    assert send(cloud, FIND).headers["x-amz-retry-after"] == "1500"


def test_throttle_without_message(cloud):
    cloud.pipeline("golden")
    cloud.faults({"service": "codepipeline", "kind": "throttle_no_message"})
    answer = send(cloud, start("token"))
    assert (answer.status, answer.body) == (400, b'{"__type": "ThrottlingException"}')


def test_throttle_of_a_query_service(cloud, aws):
    cloud.faults({"service": "sts", "kind": "throttle"})
    with pytest.raises(ClientError, match=r"\(Throttling\).*Rate exceeded"):
        aws("sts").get_caller_identity()


def test_slow_answer_is_whole_at_last(cloud):
    cloud.faults({"service": "sqs", "kind": "slow", "seconds": 0.2})
    assert b"QueueUrl" in send(cloud, FIND).body


def test_hang_until_the_client_leaves(cloud):
    cloud.faults({"service": "sqs", "kind": "hang"})
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=0.2)
    connection.request("POST", "/", b"{}", {"X-Amz-Target": "AmazonSQS.GetQueueUrl"})
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert send(cloud, FIND).status == 200


def test_clock_of_the_server(cloud):
    cloud.faults({"service": "sqs", "kind": "skew", "seconds": 3600})
    answer = send(cloud, FIND)
    assert "Signature expired" in answer.message
    theirs = parsedate_to_datetime(answer.headers["Date"])
    right = send(cloud, Raw("sqs", "GetQueueUrl", FIND.params, offset_s=3600))
    assert right.status == 200
    cloud.clear_faults()
    ours = parsedate_to_datetime(send(cloud, FIND).headers["Date"])
    assert 3590 < (theirs - ours).total_seconds() <= 3600


def test_early_empty(cloud):
    cloud.put_body("x")
    cloud.faults({"operation": "ReceiveMessage", "kind": "early_empty"})
    receive = Raw("sqs", "ReceiveMessage", {"QueueUrl": cloud.queue_url, "WaitTimeSeconds": 20})
    assert send(cloud, receive).body == b"{}"
    assert b"Messages" in send(cloud, receive).body


def test_count_skip_and_match(cloud):
    cloud.faults({"kind": "status", "status": 500, "count": 2, "skip": 1,
                  "params": {"QueueName": "ami-announcements"}})
    other = Raw("sqs", "GetQueueUrl", {"QueueName": "ami-announcements-dead"})
    statuses = [send(cloud, raw).status for raw in (FIND, other, FIND, FIND, FIND)]
    assert statuses == [200, 200, 500, 500, 200]


def test_without_end_until_cleared(cloud):
    cloud.faults({"kind": "status", "status": 500, "count": None})
    assert [send(cloud, FIND).status for _ in range(5)] == [500] * 5
    cloud.clear_faults()
    assert send(cloud, FIND).status == 200


def test_a_faulty_call_is_judged_all_the_same(cloud):
    cloud.faults({"kind": "status", "status": 500})
    assert send(cloud, Raw("sqs", "GetQueueUrl", {"Colour": "red"})).status == 500
    assert any("Colour" in line for line in cloud.violations())


def test_slack_has_faults_too(cloud):
    cloud.faults({"service": "slack", "operation": "webhook", "kind": "lost_answer"})
    request = Request(cloud.slack_webhook, b'{"text":"once"}', {"Content-Type": "x"})
    with pytest.raises(ConnectionResetError):
        urlopen(request)
    assert [each["text"] for each in cloud.slack_messages()] == ["once"]


def test_a_long_poll_can_be_struck(cloud):
    cloud.faults({"operation": "ReceiveMessage", "kind": "lost_answer"})
    seen = []

    def poll():
        try:
            send(cloud, Raw("sqs", "ReceiveMessage",
                            {"QueueUrl": cloud.queue_url, "WaitTimeSeconds": 20}))
        except ConnectionResetError as error:
            seen.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    cloud.wait_for(queue={"polling": 1})
    cloud.put_body("x")
    thread.join()
    assert len(seen) == 1 and cloud.queue_state()["in_flight"] == 1


def receive(cloud, kind):
    """The messages of a receive that such a fault meets; one is there."""
    cloud.put_body("x")
    cloud.faults({"operation": "ReceiveMessage", "kind": kind})
    raw = Raw("sqs", "ReceiveMessage", {"QueueUrl": cloud.queue_url, "MaxNumberOfMessages": 10})
    return json.loads(send(cloud, raw).body)["Messages"]


def test_an_answer_without_an_end(cloud):
    cloud.faults({"service": "sqs", "kind": "endless"})
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    connection.request("POST", "/", b"{}", {"X-Amz-Target": "AmazonSQS.GetQueueUrl"})
    assert len(connection.getresponse().read(3_000_000)) == 3_000_000
    connection.close()
    assert send(cloud, FIND).status == 200


def test_a_wrong_md5(cloud):
    message, = receive(cloud, "wrong_md5")
    assert message["MD5OfBody"] == "0" * 32


def test_eleven_messages(cloud):
    assert len(receive(cloud, "eleven")) == 11


def test_a_stale_handle_deletes_nothing_and_succeeds(cloud):
    message, = receive(cloud, "stale_handle")
    raw = Raw("sqs", "DeleteMessage", {"QueueUrl": cloud.queue_url,
                                       "ReceiptHandle": message["ReceiptHandle"]})
    assert send(cloud, raw).status == 200
    assert cloud.queue_depth() == 1
