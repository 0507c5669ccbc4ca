"""A whole day under valgrind, which sees into the libraries that sanitizers cannot."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.settings import AL2, HOME, configuration, family, make_pipelines, write
from tests.e2e.worker import Worker

RELEASE = os.environ.get("EVERGOLD_RELEASE", "build/evergold")
VERSION = "2023.9.20251027.0"
WEB = family("web", regions=[HOME, "us-east-1"], base_parameter="/golden/web/base",
             golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
BATCH = family("batch", publisher="amazon-linux-2", images=AL2)
VALGRIND = ["valgrind", "--error-exitcode=99", "--leak-check=full", "--track-fds=yes",
            "--errors-for-leak-kinds=definite,indirect", "--show-leak-kinds=definite,indirect"]


@pytest.fixture
def day(cloud, tmp_path):
    """The log of valgrind after a day with builds, a failure, a forgery and faults."""
    if not shutil.which("valgrind"):
        pytest.skip("valgrind is not installed")
    if not Path(RELEASE).exists():
        pytest.skip(f"there is no {RELEASE}: EVERGOLD_RELEASE names the program without sanitizers")
    make_pipelines(cloud, WEB)
    make_pipelines(cloud, BATCH, plan={"outcome": "Failed", "at": "Build"})
    cloud.faults({"operation": "StartPipelineExecution", "kind": "lost_answer"},
                 {"operation": "GetPipelineExecution", "kind": "status", "status": 500},
                 {"operation": "DeleteMessageBatch", "kind": "half"})
    log = tmp_path / "valgrind.log"
    config = write(tmp_path, configuration(cloud, tmp_path, WEB, BATCH, queue={"receivers": 2}))
    live_through(cloud, Worker(cloud, config,
                               command=[*VALGRIND, f"--log-file={log}", RELEASE]))
    return log.read_text()


def live_through(cloud, worker):
    cloud.announce("amazon-linux-2023", release=VERSION, copies=2)
    cloud.announce("amazon-linux-2", release="2.0.20251014.0")
    cloud.announce("amazon-linux-2023", release=VERSION, forge="signature")
    worker.wait_log("notice_sent", count=3, timeout=120)
    cloud.wait_for(queue={"visible": 0, "in_flight": 1}, timeout=60)
    worker.stop()
    worker.fine()


@pytest.mark.whole
def test_valgrind_has_nothing_to_say(day):
    assert "ERROR SUMMARY: 0 errors" in day, day
    assert (still_open := re.findall(r"(?m)^==\d+== (Open .*\n.*)", day)), day
    assert [each for each in still_open if "inherited" not in each and "valgrind.log" not in each
            and "/dev/null" not in each] == [], day
