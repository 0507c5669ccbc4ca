"""SIGTERM at the calls of a day: whatever it interrupts, nothing stays hidden in the queue.

The day is that of test_kill: the cloud holds its n-th call before anything is done, or does it and
holds the answer; the worker is told to stop meanwhile, and told twice, so that it does not wait
for what never comes. What it has heard of is then deleted or visible. Only what a receive took
whose answer never came stays hidden for its time, as SQS has it.

Every fifth call is tried, from alternate sides; EVERGOLD_SIDES=2 tries each from both.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.cloud.client import CloudTimeout
from tests.e2e.settings import KNOWN_CHANNEL
from tests.e2e.test_kill import BATCH, CALLS, QUEUE, SIDES, WEB, announce_the_day

STRIDE = 5
BOTH = os.environ.get("EVERGOLD_SIDES") == "2"


def begin(cloud, worker, rule):
    """A worker whose day has come to the call that the rule holds; None: it has none."""
    announce_the_day(cloud)
    cloud.faults(rule)
    running = worker(WEB, BATCH, queue={"url": cloud.queue_state(QUEUE)["url"]},
                     slack=KNOWN_CHANNEL)
    for _ in range(40):
        try:
            cloud.wait_for(0.5, calls={"fault": rule["kind"]})
            return running
        except CloudTimeout:
            finish_what_runs(cloud)
    return None


def finish_what_runs(cloud):
    for each in cloud.executions():
        if each["status"] == "InProgress":
            cloud.finish(each["id"])


def hidden(cloud, rule):
    """Of what the worker has heard of."""
    held = [call for call in cloud.calls() if call.get("fault") == rule["kind"]]
    unheard = sum(call["operation"] == "ReceiveMessage" and rule["kind"] == "slow"
                  for call in held)
    return 0 if unheard else cloud.queue_state(QUEUE)["in_flight"]


@pytest.mark.parametrize("side, n", [(side, n) for n in range(1, CALLS + 1)
                                     for i, side in enumerate(SIDES)
                                     if BOTH or n % STRIDE == 3 and n % 2 == i])
def test_stopped_anywhere(cloud, worker, side, n):
    rule = {**SIDES[side], "skip": n - 1}
    running = begin(cloud, worker, rule)
    if not running:
        pytest.skip(f"the day has fewer than {n} calls")
    running.signal(signal.SIGTERM)
    running.wait_log("stopping")
    running.stop()
    assert running.log("hurrying") and running.log()[-1]["event"] == "stopped"
    assert hidden(cloud, rule) == 0
    assert not running.log("hand_back_failed")


def test_without_a_second_signal_it_is_in_time(cloud, worker):
    """Nobody answers the receive, and nobody wakes it: after 21 s it hands back what it holds."""
    rule = {"kind": "hang", "service": "codepipeline", "operation": "StartPipelineExecution"}
    running = begin(cloud, worker, rule)
    running.signal(signal.SIGTERM)
    assert running.wait(timeout=30) == 0
    assert hidden(cloud, rule) == 0
