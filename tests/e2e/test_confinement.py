"""What the worker has given up by the time it works; and that nobody misses it.

tests/flows/confinement_test.c tries what is refused.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.credential_sources import CredentialsFile, PodIdentity, Process
from tests.e2e.settings import HOME, configuration, family, make_pipelines, write
from tests.e2e.worker import Worker

FIRST, SECOND = "2023.9.20251020.0", "2023.9.20251027.0"
RELEASE = os.environ.get("EVERGOLD_RELEASE", "build/evergold")
SECCOMP_FILTER = "2"
NOTHING = "0" * 16
OLD_KERNEL = "all (no Landlock here)"


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def test_it_keeps_no_rights(cloud, worker):
    running = worker()
    line = running.wait_log("confined")
    status = status_of(running.pid)
    assert status["Seccomp"] == SECCOMP_FILTER
    assert status["NoNewPrivs"] == "1"
    assert {status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {NOTHING}
    assert os.geteuid() != 0 or status["CapBnd"] == NOTHING
    assert line["system_calls"] == "needed ones" and line["files"] in ("needed ones", OLD_KERNEL)
    assert line["capabilities"] == "none" and line["level"] == "info"
    assert line.get("user") == ("root" if os.geteuid() == 0 else None)


def test_it_is_confined_before_anything_comes_from_outside(cloud, worker):
    running = worker()
    running.wait_log("confined")
    events = [line["event"] for line in running.log()]
    assert set(events[:events.index("confined")]) <= {"started", "configuration_warning"}


def test_a_program_of_the_profile_can_be_run(cloud, worker, tmp_path):
    source = Process(cloud, tmp_path)
    running = worker(env=source.env())
    cloud.wait_for(queue={"polling": 1})
    line = running.wait_log("confined")
    assert (line["system_calls"], line["files"]) == ("harmless ones", "all")
    assert line["programs"] == "may be run" and line["capabilities"] == "none"
    assert status_of(running.pid)["Seccomp"] == SECCOMP_FILTER
    source.close()


@pytest.mark.no_violations_expected
def test_a_program_that_is_named_later_takes_a_restart(cloud, worker, tmp_path):
    """The keys of a file are refused, and the file says by now that a program is to be run."""
    source = CredentialsFile(cloud, tmp_path)
    running = worker(env=source.env())
    cloud.wait_for(queue={"polling": 1})
    (tmp_path / ".aws" / "credentials").unlink()
    other = Process(cloud, tmp_path)
    source.end_keys()
    assert "after a restart" in running.wait_log("credentials_not_renewed")["error"]
    running.stop()
    worker.again(env=other.env())
    cloud.wait_for(queue={"polling": 1})
    other.close()


# Files that others replace.

class Volume:
    """A folder as Kubernetes mounts it: a link to a link, and that one is replaced."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self._count = folder, 0
        self.file = folder / name
        folder.mkdir()
        self.file.symlink_to(f"..data/{name}")

    def put(self, text: str) -> None:
        self._count += 1
        version = f"..{self._count}"
        (self.folder / version).mkdir()
        (self.folder / version / self.file.name).write_text(text)
        (self.folder / "..new").symlink_to(version)
        (self.folder / "..new").rename(self.folder / "..data")


class MountedIdentity(PodIdentity):
    """EKS's token, where a pod finds it; apart from what the worker writes."""

    def write(self, name: str, text: str) -> Path:
        self.volume = Volume(self.home / "serviceaccount", name)
        self.volume.put(text)
        self.token_file = self.volume.file
        return self.volume.file

    def end_keys(self) -> None:
        self.server.token += "-of-tomorrow"
        self.tokens.append(self.server.token)
        self.volume.put(self.server.token)
        self.cloud.expire_keys(principal=self.principal())


@pytest.fixture
def apart(cloud, tmp_path):
    """apart(**settings): a worker whose ledger is in a folder of its own, with nothing else."""
    started: list[Worker] = []
    make_pipelines(cloud)
    work = tmp_path / "work"
    work.mkdir()

    def start(env: dict[str, str] | None = None, **given) -> Worker:
        config = configuration(cloud, work, **given)
        started.append(Worker(cloud, write(tmp_path, config), env=env))
        started[-1].wait_log("confined")
        return started[-1]

    yield start
    for each in started:
        each.end()
        each.fine()


@pytest.mark.no_violations_expected
def test_a_token_in_a_volume_that_is_replaced(cloud, apart, tmp_path):
    source = MountedIdentity(cloud, tmp_path)
    running = apart(env=source.env())
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")
    source.end_keys()
    cloud.announce(release=SECOND)
    running.wait_log("notice_sent", count=2, notice="finished")
    source.close()


def test_a_secret_that_is_renamed_into_place(cloud, apart, tmp_path):
    token = tmp_path / "secrets" / "token"
    token.parent.mkdir()
    token.write_text(cloud.slack_token)
    running = apart(slack={"token": {"file": str(token)}})
    (token.parent / ".new").write_text("xoxb-after-the-rotation")
    (token.parent / ".new").rename(token)
    cloud.slack(token="xoxb-after-the-rotation")
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")
    assert running.log("slack_token_unreadable") == []


def test_what_is_recorded_may_be_elsewhere(cloud, apart, tmp_path):
    running = apart(record=str(tmp_path / "archive"))
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")
    assert list((tmp_path / "archive").glob("*.json"))


def test_a_file_of_somebody_else_stays_in_reach_of_root(cloud, apart, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root reads what is not its own")
    token = tmp_path / "token-of-another"
    token.write_text(cloud.slack_token)
    token.chmod(0o600)
    os.chown(token, 65534, 65534)
    running = apart(slack={"token": {"file": str(token)}})
    assert running.log("confined")[0]["capabilities"] == "CAP_DAC_OVERRIDE"
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")


def test_a_folder_of_somebody_else_stays_in_reach_of_root(cloud, apart, tmp_path):
    """Certificates are kept in it, and SQLite makes its log anew."""
    if os.geteuid() != 0:
        pytest.skip("only root writes in a folder that is not its own")
    os.chown(tmp_path / "work", 65534, 65534)
    running = apart()
    assert running.log("confined")[0]["capabilities"] == "CAP_DAC_OVERRIDE"
    cloud.announce(release=FIRST)
    running.wait_log("notice_sent", notice="finished")


# A day, call by call.

REFUSED = re.compile(r"(?m)^\d+ +(\w+)\(.*= -1 (ENOSYS|EPERM|EACCES)\b")
FALLS_BACK = {"clone3"}  # the C library's first choice for a thread


def test_nothing_that_it_does_is_refused(cloud, tmp_path):
    """From its confinement to its end; what is refused would be missed."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    if not Path(RELEASE).exists():
        pytest.skip(f"there is no {RELEASE}: EVERGOLD_RELEASE names the program without sanitizers")
    web = family(regions=[HOME, "us-east-1"], base_parameter="/golden/web/base",
                 golden_parameter="/golden/web/ami", golden_output="GOLDEN_AMI_ID")
    make_pipelines(cloud, web)
    trace = tmp_path / "trace"
    config = configuration(cloud, tmp_path, web, record=str(tmp_path / "archive"))
    command = ["strace", "-D", "-f", "-qq", "-o", str(trace), str(Path(RELEASE).resolve())]
    running = Worker(cloud, write(tmp_path, config), command=command,
                     env={"AWS_ENDPOINT_URL": cloud.url.replace("127.0.0.1", "localhost")})
    cloud.announce(release=SECOND)
    running.wait_log("notice_sent", count=2, notice="finished")
    running.stop()
    running.fine()
    assert set(REFUSED.findall(after_confinement(trace.read_text()))) <= {
        (call, "ENOSYS") for call in FALLS_BACK}


def after_confinement(trace: str) -> str:
    """What follows the filter; strace shows no call that loads it but seccomp and prctl."""
    begun = [match.end() for match in re.finditer(r"seccomp\(SECCOMP_SET_MODE_FILTER.*= 0", trace)]
    assert begun, "the worker is not confined"
    return trace[begun[-1]:]
