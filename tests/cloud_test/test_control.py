"""The control interface and its client: waiting, looking, starting, stopping."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.cloud.client import ROOT, Cloud, CloudError, CloudTimeout

COMMAND = [sys.executable, "-m", "tests.cloud"]


def test_a_wait_ends_as_soon_as_it_holds(cloud, aws):
    waiting = threading.Thread(
        target=lambda: cloud.wait_calls("sts", "GetCallerIdentity", 2, status=200))
    waiting.start()
    for _ in range(2):
        aws("sts").get_caller_identity()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_wait_in_vain_says_what_was_seen(cloud, aws):
    aws("sts").get_caller_identity()
    with pytest.raises(CloudTimeout, match="sts.GetCallerIdentity 200"):
        cloud.wait_for(0.05, slack={"text": "never"})


@pytest.mark.parametrize("condition", [
    {"calls": {"operation": "GetCallerIdentity", "count": 2}},
    {"calls": {"params": {"Name": "/a"}}},
    {"queue": {"empty": False}}, {"queue": {"name": "none", "empty": True}},
    {"queue": {"polling": 1}}, {"executions": {"finished": True}},
    {"parameter": {"name": "/a"}}, {"queue": {"empty": True}, "slack": {}}])
def test_what_does_not_hold(cloud, aws, condition):
    aws("sts").get_caller_identity()
    with pytest.raises(CloudTimeout):
        cloud.wait_for(0.01, **condition)


def test_calls_since(cloud, aws):
    aws("sts").get_caller_identity()
    (first,) = cloud.calls()
    aws("sts").get_caller_identity()
    (second,) = cloud.calls(since=first["seq"])
    assert second["seq"] == first["seq"] + 1 and second["at"] >= first["at"]
    assert second["ended"] >= second["at"]


def test_matching_parts_of_params(cloud, aws):
    aws("ssm").get_parameters(Names=["/a", "/b"])
    cloud.wait_for(calls={"params": {"Names": ["/b"]}})
    with pytest.raises(CloudTimeout):
        cloud.wait_for(0.01, calls={"params": {"Names": ["/c"]}})


def test_reset_forgets(cloud, aws):
    cloud.pipeline("golden", plan={"outcome": "Hang"})
    aws("codepipeline").start_pipeline_execution(name="golden")
    cloud.put_body("x")
    cloud.parameter("/a", "1")
    cloud.faults({"kind": "reset"})
    cloud.slack(mode="down")
    cloud.reset()
    state = cloud.state()
    assert [each["name"] for each in state["queues"]] == [
        "ami-announcements-dead", "ami-announcements"]
    assert cloud.queue_depth() == 0 and cloud.ask("GET", "faults") == []
    assert not (state["executions"] or state["slack"] or state["parameters"] or cloud.calls())


def test_reset_ends_long_polls(cloud, aws):
    sqs, answers = aws("sqs"), []
    poll = threading.Thread(target=lambda: answers.append(
        sqs.receive_message(QueueUrl=cloud.queue_url, WaitTimeSeconds=20)))
    poll.start()
    cloud.wait_for(queue={"polling": 1})
    cloud.reset()
    poll.join(5)
    assert "Messages" not in answers[0]


@pytest.mark.parametrize(("path", "given"), [
    ("announce", {"topic": "nobody", "message": "x"}),
    ("announce", {"topic": "windows", "message": "x", "forge": "everything"}),
    ("announce", {"body": "x", "queue": "none"}),
    ("faults", [{"kind": "flood"}]), ("slack", {"mode": "sideways"}), ("wait", {"moon": "full"}),
    ("pipelines", {"name": "golden", "plan": {"outcome": "Perhaps"}}),
    ("pipelines", {"name": "golden", "plan": {"at": "Nowhere", "outcome": "Failed"}}),
    ("pipelines", {"name": "golden", "plan": {"colour": "red"}}),
    ("pipelines", {"name": "golden", "events": {"levels": ["moon"]}}),
    ("pipelines", {"name": "golden", "events": {"colour": "red"}}),
    ("nonsense", {})])
def test_nonsense_is_refused(cloud, path, given):
    with pytest.raises(CloudError):
        cloud.ask("POST", path, given)


def test_a_second_queue(cloud, aws):
    made = cloud.queue("other", region="us-east-1", max_receives=1)
    cloud.subscribe("windows", "other")
    cloud.announce("windows", message="New AMIs are dated 2025.10.15.")
    assert cloud.queue_depth("other") == 1 == cloud.queue_depth()
    sqs = aws("sqs", "us-east-1")
    assert "Messages" in sqs.receive_message(QueueUrl=made["url"], VisibilityTimeout=0)
    assert "Messages" not in sqs.receive_message(QueueUrl=made["url"])
    assert cloud.queue_depth("other-dead") == 1


def test_attach_to_a_running_one(cloud, aws):
    other = Cloud.at(cloud.url)
    other.put_body("x")
    assert cloud.queue_depth() == 1
    assert (other.env(), other.certificate) == (cloud.env(), cloud.certificate)
    assert other.stop() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_in_the_middle_of_a_long_poll(tmp_path, number):
    process = subprocess.Popen([*COMMAND, "--dir", str(tmp_path)], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE)
    printed = [process.stdout.readline() for _ in range(14)]
    described = json.loads((tmp_path / "cloud.json").read_text())
    address = urlsplit(described["CLOUD_URL"])
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("POST", "/_cloud/wait", json.dumps({"slack": {}, "timeout": 60}))
    process.send_signal(number)
    assert process.wait(10) == 0
    process.stdout.close()
    connection.close()
    assert f"export AWS_ENDPOINT_URL={described['AWS_ENDPOINT_URL']}\n" in printed
    assert (tmp_path / "env").read_text() in "".join(printed)


def test_environment_file_is_shell(cloud):
    script = '. "$1" && echo "$AWS_ENDPOINT_URL|$AWS_REGION|$CLOUD_QUEUE_URL"'
    said = subprocess.run(["sh", "-c", script, "sh", str(cloud.directory / "env")],
                          capture_output=True, text=True, check=True).stdout.strip()
    assert said == f"{cloud.url}|eu-west-1|{cloud.queue_url}"


def test_ends_with_who_started_it(tmp_path):
    process = subprocess.Popen([*COMMAND, "--quiet", "--until-eof", "--dir", str(tmp_path)],
                               cwd=ROOT, stdin=subprocess.PIPE)
    process.stdin.close()
    assert process.wait(10) == 0


def test_two_side_by_side(cloud):
    with Cloud(region="us-west-2", speed=50) as other:
        assert other.url != cloud.url and other.region == "us-west-2"
        other.put_body("x")
        assert cloud.queue_depth() == 0
    assert not os.path.exists(other.directory)


def test_expect_continue_and_chunks(cloud):
    """What curl does with a large body, and what a streaming client does."""
    address = urlsplit(cloud.url)
    body = json.dumps({"body": "x" * 2_000_000})
    said = subprocess.run(
        ["curl", "-sS", "-H", "Expect: 100-continue", "--data-binary", "@-",
         f"{cloud.url}/_cloud/announce"], input=body, capture_output=True, text=True, check=True)
    assert "sqs_message_ids" in said.stdout
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    pieces = (body[at:at + 7000].encode() for at in range(0, len(body), 7000))
    connection.request("POST", "/_cloud/announce", pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    assert connection.getresponse().status == 200
    connection.close()
    assert cloud.queue_depth() == 2


def test_connection_is_kept(cloud):
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/_cloud/health")
        assert json.loads(connection.getresponse().read()) == {"ok": True}
        local = connection.sock.getsockname()
    assert connection.sock.getsockname() == local
    connection.close()


@pytest.mark.parametrize("text", ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
                                  "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
def test_what_is_not_http(cloud, text):
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    connection.connect()
    connection.sock.sendall(text.encode())
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 400 ")
    connection.close()


def test_a_door_that_is_shut_refuses(cloud):
    door = cloud.door()
    address = urlsplit(door.url)
    held = HTTPConnection(address.hostname, address.port, timeout=10)
    held.request("GET", "/_cloud/health")
    assert held.getresponse().read()
    door.shut()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(address.hostname, address.port, timeout=10).connect()
    with pytest.raises(OSError):
        held.request("GET", "/_cloud/health")
        held.getresponse()
    with pytest.raises(CloudError):
        door.shut()
    door.open()
    again = HTTPConnection(address.hostname, address.port, timeout=10)
    again.request("GET", "/_cloud/health")
    assert again.getresponse().status == 200
    with pytest.raises(CloudError):
        door.open()
    again.close()
    held.close()
