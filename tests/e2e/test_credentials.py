"""Every source of credentials × how its keys end × how it fails: the work is done all the same.

Which cells there are, makes_sense() says. In each the worker is the real program, the source is of
its kind on loopback, and one announcement becomes one start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cloud.client import Cloud
from tests.e2e.credential_servers import FAILURES
from tests.e2e.credential_sources import SOURCES, Source
from tests.e2e.settings import (
    HOME,
    SLOW,
    configuration,
    family,
    image,
    make_pipelines,
    token,
    write,
)
from tests.e2e.worker import PATIENCE_S, LogTimeout, Worker

VERSION = "2023.9.20251027.0"
WEB = family("web")
LONG_S, SHORT_S = 3600, 8
FAILING_S = 32  # of short ones that cannot be renewed: a build has to be done in their last part
WINDOW_S = FAILING_S / 4  # so long before their end they are to be renewed
GLANCE_S = 0.2
ENDED = {"ExpiredTokenException", "RequestExpired"}  # EC2 has a word of its own

# long: they outlive the test. short: they end soon, and the source says so. refused: they are
# refused before their time.
EXPIRIES = ("long", "short", "refused")


class Cell(NamedTuple):
    source: str
    expiry: str
    failure: str  # "none", or one of FAILURES: when it is asked for keys, or for others


def makes_sense(cell: Cell) -> bool:
    """With keys that last it fails at the start, with others when they are to be renewed.

    How it fails matters at the start; later on, that it does.
    """
    source = SOURCES[cell.source]
    if cell.expiry == "short" and not source.tells_end:
        return False
    if cell.expiry == "refused" and not source.renews:
        return False
    if cell.failure == "none":
        return True
    if cell.expiry == "short" and source.gives_up_s >= WINDOW_S:
        return False  # by then the keys have ended
    return cell.failure in source.sick and (cell.expiry == "long" or cell.failure == "down")


CELLS = [cell for source in SOURCES for expiry in EXPIRIES for failure in ("none", *FAILURES)
         if makes_sense(cell := Cell(source, expiry, failure))]


def lifetime_s(cell: Cell) -> float:
    if cell.expiry != "short":
        return LONG_S
    return SHORT_S if cell.failure == "none" else FAILING_S


def cells(expiry: str, failing: bool) -> Any:
    chosen = [cell for cell in CELLS
              if cell.expiry == expiry and (cell.failure != "none") == failing]
    return pytest.mark.parametrize("play", chosen, indirect=True, ids="-".join)


class Play:
    """A cloud, a source of credentials, and a worker that has no other."""

    def __init__(self, cloud: Cloud, source: Source, start: Callable[..., Worker],
                 failure: str) -> None:
        self.cloud, self.source, self.failure = cloud, source, failure
        self._start = start
        make_pipelines(cloud, WEB, plan=SLOW)

    def start(self, **settings: Any) -> Worker:
        self.worker = self._start(WEB, env=self.source.env(), **settings)
        self.worker.secrets = self.source.tokens
        return self.worker

    def start_well(self, **settings: Any) -> None:
        self.start(**settings)
        self.cloud.wait_for(queue={"polling": 1})

    def complaint(self, timeout: float = PATIENCE_S) -> str:
        """What the log says of the source that fails."""
        return self.worker.wait_log("credentials_not_renewed", timeout=timeout)["error"]

    def ask_until(self, holds: Callable[[], bool]) -> None:
        """Only who asks AWS needs keys: ends long polls, one after the other."""
        for _ in range(int(PATIENCE_S / GLANCE_S)):
            self.cloud.wake()
            if self.complains() or holds():
                return
        raise AssertionError(self.worker.said())

    def complains(self) -> bool:
        """A glance at the log: whether it says that the source fails."""
        try:
            return bool(self.complaint(GLANCE_S))
        except LogTimeout:
            return False

    def keys(self) -> list[str]:
        """The access keys that AWS has seen, each once, oldest first."""
        return list(dict.fromkeys(each["access_key"] for each in self.cloud.calls()
                                  if each["service"] in ("sqs", "codepipeline")))

    def refused(self) -> list[dict[str, Any]]:
        return [each for each in self.cloud.calls() if each["error"]]

    def keys_that_are_refused(self) -> list[str]:
        """Each once; and for no other reason than that they have ended."""
        assert {each["error"] for each in self.refused()} <= ENDED
        return sorted({each["access_key"] for each in self.refused()})

    def polling(self) -> list[str]:
        """The access keys of the long polls that wait now."""
        return [each["access_key"] for each in self.cloud.calls("sqs", "ReceiveMessage")
                if each["status"] is None]

    def one_build(self) -> None:
        self.announce_once(VERSION)
        self.finish(VERSION)

    def announce_once(self, version: str) -> None:
        """An announcement is started and deleted."""
        count = len(self.cloud.executions()) + 1
        self.cloud.announce(release=version)
        self.cloud.wait_for(PATIENCE_S, executions={"count": count}, queue={"empty": True})

    def finish(self, *versions: str) -> None:
        """At the end each was started once, and nothing secret was told."""
        self.worker.stop()
        assert ([each["token"] for each in self.cloud.executions()]
                == [token(WEB, HOME, image(version)) for version in versions])
        assert len(self.cloud.calls("sqs", "DeleteMessageBatch")) >= 1
        seen = self.source.seen_by_children()
        secrets = [*self.cloud.issued_secrets(), *self.source.tokens]
        assert [each for each in secrets if each in seen] == []


@pytest.fixture
def play(cloud, worker, tmp_path: Path, request) -> Iterator[Play]:
    cell: Cell = request.param
    source = SOURCES[cell.source](cloud, tmp_path, lifetime_s(cell))
    yield Play(cloud, source, worker, cell.failure)
    source.close()


@cells("long", failing=False)
def test_keys_are_found(play):
    play.start()
    play.one_build()
    assert len(play.keys()) == 1
    assert play.refused() == []


@cells("long", failing=True)
def test_a_source_that_fails_at_first(play):
    """Its fault is told, and once it is well again the worker is, too."""
    play.source.fail(play.failure)
    play.start()
    said = play.complaint()
    assert said.startswith(play.source.where)
    assert play.source.complaints[play.failure] in said
    play.source.heal()
    play.one_build()


@cells("short", failing=False)
def test_keys_are_renewed_ahead_of_their_end(play):
    play.start_well()
    play.ask_until(lambda: len(play.keys()) > 1)
    play.one_build()
    assert len(play.keys()) > 1
    assert play.refused() == []


@cells("short", failing=True)
def test_the_work_goes_on_while_keys_cannot_be_renewed(play):
    """They still work: nobody asked for others before their time."""
    play.start_well()
    play.source.fail(play.failure)
    play.ask_until(lambda: False)
    play.one_build()
    assert len(play.keys()) == 1


@pytest.mark.no_violations_expected
@cells("refused", failing=False)
def test_refused_keys_are_replaced(play):
    """When the announcement comes they do not work any more: the start is repeated with others."""
    play.start_well()
    play.source.end_keys()
    play.source.heal()
    play.one_build()
    assert len(play.keys()) == 2
    assert play.keys_that_are_refused() == play.keys()[:1]


@pytest.mark.no_violations_expected
@cells("refused", failing=True)
def test_refused_keys_cannot_be_replaced_at_once(play):
    play.start_well()
    play.source.fail(play.failure)
    play.source.end_keys()
    play.cloud.wake()
    play.complaint()
    play.source.heal()
    play.one_build()


# Keys change while receivers wait for messages.

RECEIVERS = 3
RELEASES = ["2023.9.20251027.0", "2023.9.20251103.0", "2023.9.20251110.0"]


@pytest.mark.no_violations_expected
@pytest.mark.parametrize("play", [Cell("pod-identity", "refused", "none")], indirect=True,
                         ids="-".join)
def test_keys_change_under_long_polls(play):
    """A long poll that was begun with the old keys brings its message, and all go on with new ones.

    One receiver asks alone until it has a message, at the start and after a failure.
    """
    make_pipelines(play.cloud, WEB)  # and one build after the other
    play.start_well(queue={"receivers": RECEIVERS})
    play.announce_once(RELEASES[0])
    play.cloud.wait_for(queue={"polling": RECEIVERS})
    play.source.end_keys()
    play.announce_once(RELEASES[1])
    play.cloud.wake()
    play.announce_once(RELEASES[2])
    play.cloud.wait_for(queue={"polling": RECEIVERS})
    assert play.keys_that_are_refused() == play.keys()[:1]
    assert play.polling() == play.keys()[1:] * RECEIVERS
    play.finish(*RELEASES)
    assert play.worker.log("credentials_not_renewed") == []


# Files that nobody can use are told at once.

@pytest.mark.parametrize(("variable", "text", "complaint"), [
    ("AWS_SHARED_CREDENTIALS_FILE", "[default]\nnothing\n", "file:2: expected"),
    ("AWS_CONFIG_FILE", None, "file: it is a pipe"),
], ids=["garbage", "pipe"])
def test_a_file_that_cannot_be_read(cloud, evergold, tmp_path, variable, text, complaint):
    path = tmp_path / "file"
    path.write_text(text) if text else os.mkfifo(path)
    config = write(tmp_path, configuration(cloud, tmp_path))
    told = evergold("run", "--config", config, cloud=cloud, env={variable: str(path)})
    assert (told.returncode, complaint in told.err) == (1, True), told.err
