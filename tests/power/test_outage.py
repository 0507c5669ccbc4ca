"""The power is cut in the day of tests/e2e/test_kill.py, with the program as it is shipped.

At a call to the cloud, held before or after its effect, or at a call that changes or syncs a file
below the ledger's folder. What the disk had by then is put back, and the worker started on it. In
`make test` these are a few of them; EVERGOLD_OUTAGES=all is every request and every call.
"""

from __future__ import annotations

import os

import pytest

from tests.cloud.client import Cloud
from tests.e2e.conftest import Ledger
from tests.e2e.test_kill import CALLS, SIDES, Mortal, announce_the_day, check_the_day, live_through
from tests.power.outage import Outage
from tests.power.remains import LOSSES

ALL = os.environ.get("EVERGOLD_OUTAGES") == "all"
CHANGES = range(1, 330) if ALL else range(31, 320, 60)
REQUESTS = range(1, CALLS + 1) if ALL else range(7, CALLS + 1, 13)


@pytest.fixture(scope="session")
def running_cloud():
    with Cloud(speed=10) as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud):
    running_cloud.reset()
    yield running_cloud
    assert running_cloud.violations() == []


class Fragile(Mortal):
    """A worker that ends by itself where the shim says so, and is started again."""

    def _reap(self):
        while not self._over.wait(0.05):
            with self.replacing:
                self._replace_the_dead()

    @property
    def worker(self):
        """One that runs: what a dead one says is not waited for."""
        with self.replacing:
            self._replace_the_dead()
        return self.lives[-1]

    def _replace_the_dead(self):
        if self.deaths_left and not self.lives[-1].running:
            self.lives[-1].kill()
            self.deaths_left -= 1
            self.lives.append(self._again())


def check_records(outage):
    """What was spoken of is in the folder of records, also what is no longer in the queue."""
    spoken_of = {line["sqs_message_id"] for life in outage.lives for line in life.lines
                 if "sqs_message_id" in line}
    assert spoken_of
    assert spoken_of <= {path.stem for path in (outage.files / "record").glob("*.json")}


def survive(cloud, outage, make):
    announce_the_day(cloud)
    mortal = make()
    try:
        live_through(cloud, mortal)
    finally:
        mortal.rest()
    check_the_day(cloud, Ledger(outage.files / "ledger.db"))
    check_records(outage)
    if mortal.deaths_left:
        pytest.skip("the day is shorter")


@pytest.mark.parametrize("n", REQUESTS)
@pytest.mark.parametrize("side", SIDES)
def test_cut_at_a_request(cloud, tmp_path, side, n):
    outage = Outage(cloud, tmp_path, LOSSES[n % 2], seed=n)
    rule = {**SIDES[side], "skip": n - 1}
    survive(cloud, outage, lambda: Mortal(cloud, outage, rule))


@pytest.mark.parametrize("n", CHANGES)
def test_cut_at_a_change_of_a_file(cloud, tmp_path, n):
    outage = Outage(cloud, tmp_path, LOSSES[n % 2], cut=n, seed=n)
    survive(cloud, outage, lambda: Fragile(cloud, outage, {"kind": "hang", "skip": 10**6}))
