"""Who is told besides Slack: topics, webhooks and event buses, each as far as it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from tests.e2e.settings import configuration, family, make_pipelines, write

FIRST, SECOND = "2023.9.20251020.0", "2023.9.20251027.0"
KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEW = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
OTHER_ACCOUNT = "444455556666"
HOOK = {"service": "hook"}


def signature(key: str, headers: dict, text: str) -> str:
    """As a receiver computes it: Standard Webhooks, verifying signatures."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{text}".encode()
    mac = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def verified(call: dict, *keys: str) -> dict:
    """The body of a webhook's request, once each key has signed it."""
    headers, text = call["params"]["headers"], call["params"]["text"]
    assert headers["webhook-signature"].split(" ") == [signature(key, headers, text)
                                                       for key in keys]
    return json.loads(text)


def told(cloud, name: str, kind: str) -> list[dict]:
    """The calls of a receiver about notices of that kind."""
    return [call for call in cloud.hook_calls(name) if call["params"]["body"]["kind"] == kind]


def wait_finished(running, *sinks: str, count: int = 1) -> None:
    for sink in sinks:
        running.wait_log("notice_sent", sink=sink, notice="finished", count=count)


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "webhook-key"
    path.write_text(KEY + "\n")
    return path


def webhook(cloud, key_file, name: str = "ci", **given) -> dict:
    return {"name": name, "webhook": cloud.hook(name, **{"secret": KEY, **given}),
            "key": {"file": str(key_file)}}


def test_all_of_them_are_told_the_same(cloud, worker, key_file):
    make_pipelines(cloud)
    topic = cloud.topic("golden")
    cloud.bus("golden")
    running = worker(region="eu-west-1", sinks=[
        {"sns": topic}, {"eventbridge": "golden"}, webhook(cloud, key_file)])
    running.secrets.append(KEY)
    cloud.announce(release=FIRST)
    wait_finished(running, "slack", "sns", "eventbridge", "ci")
    body = verified(cloud.hook_calls("ci")[-1], KEY)
    message, event = cloud.published(topic)[-1], cloud.put_events()[-1]
    texts = json.loads(message["message"])
    assert body == event["detail"] == json.loads(texts["default"])
    build = body["build"]
    assert (body["type"], build["status"], build["release"]) == (
        "build.finished", "Succeeded", FIRST)
    assert (message["structure"], message["attributes"]) == ("json", {
        "kind": "finished", "family": "web", "region": "eu-west-1", "status": "Succeeded"})
    assert message["subject"].startswith("evergold: web: ")
    assert build["image_id"] in texts["email"] and body["console_url"] in texts["email"]
    assert (event["source"], event["type"]) == ("evergold", "evergold build finished")
    assert f"arn:aws:ec2:eu-west-1::image/{build['image_id']}" in event["resources"]


def test_a_webhook_that_is_busy_gets_the_same_again(cloud, worker, key_file):
    make_pipelines(cloud)
    sink = webhook(cloud, key_file)
    cloud.faults({**HOOK, "kind": "status", "status": 503, "headers": {"Retry-After": "3"}},
                 {**HOOK, "kind": "lost_answer"})
    running = worker(sinks=[sink])
    cloud.announce(release=FIRST)
    wait_finished(running, "ci")
    calls = told(cloud, "ci", "started")
    assert len(calls) == 3
    assert len({call["params"]["headers"]["webhook-id"] for call in calls}) == 1
    first, second = (int(call["params"]["headers"]["webhook-timestamp"]) for call in calls[:2])
    assert second - first >= 3
    for call in calls:
        verified(call, KEY)


def test_a_key_that_is_replaced(cloud, worker, key_file):
    make_pipelines(cloud)
    running = worker(sinks=[webhook(cloud, key_file)])
    running.secrets += [KEY, NEW]
    cloud.announce(release=FIRST)
    wait_finished(running, "ci")
    key_file.write_text(f"{NEW} {KEY}\n")
    cloud.hook("ci")  # it takes its time to learn the new key: this test judges
    cloud.faults({**HOOK, "kind": "status", "status": 401})
    cloud.announce(release=SECOND)
    wait_finished(running, "ci", count=2)
    assert "401" in running.wait_log("webhook_key_refused", sink="ci")["error"]
    running.wait_log("webhook_key_changed", sink="ci")
    calls = cloud.hook_calls("ci")
    assert [call["status"] for call in calls] == [200, 200, 401, 200, 200]
    verified(calls[2], KEY)
    for call in calls[3:]:
        assert verified(call, NEW, KEY)["build"]["release"] == SECOND


def test_a_url_that_is_a_secret(cloud, worker, key_file, tmp_path):
    make_pipelines(cloud)
    url = cloud.hook("hidden", secret=KEY)
    (tmp_path / "url").write_text(url)
    running = worker(sinks=[{"webhook": {"file": str(tmp_path / "url")},
                             "key": {"file": str(key_file)}}])
    running.secrets.append("/hooks/hidden")
    cloud.faults({**HOOK, "kind": "status", "status": 500})
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", sink="webhook")
    assert "500" in running.log("notice_failed", sink="webhook")[0]["error"]


def test_a_redirect_is_not_followed(cloud, worker, key_file):
    make_pipelines(cloud)
    elsewhere = cloud.hook("elsewhere")
    sink = webhook(cloud, key_file, status=307, headers={"Location": elsewhere})
    running = worker(sinks=[sink])
    cloud.announce(release=FIRST)
    assert "307" in running.wait_log("notice_failed", sink="ci")["error"]
    running.wait_log("notice_sent", sink="slack")
    assert cloud.hook_calls("elsewhere") == []


def test_who_is_away_holds_up_nobody(cloud, worker, key_file):
    """A topic that is gone, a bus that is not there, and a webhook that is."""
    make_pipelines(cloud)
    gone = "arn:aws:sns:eu-west-1:111122223333:gone"
    sinks = [{"sns": gone}, {"eventbridge": "gone", "region": "eu-west-1"},
             webhook(cloud, key_file)]
    running = worker(sinks=sinks)
    for count, release in enumerate((FIRST, SECOND), 1):
        cloud.announce(release=release)
        wait_finished(running, "ci", "slack", count=count)
    assert "NotFound" in running.wait_log("notice_failed", sink="sns")["error"]
    assert "InvalidArgument" in running.wait_log("notice_failed", sink="eventbridge")["error"]


def test_what_was_not_told_is_told_by_the_next_worker(cloud, worker, key_file):
    make_pipelines(cloud)
    running = worker(sinks=[webhook(cloud, key_file, status=503)])
    cloud.announce(release=FIRST)
    running.wait_log("notice_failed", sink="ci")
    wait_finished(running, "slack")
    running.kill()
    cloud.hook("ci", secret=KEY)
    wait_finished(worker.again(), "ci")
    for kind in "started", "finished":
        calls = told(cloud, "ci", kind)
        assert len({call["params"]["headers"]["webhook-id"] for call in calls}) == 1
    assert len(cloud.slack_threads()) == 1


def test_a_sink_that_is_new_is_told_what_happens_from_then_on(cloud, worker, key_file, tmp_path):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=FIRST)
    wait_finished(running, "slack")
    running.stop()
    write(tmp_path, configuration(cloud, tmp_path, sinks=[webhook(cloud, key_file)]))
    running = worker.again()
    cloud.announce(release=SECOND)
    wait_finished(running, "ci")
    assert {verified(call, KEY)["build"]["release"] for call in cloud.hook_calls("ci")} == {SECOND}


def test_a_sink_is_told_of_its_families(cloud, worker, key_file):
    web, other = family("web"), family("other")
    make_pipelines(cloud, web, other)
    sinks = [{**webhook(cloud, key_file, "web"), "families": ["web"]},
             webhook(cloud, key_file, "all")]
    running = worker(web, other, sinks=sinks)
    cloud.announce(release=FIRST)
    wait_finished(running, "all", count=2)
    wait_finished(running, "web")
    families = {name: [verified(call, KEY)["family"] for call in told(cloud, name, "finished")]
                for name in ("web", "all")}
    assert sorted(families["web"]) == ["web"]
    assert sorted(families["all"]) == ["other", "web"]


def test_a_topic_and_a_bus_of_another_account(cloud, worker):
    make_pipelines(cloud)
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/tell"
    cloud.role(role)
    topic = cloud.topic("golden", account=OTHER_ACCOUNT)
    bus = cloud.bus("golden", account=OTHER_ACCOUNT)
    running = worker(sinks=[{"sns": topic, "role_arn": role},
                            {"eventbridge": bus, "role_arn": role}])
    cloud.announce(release=FIRST)
    wait_finished(running, "sns", "eventbridge")
    assert {each["account"] for each in [*cloud.published(topic), *cloud.put_events()]} == {
        OTHER_ACCOUNT}


def test_a_bus_that_is_throttled_for_a_moment(cloud, worker):
    make_pipelines(cloud)
    cloud.bus("golden", failing={"count": 1, "code": "ThrottlingException"})
    running = worker(sinks=[{"eventbridge": "golden", "region": "eu-west-1"}])
    cloud.announce(release=FIRST)
    wait_finished(running, "eventbridge")
    assert [each["type"] for each in cloud.put_events()] == [
        "evergold build started", "evergold build finished"]


def test_a_failed_build_is_told_with_its_reason(cloud, worker, key_file):
    make_pipelines(cloud, plan={"outcome": "Failed", "at": "Build"})
    topic = cloud.topic("golden")
    running = worker(sinks=[webhook(cloud, key_file), {"sns": topic}])
    cloud.announce(release=FIRST)
    wait_finished(running, "ci", "sns")
    build = verified(cloud.hook_calls("ci")[-1], KEY)["build"]
    assert (build["status"], build["failed_stage"]) == ("Failed", "Build")
    message = cloud.published(topic)[-1]
    assert message["attributes"]["status"] == "Failed"
    assert "build failed at Build" in message["subject"]
    assert build["error_message"] in json.loads(message["message"])["email"]


@pytest.mark.parametrize(("key", "url", "wrong"), [
    ("a password", None, "key: it is no key"),
    (KEY, "http://hooks.example.org/secret", "webhook: the URL must have https"),
    (None, None, "key: "),
])
def test_a_secret_that_is_no_good_is_a_fault_at_the_start(cloud, evergold, tmp_path, key, url,
                                                          wrong):
    (tmp_path / "url").write_text(url or "https://hooks.example.org/secret")
    if key:
        (tmp_path / "key").write_text(key)
    config = configuration(cloud, tmp_path, sinks=[
        {"name": "ci", "webhook": {"file": str(tmp_path / "url")},
         "key": {"file": str(tmp_path / "key")}}])
    done = evergold("run", "--config", write(tmp_path, config), cloud=cloud)
    assert done.returncode != 0 and "sink ci: " + wrong in done.err
    assert "hooks.example.org" not in done.err and "password" not in done.err


# doctor

@pytest.fixture
def doctor(evergold, cloud, tmp_path):
    """doctor(sinks): what it says of each, by its name."""
    def run(*sinks, env=None):
        config = configuration(cloud, tmp_path, sinks=list(sinks))
        done = evergold("doctor", "--format", "json", "--config", write(tmp_path, config),
                        cloud=cloud, env=env)
        results = {each["check"]: each for each in map(json.loads, done.out.splitlines())}
        return {name.removeprefix("sink "): (each["status"], each["detail"], each["hint"])
                for name, each in results.items() if name.startswith("sink ")}
    return run


def test_doctor_looks_whether_they_are_there(cloud, doctor, key_file):
    make_pipelines(cloud)
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/tell"
    cloud.role(role)
    topic = cloud.topic("golden", account=OTHER_ACCOUNT)
    cloud.bus("golden")
    gone = topic.replace("golden", "gone")
    said = doctor({"sns": topic, "role_arn": role}, {"name": "gone", "sns": gone, "role_arn": role},
                 {"eventbridge": "golden", "region": "eu-west-1"},
                 {"name": "no-bus", "eventbridge": "gone", "region": "eu-west-1"},
                 webhook(cloud, key_file))
    assert said["sns"] == ("ok", f"{topic} is there, in eu-west-1", None)
    assert said["eventbridge"] == ("ok", "golden is there, in eu-west-1", None)
    assert said["ci"] == ("ok", "its key is there; 127.0.0.1 is asked when there is news", None)
    status, detail, hint = said["gone"]
    assert (status, "NotFound" in detail) == ("fail", True)
    assert hint == "make sns the ARN of a topic that is there"
    status, detail, hint = said["no-bus"]
    assert (status, "ResourceNotFoundException" in detail) == ("fail", True)
    assert hint == "make eventbridge the name or ARN of a bus that is there"
    assert cloud.hook_calls("ci") == []


def test_doctor_says_what_it_may_not_see(cloud, doctor, key_file, tmp_path):
    make_pipelines(cloud)
    topic = cloud.topic("golden")
    cloud.faults({"service": "sns", "kind": "status", "status": 403, "code": "AuthorizationError"})
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/tell"
    cloud.role(role, refuse="AccessDenied")
    (tmp_path / "url").write_text("http://hooks.example.org/secret")
    said = doctor({"sns": topic}, {"name": "role", "sns": topic, "role_arn": role},
                 {"name": "key", "webhook": cloud.hook("ci"), "key": {"file": "/nowhere"}},
                 {"name": "url", "webhook": {"file": str(tmp_path / "url")},
                  "key": {"file": str(key_file)}})
    status, detail, hint = said["sns"]
    assert (status, hint) == ("skipped", "allow sns:GetTopicAttributes, too")
    assert detail.startswith("it may not be looked at: SNS GetTopicAttributes: AuthorizationError")
    status, _, hint = said["role"]
    assert status == "fail" and hint.startswith("allow sts:AssumeRole on the role")
    status, detail, hint = said["key"]
    assert (status, "/nowhere" in detail) == ("fail", True)
    assert hint.startswith("keep a key there")
    status, detail, hint = said["url"]
    assert status == "fail" and detail.startswith("the URL must have https")
    assert hint == "keep the URL of the webhook there, as one line"
    assert "hooks.example.org" not in str(said)


def test_doctor_of_a_webhook_needs_no_credentials(cloud, doctor, key_file):
    said = doctor(webhook(cloud, key_file), {"eventbridge": "golden", "region": "eu-west-1"},
                 env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
                      "AWS_EC2_METADATA_DISABLED": "true"})
    assert said["ci"][0] == "ok"
    assert said["eventbridge"] == ("skipped", "needs credentials", None)
