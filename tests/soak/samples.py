"""What is measured of the worker in between, and whether it stays as it is."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

# Growth from the second tenth of the run to the last, at most.
RSS_KIB = 512
LEDGER_KIB = 2048  # builds stay in it, and what was told of them
FDS = 80           # so many connections are kept (LIMIT_HTTP_KEPT)
WAL_KIB = 8192     # at any moment; SQLite writes it back after 4 MiB

_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True)
class Sample:
    given: int
    rss_kib: int
    fds: int | None  # None: only root sees them
    ledger_kib: int
    wal_kib: int


def sample(given: int, pid: int, ledger: Path) -> Sample:
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    try:
        fds = len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        fds = None
    return Sample(given, resident * _PAGE_KIB, fds, _kib(ledger),
                  _kib(ledger.with_name(f"{ledger.name}-wal")))


def _kib(file: Path) -> int:
    return file.stat().st_size // 1024 if file.exists() else 0


@dataclass(frozen=True)
class Verdict:
    """``first`` and ``last``: the median of the second tenth and of the last, of each figure."""

    first: dict[str, int]
    last: dict[str, int]
    wal_kib: int
    complaints: list[str]

    def growth(self, name: str) -> int:
        return self.last[name] - self.first[name]


def judge(samples: list[Sample], total: int) -> Verdict:
    first, last = (_medians([each for each in samples if low < each.given * 10 / total <= high])
                   for low, high in ((1, 2), (9, 10)))
    wal_kib = max(each.wal_kib for each in samples)
    grown = [f"{name} grew from {first[name]} to {last[name]}, by more than {most}"
             for name, most in (("rss_kib", RSS_KIB), ("fds", FDS), ("ledger_kib", LEDGER_KIB))
             if last[name] - first[name] > most]
    large = [f"the WAL had {wal_kib} KiB, more than {WAL_KIB}"] if wal_kib > WAL_KIB else []
    return Verdict(first, last, wal_kib, grown + large)


def _medians(samples: list[Sample]) -> dict[str, int]:
    return {name: round(statistics.median(getattr(each, name) or 0 for each in samples))
            for name in ("rss_kib", "fds", "ledger_kib")}
