"""`evergold doctor`: each part of the way is proved, and what repairs it is said."""

from __future__ import annotations

import hashlib
import json
import shlex

import pytest

from .settings import HOME, configuration, family, make_pipelines, write

ROLE = "arn:aws:iam::444455556666:role/start-golden"
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:{}"
CHANNEL = "C" + hashlib.sha256(b"golden-amis").hexdigest()[:10].upper()
BASE, GOLDEN = "/golden/web/base", "/golden/web/ami"
WEB = family("web", base_parameter=BASE, golden_parameter=GOLDEN, golden_output="GOLDEN_AMI_ID")
PIPELINE = f"pipeline golden-web in {HOME}"


def policy(name, source=TOPIC, service="sns.amazonaws.com"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage",
        "Resource": QUEUE.format(name), "Condition": {"ArnEquals": {"aws:SourceArn": source}}}]})


@pytest.fixture
def queue(cloud):
    """queue(attributes..., max_receives=5): the URL of one that lets the topic send."""
    def make(name="releases", max_receives=5, **attributes):
        given = {"Policy": policy(name), **attributes}
        return cloud.queue(name, max_receives=max_receives,
                           attributes={key: value for key, value in given.items() if value})["url"]
    return make


@pytest.fixture
def doctor(evergold, cloud, tmp_path, queue):
    """doctor(family(...), env={}, url=..., ...settings): exit status, and results by check."""
    def run(*families, env=None, url=None, **given):
        given = {"slack": {"channel": CHANNEL}, "queue": {"url": url or queue()}, **given}
        config = write(tmp_path, configuration(cloud, tmp_path, *(families or [WEB]), **given))
        done = evergold("doctor", "--format", "json", "--config", config, cloud=cloud, env=env)
        results = [json.loads(line) for line in done.out.splitlines()]
        for result in results:
            assert list(result) == ["check", "status", "detail", "hint", "repair"]
        done.results = {result["check"]: result for result in results}
        done.statuses = {result["check"]: result["status"] for result in results}
        assert done.err == ""
        return done
    return run


@pytest.fixture(autouse=True)
def pipeline(cloud):
    make_pipelines(cloud, WEB)


def failed(done):
    return [check for check, status in done.statuses.items() if status == "fail"]


# All is well.

def test_the_whole_way_is_proved_and_nothing_is_written(doctor, cloud):
    cloud.parameter(BASE, "ami-0aaaaaaaaaaaaaaaa")
    done = doctor()
    assert done.returncode == 0
    assert done.statuses == {
        "signatures": "ok", "credentials": "ok", "identity": "ok", "queue": "ok",
        "queue's encryption": "ok", f"topic {TOPIC}": "ok", f"subscription to {TOPIC}": "skipped",
        PIPELINE: "ok",
        f"parameter {BASE} in {HOME}": "ok", f"parameter {GOLDEN} in {HOME}": "ok",
        "Slack": "ok", f"Slack channel {CHANNEL}": "ok"}
    assert done.results[f"parameter {BASE} in {HOME}"]["detail"] == "ami-0aaaaaaaaaaaaaaaa"
    assert "not there yet" in done.results[f"parameter {GOLDEN} in {HOME}"]["detail"]
    assert done.results["Slack"]["detail"] == "workspace Evergold, as evergold"
    assert done.results[f"Slack channel {CHANNEL}"]["detail"] == "#golden-amis"
    assert {call["operation"] for call in cloud.calls()} == {
        "GetCallerIdentity", "GetQueueAttributes", "GetPipeline", "GetParameter", "auth.test",
        "conversations.info"}


def test_people_read_signs(evergold, cloud, tmp_path):
    config = write(tmp_path, configuration(cloud, tmp_path, WEB))
    done = evergold("doctor", "--format", "text", "--config", config, cloud=cloud)
    assert (done.returncode, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("✔ signatures: ")
    at = next(i for i, line in enumerate(lines) if line.startswith(f"✘ topic {TOPIC}: "))
    assert lines[at + 1].startswith("    allow sns.amazonaws.com sqs:SendMessage")
    assert lines[at + 2].startswith("    $ aws sqs set-queue-attributes --region eu-west-1 ")
    assert any(line.startswith("- Slack channel #golden-amis: ") for line in lines)


# The queue.

def repairing(done, check):
    """The words of the command."""
    assert done.results[check]["repair"], done.results[check]
    return shlex.split(done.results[check]["repair"])


def test_a_topic_that_may_not_send_gets_a_policy_that_lets_it(doctor, cloud, queue):
    done = doctor(url=queue(Policy=None))
    assert (done.returncode, failed(done)) == (1, [f"topic {TOPIC}"])
    words = repairing(done, f"topic {TOPIC}")
    assert words[:3] == ["aws", "sqs", "set-queue-attributes"]
    attributes = json.loads(words[words.index("--attributes") + 1])
    repaired = {name: value.replace(":releases", ":repaired") for name, value in attributes.items()}
    done = doctor(url=cloud.queue("repaired", attributes=repaired)["url"])
    assert failed(done) == []


def test_a_policy_for_another_topic_is_shown_and_not_replaced(doctor, queue):
    done = doctor(url=queue(Policy=policy("releases", source=f"{TOPIC}-2")))
    assert failed(done) == [f"topic {TOPIC}"]
    assert repairing(done, f"topic {TOPIC}")[2] == "get-queue-attributes"


def test_a_key_of_aws_lets_nothing_in(doctor, queue):
    done = doctor(url=queue(KmsMasterKeyId="alias/aws/sqs"))
    assert failed(done) == ["queue's encryption"]
    assert '"SqsManagedSseEnabled":"true"' in repairing(done, "queue's encryption")[-1]


def test_a_queue_without_dead_letters_is_a_warning(doctor, queue):
    done = doctor(url=queue(max_receives=0))
    assert (done.returncode, done.statuses["queue"]) == (0, "warn")
    words = repairing(done, "queue")
    assert words[:3] == ["aws", "sqs", "create-queue"] and "releases-dead" in words
    redrive = json.loads(json.loads(words[-1])["RedrivePolicy"])
    assert redrive == {"deadLetterTargetArn": QUEUE.format("releases-dead"), "maxReceiveCount": 5}


def test_a_queue_that_is_not_there(doctor, cloud):
    done = doctor(url=cloud.queue_url + "-gone")
    assert failed(done) == ["queue"]
    assert repairing(done, "queue")[-1] == "ami-announcements-gone"
    assert done.statuses[f"topic {TOPIC}"] == "skipped"


def test_the_events_queue_is_looked_at_too(doctor, cloud, queue):
    events = queue("events", Policy=policy("events", "arn:aws:events:eu-west-1:111122223333:rule/x",
                                           "events.amazonaws.com"))
    done = doctor(queue={"url": queue(), "events_url": events})
    assert done.returncode == 0
    assert [done.statuses[name] for name in
            ("events queue", "events queue's encryption", "EventBridge")] == ["ok"] * 3
    done = doctor(queue={"url": queue("other", Policy=policy("other")),
                         "events_url": queue("closed")})
    assert (done.returncode, done.statuses["EventBridge"]) == (0, "warn")


# Permissions.

def deny(cloud, service, operation):
    cloud.faults({"service": service, "operation": operation, "kind": "status", "status": 400,
                  "code": "AccessDeniedException", "message": "not you", "count": None})


def granted(words):
    document = json.loads(words[words.index("--policy-document") + 1])
    statement, = document["Statement"]
    return words[words.index("--policy-name") - 1], statement["Action"], statement["Resource"]


def test_what_is_denied_comes_with_the_policy_that_allows_it(doctor, cloud):
    deny(cloud, "ssm", "GetParameter")
    deny(cloud, "codepipeline", "GetPipeline")
    done = doctor(family("web", base_parameter=BASE))
    parameter = f"parameter {BASE} in {HOME}"
    assert failed(done) == [PIPELINE, parameter]
    assert granted(repairing(done, parameter)) == (
        "evergold", ["ssm:GetParameter", "ssm:PutParameter"],
        f"arn:aws:ssm:{HOME}:111122223333:parameter{BASE}")
    user, actions, resource = granted(repairing(done, PIPELINE))
    assert {"codepipeline:GetPipeline", "codepipeline:StartPipelineExecution"} <= set(actions)
    assert (user, resource) == ("evergold", f"arn:aws:codepipeline:{HOME}:111122223333:golden-web")


def test_a_role_that_may_not_be_assumed(doctor):
    done = doctor(family("web", pipeline={"role_arn": ROLE}))
    assert f"role {ROLE}" in failed(done)
    assert granted(repairing(done, f"role {ROLE}")) == ("evergold", ["sts:AssumeRole"], ROLE)


# Pipelines and parameters.

@pytest.mark.parametrize(("given", "verb"), [
    ({"variables": ["BASE_AMI"]}, "get-pipeline"),
    ({"type": "V1", "variables": []}, "get-pipeline"),
], ids=["undeclared", "v1"])
def test_a_pipeline_that_does_not_fit(doctor, cloud, given, verb):
    make_pipelines(cloud, WEB, **given)
    done = doctor()
    assert failed(done) == [PIPELINE]
    assert repairing(done, PIPELINE)[:3] == ["aws", "codepipeline", verb]


def test_a_pipeline_that_is_missing(doctor):
    done = doctor(family("gone"))
    assert failed(done) == [f"pipeline golden-gone in {HOME}"]
    assert repairing(done, f"pipeline golden-gone in {HOME}")[2] == "list-pipelines"


def test_golden_parameters_are_read_where_they_are_written(doctor, cloud):
    cloud.role(ROLE)
    targets = ["/golden/a", {"name": "/golden/b", "region": "us-east-1", "role_arn": ROLE}]
    done = doctor(family("web", golden_parameter=targets, golden_output="GOLDEN_AMI_ID"))
    assert done.returncode == 0
    assert [(call["region"], call["account"], call["params"]["Name"])
            for call in cloud.calls("ssm", "GetParameter")] == [
        (HOME, cloud.account, "/golden/a"), ("us-east-1", "444455556666", "/golden/b")]


# Slack.

@pytest.mark.parametrize(("mode", "words"), [("revoked", "token_revoked"),
                                             ("inactive", "account_inactive")])
def test_a_token_that_is_no_good_any_more(doctor, cloud, mode, words):
    cloud.slack(mode=mode)
    done = doctor()
    assert failed(done) == ["Slack"]
    assert words in done.results["Slack"]["detail"]
    assert "install the app to the workspace again" in done.results["Slack"]["hint"]
    assert done.statuses[f"Slack channel {CHANNEL}"] == "skipped"


def test_a_token_that_is_none(doctor, tmp_path):
    (tmp_path / "wrong").write_text("xoxb-mistyped\n")
    done = doctor(slack={"token": {"file": str(tmp_path / "wrong")}})
    assert failed(done) == ["Slack"]
    assert "invalid_auth" in done.results["Slack"]["detail"]
    assert "mistyped" not in done.out + done.err
    done = doctor(slack={"token": {"file": str(tmp_path / "nowhere")}})
    assert failed(done) == ["Slack"]
    assert "slack.token" in done.results["Slack"]["hint"]


@pytest.mark.parametrize(("state", "status", "words"), [
    ("is_archived", "fail", "archived"), ("not_in_channel", "warn", "no member")])
def test_a_channel_that_cannot_be_posted_to(doctor, cloud, state, status, words):
    cloud.slack(states={"#golden-amis": state})
    result = doctor().results[f"Slack channel {CHANNEL}"]
    assert result["status"] == status and words in result["detail"]


def test_a_channel_that_is_not_there(doctor):
    done = doctor(slack={"channel": "C0NOTTHERE"})
    assert failed(done) == ["Slack channel C0NOTTHERE"]
    assert "/invite" in done.results["Slack channel C0NOTTHERE"]["hint"]


def test_what_cannot_be_known_of_a_channel_is_said(doctor, cloud):
    done = doctor(slack={"channel": "#golden-amis"})
    assert done.statuses["Slack channel #golden-amis"] == "skipped"
    cloud.slack(scopes=["chat:write"])
    done = doctor()
    assert (done.returncode, done.statuses[f"Slack channel {CHANNEL}"]) == (0, "skipped")
    assert "channels:read" in done.results[f"Slack channel {CHANNEL}"]["hint"]


def test_a_webhook_is_not_posted_to(doctor, cloud):
    done = doctor(slack={"token": None, "channel": None, "webhook": {"env": "HOOK"}},
                  env={"HOOK": cloud.slack_webhook})
    assert (done.returncode, done.statuses["Slack"]) == (0, "skipped")
    assert cloud.calls("slack") == []
    assert cloud.slack_webhook not in done.out + done.err


def test_without_slack_nobody_is_asked(doctor):
    done = doctor(slack=None)
    assert (done.returncode, done.statuses["Slack"]) == (0, "skipped")


# The command line.

def test_a_faulty_configuration_goes_nowhere(evergold, cloud, tmp_path):
    config = write(tmp_path, {"families": [{"name": "web"}]})
    done = evergold("doctor", "--config", config, cloud=cloud)
    assert (done.returncode, done.out) == (2, "")
    assert ": error: " in done.err and cloud.calls() == []
