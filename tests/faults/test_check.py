"""The checker of the fault runs can fail: each test spoils a good end in one way."""

from __future__ import annotations

import copy
import json
from collections import Counter

import pytest

from tests.faults.cast import Build, Place
from tests.faults.check import Finding, Seen, check, read_another
from tests.faults.plan import Plan, Step, draw

HOME, US = "eu-west-1", "us-east-1"
FAMILIES = [{"name": "web", "regions": [HOME, US], "pipeline": {"name": "golden-web"}}]
SINKS = ["eventbridge", "sns", "webhook"]


def made(region, release, ami):
    return Build("web", region, release, ami, f"t-{ami}", Place("/golden/web/base", region),
                 (Place("/golden/web/ami", region), Place("/shared/web", region, "7777")))


OLD, NEW = made(HOME, "1.0", "ami-old"), made(HOME, "1.1", "ami-new")
FAR = made(US, "1.1", "ami-far")


def plan(slack="channel"):
    return Plan(1, FAMILIES, [], {"slack": slack, "sinks": SINKS}, [], [OLD, NEW, FAR])


def execution(build, status="Succeeded"):
    return {"id": f"e-{build.token}", "token": build.token, "pipeline": "golden-web",
            "region": build.region, "status": status, "finished": True,
            "variables": {"BASE_AMI_ID": build.image}, "read": None,
            "actions": [{"outputs": {"GOLDEN_AMI_ID": f"{build.image}-golden"}}]}


def news(build, status="Succeeded"):
    return {"kind": "finished", "build": {"token": build.token, "status": status}}


def publish(document):
    return {"message": json.dumps({"default": json.dumps(document)})}


def hooked(document, **given):
    return call(service="hook", operation="ci", params={"body": document}, **given)


def told(build, text="✅ golden AMI built in 2s"):
    def message(part, ts, thread_ts, words):
        return {"text": words, "ts": ts, "thread_ts": thread_ts,
                "metadata": {"event_payload": {"post": f"{build.token}-{part}-0"}}}
    root = f"{build.token}.1"
    return [message("root", root, None, text), message("details", f"{root}1", root, "details")]


def call(**given):
    return {"service": "slack", "operation": "chat.postMessage", "status": 200, "fault": None,
            "violations": [], **given}


@pytest.fixture
def seen():
    """All went well; one forged message is a dead letter."""
    builds = (OLD, NEW, FAR)
    return Seen(
        executions=[execution(build) for build in builds],
        slack=[message for build in builds for message in told(build)],
        parameters={f"{place}:{name}": f"{image}{golden}"
                    for place, image in ((HOME, "ami-new"), (US, "ami-far"))
                    for place, name, golden in (
                        (f":{place}", "/golden/web/ami", "-golden"),
                        (f"7777:{place}", "/shared/web", "-golden"),
                        (f":{place}", "/golden/web/base", ""))},
        published=[publish(news(build)) for build in builds],
        put_events=[{"detail": news(build)} for build in builds],
        genuine=["m1", "m2"], rejected=["m3"], dead=["m3"],
        calls=[call(), *(hooked(news(build)) for build in builds)])


def kinds(seen, **given):
    return [finding.kind for finding in check(plan(**given), seen)]


def test_a_good_end(seen):
    assert check(plan(), seen) == []


def test_a_build_that_never_was(seen):
    del seen.executions[2]
    assert "lost" in kinds(seen)


def test_an_older_build_may_be_overtaken_but_must_say_so(seen):
    del seen.executions[0]
    assert kinds(seen) == ["lost"]
    seen.overtaken = [f"{OLD.line} {OLD.image}"]
    assert kinds(seen) == []


def test_the_newest_is_never_overtaken(seen):
    del seen.executions[1]
    seen.overtaken = [f"{NEW.line} {NEW.image}"]
    assert "lost" in kinds(seen)


def test_a_second_execution_of_one_token(seen):
    seen.executions.append(execution(NEW))
    assert "double" in kinds(seen)


def test_a_second_execution_by_another_token(seen):
    seen.executions.append({**execution(NEW), "token": "another"})
    assert {"double", "stray"} <= set(kinds(seen))


def test_an_execution_of_what_was_forged(seen):
    seen.executions.append(execution(made(HOME, "9.9", "ami-evil")))
    assert kinds(seen) == ["stray"]


def test_an_image_that_is_not_the_one_of_the_token(seen):
    seen.executions[1]["variables"] = {"BASE_AMI_ID": "ami-other"}
    assert kinds(seen) == ["stray"]


def test_what_is_still_to_be_done(seen):
    seen.executions[1]["finished"] = False
    seen.waiting = ["notice 1 for slack"]
    assert kinds(seen) == ["unfinished", "unfinished"]


@pytest.mark.parametrize(("part", "words"), [(0, "🟡 building golden AMI"), (0, "❌ build failed")])
def test_a_root_that_says_something_else(seen, part, words):
    seen.slack[part]["text"] = words
    assert kinds(seen) == ["untold"]


@pytest.mark.parametrize("part", [0, 1])
def test_a_message_that_never_came(seen, part):
    del seen.slack[part]
    assert "untold" in kinds(seen)


def test_details_in_another_thread(seen):
    seen.slack[1]["thread_ts"] = seen.slack[2]["ts"]
    assert kinds(seen) == ["untold"]


@pytest.mark.parametrize("part", [0, 1])
def test_a_message_that_came_twice(seen, part):
    seen.slack.append(copy.deepcopy(seen.slack[part]))
    seen.calls.append(call(status=-1))
    assert kinds(seen) == ["told_twice"]
    assert kinds(seen, slack="blind") == []
    seen.calls.pop()
    assert kinds(seen, slack="blind") == ["told_twice"]


def test_a_golden_parameter_that_went_back(seen):
    seen.parameters[f":{HOME}:/golden/web/ami"] = "ami-old-golden"
    assert kinds(seen) == ["golden"]
    seen.parameters[f"7777:{HOME}:/shared/web"] = "ami-old-golden"
    assert kinds(seen) == ["golden", "golden"]


def test_a_golden_parameter_that_was_refused_is_told(seen):
    del seen.parameters[f":{HOME}:/golden/web/ami"]
    assert kinds(seen) == ["golden"]
    seen.slack[1]["text"] = "/golden/web/ami in eu-west-1 was not written: of another build"
    assert kinds(seen) == ["golden"]
    seen.slack[3]["text"] = "/golden/web/ami in eu-west-1 was not written: it may not"
    assert kinds(seen) == []


def test_a_golden_parameter_without_a_success(seen):
    failed = news(FAR, "Failed")
    seen.executions[2] = execution(FAR, "Failed")
    seen.slack[4]["text"] = "❌ build failed at Build"
    seen.published[2], seen.put_events[2] = publish(failed), {"detail": failed}
    seen.calls[3] = hooked(failed)
    assert kinds(seen) == ["golden", "golden"]
    del seen.parameters[f":{US}:/golden/web/ami"], seen.parameters[f"7777:{US}:/shared/web"]
    assert kinds(seen) == []


def test_a_base_parameter_that_is_not_what_was_built(seen):
    seen.parameters[f":{HOME}:/golden/web/base"] = "ami-old"
    assert kinds(seen) == ["base"]
    seen.slack[3]["text"] = "/golden/web/base was not written: it may not"
    assert kinds(seen) == []


def test_a_base_parameter_that_was_left_where_it_was_is_told(seen):
    """The older build was retried and succeeded, while the newer one failed."""
    seen.parameters[f":{HOME}:/golden/web/base"] = "ami-old"
    seen.slack[1]["text"] = "/golden/web/base still names ami-old: no earlier one is known"
    assert kinds(seen) == []
    seen.slack[1]["text"] = "/golden/web/base still names ami-other: no earlier one is known"
    assert kinds(seen) == ["base"]


@pytest.mark.parametrize("told", ["published", "put_events"])
def test_a_sink_that_was_not_told(seen, told):
    del getattr(seen, told)[1]
    assert kinds(seen) == ["untold"]


def test_a_webhook_was_told_when_it_has_had_its_effect(seen):
    seen.calls[1] = hooked(news(OLD), status=-1, fault="lost_answer")
    assert kinds(seen) == []
    seen.calls[1] = hooked(news(OLD), status=503, fault="status")
    assert kinds(seen) == ["untold"]


def test_a_message_over_slacks_webhook(seen):
    seen.slack = [{"text": f"✅ web: golden AMI built\nbuild {build.token}"}
                  for build in (OLD, NEW, FAR)]
    assert kinds(seen, slack="webhook") == []
    seen.slack[0]["text"] = "🟡 web: building golden AMI\nbuild t-ami-old"
    assert kinds(seen, slack="webhook") == ["untold"]
    seen.slack = [*seen.slack[1:], *seen.slack[1:]]
    assert kinds(seen, slack="webhook") == ["untold", "told_twice", "told_twice"]


def test_what_a_v1_pipeline_read(seen):
    seen.executions[0] |= {"variables": {}, "read": "ami-old"}
    assert kinds(seen) == [] and read_another(plan(), seen) == 0
    seen.executions[0]["read"] = "ami-new"
    assert kinds(seen) == [] and read_another(plan(), seen) == 1


@pytest.mark.parametrize("spoilt", [
    {"queued": ["m1"]}, {"dead": ["m2", "m3"]}, {"dead": []}, {"dead": ["m3", "an event"]}])
def test_a_message_in_the_wrong_place(seen, spoilt):
    for name, value in spoilt.items():
        setattr(seen, name, value)
    assert kinds(seen) == ["message"]


def test_somebody_else_was_talked_to(seen):
    seen.contacts = ["tcp 192.0.2.1 port 80"]
    seen.calls.append(call(service="unknown"))
    assert kinds(seen) == ["contact", "contact"]


def test_a_request_that_was_wrong(seen):
    seen.calls.append(call(violations=["Colour is no parameter"]))
    assert kinds(seen) == ["violation"]


def test_a_time_is_wrong_only_where_a_clock_was(seen):
    seen.calls.append(call(violations=["Signature expired: now"]))
    assert kinds(seen) == ["violation"]
    seen.calls.append(call(fault="skew"))
    assert kinds(seen) == []


def test_what_the_worker_itself_did_wrong(seen):
    seen.complaints = ["exit status 1"]
    assert check(plan(), seen) == [Finding("worker", "exit status 1")]


def test_a_seed_is_one_plan():
    assert draw(7) == draw(7) != draw(8)


def test_plans_have_everything_that_can_go_wrong():
    plans = [draw(seed) for seed in range(1, 1001)]
    steps = [step for each in plans for step in each.steps]
    struck = {step.given["kind"] for step in steps if step.do == "faults"}
    assert struck == {
        "reset", "lost_answer", "half", "garbage200", "html200", "slow", "endless", "status",
        "hang", "throttle", "throttle_no_message", "expired_token", "redirect", "skew",
        "early_empty", "wrong_md5", "eleven", "stale_handle", "slack_error"}
    assert {step.do for step in steps} == {
        "announce", "body", "faults", "names", "expire", "kill", "stop", "halt", "retry"}
    assert all(isinstance(step, Step) and step.at >= 0 for step in steps)
    chosen = sum((each.words() for each in plans), Counter())
    assert len(chosen) == 20 and min(chosen.values()) >= 20, chosen
