"""Slack's token where a configuration may keep it, and what happens when it is changed there."""

from __future__ import annotations

import pytest

from tests.e2e.settings import configuration, make_pipelines, write

FIRST, SECOND = "2023.9.20251020.0", "2023.9.20251027.0"
NEW = "xoxb-after-the-rotation"
PARAMETER, SECRET = "/evergold/slack-token", "evergold/slack-token"
KINDS = ["file", "ssm", "secretsmanager"]


class Place:
    """Where the token is: put() puts another one there."""

    def __init__(self, kind: str, cloud, folder) -> None:
        self.kind, self._cloud, self._file = kind, cloud, folder / "token"
        self.ref = {kind: self.put(cloud.slack_token)}

    def put(self, token: str) -> str:
        if self.kind == "file":
            self._file.write_text(token + "\n")
            return str(self._file)
        if self.kind == "ssm":
            self._cloud.parameter(PARAMETER, token, type="SecureString")
            return PARAMETER
        return self._cloud.secret(SECRET, token)

    def slack(self) -> dict:
        return {"token": self.ref}


def region(kind: str) -> dict:
    """A parameter's name says no region."""
    return {"region": "eu-west-1"} if kind == "ssm" else {}


def reads(cloud) -> int:
    return len(cloud.calls("ssm", "GetParameter") + cloud.calls("secretsmanager"))


def told_once(cloud, *releases: str) -> None:
    for release in releases:
        cloud.wait_for(slack={"text": release}, timeout=40)
    assert len(cloud.slack_roots()) == len(releases)


@pytest.fixture(params=KINDS)
def place(request, cloud, tmp_path):
    make_pipelines(cloud)
    return Place(request.param, cloud, tmp_path)


def test_it_is_read_when_there_is_something_to_tell(cloud, worker, place):
    running = worker(slack=place.slack(), **region(place.kind))
    cloud.wait_for(queue={"polling": 1})
    assert reads(cloud) == 0
    for count, release in enumerate((FIRST, SECOND), 1):
        cloud.announce(release=release)
        running.wait_log("notice_sent", count=count, notice="finished")
    told_once(cloud, FIRST, SECOND)
    assert reads(cloud) == (0 if place.kind == "file" else 1)


def test_rotated_while_a_message_is_on_its_way(cloud, worker, place):
    """Slack has the post with the old token, and looks at it when there is a new one."""
    running = worker(slack=place.slack(), **region(place.kind))
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")
    cloud.slack(mode="slow")
    cloud.announce(release=SECOND)
    cloud.wait_for(calls={"service": "slack", "operation": "chat.postMessage", "count": 3},
                   timeout=40)
    place.put(NEW)
    cloud.slack(token=NEW, mode="up")
    told_once(cloud, FIRST, SECOND)
    running.wait_log("notice_sent", count=2, notice="finished")
    assert len(running.log("slack_token_refused")) == len(running.log("slack_token_changed")) == 1
    assert running.log("notice_failed") == []
    running.stop()
    assert NEW not in running.said()


def test_revoked_and_rotated_later(cloud, worker, place):
    running = worker(slack=place.slack(), **region(place.kind))
    cloud.slack(token=NEW)
    cloud.announce(release=FIRST)
    line = running.wait_log("slack_token_refused")
    assert line["level"] == "error" and "token_revoked" in line["error"]
    assert line["place"] == next(iter(place.ref.values()))
    cloud.announce(release=SECOND)
    running.wait_log("build_finished", count=2, status="Succeeded")
    running.stop()
    assert len(running.log("slack_token_refused")) == 1
    place.put(NEW)
    again = worker.again()
    told_once(cloud, FIRST, SECOND)
    again.stop()
    assert NEW not in again.said()


def test_builds_go_on_while_it_cannot_be_read(cloud, worker):
    make_pipelines(cloud)
    running = worker(slack={"token": {"ssm": PARAMETER}}, region="eu-west-1")
    cloud.announce(release=FIRST)
    running.wait_log("build_finished", status="Succeeded")
    line = running.wait_log("slack_token_unreadable")
    assert PARAMETER in line["error"] and "ParameterNotFound" in line["error"]
    cloud.parameter(PARAMETER, cloud.slack_token, type="SecureString")
    told_once(cloud, FIRST)


def test_keys_and_values_are_no_token(cloud, worker):
    make_pipelines(cloud)
    arn = cloud.secret(SECRET, f'{{"token": "{cloud.slack_token}"}}')
    running = worker(slack={"token": {"secretsmanager": arn}})
    cloud.announce(release=FIRST)
    assert "plain text" in running.wait_log("slack_token_unreadable")["error"]
    cloud.secret(SECRET, cloud.slack_token)
    told_once(cloud, FIRST)


def test_a_webhook_that_was_replaced(cloud, worker, tmp_path):
    make_pipelines(cloud)
    cloud.parameter(PARAMETER, cloud.slack_webhook, type="SecureString")
    running = worker(slack={"token": None, "webhook": {"ssm": PARAMETER}}, region="eu-west-1")
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")
    new = cloud.slack_webhook.replace("/T000/", "/T001/")
    cloud.parameter(PARAMETER, new)
    cloud.slack(webhook=new.removeprefix(cloud.url))
    cloud.announce(release=SECOND)
    running.wait_log("notice_sent", count=2, notice="finished")
    ends = [each["text"] for each in cloud.slack_messages() if "build succeeded" in each["text"]]
    assert [(FIRST in text, SECOND in text) for text in ends] == [(True, False), (False, True)]
    assert "no_service" in running.wait_log("slack_token_refused")["error"]
    running.stop()
    assert "/T001/" not in running.said()


@pytest.mark.parametrize(("ref", "text"), [
    ({"env": "NO_SUCH_TOKEN"}, "slack.token: the environment variable NO_SUCH_TOKEN is not set"),
    ({"file": "/nowhere/token"}, "slack.token: /nowhere/token: No such file or directory"),
])
def test_here_it_must_be_there_at_the_start(cloud, evergold, tmp_path, ref, text):
    config = write(tmp_path, configuration(cloud, tmp_path, slack={"token": ref}))
    done = evergold("run", "--config", config, cloud=cloud)
    assert (done.returncode, done.out) == (1, "") and text in done.err


def test_only_live_asks_aws_for_it(cloud, evergold, tmp_path):
    make_pipelines(cloud)
    cloud.parameter(PARAMETER, cloud.slack_token, type="SecureString")
    config = write(tmp_path, configuration(cloud, tmp_path, region="eu-west-1",
                                           slack={"token": {"ssm": PARAMETER}}))
    saved = tmp_path / "saved.json"
    saved.write_text(cloud.announce(release=FIRST)["envelope"])
    assert evergold("check", "--config", config, cloud=cloud).returncode == 0
    assert evergold("replay", "--config", config, saved, cloud=cloud).returncode == 0
    assert reads(cloud) == 0
    assert evergold("replay", "--live", "--config", config, saved, cloud=cloud).returncode == 0
    assert reads(cloud) == 1
    told_once(cloud, FIRST)
