"""The operator's hand: what is held, released, kept away and built again, and what is shown of it.

The worker is told nothing: it notices when its long poll ends, which the tests make happen at once.
"""

from __future__ import annotations

import json

import pytest

from tests.e2e.settings import (
    HOME,
    SLOW,
    configuration,
    family,
    image,
    make_pipelines,
    token,
    write,
)

RELEASES = [f"2023.9.202510{day}.0" for day in (13, 20, 27, 30)]
R1, R2, R3, R4 = RELEASES
US = "us-east-1"
WEB = family("web", golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
STUBBORN = family("web", stop_after_failures=3)
FAILED = {"outcome": "Failed", "at": "Build/BuildGoldenAMI", "code": "JobFailed",
          "message": "exit status 1"}
BUILD_KEYS = ["build", "family", "region", "publisher", "release", "image_id", "image_name",
              "pipeline", "pipeline_region", "attempt", "token", "state", "held", "held_detail",
              "held_since", "due", "execution_id", "status", "announced", "wanted", "started",
              "finished", "summary", "failed_stage", "failed_action", "error_code",
              "error_message", "error_url", "trouble", "golden_ami", "golden_written",
              "golden_previous", "base_previous", "withdrawn", "failures_before", "stages",
              "tests", "golden_moves"]


@pytest.fixture
def say(evergold, cloud, tmp_path):
    """say("hold", "web"): what the command prints; then the worker's long poll ends."""
    def run(*args, status=0):
        done = evergold(*args, "--config", tmp_path / "evergold.yaml")
        assert done.returncode == status, done.err
        assert (done.err == "") == (status == 0)
        cloud.wait_for(queue={"polling": 1})
        cloud.wake()
        return done.out if status == 0 else done.err
    return run


@pytest.fixture
def shown(say):
    """What status says, as JSON."""
    return lambda: json.loads(say("status", "--format", "json"))


@pytest.fixture
def told(say):
    """history's builds, the newest first."""
    return lambda *args: [json.loads(line) for line in
                          say("history", "--format", "json", *args).splitlines()]


def finish(cloud, running, release, count):
    """Announces a release and waits until its build, the count-th, has ended."""
    cloud.announce(release=release)
    running.wait_log("build_finished", count=count)


def fail_three_times(cloud, worker, *then):
    make_pipelines(cloud, STUBBORN, plans=[FAILED, FAILED, FAILED, *then])
    running = worker(STUBBORN)
    for count, release in enumerate(RELEASES[:3], 1):
        finish(cloud, running, release, count)
    cloud.announce(release=R4)
    running.wait_log("decided", outcome="held", reason="failing")
    return running


# Three failures.


def test_after_three_failures_nothing_starts_until_the_release(cloud, worker, say, shown):
    running = fail_three_times(cloud, worker, {})
    assert "3 executions in a row failed" in say("status")
    line, = shown()["lines"]
    assert (line["failures"], line["open"][0]["held"]) == (3, "failing")
    assert say("release", "web") == "web was not held; its failures count anew\n"
    running.wait_log("build_finished", status="Succeeded")
    assert len(cloud.executions()) == 4
    assert shown()["lines"][0]["failures"] == 0


def test_after_three_failures_people_are_told_once(cloud, worker, ledger):
    running = fail_three_times(cloud, worker, {})
    for look in (1, 2):
        running.stop()
        ledger.time_passes()
        running = worker.again()
        cloud.wait_calls("codepipeline", "ListPipelineExecutions", look)
        cloud.wait_for(slack={"text": "executions failed"})
    running.stop()
    told = [each for each in cloud.slack_roots() if "executions failed" in str(each)]
    assert (len(told), len(cloud.executions())) == (1, 3)


def test_after_three_failures_somebody_elses_success_goes_on(cloud, worker, ledger):
    running = fail_three_times(cloud, worker, {}, {})
    running.stop()
    execution = cloud.start_pipeline("golden-web", variables={"BASE_AMI_ID": "ami-by-hand"})
    cloud.wait_for(executions={"status": "Succeeded"})
    ledger.time_passes()
    running = worker.again()
    running.wait_log("build_finished", status="Succeeded")
    by_hand, ours = cloud.executions()[3:]
    assert by_hand["id"] == execution and ours["variables"] == {"BASE_AMI_ID": image(R4)}


# Holds.


def test_a_held_family_waits_and_goes_on_with_its_release(cloud, worker, say, shown, told):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    assert "web is held until" in say("hold", "web", "--reason", "the fair")
    cloud.announce(release=R1)
    running.wait_log("decided", outcome="held", reason="family_held")
    text = say("status")
    assert "family_held: the fair" in text and "web is held since" in text
    state = shown()
    assert [(each["family"], each["reason"]) for each in state["holds"]] == [("web", "the fair")]
    assert state["lines"][0]["open"][0]["held"] == "family_held"
    assert [(each["state"], each["held"]) for each in told()] == [("wanted", "family_held")]
    assert cloud.executions() == []
    assert say("release", "web") == "web is released\n"
    running.wait_log("build_finished", status="Succeeded")
    state = shown()
    assert (state["holds"], state["lines"][0]["open"]) == ([], [])


# Quarantine.


def test_a_quarantine_ends_with_the_next_release(cloud, worker, say, shown, told):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    say("hold", "web")
    cloud.announce(release=R1)
    running.wait_log("decided", reason="family_held")
    assert "until the next release" in say("quarantine", R1, "--reason", "it panics")
    say("release", "web")
    running.wait_log("build_held", detail="it panics")
    assert f"{R1} is in quarantine since" in say("status")
    assert [each["what"] for each in shown()["quarantines"]] == [R1]
    finish(cloud, running, R2, 1)
    running.wait_log("build_superseded")
    assert shown()["quarantines"] == []
    assert [(each["release"], each["state"]) for each in told()] == [
        (R2, "finished"), (R1, "superseded")]
    assert "a newer release was started" in say("history")
    assert "nothing to keep away" in say("quarantine", R1, "--reason", "it still panics")


def test_a_quarantine_is_lifted(cloud, worker, say):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    assert "no build of it is known yet" in say("quarantine", image(R1), "--reason", "no network",
                                                "--family", "web")
    cloud.announce(release=R1)
    running.wait_log("decided", outcome="held", reason="quarantined")
    assert "is not in quarantine" in say("quarantine", "--lift", image(R1), status=1)
    say("quarantine", "--lift", image(R1), "--family", "web")
    running.wait_log("build_finished", status="Succeeded")


@pytest.mark.parametrize("release", ["v7.1", "stable/14@2f3a", "r1:2+b~3"])
def test_a_release_of_a_publisher_of_one_s_own_is_any_word_with_a_number(cloud, say, idle, shown,
                                                                        release):
    say("quarantine", release, "--reason", "it panics")
    assert [each["what"] for each in shown()["quarantines"]] == [release]


# Once more.


def test_a_retry_builds_again_with_another_token(cloud, worker, say, told):
    web = family("web", stop_after_failures=1)
    make_pipelines(cloud, web, plans=[FAILED, {}])
    running = worker(web)
    assert "nothing was ever built" in say("retry", "web", status=1)
    finish(cloud, running, R1, 1)
    say("quarantine", R1, "--reason", "it panics")
    assert "is in quarantine: it panics" in say("retry", "web", status=1)
    say("quarantine", R1, "--lift")
    assert f"builds {R1} ({image(R1)}) again, as attempt 2" in say("retry", "web")
    running.wait_log("build_finished", status="Succeeded")
    assert [each["token"] for each in cloud.executions()] == [
        token(web, HOME, image(R1), attempt) for attempt in (0, 1)]
    again, first = told()
    assert (again["attempt"], again["status"]) == (1, "Succeeded")
    assert (first["attempt"], first["failed_stage"], first["error_code"]) == (
        0, "Build", "JobFailed")
    text = say("history")
    assert "(attempt 2)" in text and "Build/BuildGoldenAMI: JobFailed: exit status 1" in text


def test_what_is_being_built_is_not_retried(cloud, worker, say):
    make_pipelines(cloud, WEB, plan=SLOW)
    running = worker(WEB)
    cloud.announce(release=R1)
    running.wait_log("build_started")
    assert "is being built already" in say("retry", "web", status=1)
    assert "BUILDING" in say("status")


# What is shown.


def test_every_key_is_there_and_in_its_order(cloud, worker, say, shown, told):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    state = shown()
    assert list(state) == ["time", "lines", "holds", "quarantines", "undelivered"]
    assert state["lines"] == [{"family": "web", "region": HOME, "publisher": "amazon-linux-2023",
                               "tracked": True, "failures": 0, "built": None, "open": []}]
    assert told() == []
    finish(cloud, running, R1, 1)
    line, = shown()["lines"]
    build, = told()
    assert list(build) == BUILD_KEYS and line["built"] == build
    golden = cloud.parameters()[f"{HOME}:/golden/web/ami"]
    assert (build["release"], build["golden_ami"]) == (R1, golden)
    say("hold", "web")
    say("quarantine", R1, "--reason", "late")
    state = shown()
    assert list(state["holds"][0]) == ["family", "reason", "since"]
    assert list(state["quarantines"][0]) == ["what", "family", "reason", "since"]
    for fact in (R1, image(R1), golden):
        assert fact in say("status")


def test_history_is_of_one_family_and_so_many(cloud, worker, say, told):
    db = family("db")
    make_pipelines(cloud, WEB, db)
    running = worker(WEB, db)
    for count, release in enumerate((R1, R2), 1):
        finish(cloud, running, release, 2 * count)
    assert len(told()) == 4
    assert [each["family"] for each in told("--family", "db")] == ["db", "db"]
    newest, = told("--limit", "1")
    assert newest["release"] == R2
    assert len(say("history").splitlines()) == 5


# What is wrong.


@pytest.fixture
def idle(cloud, worker):
    """A worker with two families, one of them in two regions."""
    both = family("api", regions=[HOME, US])
    make_pipelines(cloud, WEB, both)
    return worker(WEB, both)


@pytest.mark.parametrize("args, status, words", [
    (["hold"], 2, "hold needs a family"),
    (["hold", "web", "api"], 2, "unexpected argument 'api'"),
    (["hold", "wbe"], 2, "unknown family 'wbe' (did you mean 'web'?)"),
    (["hold", "something"], 2, "unknown family 'something' (there is web, api)"),
    (["hold", "web", "--reason", "a\nb"], 2, "one line of text"),
    (["hold", "web", "--reason", "x" * 200], 2, "199 bytes at most"),
    (["release", "ap"], 2, "did you mean 'api'?"),
    (["quarantine"], 2, "quarantine needs a release or an image's id"),
    (["quarantine", R1], 2, "quarantine needs a --reason"),
    (["quarantine", R1, "--lift", "--reason", "x"], 2, "--lift takes no --reason"),
    (["quarantine", "ami-xyz", "--reason", "x"], 2, "'ami-xyz' is neither"),
    (["quarantine", "the last one", "--reason", "x"], 2, "is neither a release"),
    (["quarantine", "web", "--reason", "x"], 2, "is neither a release"),
    (["quarantine", R1, "--reason", "x", "--family", "wb"], 2, "did you mean 'web'?"),
    (["quarantine", R1, "--lift"], 1, "is not in quarantine for every family"),
    (["retry", "we"], 2, "did you mean 'web'?"),
    (["retry", "api"], 2, "built in 2 regions: --region says in which"),
    (["retry", "api", "--region", "us-esat-1"], 2, "(did you mean 'us-east-1'?)"),
    (["retry", "api", "--region", US], 1, "api in us-east-1: nothing was ever built"),
    (["status", "web"], 2, "unexpected argument 'web'"),
    (["history", "--family", "wbe"], 2, "did you mean 'web'?"),
    (["history", "--limit", "0"], 2, "--limit takes a number from 1"),
    (["history", "--limit", "ten"], 2, "not 'ten'"),
    (["hstory"], 2, "did you mean 'history'?"),
])
def test_what_is_wrong_is_said(idle, say, ledger, args, status, words):
    assert words in say(*args, status=status)
    for table in ("holds", "quarantines", "builds"):
        assert ledger.rows(f"SELECT * FROM {table}") == []


@pytest.mark.parametrize("args", [
    ["status"], ["history"], ["hold", "web"], ["release", "web"], ["retry", "web"],
    ["quarantine", R1, "--reason", "x"]])
def test_without_a_ledger_nothing_is_made(cloud, evergold, tmp_path, args):
    config = write(tmp_path, configuration(cloud, tmp_path, WEB))
    before = sorted(tmp_path.iterdir())
    done = evergold(*args, "--config", config)
    assert (done.returncode, done.out) == (1, "")
    assert f"no ledger at {tmp_path}/ledger.db: has `evergold run` been started?" in done.err
    assert sorted(tmp_path.iterdir()) == before
