"""Slack is the last to be waited for: its messages wait, nothing waits for them."""

from __future__ import annotations

import pytest

from tests.e2e.settings import family, make_pipelines

FIRST, SECOND = "2023.9.20251020.0", "2023.9.20251027.0"
POST = {"service": "slack", "operation": "chat.postMessage"}


def built_undisturbed(cloud, running):
    """Two releases, one after the other, are built to their ends."""
    for count, release in enumerate((FIRST, SECOND), 1):
        cloud.announce(release=release)
        running.wait_log("build_finished", count=count, status="Succeeded")
    cloud.wait_for(queue={"empty": True})


def each_told_once(cloud):
    for release in (FIRST, SECOND):
        cloud.wait_for(slack={"text": release}, timeout=40)
    assert len(cloud.slack_messages()) == 2
    assert len(cloud.executions()) == 2


@pytest.mark.parametrize("mode", ["down", "slow", "rate_limited"])
def test_builds_go_on_and_each_message_comes_later(cloud, worker, mode):
    make_pipelines(cloud)
    cloud.slack(mode=mode)
    running = worker()
    built_undisturbed(cloud, running)
    cloud.wait_for(calls=POST)
    cloud.slack(mode="up")
    each_told_once(cloud)
    running.wait_log("notice_sent", count=2)


def test_a_token_that_is_revoked(cloud, worker):
    make_pipelines(cloud)
    cloud.slack(mode="revoked")
    running = worker()
    built_undisturbed(cloud, running)
    line = running.wait_log("slack_token_refused")
    assert line["level"] == "error" and "token_revoked" in line["error"]
    running.stop()
    cloud.slack(mode="up")
    worker.again()
    each_told_once(cloud)


def test_a_channel_that_is_missing(cloud, worker):
    make_pipelines(cloud)
    running = worker(family(slack={"channel": "#nowhere"}))
    cloud.announce(release=FIRST)
    assert "channel_not_found" in running.wait_log("notice_failed")["error"]


def test_it_waits_as_long_as_slack_asks(cloud, worker, ledger):
    make_pipelines(cloud)
    cloud.slack(mode="rate_limited", retry_after=3600)
    running = worker()
    cloud.announce(release=FIRST)
    running.wait_log("notice_failed")
    running.stop()
    (created, due), = ledger.rows("SELECT created_ms, due_ms FROM notices")
    assert due - created >= 3600 * 1000


def test_while_slack_asks_for_patience_nothing_else_is_sent(cloud, worker):
    make_pipelines(cloud)
    cloud.slack(mode="rate_limited", retry_after=3600)
    running = worker()
    built_undisturbed(cloud, running)
    running.stop()
    assert len(cloud.calls("slack", "chat.postMessage")) == 1


def test_a_webhook_instead_of_a_token(cloud, worker):
    make_pipelines(cloud)
    worker(slack={"token": None, "webhook": {"env": "SLACK_WEBHOOK_URL"}},
           env={"SLACK_WEBHOOK_URL": cloud.slack_webhook})
    cloud.announce(release=FIRST)
    cloud.wait_for(slack={"via": "webhook", "text": "golden AMI built"})
    assert len(cloud.slack_messages()) == 1
    assert cloud.calls("slack", "chat.postMessage") == []


def test_a_webhook_that_is_revoked_keeps_its_message(cloud, worker):
    make_pipelines(cloud)
    cloud.slack(mode="revoked")
    running = worker(slack={"token": None, "webhook": {"env": "SLACK_WEBHOOK_URL"}},
                     env={"SLACK_WEBHOOK_URL": cloud.slack_webhook})
    cloud.announce(release=FIRST)
    running.wait_log("slack_token_refused")
    running.stop()
    cloud.slack(mode="up")
    worker.again(env={"SLACK_WEBHOOK_URL": cloud.slack_webhook})
    cloud.wait_for(slack={"text": "golden AMI built"})
