"""A bad day of AWS: whatever happens to a call, one image is started once and told once."""

from __future__ import annotations

import pytest

from tests.e2e.settings import KNOWN_CHANNEL, family, make_pipelines

VERSION = "2023.9.20251027.0"
WEB = family("web", base_parameter="/golden/web/base", golden_parameter="/golden/web/ami",
             golden_output="GOLDEN_AMI_ID")
CALLS = {
    "receive": {"service": "sqs", "operation": "ReceiveMessage"},
    "delete": {"service": "sqs", "operation": "DeleteMessageBatch"},
    "start": {"service": "codepipeline", "operation": "StartPipelineExecution"},
    "get": {"service": "codepipeline", "operation": "GetPipelineExecution"},
    "list": {"service": "codepipeline", "operation": "ListActionExecutions"},
    "put base": {"service": "ssm", "operation": "PutParameter",
                 "params": {"Name": "/golden/web/base"}},
    "put golden": {"service": "ssm", "operation": "PutParameter",
                   "params": {"Name": "/golden/web/ami"}},
    "tell": {"service": "slack", "operation": "chat.postMessage"},
}
KINDS = {
    "reset": {"kind": "reset"},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "throttle": {"kind": "throttle"},
    "throttle_no_message": {"kind": "throttle_no_message"},
    "expired_token": {"kind": "expired_token"},
    "lost_answer": {"kind": "lost_answer"},
    "slow": {"kind": "slow", "seconds": 0.3},
}
TAKEN = ("half", "lost_answer")  # done, but the worker does not hear of it
ODD_ANSWERS = ["garbage200", "html200", "half"]


def one_build(cloud, worker, ledger, *rules):
    """A release whose calls meet the rules; afterwards all is as if there had been none."""
    make_pipelines(cloud, WEB)
    cloud.announce(release=VERSION)
    cloud.faults(*rules)
    running = worker(WEB, slack=KNOWN_CHANNEL)
    if any(rule["operation"] == "ReceiveMessage" and rule["kind"] in TAKEN for rule in rules):
        show_again(cloud)
    built_once(cloud, running, ledger)
    assert cloud.ask("GET", "faults") == [], "a fault never struck"
    return running


def built_once(cloud, running, ledger):
    running.wait_log("notice_sent", notice="finished", timeout=60)
    cloud.wait_for(queue={"empty": True}, timeout=60)
    execution, = cloud.executions()
    assert execution["status"] == "Succeeded"
    assert len(cloud.slack_roots()) == 1
    assert set(cloud.parameters()) == {"eu-west-1:/golden/web/base", "eu-west-1:/golden/web/ami"}
    assert ledger.builds("state, status, trouble, token") == [
        ("finished", "Succeeded", None, execution["token"])]


def show_again(cloud):
    """What a receive took whose answer got lost would come again after the visibility timeout."""
    cloud.wait_for(queue={"in_flight": 1})
    cloud.expire()


def every_call(kind):
    """Once for each operation; Slack and AWS have each their own words for some kinds."""
    aws_only = kind["kind"] in ("throttle", "throttle_no_message", "expired_token")
    return [{**call, **kind} for call in CALLS.values()
            if not (aws_only and call["service"] == "slack")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_goes_wrong_once(cloud, worker, ledger, kind):
    one_build(cloud, worker, ledger, *every_call(KINDS[kind]))


@pytest.mark.parametrize("kind", ODD_ANSWERS)
@pytest.mark.parametrize("name", CALLS)
def test_an_answer_that_is_none(cloud, worker, ledger, name, kind):
    one_build(cloud, worker, ledger, {**CALLS[name], "kind": kind})


@pytest.mark.parametrize("name", ["start", "tell"])
def test_a_call_that_is_never_answered(cloud, worker, ledger, name):
    one_build(cloud, worker, ledger, {**CALLS[name], "kind": "hang"})


def test_the_same_call_goes_wrong_again_and_again(cloud, worker, ledger):
    one_build(cloud, worker, ledger, {**CALLS["start"], "kind": "lost_answer", "count": 4})
    starts = cloud.calls("codepipeline", "StartPipelineExecution")
    assert len(starts) == 5
    assert len({call["params"]["clientRequestToken"] for call in starts}) == 1


def test_a_redirect_is_not_followed(cloud, worker):
    """Somebody stands between, who may be gone the next time: it is asked again."""
    make_pipelines(cloud, WEB)
    cloud.faults({**CALLS["start"], "kind": "redirect", "location": f"{cloud.url}/elsewhere"})
    worker(WEB)
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "golden AMI built"})
    assert cloud.calls("unknown") == []
    assert len(cloud.executions()) == 1


@pytest.mark.no_violations_expected
@pytest.mark.parametrize("seconds", [600, -600])
def test_a_clock_that_is_wrong_is_learnt_once(cloud, worker, ledger, seconds):
    """Only the first request is refused for its time."""
    make_pipelines(cloud, WEB)
    cloud.announce(release=VERSION)
    cloud.faults({"kind": "skew", "seconds": seconds})
    running = worker(WEB)
    built_once(cloud, running, ledger)
    assert [call["operation"] for call in cloud.calls() if call["violations"]] == ["ReceiveMessage"]
    learnt, = running.log("aws_clock_offset")
    assert abs(learnt["offset_ms"] - seconds * 1000) < 60000
