"""A ledger of before: what it knows, follows and has to tell goes on with the worker of today."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path

import pytest

from tests.e2e.settings import HOME, family, make_pipelines

SCHEMA_5 = Path(__file__).with_name("ledger_5.sql")
WEB = family("web", regions=["eu-central-1", HOME, "us-east-1"])
WANTED = "ami-0000000000000004a"
NOTHING_ELSE = {"every": "0s"}


@pytest.fixture
def older(cloud, ledger):
    """A ledger that was left while a build ran, one was wanted, and two notices waited."""
    make_pipelines(cloud, WEB)
    cloud.image(WANTED, region="us-east-1", owner="137112412989",
                name="al2023-ami-2023.9.20251020.0-kernel-6.1-x86_64")
    running = cloud.start_pipeline("golden-web", region=HOME, variables={"BASE_AMI_ID": "ami-3"})
    given = {"now_ms": str(int(time.time() * 1000)), "running": f"'{running}'"}
    script = re.sub(r":(now_ms|running)\b", lambda name: given[name[1]], SCHEMA_5.read_text())
    connection = sqlite3.connect(ledger.path)
    connection.executescript(script)
    connection.close()
    return running


def test_it_goes_on_where_it_was(cloud, worker, ledger, older):
    running = worker(WEB, catch_up=NOTHING_ELSE)
    running.wait_log("notice_sent", notice="finished", count=3)
    running.wait_log("notice_sent", notice="withdrawn")
    running.stop()
    assert ledger.rows("SELECT id, state, status FROM builds ORDER BY id") == [
        (1, "finished", "Succeeded"), (2, "finished", "Failed"), (3, "finished", "Succeeded"),
        (4, "finished", "Succeeded")]
    assert ledger.rows("SELECT execution_id FROM builds WHERE id = 3") == [(older,)]
    assert [each["token"] for each in cloud.executions() if each["id"] != older] == ["wanted"]
    assert ledger.rows("SELECT count(*) FROM deliveries") == [(0,)]


def test_what_waited_is_told_and_what_was_told_is_not(cloud, worker, older):
    running = worker(WEB, catch_up=NOTHING_ELSE)
    running.wait_log("notice_sent", notice="finished", count=3)
    running.wait_log("notice_sent", notice="withdrawn")
    running.stop()
    told = [each["text"] for each in cloud.slack_roots()]
    for image_id, times in ((1, 0), (2, 1), (3, 1), (4, 1)):
        assert sum(f"ami-000000000000000{image_id}a" in text
                   for text in told) == times
    assert sum("of long ago" in text for text in told) == 1
    assert sum("build failed at Build/Packer" in text for text in told) == 1
    assert len(told) == 4
