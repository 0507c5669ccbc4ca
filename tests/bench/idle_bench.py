"""What an idle worker costs beside a long poll with libcurl alone, and how soon it polls.

    make bench T=idle

Workers and bare polls wait side by side, several of each, over http and https. Memory is compared
when all have waited; processor time and wake-ups are those of one minute, three long polls each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import authority, process, table, wakeups
from tests.bench.empty_queue import WAIT_S, EmptyQueue
from tests.bench.worker import Program, bare_poll, worker
from tests.cloud.client import Cloud

RUNS = 3
STARTS = 10
POLLS = 3  # long polls of each receiver in the time that is measured
RECEIVERS = 2
MINUTE_S = POLLS * WAIT_S
RESIDENT_KIB = 5 * 1024
CPU_MS = 5
START_MS = 50


@dataclass
class Group:
    """Programs of one kind, and their figures."""

    name: str
    programs: list[Program]
    memory: list[process.Memory] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)

    def begin(self) -> None:
        self.cpu_ms = [-process.cpu_ms(each.pid) for each in self.programs]
        self.sleeps = [-process.sleeps(each.pid) for each in self.programs]

    def end(self) -> None:
        for number, each in enumerate(self.programs):
            each.check()
            self.cpu_ms[number] += process.cpu_ms(each.pid)
            self.sleeps[number] += process.sleeps(each.pid)
        found = [process.memory(each.pid) for each in self.programs]
        self.memory = [each for each in found if each]


class Bench:
    """Everything that is started, and the folder where it is."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evergold-")))
        self._workers = 0
        self._tls = authority.trusted_tls(self._folder)
        if not self._tls:
            table.say("https is not measured: no mount namespace can be had here")
        self.log = self._folder / "strace"

    def schemes(self) -> list[str]:
        return ["http", "https"] if self._tls else ["http"]

    def queue(self, scheme: str, keep: bool = True) -> EmptyQueue:
        return EmptyQueue(self._tls if scheme == "https" else None, keep)

    def run_queue(self, scheme: str, keep: bool = True) -> str:
        """The URL of a queue that is there to the end."""
        return self._stack.enter_context(self.queue(scheme, keep)).url

    def cloud(self) -> Cloud:
        return self._stack.enter_context(Cloud())

    def worker(self, where: Cloud | str, prefix: list[str | Path] | None = None) -> Program:
        self._workers += 1
        return worker(self._folder / f"worker-{self._workers}", where, prefix)

    def run(self, *programs: Program) -> list[Program]:
        return [self._stack.enter_context(each) for each in programs]


def main() -> int:
    authority.enter_namespace()
    with ExitStack() as stack:
        bench = Bench(stack)
        measure_starts(bench)
        measure_idling(bench)
    return 0


# Start to first poll.


def measure_starts(bench: Bench) -> None:
    table.head(f"From start to first poll, {STARTS} runs of each")
    for scheme in bench.schemes():
        table.row(f"{scheme}, bare poll", "ms", starts_ms(bench, scheme, bare_poll))
        table.row(f"{scheme}, worker with a new ledger", "ms",
                  starts_ms(bench, scheme, bench.worker), START_MS)


def starts_ms(bench: Bench, scheme: str, make: Callable[[str], Program]) -> list[float]:
    found = []
    for _ in range(STARTS):
        with bench.queue(scheme) as queue, make(queue.url) as program:
            found.append((queue.first_poll() - program.started) * 1000)
    return found


# A minute of idling.


def measure_idling(bench: Bench) -> None:
    groups, reconnecting = start_groups(bench)
    traced = start_traced(bench)
    table.say(f"\n{RUNS} bare polls and {RUNS} workers of each kind wait side by side: {WAIT_S} s "
              f"to settle, then {POLLS} long polls of {WAIT_S} s ...")
    since, until = watch([*groups.values(), *reconnecting])
    for scheme in bench.schemes():
        show(scheme, groups[f"{scheme} bare"], groups[f"{scheme} worker"])
    show_reconnecting(groups, reconnecting)
    if traced:
        show_traced(wakeups.count(bench.log, since, until))


def start_groups(bench: Bench) -> tuple[dict[str, Group], list[Group]]:
    """By name; and the workers that need a new connection for each poll."""
    groups: dict[str, Group] = {}
    cloud = bench.cloud()
    for scheme in bench.schemes():
        url = bench.run_queue(scheme)
        where = cloud if scheme == "http" else url
        for kind in ("bare", "worker"):
            programs = bench.run(*(bare_poll(url) if kind == "bare" else bench.worker(where)
                                   for _ in range(RUNS)))
            groups[f"{scheme} {kind}"] = Group(f"{scheme} {kind}", programs)
    closing = [bench.run_queue(scheme, keep=False) for scheme in bench.schemes()]
    return groups, [Group("closed", bench.run(*(bench.worker(url) for _ in range(RUNS))))
                    for url in closing]


def start_traced(bench: Bench) -> bool:
    prefix = wakeups.prefix(bench.log)
    if prefix:
        bench.run(bench.worker(bench.cloud(), prefix))
    else:
        table.say("wake-ups are not traced: strace is not installed")
    return bool(prefix)


def watch(groups: list[Group]) -> tuple[float, float]:
    """Lets a poll pass and another begin, then a minute; its two ends."""
    time.sleep(WAIT_S + 6)
    for group in groups:
        group.begin()
    since = time.time()
    time.sleep(MINUTE_S)
    for group in groups:
        group.end()
    return since, time.time()


def show(scheme: str, bare: Group, idle: Group) -> None:
    table.head(f"One minute over {scheme}")
    if not idle.memory:
        table.say("  the worker lets only root read how much memory it has")
    for name, unit in (("resident", "KiB"), ("share", "KiB"), ("own", "KiB")):
        alone, here = ([getattr(each, name) for each in group.memory] for group in (bare, idle))
        words = {"resident": "resident", "share": "proportional share", "own": "private"}[name]
        table.row(f"{words}, bare poll", unit, alone)
        table.row(f"{words}, worker", unit, here)
        table.row(f"{words}, worker above bare poll", unit,
                  [mine - its for mine, its in zip(sorted(here), sorted(alone), strict=False)],
                  RESIDENT_KIB if name == "resident" else None)
    table.row("processor time, bare poll", "ms/min", bare.cpu_ms)
    table.row("processor time, worker", "ms/min", idle.cpu_ms, CPU_MS)
    table.row("times asleep, bare poll", "1/min", bare.sleeps)
    table.row(f"times asleep, worker with {RECEIVERS} receivers", "1/min", idle.sleeps,
              RECEIVERS * POLLS)


def show_reconnecting(groups: dict[str, Group], reconnecting: list[Group]) -> None:
    """A connection is used for ten minutes at most: what one more of them costs."""
    table.head("One new connection")
    for scheme, closed in zip(("http", "https"), reconnecting, strict=False):
        kept = groups[f"{scheme} worker"]
        table.row(f"processor time, {scheme}", "ms",
                  [(more - less) / (RECEIVERS * POLLS)
                   for more, less in zip(sorted(closed.cpu_ms), sorted(kept.cpu_ms), strict=True)])


def show_traced(found: wakeups.Count) -> None:
    table.head("One minute under strace, over http")
    table.row("wake-ups by an answer", "1/min", [found.answered], RECEIVERS * POLLS)
    table.row("wake-ups by anything else", "1/min", [found.other], 0)
    table.row("system calls for each long poll", "", [found.calls / (RECEIVERS * POLLS)])


if __name__ == "__main__":
    sys.exit(main())
