"""python -m tests.faults 1-1000: seeds of faults through the worker EVERGOLD; docs/reliability.md.

Each process has a cloud of its own and takes one seed after the other.  One line a seed, a line
with the sum of all, and exit 1 when anything was wrong.  What a failing seed left is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.cloud.client import Cloud
from tests.faults import record
from tests.faults.names import Names, OwnNames
from tests.faults.plan import draw
from tests.faults.trial import Trial
from tests.hostile import network


def main() -> int:
    options = _options()
    if options.process:
        return _process(options)
    seeds = queue.SimpleQueue()
    for seed in options.seeds:
        seeds.put(seed)
    total = record.Total(len(options.seeds), options.keep)
    crew = [threading.Thread(target=_feed, args=(options, seeds, total))
            for _ in range(options.jobs)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    print(total.line())
    print(total.figures(), flush=True)
    return 0 if total.fine() else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults",
                                     description="Seeds of faults through the whole worker.")
    parser.add_argument("seeds", type=_seeds, help="seeds and ranges, such as 7,12,100-199")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="seeds at a time (%(default)s)")
    parser.add_argument("--keep", type=Path, default=Path("build/faults"), metavar="DIR",
                        help="where what failing seeds left is kept (%(default)s)")
    parser.add_argument("--process", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _seeds(text: str) -> list[int]:
    ranges = [each.partition("-") for each in text.split(",")]
    return [seed for first, _, last in ranges for seed in range(int(first), int(last or first) + 1)]


def _feed(options: argparse.Namespace, seeds: queue.SimpleQueue, total: record.Total) -> None:
    """Until there are no more seeds; a process that dies of one is followed by another."""
    command = [sys.executable, "-m", "tests.faults", "0", "--process", "--keep",
               str(options.keep)]
    while not seeds.empty():
        with subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            while _one(process, seeds, total):
                pass
            process.stdin.close()


def _one(process: subprocess.Popen, seeds: queue.SimpleQueue, total: record.Total) -> bool:
    """Has one seed run; False when there is none, or nobody any more to run the next."""
    try:
        seed = seeds.get_nowait()
    except queue.Empty:
        return False
    process.stdin.write(f"{seed}\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    total.add(seed, json.loads(answer) if answer else None)
    return bool(answer)


def _process(options: argparse.Namespace) -> int:
    """Runs the seeds that standard input names, and answers each with a line of JSON."""
    if not network.is_inside() and not network.missing():
        network.enter()
    with tempfile.TemporaryDirectory(prefix="evergold-faults-") as scratch:
        names = OwnNames(Path(scratch)) if network.is_inside() else Names()
        with Cloud(speed=10) as cloud:
            for line in sys.stdin:
                print(json.dumps(_run(int(line), cloud, names, options.keep)), flush=True)
    return 0


def _run(seed: int, cloud: Cloud, names: Names, keep: Path) -> dict:
    cloud.reset()
    names.begin()
    folder = keep.resolve() / f"seed-{seed}"
    record.clear(folder)
    folder.mkdir(parents=True)
    trial, began = Trial(draw(seed), cloud, folder, names), time.monotonic()
    seen, findings = trial.run()
    if findings:
        record.keep(folder, trial, trial.plan, seen)
    else:
        record.clear(folder)
    return record.figures(trial, seen, findings, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
