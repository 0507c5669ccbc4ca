"""kill -9 at any moment: one start for each image, every build followed and told.

A day is cut at its n-th call, from both sides: the cloud either holds the call before anything is
done, or does it and holds the answer; the worker is killed while it waits. Between two calls only
its ledger changes, in transactions, and a kill before or after one of them looks to the next worker
like a kill at the call before or after it. So all n together are all moments that differ.

The day has about 56 calls. Each is cut from one side, the next one from the other; EVERGOLD_SIDES=2
cuts each from both.
"""

from __future__ import annotations

import os
import threading
from collections import Counter

import pytest

from tests.cloud.client import CloudTimeout
from tests.e2e.settings import AL2, HOME, KNOWN_CHANNEL, family, image, make_pipelines, token
from tests.e2e.worker import LogTimeout

CALLS = 59
BOTH = os.environ.get("EVERGOLD_SIDES") == "2"
DEATHS = 10
OLD, NEW, NEW_AL2 = "2023.9.20251020.0", "2023.9.20251027.0", "2.0.20251014.0"
US, QUEUE = "us-east-1", "patient"
# Each build has a region of its own, since starts in one are spread over time.
WEB = family("web", regions=[HOME, US], base_parameter="/golden/web/base",
             golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
BATCH = family("batch", publisher="amazon-linux-2", images=AL2,
               pipeline={"region": "eu-central-1"})
BUILDS = {
    token(WEB, HOME, image(NEW)): "Succeeded",
    token(WEB, US, image(NEW, US)): "Succeeded",
    token(BATCH, HOME, image(NEW_AL2, HOME, "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2")): "Failed",
}
STAGES = [{"name": "Build", "actions": [
    {"name": "Packer", "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]}]
SIDES = {"before": {"kind": "hang"}, "after": {"kind": "slow", "seconds": 3600}}


class Mortal:
    """A worker that is killed while the cloud holds its n-th call, and started again."""

    def __init__(self, cloud, worker, rule, deaths=1):
        self.cloud, self._again, self._rule = cloud, worker.again, rule
        self.deaths_left = deaths
        cloud.faults(rule)
        self.lives = [worker(WEB, BATCH, queue={"url": cloud.queue_state(QUEUE)["url"]},
                             slack=KNOWN_CHANNEL)]
        self.replacing = threading.Lock()
        self._over = threading.Event()
        self._reaper = threading.Thread(target=self._reap)
        self._reaper.start()

    def _reap(self):
        held = {"fault": self._rule["kind"]}
        while self.deaths_left and not self._over.is_set():
            try:
                self.cloud.wait_for(0.2, calls={**held, "count": len(self.lives)})
            except CloudTimeout:
                continue
            with self.replacing:
                self.worker.kill()
                self.cloud.expire(QUEUE)
                self.deaths_left -= 1
                self.cloud.faults(*[self._rule] * bool(self.deaths_left))
                self.lives.append(self._again())

    @property
    def worker(self):
        return self.lives[-1]

    def wait_said(self, event, **fields):
        """Until one of its lives has said so, whatever call it may be killed at meanwhile."""
        for _ in range(100):
            if any(life.log(event, **fields) for life in self.lives):
                return
            try:
                self.worker.wait_log(event, timeout=0.5, **fields)
            except LogTimeout:
                with self.replacing:
                    self.cloud.expire(QUEUE)
        raise AssertionError(f"no life said {event} {fields}:\n" + self.worker.said())

    def rest(self):
        """No more kills; it stops as it should."""
        self._over.set()
        self._reaper.join()
        self.cloud.clear_faults()
        self.worker.stop()


def announce_the_day(cloud):
    """On a queue of its own, whose messages may be received as often as workers die."""
    cloud.queue(QUEUE, max_receives=1000)
    make_pipelines(cloud, WEB, BATCH, events={"queue": QUEUE},
                   plan={"stages": STAGES, "outcome": "Hang"})
    for given in ({"copies": 2}, {"topic": "amazon-linux-2", "release": NEW_AL2},
                  {"forge": "message"}, {"release": OLD}, {}):
        cloud.announce(**{"topic": "amazon-linux-2023", "release": NEW, "queue": QUEUE, **given})


def live_through(cloud, mortal):
    """Until every build is started, finished and told, and what announced it is deleted."""
    for build in BUILDS:
        mortal.wait_said("build_started", build=build)
    for each in cloud.executions():
        cloud.finish(each["id"], BUILDS[each["token"]])
    for build in BUILDS:
        mortal.wait_said("notice_sent", build=build, notice="finished")
    for _ in range(20):
        with mortal.replacing:
            cloud.expire(QUEUE)
        try:
            return cloud.wait_for(3, queue={"name": QUEUE, "visible": 0, "in_flight": 1})
        except CloudTimeout:
            continue
    raise AssertionError(cloud.queue_state(QUEUE))


def check_the_day(cloud, ledger):
    assert {each["token"]: each["status"] for each in cloud.executions()} == BUILDS
    assert len(cloud.executions()) == len(BUILDS)
    assert dict(ledger.rows("SELECT token, status FROM builds WHERE state = 'finished'")) == BUILDS
    assert ledger.rows("SELECT COUNT(*) FROM builds") == [(len(BUILDS),)]
    assert ledger.rows("SELECT COUNT(*) FROM deliveries") == [(0,)]
    forged, = cloud.queue_state(QUEUE, bodies=True)["messages"]
    assert "ami-e" in forged["body"]
    check_messages(cloud)


def check_messages(cloud):
    """Each build has one message and one reply."""
    told = Counter(each["id"] for message in cloud.slack_roots()
                   for each in cloud.executions() if each["id"] in str(message))
    assert sorted(told.values()) == [1] * len(BUILDS)
    assert len(cloud.slack_messages()) == 2 * len(BUILDS)


def survive(cloud, worker, ledger, rule, deaths=1):
    announce_the_day(cloud)
    mortal = Mortal(cloud, worker, rule, deaths)
    try:
        live_through(cloud, mortal)
    finally:
        mortal.rest()
    check_the_day(cloud, ledger)
    return len(mortal.lives) - 1


@pytest.mark.parametrize("side, n", [(side, n) for n in range(1, CALLS + 1)
                                     for i, side in enumerate(SIDES) if BOTH or n % 2 == i])
def test_killed_once(cloud, worker, ledger, side, n):
    if not survive(cloud, worker, ledger, {**SIDES[side], "skip": n - 1}):
        pytest.skip(f"the day has fewer than {n} calls")


@pytest.mark.parametrize("n", [3, 5, 8])
@pytest.mark.parametrize("side", SIDES)
def test_killed_again_and_again(cloud, worker, ledger, side, n):
    assert survive(cloud, worker, ledger, {**SIDES[side], "skip": n - 1}, DEATHS) > 1
