"""Servers that others wrote, one of each for a file of tests; beside them the local cloud, for
whatever they do not have."""

from __future__ import annotations

import signal

import pytest

from tests.e2e import settings
from tests.e2e.conftest import cloud, ledger, running_cloud  # noqa: F401
from tests.e2e.worker import Worker
from tests.interop import elasticmq as elastic
from tests.interop import moto_server


@pytest.fixture(scope="module")
def elasticmq():
    try:
        server = elastic.server()
    except elastic.Unavailable as why:
        pytest.skip(str(why))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def moto():
    if not moto_server.installed():
        pytest.skip("no moto_server here; tests/setup test installs it")
    server = moto_server.Moto()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def guest(cloud, tmp_path):  # noqa: F811
    """guest(queue, family(...), ..., env={...}, **settings of the queue): a worker on it."""
    started: list[Guest] = []

    def start(queue, *families, env, **given):
        config = settings.configuration(cloud, tmp_path, *families,
                                        queue={"url": queue.url, **given})
        started.append(Guest(cloud, settings.write(tmp_path, config), env=env))
        started[-1].wait_log("started")
        return started[-1]

    yield start
    for each in started:
        each.end()
        each.fine()


class Guest(Worker):
    """A worker whose queue nobody here can wake: it is told to stop, and then to hurry."""

    def stop(self) -> None:
        if self.running:
            self._glimpse()
            self.signal(signal.SIGTERM)
            self.wait_log("stopping")
            self.signal(signal.SIGTERM)
        status = self.wait()
        assert status == 0, f"exit status {status}:\n{self.said()}"
