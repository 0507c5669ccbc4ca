"""Starting, stopping and starting again: nothing is lost, nothing is done twice."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.settings import configuration, family, make_pipelines, write
from tests.e2e.worker import Worker

VERSION = "2023.9.20251027.0"
START = {"service": "codepipeline", "operation": "StartPipelineExecution"}


def test_sigterm_while_idle_waits_for_the_poll_and_leaves_nothing(cloud, worker):
    running = worker()
    cloud.wait_for(queue={"polling": 1})
    running.signal(signal.SIGTERM)
    running.wait_log("stopping", signal="SIGTERM")
    running.stop()
    assert running.log()[-1]["event"] == "stopped"
    assert cloud.queue_state()["polling"] == 0


def test_sigint_stops_as_well(cloud, worker):
    running = worker()
    running.signal(signal.SIGINT)
    running.wait_log("stopping", signal="SIGINT")
    running.stop()


def test_a_message_that_the_last_poll_brings_is_finished(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    cloud.wait_for(queue={"polling": 1})
    running.signal(signal.SIGTERM)
    running.wait_log("stopping")
    cloud.announce(release=VERSION)
    assert running.wait() == 0
    assert cloud.queue_depth() == 0 and running.log("decided", outcome="start")
    assert cloud.executions() == []
    worker.again()
    cloud.wait_for(slack={"text": "build succeeded"})


def test_a_second_signal_hurries_without_cutting_the_poll_short(cloud, worker):
    """What the poll brings is not decided any more, and visible at once."""
    running = worker()
    cloud.wait_for(queue={"polling": 1})
    running.signal(signal.SIGTERM)
    running.wait_log("stopping")
    running.signal(signal.SIGTERM)
    running.wait_log("hurrying")
    cloud.announce(release=VERSION)
    assert running.wait() == 0
    assert cloud.calls("sqs", "ReceiveMessage")[-1]["status"] == 200
    assert not running.log("decided")
    assert cloud.queue_state()["visible"] == 1 and cloud.queue_state()["in_flight"] == 0


def test_sigterm_while_a_start_is_under_way_keeps_its_answer(cloud, worker, ledger):
    make_pipelines(cloud, plan={"outcome": "Hang"})
    cloud.faults({**START, "kind": "slow", "seconds": 0.5})
    running = worker()
    cloud.announce(release=VERSION)
    cloud.wait_for(calls={**START, "fault": "slow"}, queue={"empty": True})
    running.stop()
    assert ledger.builds("state, execution_id") == [("started", cloud.executions()[0]["id"])]


def test_sigterm_while_aws_never_answers_ends_all_the_same(cloud, worker, ledger):
    """Nobody wakes the poll and nobody answers the start: the worker itself draws the line."""
    make_pipelines(cloud)
    running = worker()
    cloud.faults({**START, "kind": "hang", "count": None})
    cloud.announce(release=VERSION)
    cloud.wait_for(calls={**START, "fault": "hang"}, queue={"polling": 1, "empty": True})
    running.signal(signal.SIGTERM)
    assert running.wait() == 0
    assert running.log()[-1]["event"] == "stopped"
    cloud.clear_faults()
    ledger.time_passes()
    worker.again()
    cloud.wait_for(slack={"text": "build succeeded"})
    assert len(cloud.executions()) == 1


def test_sigterm_while_aws_fails_does_not_wait_for_the_back_off(cloud, worker):
    cloud.faults({"service": "sqs", "kind": "status", "status": 500, "count": None})
    running = worker()
    running.wait_log("receive_failed", count=2)
    running.stop()


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_build_that_was_never_accepted_is_started_by_the_next_worker(cloud, worker, ledger,
                                                                       kill):
    make_pipelines(cloud)
    cloud.faults({**START, "kind": "status", "status": 500, "count": None})
    running = worker()
    cloud.announce(release=VERSION)
    running.wait_log("start_failed")
    cloud.wait_for(queue={"empty": True})
    end(running, kill)
    cloud.clear_faults()
    ledger.time_passes()
    worker.again()
    cloud.wait_for(slack={"text": "build succeeded"})
    assert len(cloud.executions()) == 1
    assert len({call["params"]["clientRequestToken"]
                for call in cloud.calls(**START)}) == 1


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_build_that_runs_is_followed_by_the_next_worker(cloud, worker, kill):
    web = family(base_parameter="/golden/web/base")
    make_pipelines(cloud, web, plan={"outcome": "Hang"})
    running = worker(web)
    cloud.announce(release=VERSION)
    cloud.wait_for(calls={"operation": "PutParameter", "status": 200})
    end(running, kill)
    cloud.finish(outcome="Failed")
    worker.again()
    cloud.wait_for(slack={"text": "build failed"})
    assert len(cloud.calls(**START)) == 1


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_message_that_waits_is_sent_by_the_next_worker(cloud, worker, ledger, kill):
    make_pipelines(cloud)
    cloud.slack(mode="down")
    running = worker()
    cloud.announce(release=VERSION)
    running.wait_log("notice_failed")
    end(running, kill)
    cloud.slack(mode="up")
    ledger.time_passes()
    running = worker.again()
    running.wait_log("notice_sent")
    assert len(cloud.slack_roots()) == 1


def test_what_is_told_is_not_told_again(cloud, worker, ledger):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=VERSION)
    running.wait_log("notice_sent", notice="finished")
    cloud.wait_for(queue={"empty": True})
    running.stop()
    before = len(cloud.calls())
    ledger.time_passes()
    worker.again().stop()
    assert {call["service"] for call in cloud.calls()[before:]} <= {"sqs"}
    assert len(cloud.slack_roots()) == 1


def test_without_its_ledger_the_token_still_guards(cloud, worker, tmp_path):
    """AWS remembers a clientRequestToken; so even an empty ledger starts nothing twice."""
    make_pipelines(cloud, plan={"outcome": "Hang"})
    running = worker()
    sent = cloud.announce(release=VERSION)
    running.wait_log("build_started")
    running.stop()
    for file in filter(Path.is_file, tmp_path.glob("ledger.db*")):
        file.unlink()
    cloud.announce(release=VERSION, message_id=sent["message_id"], timestamp=sent["timestamp"])
    worker.again().wait_log("build_started")
    assert len(cloud.executions()) == 1 and len(cloud.calls(**START)) == 2


def end(running, kill):
    if kill:
        running.kill()
        running.cloud.expire()
    else:
        running.stop()


# Ledgers that cannot be used.

def refused(cloud, tmp_path, **given):
    """The words of a worker that does not start."""
    config = write(tmp_path, configuration(cloud, tmp_path, **given), "other.yaml")
    refusing = Worker(cloud, config)
    assert refusing.wait() == 1
    assert refusing.lines == [] and len(refusing.stray) == 1, refusing.said()
    assert cloud.calls("sqs") == [] or given == {}
    return refusing.stray[0]


def test_a_second_worker_on_the_same_ledger_refuses(cloud, worker, tmp_path):
    worker()
    text = refused(cloud, tmp_path)
    assert text == f"evergold: {tmp_path}/ledger.db: another worker uses this ledger"


@pytest.mark.parametrize("place", ["missing/ledger.db", "folder"])
def test_a_ledger_that_cannot_be_opened(cloud, tmp_path, place):
    (tmp_path / "folder").mkdir()
    assert str(tmp_path / place) in refused(cloud, tmp_path,
                                            ledger={"sqlite": str(tmp_path / place)})


def test_a_ledger_that_is_none(cloud, tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"this is no database, " * 100)
    text = refused(cloud, tmp_path, ledger={"sqlite": str(tmp_path / "ledger.db")})
    assert "ledger.db" in text and "not a database" in text


def test_a_ledger_of_a_newer_version(cloud, worker, tmp_path, ledger):
    worker().stop()
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("PRAGMA user_version = 1000")
    before = len(cloud.calls())
    config = tmp_path / "evergold.yaml"
    refusing = Worker(cloud, config)
    assert refusing.wait() == 1 and "newer evergold" in refusing.said()
    assert len(cloud.calls()) == before


def test_a_copy_of_the_ledger_serves_as_well(cloud, worker, tmp_path, ledger):
    """A backup, taken while nothing ran, goes on where it was taken."""
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=VERSION)
    running.wait_log("notice_sent")
    running.stop()
    backup = tmp_path / "backup.db"
    shutil.copy(ledger.path, backup)
    again = worker(ledger={"sqlite": str(backup)})
    cloud.announce(release=VERSION)
    again.wait_log("decided", outcome="duplicate")


# Secrets that cannot be had.

def test_a_token_file_that_is_missing(cloud, tmp_path):
    path = str(tmp_path / "no-such-token")
    assert path in refused(cloud, tmp_path, slack={"token": {"file": path}})


def test_an_environment_variable_that_is_not_set(cloud, tmp_path):
    assert "NO_SUCH_TOKEN" in refused(cloud, tmp_path, slack={"token": {"env": "NO_SUCH_TOKEN"}})


def test_temporary_credentials_are_used_and_told_to_nobody(cloud, worker):
    make_pipelines(cloud)
    cloud.credentials("ASIATEMPORARY", "temporary-secret", session_token="temporary-session")
    worker(family(), env={"AWS_ACCESS_KEY_ID": "ASIATEMPORARY",
                          "AWS_SECRET_ACCESS_KEY": "temporary-secret",
                          "AWS_SESSION_TOKEN": "temporary-session"})
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "build succeeded"})
    assert {call["access_key"] for call in cloud.calls("sqs")} == {"ASIATEMPORARY"}


@pytest.mark.no_violations_expected
def test_credentials_that_expire_and_come_back(cloud, worker):
    """A worker does not end for what others can mend."""
    make_pipelines(cloud)
    given = cloud.env()
    key, secret = given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]
    running = worker()
    cloud.wait_for(queue={"polling": 1})
    cloud.credentials(key, secret, expired=True)
    cloud.wake()
    failed = running.wait_log("receive_failed")
    assert "expired" in failed["error"] and failed["request_id"]
    cloud.announce(release=VERSION)
    cloud.credentials(key, secret)
    cloud.wait_for(slack={"text": "build succeeded"})
