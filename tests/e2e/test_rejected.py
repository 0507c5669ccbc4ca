"""What is not believed stays in the queue, and reaches the dead-letter queue as evidence."""

from __future__ import annotations

import json
import time

import pytest

from tests.cloud.envelope import timestamp
from tests.e2e.settings import family, make_pipelines

VERSION = "2023.9.20251027.0"
DAY_S = 86400
URL = "https://sns.us-east-1.amazonaws.com"
REJECTED = {
    "bare text": ("json", {"body": "no JSON at all"}),
    "half an envelope": ("json", {"body": '{"Type": "Notification"'}),
    "the same key twice": ("json", {"body": '{"Type": "Notification", "Type": "Notification"}'}),
    "a raw delivery": ("field_missing", {"raw": True}),
    "no signature": ("field_missing", {"patch": {"Signature": None}}),
    "a number for a text": ("field_type", {"patch": {"Message": 7}}),
    "an id that is none": ("field_format", {"patch": {"MessageId": "1\nSubject\nx"}}),
    "a subscription": ("type_unexpected", {"patch": {
        "Type": "SubscriptionConfirmation", "Token": "1", "SubscribeURL": f"{URL}/?Action=x"}}),
    "another topic": ("topic_not_allowed", {"forge": "topic"}),
    "a publisher that no family names": ("topic_not_allowed", {
        "topic": "amazon-linux-2", "release": "2.0.20251014.0"}),
    "a certificate from elsewhere": ("cert_url", {"forge": "cert_url"}),
    "a signature of version 3": ("signature_version", {"patch": {"SignatureVersion": "3"}}),
    "a signature that is no base64": ("signature_format", {"patch": {"Signature": "!"}}),
    "a stranger's signature": ("signature_mismatch", {"forge": "key"}),
    "a changed signature": ("signature_mismatch", {"forge": "signature"}),
    "a changed message": ("signature_mismatch", {"forge": "message"}),
    "a changed time": ("signature_mismatch", {"forge": "timestamp"}),
    "a message of long ago": ("too_old", {"days": -16}),
    "a message of tomorrow": ("in_future", {"days": 1}),
    "a time outside the certificate's": ("cert_time", {"days": -1000}),
    "a payload that is no release": ("payload", {"message": {"v1": {"Regions": []}}}),
}


def send(cloud, given):
    if "body" in given:
        cloud.put_body(**given)
        return
    if "days" in given:
        given["timestamp"] = timestamp(time.time() + given.pop("days") * DAY_S)
    cloud.announce(**{"topic": "amazon-linux-2023", "release": VERSION,
                      "queue": "ami-announcements", **given})


@pytest.mark.parametrize("what", REJECTED)
def test_it_reaches_the_dead_letters_and_nothing_else_happens(cloud, worker, what):
    reason, given = REJECTED[what]
    make_pipelines(cloud)
    running = worker()
    send(cloud, dict(given))
    body = cloud.queue_state(bodies=True)["messages"][0]["body"]
    for received in range(1, 6):
        line = running.wait_log("rejected", reason=reason, receive_count=received)
        assert line["level"] == "warning" and line["detail"]
        cloud.expire()
    cloud.wait_for(queue={"name": "ami-announcements-dead", "visible": 1})
    assert cloud.dead_letters()[0]["body"] == body
    assert cloud.calls("sqs", "DeleteMessageBatch") == [] and cloud.executions() == []


def test_it_does_not_stand_in_the_way_of_others(cloud, worker, ledger):
    make_pipelines(cloud)
    cloud.announce(release=VERSION, forge="signature")
    cloud.put_body("rubbish")
    cloud.announce(release=VERSION)
    running = worker()
    cloud.wait_for(slack={"count": 1}, queue={"in_flight": 2, "visible": 0})
    assert {line["reason"] for line in running.log("rejected")} == {"signature_mismatch", "json"}
    assert len(ledger.rows("SELECT * FROM announcements")) == 1


def test_hostile_texts_stay_one_line_of_the_log(cloud, worker):
    make_pipelines(cloud)
    cloud.put_body(json.dumps({"Type": "Notification\n{\"level\":\"info\"}", "TopicArn": "\x1b[2J",
                               "MessageId": "\u202e", "Message": "", "Timestamp": "<!channel>",
                               "Signature": "", "SignatureVersion": "1", "SigningCertURL": ""}))
    running = worker()
    line = running.wait_log("rejected")
    assert "\x1b" not in running.said() and line["reason"] == "type_unexpected"


def test_markup_in_a_release_cannot_ping_anybody_on_slack(cloud, worker):
    trusting = family("web", images="*")
    make_pipelines(cloud, trusting)
    name = "<!channel> & <https://example.net|x>"
    cloud.announce(message={"v1": {
        "ReleaseVersion": "2023.9", "ImageVersion": VERSION,
        "ReleaseNotes": "https://example.net/|<!here>",
        "Regions": {"eu-west-1": [{"Name": name, "ImageId": "ami-0123456789abcdef0"}]}}})
    worker(trusting)
    cloud.wait_for(slack={"count": 1})
    told = json.dumps(cloud.slack_messages()[0], ensure_ascii=False)
    assert "&lt;!channel&gt; &amp; &lt;https://example.net|x&gt;" in told
    for markup in ("<!channel>", "<https://example.net", "<!here>"):
        assert markup not in told


def test_what_cannot_be_read_is_told_once(cloud, worker, ledger):
    make_pipelines(cloud)
    running = worker()
    send(cloud, {"message": {"v1": {"Regions": []}}, "subject": "New images"})
    for received in range(1, 4):
        running.wait_log("rejected", reason="payload", receive_count=received)
        cloud.expire()
    cloud.wait_for(slack={"count": 1})
    told = json.dumps(cloud.slack_messages())
    assert "amazon-linux-2023 has announced something that cannot be read" in told
    assert ledger.rows("SELECT kind FROM notices") == [("unreadable",)]


def test_what_is_ambiguous_is_told_with_both_images(cloud, worker, ledger):
    several = family(images="al2023-ami-2023.*-kernel-6.1*-x86_64")
    make_pipelines(cloud, several)
    worker(several)
    cloud.announce(release=VERSION)
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"count": 1}, queue={"in_flight": 0, "visible": 0})
    told = json.dumps(cloud.slack_messages())
    assert f"al2023-ami-{VERSION}-kernel-6.1-x86_64" in told
    assert f"al2023-ami-{VERSION}-kernel-6.18-x86_64" in told
    assert cloud.executions() == []
    assert ledger.rows("SELECT kind, family FROM notices") == [("ambiguous", "web")]
