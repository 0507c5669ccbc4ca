"""Slack's Web API and webhook, by hand."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from raw import SLACK_JSON as JSON


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_post_and_update(cloud, slack):
    posted = slack("chat.postMessage", {"channel": "#golden-amis", "text": "started ü",
                                        "blocks": [section("*started*")]}).json
    assert posted["ok"] and posted["channel"].startswith("C") and "." in posted["ts"]
    updated = slack("chat.update", {"channel": posted["channel"], "ts": posted["ts"],
                                    "text": "done"}).json
    assert updated["ok"] and updated["ts"] == posted["ts"]
    (message,) = cloud.slack_messages()
    assert (message["text"], message["versions"]) == ("done", ["started ü"])
    assert (message["channel_name"], message["via"]) == ("golden-amis", "bot")
    cloud.wait_for(slack={"text": "done", "channel": "#golden-amis"})
    assert cloud.violations() == []


def test_thread(cloud, slack):
    parent = slack("chat.postMessage", {"channel": "golden-amis", "text": "build"}).json
    slack("chat.postMessage", {"channel": parent["channel"], "text": "failed",
                               "thread_ts": parent["ts"]})
    assert cloud.slack_messages()[1]["thread_ts"] == parent["ts"]


def test_form_is_accepted_too(cloud, slack):
    blocks = json.dumps([section("x")])
    assert slack("chat.postMessage", {"channel": "golden-amis", "text": "form", "blocks": blocks},
                 kind="application/x-www-form-urlencoded").json["ok"]
    assert cloud.slack_messages()[0]["blocks"] == [section("x")]


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-no", "invalid_auth")])
def test_token(slack, token, error):
    reply = slack("auth.test", {}, token=token)
    assert (reply.status, reply.json) == (200, {"ok": False, "error": error})


def test_auth_test_and_revoked(cloud, slack):
    assert slack("auth.test", {}).json["team_id"] == "T000"
    cloud.slack(mode="revoked")
    assert slack("auth.test", {}).json["error"] == "token_revoked"
    assert slack("webhook", {"text": "x"}).text == "invalid_token"


def test_a_new_token_revokes_the_one_before(cloud, slack):
    cloud.slack(token="xoxb-new", webhook="/slack/webhook/T000/B000/new")
    assert slack("auth.test", {}).json["error"] == "token_revoked"
    assert slack("auth.test", {}, token="xoxb-new").json["ok"]
    assert slack("auth.test", {}, token="xoxb-never").json["error"] == "invalid_auth"
    gone = slack("webhook", {"text": "x"})
    assert (gone.status, gone.text) == (404, "no_service")


@pytest.mark.parametrize(("payload", "error"), [
    ({"text": "x", "channel": "#none"}, "channel_not_found"),
    ({"text": "x"}, "channel_not_found"),
    ({}, "no_text"),
    ({"text": "x" * 40001}, "msg_too_long"),
    ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
    ({"blocks": [section("x" * 3001)]}, "invalid_blocks"),
    ({"blocks": [section("")]}, "invalid_blocks"),
    ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
     "invalid_blocks"),
    ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
    ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}]},
     "invalid_blocks"),
    ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}]},
     "invalid_blocks"),
    ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
    ({"blocks": [{"type": "mystery"}]}, "invalid_blocks"),
    ({"text": 7}, "invalid_arguments"),
])
def test_refused(cloud, slack, payload, error):
    if error != "channel_not_found":
        payload = {"channel": "golden-amis", **payload}
    reply = slack("chat.postMessage", payload)
    assert (reply.status, reply.json["ok"], reply.json["error"]) == (200, False, error)
    assert cloud.slack_messages() == []
    assert cloud.calls("slack")[0]["error"] == error


def test_largest_message_is_accepted(slack):
    blocks = [section("x" * 3000)] + [{"type": "divider"}] * 49
    reply = slack("chat.postMessage", {"channel": "golden-amis", "text": "x" * 40000,
                                       "blocks": blocks})
    assert reply.json["ok"]


def test_update_needs_the_channel_id(slack):
    posted = slack("chat.postMessage", {"channel": "golden-amis", "text": "x"}).json
    by_name = {"channel": "#golden-amis", "ts": posted["ts"], "text": "y"}
    assert slack("chat.update", by_name).json["error"] == "channel_not_found"
    missing = {"channel": posted["channel"], "ts": "1.000001", "text": "y"}
    assert slack("chat.update", missing).json["error"] == "message_not_found"


def test_webhook(cloud, slack):
    reply = slack("webhook", {"text": "plain"})
    assert (reply.status, reply.text) == (200, "ok")
    assert [(each["text"], each["via"]) for each in cloud.slack_messages()] == [
        ("plain", "webhook")]
    assert (slack("webhook", {}).status, slack("webhook", {}).text) == (400, "no_text")


def test_rate_limit(cloud, slack):
    cloud.slack(rate_limit={"burst": 2, "per_second": 0.001})
    replies = [slack("chat.postMessage", {"channel": "golden-amis", "text": str(number)})
               for number in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[2].headers["Retry-After"] == "1"
    elsewhere = {"channel": "golden-amis-test", "text": "x"}
    assert slack("chat.postMessage", elsewhere).status == 200
    cloud.slack(rate_limit=None)
    assert all(slack("webhook", {"text": "x"}).status == 200 for _ in range(10))


def test_down_and_limited(cloud, slack):
    cloud.slack(mode="down")
    assert slack("chat.postMessage", {"channel": "golden-amis", "text": "x"}).status == 503
    cloud.slack(mode="rate_limited", retry_after=30)
    assert slack("webhook", {"text": "x"}).headers["Retry-After"] == "30"
    cloud.slack(mode="up")
    assert slack("webhook", {"text": "x"}).text == "ok"


def test_slow_until_released(cloud, slack):
    cloud.slack(mode="slow")
    replies = []
    post = threading.Thread(target=lambda: replies.append(slack("webhook", {"text": "late"})))
    post.start()
    cloud.wait_for(calls={"service": "slack", "status": None})
    assert cloud.slack_messages() == []
    cloud.slack(mode="up")
    post.join()
    assert replies[0].text == "ok"


def test_a_client_that_gives_up_posts_nothing(cloud):
    cloud.slack(mode="slow")
    address = urlsplit(cloud.slack_webhook)
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("POST", address.path, b'{"text":"late"}', {"Content-Type": JSON})
    cloud.wait_for(calls={"service": "slack", "status": None})
    connection.close()
    cloud.wait_for(calls={"service": "slack", "status": -1, "error": "client left"})
    cloud.slack(mode="up")
    assert cloud.slack_messages() == []


def test_the_token_is_not_recorded(cloud, slack):
    slack("auth.test", {})
    slack("chat.postMessage", {"channel": "golden-amis", "text": "x"})
    assert cloud.slack_token not in str(cloud.calls())
