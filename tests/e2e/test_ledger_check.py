"""`evergold ledger check`: a sound ledger is sound, and each promise that is broken is named."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.e2e import settings
from tests.e2e.settings import HOME, KNOWN_CHANNEL, family, make_pipelines

RELEASE = "2023.9.20251027.0"
WEB = family("web", base_parameter="/golden/web/base", golden_parameter="/golden/web/ami",
             golden_output="GOLDEN_AMI_ID")
COPY_OF_BUILDS = ("CREATE TABLE plain AS SELECT * FROM builds; DROP TABLE builds;"
                  "ALTER TABLE plain RENAME TO builds;")
# What breaks a promise, by the check that must find it and a word of what it must say.
BREAKS = {
    "tables": ("DROP INDEX builds_due", "builds_due"),
    "references": ("INSERT INTO notices (build, kind, created_ms) VALUES (99, 'started', 1)",
                   "builds"),
    "identity": (COPY_OF_BUILDS + "INSERT INTO builds SELECT * FROM builds", "2 builds of ami-"),
    "tokens": ("UPDATE builds SET token = 'of another'", "of another"),
    "variables": ("UPDATE builds SET variables = '{'", "build 1"),
    "states": ("UPDATE builds SET state = 'strange'", "strange"),
    "started": ("UPDATE builds SET state = 'started', execution_id = NULL", "build 1"),
    "waiting": ("UPDATE builds SET state = 'wanted'", "build 1"),
    "finished": ("UPDATE builds SET finished_ms = 0", "build 1"),
    "executions": (COPY_OF_BUILDS + "INSERT INTO builds SELECT * FROM builds", "2 builds"),
    "lines": ("UPDATE lines SET release = '2023.9.1'", "2023.9.1 is kept"),
    "claims": ("UPDATE golden_moves SET state = 'waiting', previous = '';"
               "INSERT INTO golden_moves SELECT 2, position, target, name, region, role_arn,"
               " value, previous, version, state, detail, at_ms FROM golden_moves", "builds 1, 2"),
    "moves": ("UPDATE golden_moves SET state = 'lost'", "/golden/web/ami"),
    "notices": ("UPDATE notices SET build = NULL", "notice 1"),
    "deliveries": ("INSERT INTO deliveries VALUES ('pager', 1, 1, 'web', 0, 0)", "pager"),
    "posts": ("UPDATE posts SET build = 7", "root of build 7"),
    "decisions": ("DELETE FROM announcements", "for web in " + HOME),
}


@pytest.fixture
def kept(cloud, worker, tmp_path):
    """The ledger of a day, at rest."""
    make_pipelines(cloud, WEB)
    cloud.announce(release=RELEASE)
    running = worker(WEB, slack=KNOWN_CHANNEL)
    running.wait_log("notice_sent", notice="finished")
    running.stop()
    return tmp_path / "ledger.db"


@pytest.fixture
def check(evergold, tmp_path):
    """check(path): the command on a ledger that lies there, and its JSON by check."""
    def run(path: Path, **given):
        config = json.loads((tmp_path / "evergold.yaml").read_text())
        config["ledger"]["sqlite"] = str(path)
        written = settings.write(tmp_path, config, "other.yaml")
        done = evergold("ledger", "check", "--config", written, "--format", "json", **given)
        done.checks = {line["check"]: line for line in map(json.loads, done.out.splitlines())}
        return done
    return run


def copy(kept: Path, name: str) -> Path:
    there = kept.with_name(name)
    shutil.copy(kept, there)
    return there


def broken(done) -> list[str]:
    return [name for name, each in done.checks.items() if each["status"] == "fail"]


def test_beside_a_worker(cloud, worker, evergold, tmp_path):
    make_pipelines(cloud, WEB)
    cloud.announce(release=RELEASE)
    worker(WEB).wait_log("build_started")
    done = evergold("ledger", "check", "--config", tmp_path / "evergold.yaml")
    assert done.returncode == 0 and done.err == "", done.err + done.out
    assert "✔ tokens: the token of each build follows from its identity\n" in done.out
    assert "✘" not in done.out


def test_every_promise(kept, check):
    done = check(kept)
    assert (done.returncode, broken(done)) == (0, [])
    assert set(done.checks) == {"file", *BREAKS}
    for name, (statements, word) in BREAKS.items():
        there = copy(kept, f"{name}.db")
        connection = sqlite3.connect(there)
        connection.executescript(statements)
        connection.close()
        done = check(there)
        assert done.returncode == 1 and name in broken(done), (name, done.out, done.err)
        assert any(word in each for each in done.checks[name]["findings"]), done.checks[name]
        assert "evergold ledger rebuild" in done.err


def test_garbage_pages(kept, check):
    there = copy(kept, "garbage.db")
    with there.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(there.stat().st_size - 4096))
    done = check(there)
    assert done.returncode == 1 and "file" in broken(done), done.out + done.err


def test_findings_are_few(kept, check):
    connection = sqlite3.connect(kept)
    with connection:
        connection.executemany("INSERT INTO notices (build, kind, created_ms) VALUES (?, '', 0)",
                               [(None,)] * 25)
    connection.close()
    found = check(kept).checks["notices"]
    assert (len(found["findings"]), found["more"]) == (20, 5)


def no_file(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is no database " * 100)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def of_others(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()


@pytest.mark.parametrize("spoil, words", [
    (no_file, "there is no ledger"), (empty, "the file is empty"),
    (text, "file is not a database"), (folder, "it is no file"),
    (newer, "written by a newer evergold (schema 99"), (of_others, "a database, but no ledger")])
def test_nothing_to_check(kept, check, spoil, words):
    spoil(kept)
    done = check(kept)
    assert (done.returncode, done.out) == (1, ""), done.out
    assert words in done.err and str(kept) in done.err, done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(kept, check):
    kept.chmod(0)
    assert "cannot be read" in check(kept).err


def test_an_older_one_is_judged_as_it_will_be(kept, check):
    script = Path(__file__).with_name("ledger_5.sql").read_text()
    connection = sqlite3.connect(kept.with_name("older.db"))
    connection.executescript(script.replace(":now_ms", "1").replace(":running", "'e'"))
    connection.close()
    done = check(kept.with_name("older.db"))
    assert set(done.checks) == {"file", *BREAKS}
    assert broken(done) == ["tokens", "started", "finished"]  # it was written by hand


@pytest.mark.parametrize("arguments, words", [
    (["ledger"], "needs 'check' or 'rebuild'"), (["ledger", "checks"], "did you mean 'check'"),
    (["ledger", "check", "more"], "unexpected argument 'more'"),
    (["ledger", "check", "--dry-run"], "check takes no --dry-run")])
def test_command_line(evergold, arguments, words):
    done = evergold(*arguments)
    assert done.returncode == 2 and words in done.err, done.err
