"""Before each start the pipeline is looked at: a fault holds the build until it is repaired."""

from __future__ import annotations

import pytest

from tests.e2e.settings import HOME, family, image, make_pipelines

VERSION = "2023.9.20251027.0"
WEB = family("web")
HELD = ("family, state, held", [("web", "wanted", "family_held")])


def wait_until_told(cloud):
    """The one message that Slack shows, as text with its blocks."""
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    message, = cloud.slack_messages()
    return message["text"] + str(message["blocks"])


@pytest.mark.parametrize(("pipeline", "words"), [
    ({"variables": ["BASE_AMI"]}, "does not declare BASE_AMI_ID (did you mean BASE_AMI?)"),
    ({"variables": ["BASE_AMI_ID", "ACCOUNT"]}, "has no default for ACCOUNT, which is not sent"),
    ({"type": "V1", "variables": [], "mode": "SUPERSEDED"}, "is of type V1, which ignores"),
    (None, "does not exist"),
], ids=["undeclared", "missing-value", "v1", "no-pipeline"])
def test_a_fault_holds_and_is_told_once_until_it_is_repaired(cloud, worker, ledger, pipeline,
                                                             words):
    if pipeline:
        make_pipelines(cloud, WEB, **pipeline)
    running = worker(WEB)
    cloud.announce(release=VERSION)
    assert f"pipeline golden-web in {HOME} {words}" in wait_until_told(cloud)
    running.stop()
    ledger.time_passes()
    running = worker.again()
    cloud.wait_calls("codepipeline", "GetPipeline", 2)
    running.stop()
    assert ledger.builds(HELD[0]) == HELD[1]
    assert len(cloud.slack_messages()) == 1
    make_pipelines(cloud, WEB)
    ledger.time_passes()
    worker.again().wait_log("build_finished", status="Succeeded")
    execution, = cloud.executions()
    assert execution["variables"] == {"BASE_AMI_ID": image(VERSION)}


def test_a_v1_pipeline_reads_the_base_parameter(cloud, worker):
    classic = family("web", base_parameter="/golden/web/base")
    classic["pipeline"] = {"name": "golden-web"}
    cloud.pipeline("golden-web", region=HOME, type="V1", mode="SUPERSEDED", events=True)
    worker(classic)
    cloud.announce(release=VERSION)
    cloud.wait_for(executions={"status": "Succeeded"})
    cloud.wait_for(parameter={"name": "/golden/web/base", "value": image(VERSION)})
    start, = cloud.calls("codepipeline", "StartPipelineExecution")
    assert "variables" not in start["params"]
    put = cloud.calls("ssm", "PutParameter")[0]
    assert put["seq"] > start["seq"]


def test_who_may_not_look_goes_on_with_a_warning(cloud, worker):
    make_pipelines(cloud, WEB)
    cloud.faults({"service": "codepipeline", "operation": "GetPipeline", "kind": "status",
                  "status": 400, "code": "AccessDeniedException", "message": "not you",
                  "count": None})
    running = worker(WEB)
    cloud.announce(release=VERSION)
    cloud.wait_for(executions={"status": "Succeeded"})
    warning = running.wait_log("preflight_denied", family="web", pipeline="golden-web")
    assert warning["level"] == "warning" and "not you" in warning["error"]


def test_a_second_attempt_is_looked_at(cloud, worker, evergold, tmp_path):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    cloud.announce(release=VERSION)
    running.wait_log("build_finished")
    running.stop()
    make_pipelines(cloud, WEB, variables=["BASE"])
    again = evergold("retry", "web", "--config", tmp_path / "evergold.yaml")
    assert again.returncode == 0, again.err
    worker.again()
    cloud.wait_for(slack={"text": "does not declare BASE_AMI_ID"})
    assert len(cloud.executions()) == 1


def test_what_is_corrected_in_the_configuration_goes_on_too(cloud, worker, ledger):
    wrong = family("web")
    wrong["pipeline"]["variables"] = {"BSAE_AMI_ID": "{image_id}"}
    make_pipelines(cloud, WEB)
    running = worker(wrong)
    cloud.announce(release=VERSION)
    wait_until_told(cloud)
    running.stop()
    worker(WEB).wait_log("build_finished", status="Succeeded")
    execution, = cloud.executions()
    assert execution["variables"] == {"BASE_AMI_ID": image(VERSION)}
