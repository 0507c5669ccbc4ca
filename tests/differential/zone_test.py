"""Our clocks against Python's zoneinfo, with the time zone database of this machine."""

from __future__ import annotations

import os
import random
import subprocess
import zoneinfo
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
DATABASE = os.environ.get("TZDIR", "/usr/share/zoneinfo")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
END_S = 4102444800  # 2100-01-01
MOMENTS = 500
# Of every kind: half hours, 45 minutes, the southern summer, the date line, Ramadan, a summer time
# that counts backwards, no change at all, and changes that ended or moved.
ZONES = ("Africa/Abidjan", "Africa/Cairo", "Africa/Casablanca", "America/Asuncion",
         "America/Caracas", "America/New_York", "America/Nuuk", "America/Sao_Paulo",
         "America/St_Johns", "Antarctica/Troll", "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata",
         "Asia/Pyongyang", "Asia/Tehran", "Australia/Lord_Howe", "Etc/GMT+5", "Europe/Berlin",
         "Europe/Dublin", "Europe/Moscow", "Pacific/Apia", "Pacific/Chatham",
         "Pacific/Kwajalein", "UTC")

zoneinfo.reset_tzpath(to=[DATABASE])
pytestmark = pytest.mark.skipif(not os.path.isdir(DATABASE), reason=f"no database in {DATABASE}")


def offset(zone: zoneinfo.ZoneInfo, moment: int) -> int:
    local = (EPOCH + timedelta(seconds=moment)).astimezone(zone)
    return int(local.utcoffset().total_seconds())


def changes(zone: zoneinfo.ZoneInfo) -> list[int]:
    """Moments at which clocks change, found by looking at them every six hours."""
    found, step = [], 6 * 3600
    now = offset(zone, 0)
    for start in range(0, END_S, step):
        before, now = now, offset(zone, start + step)
        if now != before:
            low, high = start, start + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            found.append(high)
    return found


def ours(name: str, moments: list[int]) -> list[str]:
    done = subprocess.run([TOOLS / "zone_offsets"], text=True, capture_output=True, check=True,
                          input="".join(f"{name} {moment}\n" for moment in moments), timeout=60,
                          env={**os.environ, "TZDIR": DATABASE})
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ZONES)
def test_clocks_show_what_python_says(name):
    zone = zoneinfo.ZoneInfo(name)
    some = random.Random(name)
    moments = [some.randrange(END_S) for _ in range(MOMENTS)]
    moments += [change + around for change in changes(zone) for around in (-1, 0)]
    want = [(moment, str(offset(zone, moment))) for moment in moments]
    assert list(zip(moments, ours(name, moments), strict=True)) == want


def test_what_zoneinfo_does_not_know_there_is_not():
    assert ours("Europe/Nowhere", [0]) == ["-"]
    assert ours("../zoneinfo/UTC", [0]) == ["-"]
