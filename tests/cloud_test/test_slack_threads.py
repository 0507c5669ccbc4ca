"""Slack's edits, threads and history, and what it refuses there."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

import pytest
from raw import SLACK_JSON

METADATA = {"event_type": "evergold", "event_payload": {"post": "42"}}


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
def post(slack):
    """post("text", thread_ts=...): posts into #golden-amis; the answer, which is ok."""

    def post(text, **given):
        answer = slack("chat.postMessage", {"channel": "golden-amis", "text": text, **given}).json
        assert answer["ok"], answer
        return answer

    return post


@pytest.fixture
def edit(slack):
    """edit(posted, ...): chat.update of a posted message; the answer."""

    def edit(posted, **given):
        return slack("chat.update", {"channel": posted["channel"], "ts": posted["ts"],
                                     **given}).json

    return edit


def test_an_edit_replaces_what_it_names(cloud, post, edit):
    posted = post("building", blocks=[section("*building*")], metadata=METADATA)
    edit(posted, text="done")
    message, = cloud.slack_messages()
    assert (message["text"], message["blocks"]) == ("done", [section("*building*")])
    assert edit(posted, text="done", blocks=[section("*done*")])["message"]["edited"]
    assert edit(posted, text="ends", blocks=[], metadata={})["ok"]
    message, = cloud.slack_messages()
    assert (message["text"], message["blocks"], message["metadata"]) == ("ends", [], {})
    assert message["versions"] == ["building", "done", "done"]
    assert [each["blocks"] for each in message["edits"]] == [
        [section("*building*")], [section("*building*")], [section("*done*")]]
    assert message["edits"][0]["metadata"] == METADATA
    assert cloud.violations() == []


def test_an_edit_has_a_shorter_text(post, edit):
    posted = post("x" * 40_000)
    assert edit(posted, text="x" * 4_000)["ok"]
    assert edit(posted, text="x" * 4_001)["error"] == "msg_too_long"


def test_edits_that_cannot_be(cloud, slack, post, edit):
    posted = post("x")
    slack("webhook", {"text": "not the bot's"})
    foreign = {**posted, "ts": cloud.slack_messages()[1]["ts"]}
    assert edit(foreign, text="y")["error"] == "cant_update_message"
    assert edit(posted)["error"] == "no_text"
    cloud.slack(delete=posted["ts"])
    assert edit(posted, text="y")["error"] == "message_not_found"


def test_edits_have_a_limit_of_their_own(cloud, slack, post):
    posted = post("x")
    cloud.slack(update_limit={"burst": 1, "per_second": 0.001}, retry_after=7)
    change = {"channel": posted["channel"], "ts": posted["ts"], "text": "y"}
    replies = [slack("chat.update", change) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 429]
    assert replies[1].headers["Retry-After"] == "7"
    post("z")


def test_threads(cloud, slack, post):
    root = post("root")
    reply = post("reply", thread_ts=root["ts"])
    post("told to all", thread_ts=root["ts"], reply_broadcast=True)
    assert reply["message"]["thread_ts"] == root["ts"]
    to_a_reply = {"channel": "golden-amis", "text": "x", "thread_ts": reply["ts"]}
    assert slack("chat.postMessage", to_a_reply).json["error"] == "thread_not_found"
    nowhere = {**to_a_reply, "thread_ts": "1700000000.000009"}
    assert slack("chat.postMessage", nowhere).json["error"] == "thread_not_found"
    malformed = slack("chat.postMessage", {**to_a_reply, "thread_ts": 0}).json
    assert malformed["error"] == "invalid_thread_ts"
    assert malformed["response_metadata"]["messages"] == ["[ERROR] 0 is not a valid thread_ts"]
    cloud.wait_for(slack={"text": "reply", "reply": True})
    thread, = cloud.slack_threads("golden-amis")
    assert (thread["text"], thread["broadcast"]) == ("root", False)
    assert [(each["text"], each["broadcast"]) for each in thread["replies"]] == [
        ("reply", False), ("told to all", True)]


def test_history_and_replies(cloud, slack, post):
    first = post("first", metadata=METADATA)
    root = post("root")
    post("reply", thread_ts=root["ts"])
    post("shout", thread_ts=root["ts"], reply_broadcast=True)
    where = {"channel": first["channel"]}
    answer = slack("conversations.history", where).json
    assert [each["text"] for each in answer["messages"]] == ["shout", "root", "first"]
    assert answer["messages"][0]["subtype"] == "thread_broadcast"
    assert answer["messages"][1]["reply_count"] == 2
    assert "metadata" not in answer["messages"][2]
    told = slack("conversations.history", {**where, "include_all_metadata": "true"}).json
    assert told["messages"][2]["metadata"] == METADATA
    later = slack("conversations.history", {**where, "oldest": first["ts"]}).json
    assert [each["text"] for each in later["messages"]] == ["shout", "root"]
    both = slack("conversations.history",
                 {**where, "oldest": first["ts"], "inclusive": "1", "latest": root["ts"]}).json
    assert [each["text"] for each in both["messages"]] == ["root", "first"]
    replies = slack("conversations.replies", {**where, "ts": root["ts"]}).json
    assert [each["text"] for each in replies["messages"]] == ["root", "reply", "shout"]
    assert cloud.violations() == []


@pytest.mark.parametrize("settings", [{"page": 2}, {}])
def test_history_is_paged(cloud, slack, post, settings):
    cloud.slack(**settings)
    posted = [post(str(number)) for number in range(5)]
    asked, seen = {"channel": posted[0]["channel"], "limit": 3 if settings else 2}, []
    while True:
        answer = slack("conversations.history", asked).json
        assert len(answer["messages"]) <= 2
        seen += [each["text"] for each in answer["messages"]]
        asked["cursor"] = answer["response_metadata"]["next_cursor"]
        if not answer["has_more"]:
            break
    assert seen == ["4", "3", "2", "1", "0"] and asked["cursor"] == ""


@pytest.mark.parametrize(("given", "error"), [
    ({"channel": "#golden-amis"}, "channel_not_found"), ({"limit": 0}, "invalid_limit"),
    ({"limit": 1000}, "invalid_limit"), ({"cursor": "?"}, "invalid_cursor"),
    ({"oldest": "noon"}, "invalid_ts_oldest"), ({"latest": "noon"}, "invalid_ts_latest")])
def test_history_refused(slack, post, given, error):
    answer = slack("conversations.history", {"channel": post("x")["channel"], **given}).json
    assert answer == {"ok": False, "error": error}


def test_history_does_not_read_json(cloud, post):
    body = json.dumps({"channel": post("x")["channel"]}).encode()
    request = Request(f"{cloud.slack_api_url}/conversations.history", body,
                      {"Content-Type": SLACK_JSON, "Authorization": f"Bearer {cloud.slack_token}"})
    with urlopen(request) as answer:
        assert json.load(answer)["error"] == "channel_not_found"
    assert cloud.violations() == [
        "slack.conversations.history: conversations.history does not accept application/json"]


def test_scopes_can_be_taken_away(cloud, slack, post):
    channel = post("x")["channel"]
    cloud.slack(scopes=["chat:write"])
    assert slack("conversations.history", {"channel": channel}).json == {
        "ok": False, "error": "missing_scope", "needed": "channels:history",
        "provided": "chat:write"}
    assert slack("auth.test", {}).json["ok"]
    cloud.slack(scopes=None)
    assert slack("conversations.history", {"channel": channel}).json["ok"]


@pytest.mark.parametrize(("state", "word"), [
    ("is_archived", (410, "channel_is_archived")), ("not_in_channel", (403, "action_prohibited"))])
def test_channels_that_cannot_be_used(cloud, slack, state, word):
    cloud.slack(states={"golden-amis": state})
    refused = slack("chat.postMessage", {"channel": "golden-amis", "text": "x"})
    assert refused.json == {"ok": False, "error": state}
    webhook = slack("webhook", {"text": "x"})
    assert (webhook.status, webhook.text) == word
    cloud.slack(states={"golden-amis": None})
    assert slack("webhook", {"text": "x"}).text == "ok"


@pytest.mark.parametrize(("given", "expected"), [
    (True, ["invalid_blocks"] * 3), (1, ["invalid_blocks", None, None]),
    ({"count": 2, "error": "msg_blocks_too_long"}, ["msg_blocks_too_long"] * 2 + [None])])
def test_blocks_are_refused(cloud, slack, given, expected):
    cloud.slack(refuse_blocks=given)
    plain = {"channel": "golden-amis", "text": "x"}
    answers = [slack("chat.postMessage", {**plain, "blocks": [section("x")]}).json
               for _ in range(3)]
    assert [answer.get("error") for answer in answers] == expected
    assert answers[0]["response_metadata"]["messages"][0].endswith("[json-pointer:/blocks/0]")
    assert slack("chat.postMessage", plain).json["ok"]


def test_account_inactive(cloud, slack):
    cloud.slack(mode="inactive")
    assert slack("auth.test", {}).json["error"] == "account_inactive"


def test_outages(cloud, slack):
    plain = {"channel": "golden-amis", "text": "x"}
    cloud.slack(mode="error")
    assert slack("chat.postMessage", plain).status == 500
    cloud.slack(mode="reset")
    with pytest.raises(ConnectionError):
        slack("chat.postMessage", plain)
    assert cloud.slack_messages() == []


def test_any_refusal_can_be_asked_for(cloud, slack):
    plain = {"channel": "golden-amis", "text": "x"}
    cloud.faults({"service": "slack", "operation": "chat.postMessage", "kind": "slack_error",
                  "error": "ekm_access_denied"})
    answers = [slack("chat.postMessage", plain).json for _ in range(2)]
    assert [answer.get("error") for answer in answers] == ["ekm_access_denied", None]


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_an_answer_is_lost_after_the_effect(cloud, slack, post, method):
    posted = post("before")
    cloud.faults({"service": "slack", "operation": method, "kind": "lost_answer"})
    with pytest.raises(ConnectionError):
        slack(method, {"channel": posted["channel"], "text": "after",
                       **({"ts": posted["ts"]} if method == "chat.update" else {})})
    assert cloud.slack_messages()[-1]["text"] == "after"


@pytest.mark.parametrize(("metadata", "error"), [
    ("text", "invalid_metadata_format"), ({"event_type": "x"}, "invalid_metadata_schema"),
    ({"event_type": "x", "event_payload": []}, "invalid_metadata_schema")])
def test_metadata_refused(slack, metadata, error):
    answer = slack("chat.postMessage", {"channel": "golden-amis", "text": "x",
                                        "metadata": metadata}).json
    assert answer["error"] == error


def test_what_would_ping_is_told(cloud, post):
    post("<!channel> &lt;!here&gt;", blocks=[section("<@U1> <https://x.example|y> <#C1|z>")])
    message, = cloud.slack_messages()
    assert message["pings"] == ["<!channel>", "<@U1>", "<#C1|z>"]
    assert message["hazards"] == []


@pytest.mark.parametrize(("text", "hazard"), [
    ("a < b", "unescaped <"), ("a & b", "unescaped &"), ("a \u202e b", "RIGHT-TO-LEFT OVERRIDE"),
    ("a \x07 b", "U+0007")])
def test_what_misleads_is_told(cloud, post, text, hazard):
    post("x", blocks=[section(text)])
    assert cloud.slack_messages()[0]["hazards"][0].startswith(hazard)


def test_what_a_careful_client_would_not_send(cloud, post, slack):
    post("x", link_names=True)
    post("x", parse="none")
    post("x", parse="full")
    slack("chat.postMessage", {"channel": "golden-amis", "blocks": [section("x")]})
    assert cloud.violations() == [
        "slack.chat.postMessage: unknown argument link_names",
        "slack.chat.postMessage: parse is 'full': Slack would find names and links itself",
        "slack.chat.postMessage: blocks without a text for those who cannot see them"]
