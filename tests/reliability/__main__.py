"""python -m tests.reliability [NAME…]: run the trials of docs/reliability.md; print their figures.

What a trial says is kept in DIR/NAME.log, the table in DIR/table.md.  A trial that fails keeps none
of the others from running; any that fails makes this exit with 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.reliability import figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability",
                                     description="The trials of docs/reliability.md.")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="of " + ", ".join(trial.name for trial in figures.TRIALS))
    parser.add_argument("--keep", type=Path, default=Path("build/reliability"), metavar="DIR",
                        help="where what they say is kept (%(default)s)")
    options = parser.parse_args()
    unknown = set(options.names) - {trial.name for trial in figures.TRIALS}
    if unknown:
        parser.error(f"no trial is called {', '.join(sorted(unknown))}")
    options.keep.mkdir(parents=True, exist_ok=True)
    rows = [_run(trial, options.keep) for trial in figures.TRIALS
            if not options.names or trial.name in options.names]
    text = figures.table(rows)
    (options.keep / "table.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 1 if any(found for _, _, found in rows) else 0


def _run(trial: figures.Trial, keep: Path) -> figures.Row:
    print(f"{trial.command} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    log = keep / f"{trial.name}.log"
    with log.open("w", encoding="utf-8") as out:
        status = subprocess.run(["make", trial.name, *trial.arguments], stdout=out,
                                stderr=subprocess.STDOUT, env=_without_make()).returncode
    told = figures.read(trial.name, log.read_text(encoding="utf-8", errors="replace"))
    found = figures.faults(trial, status, told)
    print(f"{trial.command}: {'; '.join(found) or 'held'}, {time.monotonic() - began:.0f} s",
          file=sys.stderr, flush=True)
    return trial, told, found


def _without_make() -> dict[str, str]:
    """The environment as a shell has it, and not as the make that called us."""
    ours = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
    return {name: value for name, value in os.environ.items() if name not in ours}


if __name__ == "__main__":
    sys.exit(main())
