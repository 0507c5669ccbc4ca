"""build/venv/bin/python -m tests.differential.gate CASES: so many seeds from 0 on, or from --first.

Ends with its figures and with status 1 if the two gates differ; what they differ in is kept as
questions, which tests/tools/gate_verdict reads, in DIR/SEED.json.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import sys
from pathlib import Path

from . import trial

AT_ONCE = 5000  # seeds that a process takes
SHOWN = 20


def main() -> int:
    options = _options()
    seeds = range(options.first, options.first + options.cases)
    parts = [seeds[start:start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]
    total = trial.Result()
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for result in pool.map(trial.run, parts):
            total.add(result)
    _tell(total, options.keep)
    return 1 if total.differences else 0


def _tell(total: trial.Result, folder: Path) -> None:
    for reason, count in total.reasons.most_common():
        print(f"{count:9} {reason}")
    for difference in total.differences:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{difference.seed}.json").write_text(difference.question.line())
    for difference in total.differences[:SHOWN]:
        print(difference)
    print(total.line(), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.differential.gate",
                                     description="Our gate against the rules in Python.")
    parser.add_argument("cases", type=int, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, metavar="SEED",
                        help="the first of them (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="processes (%(default)s)")
    parser.add_argument("--keep", type=Path, default=Path("build/differential"), metavar="DIR",
                        help="where what they differ in is kept (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
