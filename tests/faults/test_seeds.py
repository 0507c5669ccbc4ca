"""Some seeds of `make faults` in every test run; they meet most kinds of faults and kills."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = "1,2,3,5,9,12"


def test_seeds(tmp_path):
    done = subprocess.run([sys.executable, "-m", "tests.faults", SEEDS, "--jobs", "6",
                           "--keep", str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" ok ") == len(SEEDS.split(","))
    assert list(tmp_path.iterdir()) == []
