"""`evergold ledger rebuild`: a day, the ledger destroyed, and every announcement once more."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import settings
from tests.e2e.settings import HOME, KNOWN_CHANNEL, family, image, make_pipelines, token

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
    done = evergold("ledger", "rebuild", "--config", tmp_path / "evergold.yaml", cloud=cloud)
    assert done.returncode == 0, done.err + done.out
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


def test_the_damaged_file_stays(cloud, day, evergold, tmp_path):
    garbage(day.path)
    damaged = day.path.read_bytes()
    done = evergold("ledger", "rebuild", "--config", tmp_path / "evergold.yaml", cloud=cloud)
    aside, = tmp_path.glob("ledger.db.damaged-*Z")
    assert aside.read_bytes() == damaged and str(aside) in done.err


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
