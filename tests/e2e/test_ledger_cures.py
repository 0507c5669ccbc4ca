"""`evergold ledger rebuild` of a ledger whose rows, schema or place are strange."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.settings import KNOWN_CHANNEL, make_pipelines
from tests.e2e.test_ledger_check import BREAKS, RELEASE, WEB

ENDLESS = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
           " SELECT 'web' AS family, 'no more' AS reason, i AS since_ms FROM n")


@pytest.fixture
def kept(cloud, worker, tmp_path):
    """The ledger of a day, at rest; and the folder of its configuration."""
    make_pipelines(cloud, WEB)
    cloud.announce(release=RELEASE)
    running = worker(WEB, slack=KNOWN_CHANNEL, catch_up={"every": "0s"})
    running.wait_log("notice_sent", notice="finished")
    running.stop()
    return tmp_path / "ledger.db"


@pytest.fixture
def ask(cloud, evergold, tmp_path):
    """ask("check"): `evergold ledger check`, which succeeds."""
    def run(verb: str):
        done = evergold("ledger", verb, "--config", tmp_path / "evergold.yaml", cloud=cloud)
        assert done.returncode == 0, done.out + done.err
        return done
    return run


def change(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


@pytest.mark.parametrize("check", BREAKS)
def test_each_promise_holds_again(cloud, kept, ask, ledger, worker, check):
    change(kept, BREAKS[check][0])
    ask("rebuild")
    assert "✘" not in ask("check").out
    running = worker.again()
    cloud.announce(release=RELEASE)
    running.wait_log("decided", reason="already_started")
    running.stop()
    assert ledger.builds("release") == [(RELEASE,)] and len(cloud.executions()) == 1


def test_a_view_in_the_place_of_a_table_is_not_asked(kept, ask, ledger):
    """It could compute for ever."""
    change(kept, "DROP TABLE holds; CREATE VIEW holds AS " + ENDLESS)
    ask("rebuild")
    assert ledger.rows("SELECT * FROM holds") == []


@pytest.fixture
def linked(kept, tmp_path):
    """The ledger is elsewhere, and a link leads to it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept.rename(elsewhere / "ledger.db")
    kept.symlink_to(elsewhere / "ledger.db")
    return elsewhere / "ledger.db"


def test_through_a_link(linked, ask, ledger):
    """What lies in the log, where a kill leaves it, is a part of the ledger there, too."""
    held = sqlite3.connect(linked)
    held.execute("INSERT INTO holds VALUES ('web', 'until monday', 1)")
    held.commit()
    done = ask("rebuild")
    held.close()
    assert "1 holds" in done.out and ledger.rows("SELECT family FROM holds") == [("web",)]
    assert (linked.parent / "ledger.db").is_file() and ledger.path.is_symlink()
    assert len(list(linked.parent.glob("ledger.db.damaged-*Z"))) == 1


def test_a_journal_goes_aside_with_its_file(kept, ask):
    """SQLite would write the old pages into the new file."""
    journal = kept.with_name("ledger.db-journal")
    journal.write_bytes(b"of the file before")
    ask("rebuild")
    assert not journal.exists() and len(list(kept.parent.glob("*.damaged-*Z-journal"))) == 1


def test_it_belongs_to_whom_it_belonged(kept, ask):
    if os.geteuid() != 0:
        pytest.skip("only root makes files of others")
    os.chown(kept, 65534, 65533)
    kept.chmod(0o640)
    ask("rebuild")
    status = kept.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65533, 0o640)


def test_after_a_kill_in_the_middle(cloud, kept, ask, ledger, tmp_path, worker, evergold):
    """The new file is whole, the old one is aside, and nothing has its name."""
    change(kept, "INSERT INTO holds VALUES ('web', 'until monday', 1)")
    kept.rename(tmp_path / "ledger.db.rebuilt")
    (tmp_path / "ledger.db.rebuilding").write_bytes(b"half of one before")
    refused = evergold("run", "--config", tmp_path / "evergold.yaml", cloud=cloud)
    assert refused.returncode == 1 and "`evergold ledger rebuild` again" in refused.err
    assert not kept.exists()
    ask("rebuild")
    ask("check")
    assert ledger.rows("SELECT family FROM holds") == [("web",)]
    assert not list(tmp_path.glob("ledger.db.re*"))
    worker.again()
