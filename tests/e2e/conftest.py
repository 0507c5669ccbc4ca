"""One cloud for each process that runs tests, reset before each test, and workers on it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.client import Cloud
from tests.e2e import settings
from tests.e2e.worker import Worker, binary, environment


@pytest.fixture(scope="session", autouse=True)
def signals_as_usual():
    """What a shell starts in the background ignores these, and so would every worker."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def running_cloud():
    """Pipelines are ten times as quick as they say."""
    with Cloud(speed=10) as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud, request):
    """The cloud at its start; at the end no request may have been wrong."""
    running_cloud.reset()
    yield running_cloud
    if not request.node.get_closest_marker("no_violations_expected"):
        assert running_cloud.violations() == []


@pytest.fixture
def worker(cloud, tmp_path):
    """worker(family(...), ..., **settings): a worker that runs; all are ended and checked."""
    started: list[Worker] = []

    def start(*families: dict[str, Any], env: dict[str, str] | None = None,
              **given: Any) -> Worker:
        config = settings.configuration(cloud, tmp_path, *families, **given)
        return again(settings.write(tmp_path, config), env=env)

    def again(config: Path | None = None, env: dict[str, str] | None = None) -> Worker:
        """One more with the same configuration and ledger."""
        started.append(Worker(cloud, config or tmp_path / "evergold.yaml", env=env))
        started[-1].wait_log("started")
        return started[-1]

    start.again = again
    yield start
    for each in started:
        each.end()
        each.fine()


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.db")


class Ledger:
    """The worker's ledger, for looking at it and for letting time pass in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str) -> list[tuple]:
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def builds(self, columns: str = "family, region, state, status") -> list[tuple]:
        return self.rows(f"SELECT {columns} FROM builds ORDER BY family, region, id")

    def time_passes(self) -> None:
        """While no worker runs: whatever waits for a time waits no longer."""
        connection = sqlite3.connect(self.path)
        with connection:
            connection.execute("UPDATE builds SET due_ms = 0")
            connection.execute("UPDATE deliveries SET due_ms = 0")
        connection.close()


@pytest.fixture
def evergold(tmp_path):
    """evergold("check", "--config", path): runs a command to its end."""
    def run(*args: Any, stdin: str | bytes = b"", env: dict[str, str] | None = None,
            cloud: Cloud | None = None, cwd: Path = tmp_path) -> subprocess.CompletedProcess:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([binary(), *map(str, args)], input=data, capture_output=True,
                              timeout=60, cwd=cwd, env=environment(cloud, tmp_path, **(env or {})))
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        assert "Sanitizer" not in done.err and "runtime error" not in done.err, done.err
        return done
    return run
