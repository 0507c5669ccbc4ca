"""What the kernel knows about a process: memory, processor time, sleeps."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_SCHED = 2  # of the three clocks of a process the one that the scheduler keeps, in ns


@dataclass
class Memory:
    """In KiB: all that is resident; its share of what others map too; what is its own alone."""

    resident: int
    share: int
    own: int


def memory(pid: int) -> Memory | None:
    """None for a process that lets only root look inside, as the worker does."""
    values: dict[str, int] = {}
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError:
        return None
    for line in text.splitlines()[1:]:
        name, value = line.split()[:2]
        values[name] = int(value)
    own = values["Private_Clean:"] + values["Private_Dirty:"]
    return Memory(values["Rss:"], values["Pss:"], own)


def cpu_ms(pid: int) -> float:
    """All processor time so far, of threads that ended too: see clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | _SCHED) * 1000


def sleeps(pid: int) -> int:
    """How often its threads went to sleep of their own accord, and so were woken again."""
    count = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        text = Path(f"/proc/{pid}/task/{thread}/status").read_text()
        count += int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    return count
