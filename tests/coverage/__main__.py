"""Which branches of common/ the unit tests take, and whether each other one has been named.

    build/venv/bin/python -m tests.coverage BUILD [common]

BUILD holds the programs of `make COV=1`. The unit tests alone count for common/: they say what must
come out, where a fuzz target says only that nothing breaks. worker/ is measured by the tests of its
flows and has no rule; the word `common` leaves it out.

Each condition of the source is two branches, one for each way out (-O0 keeps them apart); a
decision is what all the conditions of an `if`, a loop or a `?:` come to. tests/coverage/named.txt
names branches that are not taken, with the reason. A file in which more than one branch in twenty
is missing without a name is a finding, and so is a branch that is named and taken.
"""
from __future__ import annotations

import concurrent.futures
import glob
import json
import os
import subprocess
import sys
from pathlib import Path

from . import compare, read_names
from .measure import File, table

ROOT = Path(__file__).parents[2]
NAMES = Path(__file__).parent / "named.txt"


def run_programs(build, folder):
    """Whether all tests of a folder pass, counting from nothing what they reach."""
    for counters in build.rglob("*.gcda"):
        counters.unlink()
    programs = [build / path[:-2] for path in sorted(glob.glob(f"tests/{folder}/*_test.c"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(run_program, programs))
    return all(runs) and bool(runs)


def run_program(program):
    done = subprocess.run(["tests/run", program], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, end="")
    return done.returncode == 0


def measure(build, folder):
    """The files of a folder, as gcovr reads the counters. A loop may well turn 10^9 times."""
    done = subprocess.run(
        [sys.executable, "-m", "gcovr", "--root", ".", "--filter", f"{folder}/", "--decisions",
         "--exclude-unreachable-branches", "--gcov-suspicious-hits-threshold", "0", "--json", "-",
         build / folder], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return [File.of(measured) for measured in json.loads(done.stdout)["files"]]


def main(build, *only):
    passed = run_programs(build, "unit")
    common = measure(build, "common")
    print(table(common))
    if not only:
        passed = run_programs(build, "flows") and passed
        print(table(measure(build, "worker")))
    named, found = compare(common, read_names(NAMES.read_text(encoding="utf-8")))
    total = File.sum("common", common)
    print("".join(f"{finding}\n" for finding in found), end="")
    print(f"figures coverage: lines={total.lines.percent():.1f} "
          f"branches={total.branches.percent():.1f} named={named}")
    return 0 if passed and not found else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
