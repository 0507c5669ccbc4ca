"""A disk that fills up under a worker and is freed; and every disk on which none can start."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.e2e import settings
from tests.e2e.settings import HOME, family, image, make_pipelines
from tests.e2e.worker import Worker, binary, environment

OLD, NEW = "2023.9.20251020.0", "2023.9.20251027.0"
WEB = family("web")
SIZE = "4m"
# In the worker's mount namespace a second process does what it is told, and says when it has.
HAND = """mount -t tmpfs -o size={size} none '{disk}' || exit 9
while read -r line <&3; do eval "$line" 2>&-; echo done >&4; done 3<'{asked}' 4>'{done}' &
exec "$@"
"""

OWN = (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"])


def own_mounts() -> list[str] | None:
    """What puts a command in front of mounts of its own; None where nobody may."""
    return next((command for command in OWN if shutil.which("unshare") and subprocess.run(
        [*command, "true"], capture_output=True).returncode == 0), None)


UNSHARE = own_mounts()
needs_mounts = pytest.mark.skipif(not UNSHARE, reason="namespaces are not allowed here")


class Disk:
    """A small disk of its own for a worker's ledger."""

    def __init__(self, cloud, folder: Path, *families, **given) -> None:
        self.cloud, self.mount = cloud, folder / "disk"
        self.mount.mkdir()
        self._asked, self._done = folder / "asked", folder / "done"
        for fifo in (self._asked, self._done):
            os.mkfifo(fifo)
        config = settings.configuration(cloud, folder, *families, **given)
        config["ledger"]["sqlite"] = str(self.mount / "ledger.db")
        script = HAND.format(size=SIZE, disk=self.mount, asked=self._asked, done=self._done)
        self.worker = Worker(cloud, settings.write(folder, config),
                             command=[*UNSHARE, "sh", "-c", script, "sh",
                                      str(Path(binary()).resolve())])
        self._pen, self._ear = self._asked.open("w"), self._done.open()
        self.worker.wait_log("started")

    def do(self, command: str) -> None:
        print(command, file=self._pen, flush=True)
        assert self._ear.readline() == "done\n"

    def fill(self) -> None:
        self.do(f"cat /dev/zero >'{self.mount}/fill'")

    def free(self) -> None:
        self.do(f"rm '{self.mount}/fill'")

    def end(self) -> None:
        self._pen.close()
        self.worker.end()


@pytest.fixture
def disk(cloud, tmp_path):
    make_pipelines(cloud, WEB)
    it = Disk(cloud, tmp_path, WEB, catch_up={"every": "0s"})
    yield it
    it.end()


@needs_mounts
def test_it_waits_for_room(cloud, disk):
    worker = disk.worker
    cloud.announce(release=OLD)
    worker.wait_log("notice_sent", notice="finished")
    cloud.wait_for(queue={"empty": True})
    disk.fill()
    cloud.announce(release=NEW)
    worker.wait_log("record_failed", count=2)
    broken, = worker.log("ledger_broken")
    assert "disk is full" in broken["error"] and broken["level"] == "error"
    assert len(cloud.executions()) == 1
    assert cloud.queue_depth() == 1  # it is hidden, and not deleted
    disk.free()
    worker.wait_log("ledger_works")
    worker.wait_log("notice_sent", notice="finished", image_id=image(NEW))
    cloud.wait_for(queue={"empty": True})
    assert len(cloud.executions()) == 2
    assert len(worker.log("ledger_broken")) == 1


@needs_mounts
def test_a_start_that_cannot_be_recorded_is_the_same_one_later(cloud, disk):
    """The disk is full when the answer to the start comes."""
    cloud.faults({"service": "codepipeline", "operation": "StartPipelineExecution",
                  "kind": "slow", "seconds": 3})
    cloud.announce(release=NEW)
    cloud.wait_for(calls={"operation": "StartPipelineExecution", "count": 1})
    disk.fill()
    disk.worker.wait_log("ledger_broken")
    disk.free()
    disk.worker.wait_log("notice_sent", notice="finished")
    execution, = cloud.executions()
    assert execution["token"] == settings.token(WEB, HOME, image(NEW))


def start(cloud, folder: Path, path: Path, before: list[str] = ()) -> subprocess.CompletedProcess:
    """A worker that must not start."""
    config = settings.configuration(cloud, folder, WEB)
    config["ledger"]["sqlite"] = str(path)
    return subprocess.run(
        [*before, str(Path(binary()).resolve()), "run", "--config",
         str(settings.write(folder, config))],
        env=environment(cloud, folder), capture_output=True, text=True, timeout=60)


@needs_mounts
@pytest.mark.parametrize("state, words", [
    ("mount -o remount,ro '{disk}'", "Read-only file system"),
    ("cat /dev/zero >'{disk}/fill' 2>&-", "full")])
def test_no_start_on_a_disk_that_takes_nothing(cloud, tmp_path, state, words):
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"mount -t tmpfs -o size={SIZE} none '{disk}' || exit 9;" + state.format(disk=disk)
    done = start(cloud, tmp_path, disk / "ledger.db",
                 [*UNSHARE, "sh", "-c", script + '; exec "$@"', "sh"])
    assert done.returncode == 1 and words in done.stderr and str(disk) in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1


def garbage(path: Path) -> None:
    path.write_text("this is no database " * 500)


def damaged(path: Path) -> None:
    """One page in the middle, which nobody would read at the start."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE kept (text);"
                             "CREATE INDEX texts ON kept (text);"
                             "INSERT INTO kept SELECT hex(randomblob(500)) FROM"
                             " (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9));"
                             "INSERT INTO kept SELECT hex(randomblob(500)) FROM kept, kept")
    connection.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(os.urandom(4096))


@pytest.mark.parametrize("spoil", [garbage, damaged])
def test_no_start_on_damage(cloud, tmp_path, spoil):
    spoil(tmp_path / "ledger.db")
    before = (tmp_path / "ledger.db").read_bytes()
    done = start(cloud, tmp_path, tmp_path / "ledger.db")
    assert done.returncode == 1, done.stderr
    for words in ("evergold ledger check", "evergold ledger rebuild", "ledger.db"):
        assert words in done.stderr
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_no_start_without_its_folder(cloud, tmp_path):
    done = start(cloud, tmp_path, tmp_path / "nowhere" / "ledger.db")
    assert done.returncode == 1 and "make the folder first" in done.stderr
