"""The tests run in a network of their own: pytest starts itself again in there."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cloud.client import Cloud
from tests.hostile import network
from tests.hostile.audit import Audit
from tests.hostile.figures import Figures
from tests.hostile.host import ADDRESS, BAD, PORT, Host, names
from tests.hostile.tls import Authority


def pytest_configure(config):
    if network.is_inside() or network.missing():
        return
    config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
    network.enter()


_FIGURES = Figures()


def pytest_runtest_logreport(report):
    if report.when == "call" and "test_it_is_rejected_for_its_reason" in report.nodeid:
        _FIGURES.add(report.passed)


def pytest_sessionfinish():
    if network.is_inside() or network.missing():
        _FIGURES.write()


def pytest_collection_modifyitems(items):
    """Where there can be no such network, one test says so for all of its kind."""
    seen = set()
    if network.missing():
        items[:] = [item for item in items if "inside" not in item.fixturenames
                    or not (item.originalname in seen or seen.add(item.originalname))]


@pytest.fixture(scope="session")
def inside(tmp_path_factory):
    """The folder of this network's files; skips where there can be no such network."""
    if reason := network.missing():
        pytest.skip(reason)
    return tmp_path_factory.mktemp("network")


@pytest.fixture(scope="session")
def host(inside):
    """The hosts of signing certificates, furnished with the network that leads to them."""
    authority = Authority()
    network.furnish(inside, names(), authority.pem)
    return Host(authority, inside)


@pytest.fixture(scope="session")
def audit(host):
    return Audit(network.NAME_SERVER)


@pytest.fixture(scope="session")
def cloud(host, audit):
    with Cloud(speed=10) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def allowed(cloud, audit):
    """Who may be talked to: the local cloud, and the hosts of certificates."""
    port = urlsplit(cloud.url).port
    allowed = ({("tcp", "127.0.0.1", port), ("tcp", "::1", port), ("udp", network.NAME_SERVER, 53),
             ("tcp", ADDRESS, PORT)} | {("tcp", address, PORT) for address in BAD.values()})
    yield allowed
    _FIGURES.outside |= audit.seen - allowed


def programs():
    """Of the program with sanitizers and the one that is shipped, those that are there."""
    named = {"sanitized": os.environ.get("EVERGOLD"),
             "shipped": os.environ.get("EVERGOLD_RELEASE", "build/evergold")}
    return {name: str(Path(path).resolve()) for name, path in named.items()
            if path and Path(path).exists()}
