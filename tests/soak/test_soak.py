"""`make soak` in short, and what it would find."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak import samples
from tests.soak.messages import Message
from tests.soak.queue import Queue
from tests.soak.samples import Sample, judge

ROOT = Path(__file__).resolve().parents[2]
RELEASE = os.environ.get("EVERGOLD_RELEASE", str(ROOT / "build/evergold"))  # sanitizers hoard
TOTAL = 20_000
EVEN = [Sample(given, 15_000, 20, 1_000, 4_000) for given in range(100, TOTAL + 1, 100)]
MOST = {"rss_kib": samples.RSS_KIB, "fds": samples.FDS, "ledger_kib": samples.LEDGER_KIB}


def test_the_worker_stays_as_it_is():
    done = subprocess.run([sys.executable, "-m", "tests.soak", str(TOTAL)], cwd=ROOT,
                          capture_output=True, text=True, env={**os.environ, "EVERGOLD": RELEASE})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"figures soak: messages={TOTAL} ")


def growing(name: str, by: int) -> list[Sample]:
    """By so much from the middle of the second tenth to that of the last."""
    return [replace(each, **{name: getattr(each, name) + by * each.given * 10 // (8 * TOTAL)})
            for each in EVEN]


@pytest.mark.parametrize("name", MOST)
def test_what_grows_is_found(name):
    assert judge(growing(name, MOST[name]), TOTAL).complaints == []
    grown = judge(growing(name, MOST[name] + 4), TOTAL)
    assert len(grown.complaints) == 1 and grown.complaints[0].startswith(f"{name} grew from")
    assert grown.growth(name) > MOST[name]


def test_a_large_wal_is_found():
    once = [*EVEN, replace(EVEN[-1], wal_kib=samples.WAL_KIB + 1)]
    assert judge(once, TOTAL).complaints == ["the WAL had 8193 KiB, more than 8192"]


def test_what_only_root_sees_is_no_growth():
    assert judge([replace(each, fds=None) for each in EVEN], TOTAL).complaints == []


def test_what_must_stay_is_not_deleted_and_what_must_leave_is_missed():
    queue = Queue([])
    batch = [Message(b"", False), Message(b"", True), Message(b"", True)]
    assert b"AQEB-2" in b"".join(map(queue._given, batch))
    queue._delete(b'{"Entries":[{"Id":"0","ReceiptHandle":"AQEB-1"}]}')
    assert (queue.wrong, queue.owed) == ([], 1)
    queue._delete(b'{"Entries":[{"Id":"0","ReceiptHandle":"AQEB-0"}]}')
    assert (queue.wrong, queue.owed) == (["message 0 was deleted"], 1)
