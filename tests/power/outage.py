"""The real worker under the shim, and what is left of its files when the power was cut.

An Outage stands where tests.e2e.test_kill's day wants the maker of workers: it starts one, and
starts it again on the remains of the one that died.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from tests.e2e import settings
from tests.e2e.worker import Worker
from tests.power.remains import Remains

SHIM = os.environ.get("EVERGOLD_SHIM", "build/tests/power/shim.so")
SHIPPED = os.environ.get("EVERGOLD_RELEASE", "build/evergold")
SHARED_MEMORY = "-shm"  # is made anew whenever nobody has it open


class Outage:
    """Workers in one folder; cut: at which of its calls the first one ends, 0: at none."""

    def __init__(self, cloud, folder: Path, loss: str, *, cut: int = 0, seed: int = 1) -> None:
        self.cloud, self.folder, self.loss = cloud, folder, loss
        self.cut, self.seed = cut, seed
        self.files = folder / "files"
        self.files.mkdir()
        self.lives: list[Worker] = []
        self._before: dict[str, bytes] = {}

    def __call__(self, *families, **given) -> Worker:
        given["ledger"] = {"sqlite": str(self.files / "ledger.db")}
        given["record"] = str(self.files / "record")
        settings.write(self.folder, settings.configuration(self.cloud, self.folder, *families,
                                                            **given))
        return self._start()

    def again(self) -> Worker:
        """After the power was cut: the files are what is left of them."""
        self._before = self._remains()
        self.cut = 0
        shutil.rmtree(self.files)
        self.files.mkdir()
        for name, data in self._before.items():
            path = self.files / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._check_ledger()
        return self._start()

    def _start(self) -> Worker:
        self.log = self.folder / f"shim-{len(self.lives)}"
        self.lives.append(Worker(
            self.cloud, self.folder / "evergold.yaml", command=[SHIPPED],
            env={"LD_PRELOAD": str(Path(SHIM).resolve()), "SHIM_FOLDER": str(self.files),
                 "SHIM_LOG": str(self.log), "SHIM_CUT": str(self.cut)}))
        if not self.cut:
            self.lives[-1].wait_log("started")
        return self.lives[-1]

    def _remains(self) -> dict[str, bytes]:
        done = Remains(self._before, self.log.read_bytes())
        if self.cut:  # else it was killed, and may have died between a call and its record
            self._check_seen(done)
        left = done.left(self.loss, self.seed)
        return {name: data for name, data in left.items() if not name.endswith(SHARED_MEMORY)}

    def _check_seen(self, done: Remains) -> None:
        """The shim has seen all that happened: with nothing lost the files are what they are."""
        there = {str(path.relative_to(self.files)): path.read_bytes()
                 for path in self.files.rglob("*") if path.is_file()}
        told = done.left("none", 0)
        assert {name for name in told if there.get(name) != told[name]} <= {
            name for name in told if name.endswith(SHARED_MEMORY)}
        assert there.keys() == told.keys()

    def _check_ledger(self) -> None:
        """A look at a copy, since a look recovers."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.files, copy)
        if (copy / "ledger.db").exists():
            connection = sqlite3.connect(copy / "ledger.db")
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.close()
