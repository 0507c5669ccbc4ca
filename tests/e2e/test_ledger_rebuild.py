"""`evergold ledger rebuild`: a day, the ledger destroyed, and every announcement once more."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.settings import HOME, KNOWN_CHANNEL, SLOW, family, image, make_pipelines, token

US = "us-east-1"
OLD, FAILED, NEW = "2023.9.20251013.0", "2023.9.20251020.0", "2023.9.20251027.0"
WEB = family("web", regions=[HOME, US], base_parameter="/golden/web/base",
             golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
STAGES = [{"name": "Build", "actions": [
    {"name": "Packer", "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]}]
NOTHING_ELSE = {"every": "0s"}


def golden(cloud):
    """What each golden parameter holds, and has held."""
    return {each["region"]: each["history"] for each in cloud.state()["parameters"]
            if each["name"] == WEB["golden_parameter"]}


class Day:
    """What was built before the ledger was lost: two releases to their end, one still runs."""

    def __init__(self, cloud, worker, tmp_path: Path) -> None:
        self.cloud, self.start, self.path = cloud, worker, tmp_path / "ledger.db"
        make_pipelines(cloud, WEB, plan={"stages": STAGES, "outcome": "Hang"})
        running = worker(WEB, slack=KNOWN_CHANNEL, catch_up=NOTHING_ELSE)
        self.build(running, OLD, "Succeeded", 1)
        self.build(running, FAILED, "Failed", 2)
        cloud.announce(release=NEW)
        for region in WEB["regions"]:
            running.wait_log("notice_sent", notice="started", image_id=image(NEW, region))
        running.stop()

    def build(self, running, release: str, outcome: str, nth: int) -> None:
        self.cloud.announce(release=release)
        running.wait_log("build_started", count=2 * nth)
        for each in self.cloud.executions():
            if each["status"] == "InProgress":
                self.cloud.finish(each["id"], outcome)
        running.wait_log("notice_sent", notice="finished", count=2 * nth)


@pytest.fixture
def day(cloud, worker, tmp_path):
    return Day(cloud, worker, tmp_path)


def deleted(path: Path) -> None:
    path.unlink()


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    """Some pages in the middle."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4096 // 4 * 4096)
        file.write(os.urandom(size // 4096 // 4 * 4096))


def no_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


@pytest.mark.parametrize("destroy", [deleted, truncated, emptied, garbage, no_header])
def test_nothing_is_built_twice(cloud, day, evergold, ledger, worker, tmp_path, destroy):
    before, told = cloud.executions(), len(cloud.slack_roots())
    destroy(day.path)
    left = [day.path.read_bytes()] if day.path.exists() else []
    done = evergold("ledger", "rebuild", "--config", tmp_path / "evergold.yaml", cloud=cloud)
    assert done.returncode == 0, done.err + done.out
    aside = list(tmp_path.glob("ledger.db.damaged-*Z"))
    assert [each.read_bytes() for each in aside] == left and all(str(each) in done.err
                                                                 for each in aside)
    checked = evergold("ledger", "check", "--config", tmp_path / "evergold.yaml")
    assert checked.returncode == 0, checked.out + done.out
    assert sorted(ledger.rows("SELECT token, execution_id FROM builds")) == sorted(
        (each["token"], each["id"]) for each in before)
    assert cloud.executions() == before  # it starts nothing, and stops nothing
    held = golden(cloud)

    running = worker.again()
    for release in (OLD, FAILED, NEW):
        cloud.announce(release=release)
    running.wait_log("decided", reason="already_started", release=NEW, count=2)
    running.wait_log("decided", reason="already_started", release=OLD, count=2)
    assert golden(cloud) == held and set(held) == set(WEB["regions"])
    for each in before:
        if each["status"] == "InProgress":
            cloud.finish(each["id"], "Succeeded")
    running.wait_log("notice_sent", notice="finished", count=2)
    running.stop()
    assert Counter(each["token"] for each in cloud.executions()) == {
        token(WEB, region, image(release, region)): 1
        for region in WEB["regions"] for release in (OLD, FAILED, NEW)}
    assert len(cloud.slack_roots()) == told
    assert ledger.builds("release, state, status") == [
        (OLD, "finished", "Succeeded"), (FAILED, "finished", "Failed"),
        (NEW, "finished", "Succeeded")] * 2


def test_dry_run(cloud, day, evergold, tmp_path):
    day.path.unlink()
    config, before = tmp_path / "evergold.yaml", set(tmp_path.iterdir())
    dry = evergold("ledger", "rebuild", "--config", config, "--dry-run", cloud=cloud)
    assert dry.returncode == 0 and set(tmp_path.iterdir()) == before, dry.err
    assert dry.out.count("added") == 6 and dry.out.count("its variables") == 6, dry.out
    done = evergold("ledger", "rebuild", "--config", config, cloud=cloud)
    assert (done.out, done.returncode) == (dry.out, 0)
    again = evergold("ledger", "rebuild", "--config", config, "--format", "json", cloud=cloud)
    rows = [json.loads(line) for line in again.out.splitlines()]
    assert {row["row"] for row in rows if "row" in row} == {"known"}
    assert {"salvaged": "builds", "rows": 6, "whole": True} in rows


def test_refused_while_a_worker_runs(cloud, worker, evergold, tmp_path):
    make_pipelines(cloud, WEB)
    worker(WEB)
    config = tmp_path / "evergold.yaml"
    done = evergold("ledger", "rebuild", "--config", config, cloud=cloud)
    assert done.returncode == 1 and "another worker uses this ledger" in done.err
    dry = evergold("ledger", "rebuild", "--config", config, "--dry-run", cloud=cloud)
    assert dry.returncode == 0, dry.err


# Other kinds of lines.

ROLE = "arn:aws:iam::444455556666:role/start-golden"
EARLIER = "ami-00000000000000e1d"


@pytest.fixture
def rebuild(cloud, evergold, tmp_path):
    """rebuild(): the ledger is gone and made anew; the rows that were written, and all that is
    not known."""
    def run(status: int = 0, lose: bool = True):
        if lose:
            (tmp_path / "ledger.db").unlink()
        done = evergold("ledger", "rebuild", "--config", tmp_path / "evergold.yaml", "--format",
                        "json", cloud=cloud)
        assert done.returncode == status, done.err
        done.lines = [json.loads(line) for line in done.out.splitlines()]
        done.rows = [line for line in done.lines if "row" in line]
        done.unknown = [line["unknown"] for line in done.lines if "unknown" in line]
        return done
    return run


def test_a_v1_pipeline_is_known_by_what_its_base_held(cloud, worker, ledger, rebuild):
    classic = family("web", base_parameter="/golden/web/base")
    classic["pipeline"] = {"name": "golden-web"}
    cloud.parameter("/golden/web/base", EARLIER)
    cloud.pipeline("golden-web", region=HOME, type="V1", events=True,
                   plans=[{"outcome": "Failed"}, {}, {"outcome": "Failed"}])
    running = worker(classic, catch_up=NOTHING_ELSE)
    for nth, release in enumerate((OLD, FAILED, NEW), 1):
        cloud.announce(release=release)
        running.wait_log("build_finished", count=nth)
    running.stop()
    before = ledger.builds("release, image_id, execution_id, status, failures, token")
    done = rebuild()
    assert ledger.builds("release, image_id, execution_id, status, failures, token") == before
    assert {row["source"] for row in done.rows} == {"/golden/web/base"} and not done.unknown


def test_in_another_account(cloud, worker, ledger, rebuild):
    web = family("web", pipeline={"role_arn": ROLE}, base_parameter="/golden/web/base")
    cloud.role(ROLE)
    cloud.pipeline("golden-web", account="444455556666", variables=["BASE_AMI_ID"], events=True)
    running = worker(web, catch_up=NOTHING_ELSE)
    cloud.announce(release=NEW)
    running.wait_log("build_finished")
    running.stop()
    before = ledger.builds("token, role_arn, execution_id, base_written")
    rebuild()
    assert ledger.builds("token, role_arn, execution_id, base_written") == before


def test_what_was_there_before_is_there_again(cloud, worker, ledger, rebuild):
    """An announcement of an image that the base parameter names is a duplicate."""
    web = family("web", base_parameter="/golden/web/base")
    make_pipelines(cloud, web)
    worker(web, catch_up=NOTHING_ELSE).stop()
    cloud.image(image(OLD), region=HOME, owner="137112412989",
                name=f"al2023-ami-{OLD}-kernel-6.1-x86_64")
    cloud.parameter("/golden/web/base", image(OLD))
    row, = rebuild().rows
    assert (row["state"], row["release"]) == ("adopted", OLD)
    running = worker.again()
    cloud.announce(release=OLD)
    running.wait_log("decided", reason="already_started")
    assert cloud.executions() == []


def test_what_is_not_ours_is_not_known(cloud, worker, ledger, rebuild):
    web = family("web", golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
    make_pipelines(cloud, web, plan=SLOW)
    running = worker(web, catch_up=NOTHING_ELSE)
    cloud.announce(release=NEW)
    running.wait_log("build_started")
    running.stop()
    ours, = cloud.executions()
    cloud.start_pipeline("golden-web", variables={"BASE_AMI_ID": "ami-0123456789abcdef0"},
                         trigger="Webhook")
    cloud.start_pipeline("golden-web", variables={"BASE_AMI_ID": "none"})
    cloud.finish(ours["id"], "Succeeded")
    cloud.wait_for(executions={"id": ours["id"], "status": "Succeeded"})
    done = rebuild()
    assert ledger.builds("execution_id, state, golden_written") == [(ours["id"], "finished", 0)]
    not_moved, others = done.unknown
    assert "/golden/web/ami" in not_moved and "it holds nothing" in not_moved
    assert others == f"golden-web in {HOME}: of which family 1 of its executions are builds"
    running = worker.again()
    cloud.announce(release=NEW)
    running.wait_log("decided", reason="already_started")
    assert cloud.parameters() == {}


def test_a_start_that_the_old_ledger_did_not_know(cloud, worker, ledger, rebuild):
    """Killed before the answer; the row is read from the file, its execution from AWS."""
    make_pipelines(cloud, WEB, plan=SLOW)
    cloud.faults({"service": "codepipeline", "operation": "StartPipelineExecution",
                  "kind": "slow", "seconds": 3600, "count": None})
    running = worker(WEB, catch_up=NOTHING_ELSE)
    cloud.announce(release=NEW)
    cloud.wait_for(executions={"status": "InProgress", "count": 2})
    running.kill()
    cloud.clear_faults()
    rows = rebuild(lose=False).rows
    assert [row["row"] for row in rows] == ["started", "started"]
    running = worker.again()
    for each in cloud.executions():
        cloud.finish(each["id"], "Succeeded")
    running.wait_log("build_finished", count=2)
    assert len(cloud.executions()) == 2
    assert cloud.calls("codepipeline", "StartPipelineExecution")[2:] == []


def test_without_aws_nothing_is_written(cloud, worker, rebuild, tmp_path):
    make_pipelines(cloud, WEB)
    worker(WEB).stop()
    cloud.faults({"service": "codepipeline", "operation": "ListPipelineExecutions",
                  "kind": "status", "status": 400, "code": "AccessDeniedException",
                  "message": "not you", "count": None})
    done = rebuild(status=1)
    assert "AccessDenied" in done.err and done.out == ""
    assert not (tmp_path / "ledger.db").exists()
