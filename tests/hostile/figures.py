"""The last line of `make hostile`: how many cases were shown to whom, and what came of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.hostile.catalogue import catalogue
from tests.hostile.trial import notary

WHERE = "EVERGOLD_FIGURES"  # the file that gets the line
GATE = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools")) / "../unit/hostile_test"
_SAID = re.compile(r"(\d+) passed, (\d+) failed")


class Figures:
    """What has been seen so far of cases that were shown to the worker."""

    def __init__(self) -> None:
        self.shown = self.right = 0
        self.outside: set[tuple[str, str, int]] = set()

    def add(self, is_right: bool) -> None:
        self.shown += 1
        self.right += is_right

    def write(self) -> None:
        if path := os.environ.get(WHERE):
            Path(path).write_text(self._line())

    def _line(self) -> str:
        cases, by = catalogue(), notary()
        gate = sum(case.is_for_gate(case.body(by)) for case in cases)
        return (f"figures hostile: cases={len(cases)} gate={gate} worker={self.shown} "
                f"right={gate - _wrong_at_the_gate() + self.right} "
                f"connections_outside={len(self.outside)}\n")


def _wrong_at_the_gate() -> int:
    """The gate alone is shown its cases by tests/unit/hostile_test."""
    ran = subprocess.run([GATE], capture_output=True, text=True, errors="replace", check=False)
    return int(_SAID.search(ran.stdout)[2])
