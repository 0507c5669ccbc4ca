"""Events: in a queue of their own, in whatever form, among what is none, and about others'
executions.  The worker's own poll is later than any of these waits."""

from __future__ import annotations

import json

import pytest

from tests.e2e.settings import HOME, SLOW, family, make_pipelines

RELEASE = "2023.9.20251027.0"
SOON = 10  # seconds; the worker asks by itself after 15
WEB = family("web", golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
EVENTS, ALL_LEVELS = "build-events", ["pipeline", "stage", "action", "build"]


def start(cloud, worker, each=WEB, queue=EVENTS, **events):
    """A worker on both queues, and the execution of its build, which does not end by itself."""
    url = cloud.queue(EVENTS, region=HOME)["url"]
    make_pipelines(cloud, each, plan=SLOW, events={"queue": queue, **events})
    running = worker(each, queue={"events_url": url})
    cloud.announce(release=RELEASE)
    running.wait_log("build_started")
    return running, cloud.executions()[-1]["id"]


def wait_empty(cloud, name=EVENTS):
    cloud.wait_for(queue={"name": name, "empty": True})


@pytest.mark.parametrize("form", [
    {}, {"via": "sns"}, {"via": "sns", "raw": True}, {"via": "codestar"},
    {"copies": 3, "levels": ALL_LEVELS}, {"levels": ["stage"]},
    {"order": "reversed", "levels": ALL_LEVELS}])
@pytest.mark.parametrize("queue", [EVENTS, "ami-announcements"])
def test_an_event_in_any_form_makes_it_ask_at_once(cloud, worker, form, queue):
    running, execution = start(cloud, worker, queue=queue, **form)
    cloud.finish(execution)
    running.wait_log("build_finished", timeout=SOON)
    wait_empty(cloud, queue)
    running.stop()
    assert not running.log("rejected") and not running.log("no_event")
    assert len(cloud.executions()) == 1


def test_events_that_are_lost_are_only_late(cloud, worker):
    running, execution = start(cloud, worker, drop=True)
    cloud.finish(execution)
    running.wait_log("build_finished")
    running.stop()


def test_what_is_no_event_stays_in_their_queue_and_is_logged_once(cloud, worker):
    running, execution = start(cloud, worker)
    announced = cloud.announce(release="2023.9.20251103.0", queue=EVENTS)
    running.wait_log("no_event", level="warning")
    cloud.expire(EVENTS)
    running.wait_log("no_event", level="debug")
    cloud.finish(execution)
    running.wait_log("build_finished", timeout=SOON)
    running.stop()
    assert len(running.log("no_event", level="warning")) == 1
    assert cloud.queue_depth(EVENTS) == 1, announced
    assert len(cloud.executions()) == 1


def test_a_stop_leaves_nothing_hidden_in_either_queue(cloud, worker):
    running, _ = start(cloud, worker)
    running.stop()
    for name in ("ami-announcements", EVENTS):
        assert not cloud.queue_state(name)["messages"]


def test_what_others_start_is_told_where_it_is_wanted(cloud, worker):
    telling = family("web", pipeline={"tell_all": True})
    running, execution = start(cloud, worker, telling)
    theirs = cloud.start_pipeline("golden-web", region=HOME,
                                  by="arn:aws:iam::111122223333:user/ada")
    cloud.finish(theirs, outcome="Failed")
    cloud.wait_for(slack={"text": "somebody else runs the pipeline"})
    cloud.finish(execution)
    running.wait_log("build_finished", timeout=SOON)
    wait_empty(cloud)
    running.stop()
    said = [json.dumps(each) for each in cloud.slack_messages()]
    remarks = [each for each in said if theirs in each]
    assert len(remarks) == 1
    assert "Failed" in remarks[0] and "user/ada" in remarks[0]
    assert not [each for each in said if execution in each and "somebody else" in each]
    assert len(running.log("build_started")) == 1
