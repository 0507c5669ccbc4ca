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
    cloud.wait_for(slack={"reply": True, "count": 2}, timeout=60)
    threads = cloud.slack_threads()
    assert all(any(release in each["text"] for each in threads) for release in (FIRST, SECOND))
    assert [len(each["replies"]) for each in threads] == [1, 1]
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
    running.wait_log("notice_sent", count=2, notice="finished")


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


def test_why_messages_wait_is_in_the_ledger(cloud, worker, ledger):
    make_pipelines(cloud)
    cloud.slack(mode="rate_limited", retry_after=3600)
    running = worker()
    cloud.announce(release=FIRST)
    running.wait_log("notice_failed")
    running.stop()
    assert ledger.rows("SELECT error FROM sinks") == [("Slack answers 429",)]
    assert len(cloud.calls("slack", "chat.postMessage")) == 1


def test_while_slack_asks_for_patience_nothing_else_is_sent(cloud, worker):
    make_pipelines(cloud)
    cloud.slack(mode="rate_limited", retry_after=3600)
    running = worker()
    built_undisturbed(cloud, running)
    running.stop()
    assert len(cloud.calls("slack", "chat.postMessage")) == 1


def test_a_webhook_instead_of_a_token(cloud, worker):
    make_pipelines(cloud, plan={"outcome": "Hang"})
    worker(slack={"token": None, "webhook": {"env": "SLACK_WEBHOOK_URL"}},
           env={"SLACK_WEBHOOK_URL": cloud.slack_webhook})
    cloud.announce(release=FIRST)
    cloud.wait_for(slack={"via": "webhook", "text": FIRST})
    cloud.finish(outcome="Succeeded")
    cloud.wait_for(slack={"via": "webhook", "text": "build succeeded"})
    assert [each["text"][:1] for each in cloud.slack_messages()] == ["🟡", "✅"]
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
    cloud.wait_for(slack={"text": "build succeeded"})


# Messages that are edited, and replies.

def ended(cloud):
    """The one thread that there is when the build has ended."""
    cloud.wait_for(slack={"reply": True}, timeout=60)
    thread, = cloud.slack_threads()
    assert len(thread["replies"]) == 1
    return thread


def test_a_build_is_one_message_from_its_start_to_its_end(cloud, worker):
    make_pipelines(cloud, plan={"outcome": "Hang"})
    worker()
    cloud.announce(release=FIRST)
    cloud.wait_for(slack={"text": FIRST})
    root, = cloud.slack_messages()
    assert root["text"].startswith("🟡")
    cloud.finish(outcome="Succeeded")
    assert ended(cloud)["text"].startswith("✅")
    assert cloud.slack_roots()[0]["versions"]


def test_blocks_that_are_refused_are_sent_as_text(cloud, worker):
    make_pipelines(cloud)
    cloud.slack(refuse_blocks=True)
    running = worker()
    cloud.announce(release=FIRST)
    running.wait_log("slack_blocks_refused")
    assert FIRST in ended(cloud)["text"]
    assert all(each["blocks"] == [] for each in cloud.slack_messages())


@pytest.mark.parametrize("skip", [1, 2])
def test_a_message_whose_answer_was_lost_is_found_again(cloud, worker, skip):
    """The first of all would be doubled: only its answer says what Slack calls the channel."""
    make_pipelines(cloud, plan={"outcome": "Hang"})
    cloud.faults({**POST, "kind": "lost_answer", "skip": skip})
    worker()
    cloud.announce(release=FIRST)
    cloud.wait_for(slack={"text": FIRST})
    cloud.finish(outcome="Succeeded")
    cloud.wait_for(slack={"reply": True}, timeout=60)
    cloud.announce(release=SECOND)
    cloud.wait_for(slack={"text": SECOND}, timeout=60)
    cloud.finish(outcome="Succeeded")
    cloud.wait_for(slack={"reply": True, "count": 2}, timeout=60)
    cloud.wait_for(calls={"service": "slack", "operation": "conversations." + (
        "replies" if skip == 1 else "history")})
    assert [len(each["replies"]) for each in cloud.slack_threads()] == [1, 1]
