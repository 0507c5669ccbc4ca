"""Wake-ups, counted exactly: a worker under strace, and what its log of system calls says."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_CALL = re.compile(r"\d+ +(?P<at>\d+\.\d+) (?P<name>\w+)\(.*\) += (?P<result>-?\d+|\?).*"
                   r"<(?P<took>\d+\.\d+)>$")
_SLEPT_S = 0.01


@dataclass
class Count:
    """In the time between: wake-ups with news of a socket, other ones, and all system calls."""

    answered: int = 0
    other: int = 0
    calls: int = 0


def prefix(log: Path) -> list[str | Path] | None:
    """What goes before a command; None where there is no strace."""
    strace = shutil.which("strace")
    return [strace, "-f", "-ttt", "-T", "-o", log] if strace else None


def count(log: Path, since: float, until: float) -> Count:
    """``since`` and ``until`` are time.time(). A call that slept ends with a wake-up."""
    found = Count()
    for line in log.read_text(errors="replace").splitlines():
        call = _CALL.match(line)
        if not call or not since <= float(call["at"]) + float(call["took"]) < until:
            continue
        found.calls += 1
        if float(call["took"]) >= _SLEPT_S:
            news = call["name"].startswith("epoll_") and int(call["result"]) > 0
            found.answered += news
            found.other += not news
    return found
