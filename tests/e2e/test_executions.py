"""Executions followed to their real end: ended by others, run again by hand, and what is told."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.settings import HOME, SLOW, family, image, make_pipelines
from tests.e2e.worker import PATIENCE_S

R1, R2, R3, R4 = (f"2023.9.202510{day}.0" for day in (13, 20, 27, 30))
WEB = family("web", golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
FAILED = {"outcome": "Failed", "at": "Test/BootAndProbe", "code": "JobFailed",
          "message": "port 443 is shut"}
TESTED = {"stages": [
    {"name": "Build", "actions": [
        {"name": "Packer", "seconds": 0.1, "took": 300, "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]},
    {"name": "Test", "actions": [
        {"name": "Probe", "seconds": 0.1, "took": 90,
         "outputs": {"TESTS_PASSED": "41", "TESTS_FAILED": "0",
                     "TESTS_REPORT_URL": "https://example.com/report"}}]}]}


@pytest.fixture
def told(evergold, tmp_path):
    """history's builds, the newest first, as soon as they have ended so, or are `started`."""
    def ask(*statuses):
        patience = time.monotonic() + PATIENCE_S
        while True:
            done = evergold("history", "--format", "json", "--config", tmp_path / "evergold.yaml")
            assert done.returncode == 0, done.err
            builds = [json.loads(line) for line in done.out.splitlines()]
            if tuple(each["status"] if each["state"] == "finished" else each["state"]
                     for each in builds) == statuses:
                return builds
            assert time.monotonic() < patience, builds
    return ask


@pytest.fixture
def later(worker, ledger):
    """Some hours later, without any event: the worker asks by itself."""
    def wait(running):
        running.stop()
        ledger.time_passes()
        return worker.again()
    return wait


def start(cloud, worker, release=R1, **pipeline):
    """A worker, and the execution of its first build."""
    make_pipelines(cloud, WEB, **pipeline)
    running = worker(WEB)
    cloud.announce(release=release)
    running.wait_log("build_started")
    return running, cloud.executions()[-1]["id"]


def golden(cloud):
    return cloud.parameters().get(f"{HOME}:/golden/web/ami")


def test_a_build_has_the_times_of_its_stages_and_its_tests(cloud, worker, told):
    start(cloud, worker, plan=TESTED)
    build, = told("Succeeded")
    assert [(each["stage"], each["status"], each["seconds"]) for each in build["stages"]] == [
        ("Build", "Succeeded", 300), ("Test", "Succeeded", 90)]
    assert build["finished"] == build["stages"][-1]["ended"]
    assert build["tests"] == {"passed": 41, "failed": 0, "skipped": None,
                              "report": "https://example.com/report"}


def test_a_failed_stage_is_retried_in_the_console_to_its_new_end(cloud, worker, told):
    running, execution = start(cloud, worker, plan=FAILED)
    failed, = told("Failed")
    assert (failed["failed_stage"], failed["error_message"]) == ("Test", "port 443 is shut")
    assert cloud.parameters() == {}
    cloud.retry_stage(execution)
    running.wait_log("build_runs_again")
    build, = told("Succeeded")
    assert build["failed_stage"] is None and build["golden_ami"] == golden(cloud)
    assert build["finished"] > failed["finished"] and len(cloud.executions()) == 1
    cloud.wait_for(slack={"text": "golden AMI built", "count": 1})
    assert len(cloud.slack_threads()) == 1


def test_a_retry_is_found_without_any_event(cloud, worker, later, told):
    running, execution = start(cloud, worker, plan=FAILED, events=False)
    cloud.wait_for(executions={"status": "Failed"})
    running = later(running)
    told("Failed")
    cloud.retry_stage(execution, plan=SLOW)
    running = later(running)
    told("started")
    cloud.finish(execution, "Failed", at="Test/BootAndProbe")
    running = later(running)
    told("Failed")
    cloud.retry_stage(execution)
    cloud.wait_for(executions={"status": "Succeeded"})
    later(running)  # it ended between two looks
    build, = told("Succeeded")
    assert build["golden_ami"] == golden(cloud) and len(cloud.executions()) == 1


def test_what_nobody_retries_stays_as_it_ended(cloud, worker, later, ledger, told):
    running, _ = start(cloud, worker, plan=FAILED)
    before = told("Failed")
    asked = len(cloud.calls("codepipeline", "ListActionExecutions"))
    running = later(running)
    cloud.wait_calls("codepipeline", "ListActionExecutions", asked + 1)
    running.stop()
    assert told("Failed") == before and running.log("build_finished") == []
    assert ledger.rows("SELECT count(*) FROM notices WHERE kind = 'finished'") == [(1,)]


def test_an_older_build_that_is_retried_moves_nothing_back(cloud, worker, told):
    based = {**WEB, "base_parameter": "/golden/web/base"}
    make_pipelines(cloud, based, plans=[FAILED, {}])
    running = worker(based)
    cloud.announce(release=R1)
    told("Failed")
    execution = cloud.executions()[-1]["id"]
    cloud.announce(release=R2)
    told("Succeeded", "Failed")
    moved = cloud.parameters()
    assert moved[f"{HOME}:/golden/web/base"] == image(R2)
    cloud.retry_stage(execution)
    running.wait_log("build_runs_again")
    _, older = told("Succeeded", "Succeeded")
    assert older["golden_ami"] not in moved.values() and cloud.parameters() == moved


def test_a_newer_release_waits_for_what_runs_again(cloud, worker, evergold, tmp_path, told):
    running, execution = start(cloud, worker, plans=[FAILED, {}])
    told("Failed")
    config = tmp_path / "evergold.yaml"
    assert evergold("hold", "web", "--config", config).returncode == 0
    cloud.announce(release=R2)
    running.wait_log("decided", release=R2)
    cloud.retry_stage(execution, plan=SLOW)
    running.wait_log("build_runs_again")
    assert evergold("release", "web", "--config", config).returncode == 0
    cloud.wake()
    running.wait_log("build_held", reason="pipeline_busy")
    older = golden(cloud)
    cloud.finish(execution)
    newer, _ = told("Succeeded", "Succeeded")
    assert older is None and newer["golden_ami"] == golden(cloud)


def test_a_newer_release_ends_the_watch(cloud, worker, later, ledger, told):
    running, execution = start(cloud, worker, plans=[FAILED, {}], events=False)
    cloud.wait_for(executions={"status": "Failed"})
    running = later(running)
    told("Failed")
    assert ledger.rows("SELECT count(*) FROM builds WHERE watched") == [(1,)]
    cloud.announce(release=R2)
    running.wait_log("build_started")
    told("started", "Failed")
    assert ledger.rows("SELECT count(*) FROM builds WHERE watched") == [(0,)]


def test_a_build_is_stopped_by_hand_and_goes_on(cloud, worker, told):
    running, execution = start(cloud, worker, plan=SLOW)
    cloud.stop_execution(execution, comments="wrong base")
    build, = told("Stopped")
    assert running.wait_log("build_finished")["level"] == "info"
    assert build["failed_stage"] is None and build["stages"][-1]["status"] == "Abandoned"
    assert cloud.parameters() == {}
    cloud.retry_stage(execution)
    build, = told("Succeeded")
    assert build["golden_ami"] == golden(cloud)


def test_a_superseded_build_is_no_failure_and_is_not_built_again(cloud, worker, told):
    strict = {**WEB, "stop_after_failures": 1}
    make_pipelines(cloud, strict, mode="SUPERSEDED", plan=SLOW)
    cloud.start_pipeline("golden-web", variables={"BASE_AMI_ID": "ami-1"})
    running = worker(strict)
    cloud.announce(release=R1)
    running.wait_log("build_started")
    cloud.start_pipeline("golden-web", variables={"BASE_AMI_ID": "ami-2"})
    told("Superseded")
    assert running.wait_log("build_finished")["level"] == "info"
    cloud.announce(release=R1)
    running.wait_log("decided", reason="already_started")
    cloud.announce(release=R2)
    told("started", "Superseded")
    assert len(cloud.executions()) == 4


def test_failures_in_a_row_are_counted_until_one_is_fixed(cloud, worker, told):
    make_pipelines(cloud, WEB, plans=[FAILED, FAILED, {}, {}])
    worker(WEB)
    ends = []
    for release, end in zip((R1, R2, R3, R4),
                            ("Failed", "Failed", "Succeeded", "Succeeded"), strict=True):
        cloud.announce(release=release)
        ends.insert(0, end)
        told(*ends)
    assert [each["failures_before"] for each in reversed(told(*ends))] == [0, 1, 2, 0]
    cloud.wait_for(slack={"text": "fixed after 2 failures", "count": 1})
    cloud.wait_for(slack={"text": "still failing", "count": 1})


@pytest.mark.parametrize("outcome", ["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"])
def test_every_end_is_found_without_any_event(cloud, worker, later, told, outcome):
    running, execution = start(cloud, worker, plan={"outcome": outcome}, events=False)
    cloud.wait_for(executions={"status": outcome})
    later(running)
    assert told(outcome)[0]["execution_id"] == execution


def test_an_execution_that_is_gone_is_not_watched_any_more(cloud, worker, later, ledger, told):
    running, _ = start(cloud, worker, plan=FAILED)
    told("Failed")
    cloud.faults({"service": "codepipeline", "operation": "GetPipelineExecution",
                  "kind": "status", "status": 400, "code": "PipelineExecutionNotFoundException",
                  "message": "no such execution", "count": None})
    running = later(running)
    running.wait_log("poll_failed")
    running.stop()
    told("Failed")
    assert ledger.rows("SELECT count(*) FROM builds WHERE watched") == [(0,)]
