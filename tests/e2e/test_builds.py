"""How builds end, and what people are told of it."""

from __future__ import annotations

import pytest

from tests.e2e.settings import HOME, family, image, make_pipelines

VERSION = "2023.9.20251027.0"
WEB = family("web", slack={"mention_on_failure": "<!subteam^S012345>"},
             golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
LOG_URL = "https://console.aws.amazon.com/codebuild/home?region=eu-west-1#/builds/x/view/new"


def told(cloud):
    """The one message that Slack shows of an ended build, and its reply, with their blocks."""
    cloud.wait_for(slack={"reply": True}, queue={"empty": True})
    return waiting(cloud) + str(cloud.slack_messages()[1]["blocks"])


def waiting(cloud):
    """The one message in the channel."""
    cloud.wait_for(slack={"reply": False}, queue={"empty": True})
    message, = cloud.slack_roots()
    return message["text"] + str(message["blocks"])


def test_a_failed_build_names_place_reason_and_log_and_calls_somebody(cloud, worker, ledger):
    plan = {"outcome": "Failed", "at": "Build/BuildGoldenAMI", "code": "JobFailed", "url": LOG_URL,
            "message": "Error: packer <build> & `exit` 1"}
    make_pipelines(cloud, WEB, plan=plan)
    running = worker(WEB)
    cloud.announce(release=VERSION)
    message = told(cloud)
    for fact in ("❌", "build failed at Build/BuildGoldenAMI", "<!subteam^S012345>", "JobFailed",
                 "Error: packer &lt;build&gt; &amp; 'exit' 1", f"<{LOG_URL}|open the log>",
                 image(VERSION)):
        assert fact in message, f"{fact} is missing in {message}"
    line = running.wait_log("build_finished", status="Failed")
    assert (line["level"], line["stage"], line["action"]) == ("warning", "Build", "BuildGoldenAMI")
    assert cloud.parameters() == {}
    assert ledger.builds() == [("web", HOME, "finished", "Failed")]


def test_a_failure_without_details_is_told_all_the_same(cloud, worker):
    make_pipelines(cloud, WEB, plan={"outcome": "Failed", "at": "Test", "details": False})
    worker(WEB)
    cloud.announce(release=VERSION)
    assert "build failed at Test/BootAndProbe" in told(cloud)


@pytest.mark.parametrize("outcome, words", [
    ("Stopped", "build was stopped by hand"),
    ("Superseded", "superseded by a newer execution"),
    ("Cancelled", "build was cancelled"),
])
def test_a_build_that_others_end(cloud, worker, ledger, outcome, words):
    make_pipelines(cloud, WEB, plan={"outcome": outcome})
    worker(WEB)
    cloud.announce(release=VERSION)
    message = told(cloud)
    assert words in message and "<!subteam" not in message
    assert ledger.builds() == [("web", HOME, "finished", outcome)]
    assert cloud.parameters() == {}


def test_the_next_release_after_a_failure_is_built_and_moves_the_golden_image(cloud, worker):
    make_pipelines(cloud, WEB, plans=[{"outcome": "Failed"}, {}])
    worker(WEB)
    cloud.announce(release="2023.9.20251020.0")
    cloud.wait_for(slack={"text": "build failed", "count": 1})
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "golden AMI built"}, parameter={"name": "/golden/web/ami"})
    assert [each["status"] for each in cloud.executions()] == ["Failed", "Succeeded"]


def test_an_output_that_is_missing_is_told_and_nothing_is_moved(cloud, worker):
    silent = family("web", golden_parameter="/golden/web/ami", golden_output="NO_SUCH_OUTPUT")
    make_pipelines(cloud, silent)
    worker(silent)
    cloud.announce(release=VERSION)
    assert "no action has the output variable NO_SUCH_OUTPUT" in told(cloud)
    assert cloud.parameters() == {}


def test_an_output_that_is_no_image_is_told_and_nothing_is_moved(cloud, worker):
    stages = [{"name": "Build", "actions": [
        {"name": "Packer", "seconds": 0.1, "outputs": {"GOLDEN_AMI_ID": "<!channel>"}}]}]
    make_pipelines(cloud, WEB, plan={"stages": stages})
    worker(WEB)
    cloud.announce(release=VERSION)
    message = told(cloud)
    assert "which is no image id" in message and "<!channel>" not in message
    assert cloud.parameters() == {}


def test_a_start_that_is_refused_is_told_once_and_the_build_waits(cloud, worker, ledger):
    make_pipelines(cloud, WEB)
    cloud.faults({"service": "codepipeline", "operation": "StartPipelineExecution",
                  "kind": "status", "status": 400, "code": "AccessDeniedException",
                  "message": "not you", "count": None})
    running = worker(WEB)
    cloud.announce(release=VERSION)
    assert "AWS refuses to start the build" in waiting(cloud)
    running.stop()
    ledger.time_passes()
    running = worker.again()
    running.wait_log("start_failed")
    running.stop()
    assert len(cloud.slack_roots()) == 1
    assert ledger.builds("family, state") == [("web", "wanted")]


def test_without_slack_builds_go_on(cloud, worker, ledger):
    make_pipelines(cloud, WEB)
    running = worker(WEB, slack=None)
    cloud.announce(release=VERSION)
    running.wait_log("build_finished", status="Succeeded")
    assert cloud.calls("slack") == []


def test_events_come_late_twice_and_in_disorder(cloud, worker):
    rule = {"copies": 2, "late_start": True, "delay": 0.05,
            "levels": ["pipeline", "stage", "action"]}
    make_pipelines(cloud, WEB, events=rule)
    worker(WEB)
    cloud.announce(release=VERSION)
    told(cloud)
    cloud.wait_for(queue={"empty": True})
    assert len(cloud.executions()) == 1 and len(cloud.slack_roots()) == 1


def test_without_any_events_the_worker_asks(cloud, worker, ledger):
    make_pipelines(cloud, WEB, events=False)
    running = worker(WEB)
    cloud.announce(release=VERSION)
    cloud.wait_for(executions={"status": "Succeeded"}, queue={"empty": True})
    running.stop()
    ledger.time_passes()
    worker.again()
    assert "golden AMI built" in told(cloud)
