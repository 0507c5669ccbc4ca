"""What the worker has in memory, and who may look at it: nobody, and not in a core file either.

Each look is taken at an ordinary program, too, in the same place: where that one shows nothing,
there is nothing to see, and the test is skipped.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.e2e.credential_sources import SOURCES
from tests.e2e.settings import configuration, make_pipelines, write
from tests.e2e.worker import Worker

RELEASE = os.environ.get("EVERGOLD_RELEASE", "build/evergold")
NOBODY = 65534
ORDINARY = ["sleep", "1000"]
SIGNALS = [signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT]


@pytest.fixture
def release() -> str:
    """The program as it is shipped."""
    if not Path(RELEASE).exists():
        pytest.skip(f"there is no {RELEASE}: EVERGOLD_RELEASE names the program without sanitizers")
    return str(Path(RELEASE).resolve())


# Core files.

def dumping(folder: Path) -> list[str]:
    """What a command is begun with so that its core file may be as large as it likes."""
    return ["sh", "-c", f'cd {folder} && ulimit -c unlimited && exec "$@"', "sh"]


def dumped(pid: int) -> bool:
    """Whether the process, which is about to die of a signal, leaves a core; it stays waitable."""
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert end.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
    return end.si_code == os.CLD_DUMPED


@pytest.fixture
def core_folder(tmp_path) -> Path:
    """Where an ordinary program that is killed leaves a core."""
    folder = tmp_path / "cores"
    folder.mkdir()
    with subprocess.Popen([*dumping(folder), *ORDINARY]) as process:
        wait_exec(process.pid, ORDINARY[0])
        process.send_signal(signal.SIGABRT)
        if not dumped(process.pid):
            pytest.skip("this machine lets no program dump core")
    for core in folder.iterdir():
        core.unlink()
    return folder


def wait_exec(pid: int, name: str) -> None:
    while Path(f"/proc/{pid}/comm").read_text().strip() != name:
        os.sched_yield()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_no_core_is_left(cloud, release, core_folder, tmp_path, number):
    make_pipelines(cloud)
    config = write(tmp_path, configuration(cloud, tmp_path))
    cloud.announce(release="2023.9.20251027.0")
    worker = Worker(cloud, config, command=[*dumping(core_folder), release])
    worker.wait_log("notice_sent")
    worker.signal(number)
    assert not dumped(worker.pid)
    assert worker.wait() == -number
    assert list(core_folder.iterdir()) == []


# Other processes of the same user.

def as_user(command: list[str], **given) -> subprocess.Popen:
    """As somebody who may not look at everything, which root may."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not installed, and root may look at everything")
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **given)


def seen(pid: int, name: str) -> bool:
    """Whether another process of that user can read a file of the process."""
    with as_user(["head", "-c1", f"/proc/{pid}/{name}"]) as look:
        _, said = look.communicate()
    return "Permission denied" not in said


def shows(command: list[str], name: str) -> bool:
    """The command is to read a file: it is looked at while it waits for what is in there."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        pipe = f"{folder}/pipe"
        os.mkfifo(pipe)
        os.chmod(pipe, 0o644)
        with as_user([*command, pipe]) as process, open(pipe, "w"):
            return seen(process.pid, name)


@pytest.mark.parametrize("name", ["environ", "mem", "maps"])
def test_others_of_the_same_user_cannot_look_inside(release, name):
    if not shows(["cat"], name):
        pytest.skip("this machine lets nobody look at others")
    assert not shows([release, "check", "--config"], name)


# What is left in memory.

PIECE = 20  # a buffer that was used again shows only parts of what it held before


def writable(pid: int) -> bytes:
    """All that the process has in memory and may write to."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            where, rights = line.split()[:2]
            first, end = (int(text, 16) for text in where.split("-"))
            if rights.startswith("rw"):
                memory.seek(first)
                parts.append(memory.read(end - first))
    return b"".join(parts)


def left_of(secret: str, memory: bytes) -> list[str]:
    pieces = [secret[at:at + PIECE] for at in range(0, len(secret) - PIECE + 1, PIECE)]
    return [piece for piece in pieces if piece.encode() in memory]


@pytest.mark.no_violations_expected
@pytest.mark.parametrize("kind", ["container", "process", "sso"])
def test_keys_that_were_replaced_are_not_in_memory(cloud, release, tmp_path, kind):
    """Neither where we had them, nor where libraries had copied them to send them."""
    if os.geteuid() != 0:
        pytest.skip("only root may read the memory of the worker")
    make_pipelines(cloud)
    source = SOURCES[kind](cloud, tmp_path)
    config = write(tmp_path, configuration(cloud, tmp_path))
    worker = Worker(cloud, config, command=[release], env=source.env())
    cloud.wait_for(queue={"polling": 1})
    old = cloud.issued_secrets()
    source.end_keys()
    cloud.announce(release="2023.9.20251027.0")
    worker.wait_log("notice_sent")
    new = [secret for secret in cloud.issued_secrets() if secret not in old]
    memory = writable(worker.pid)
    worker.kill()
    source.close()
    assert [left_of(secret, memory) for secret in old] == [[], []]
    assert all(left_of(secret, memory) for secret in new), "in use, and not found"
