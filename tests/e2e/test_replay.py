"""Saved notifications, decided again: the same bytes each time, and effects only on demand."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.settings import configuration, family, image, make_pipelines, token, write
from tests.e2e.worker import binary, environment

CASES = Path(__file__).resolve().parents[1] / "cases" / "replay"
NAMES = sorted(path.parent.name for path in CASES.glob("*/want.jsonl"))
NEW, OLD = "2023.9.20251027.0", "2023.9.20251020.0"


def arguments(case):
    """What a case asks for, after the configuration that all have."""
    extra = CASES / case / "arguments"
    return ["--config", "../evergold.yaml", *(extra.read_text().split() if extra.exists() else [])]


def records(done):
    return [json.loads(line) for line in done.out.splitlines()]


# Deciding.

@pytest.mark.parametrize("case", NAMES)
def test_the_records_of_a_case(evergold, case):
    done = evergold("replay", "--format", "json", *arguments(case), "input", cwd=CASES / case)
    assert done.returncode == 0
    assert all(": warning: families[0]: 2 regions share" in line for line in done.err.splitlines())
    assert done.out == (CASES / case / "want.jsonl").read_text()


@pytest.mark.parametrize("case", [case for case in NAMES if (CASES / case / "input").is_file()])
def test_the_same_from_standard_input(evergold, case):
    done = evergold("replay", *arguments(case), "-", cwd=CASES / case,
                    stdin=(CASES / case / "input").read_bytes())
    want = (CASES / case / "want.jsonl").read_text().replace('"source":"input"', '"source":"-"')
    assert (done.returncode, done.out) == (0, want)


def test_the_same_bytes_wherever_and_whenever(evergold):
    args = ("replay", *arguments("lines"), "input")
    once = evergold(*args, cwd=CASES / "lines")
    for env in ({"TZ": "Asia/Kathmandu", "LC_ALL": "C"}, {"TZ": "America/St_Johns"},
                {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8"}, {"HOME": "/nonexistent"}):
        again = evergold(*args, cwd=CASES / "lines", env=env)
        assert again.stdout == once.stdout


def test_age_is_not_judged(evergold, tmp_path):
    """The cases are of a fixed day in the past, and run would find them too old."""
    config = (CASES / "evergold.yaml").read_text()
    (tmp_path / "short.yaml").write_text(config.replace("trust: {", "trust: {max_age: 1h, "))
    done = evergold("replay", "--config", tmp_path / "short.yaml", "input",
                    cwd=CASES / "envelope")
    assert {record["outcome"] for record in records(done)} == {"start"}


def test_several_paths_are_one_replay(evergold):
    done = evergold("replay", *arguments("lines"), "../envelope/input", "input", "../empty/input",
                    cwd=CASES / "lines")
    outcomes = [(record["source"], record["outcome"]) for record in records(done)]
    assert outcomes[:6] == [("../envelope/input", "start")] * 3 + [("input", "duplicate")] * 3


def test_a_topic_is_for_bare_messages_alone(evergold):
    """An envelope says itself where it comes from."""
    done = evergold("replay", *arguments("bare_message"), "../envelope/input",
                    cwd=CASES / "bare_message")
    assert done.out == (CASES / "envelope" / "want.jsonl").read_text().replace(
        '"source":"input"', '"source":"../envelope/input"')


def test_what_record_saves_from_the_queue_can_be_replayed(evergold, cloud, tmp_path):
    """An answer of the cloud itself, as the AWS command line prints it."""
    cloud.announce(release=NEW)
    body = cloud.queue_state(bodies=True)["messages"][0]["body"]
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps({"Messages": [{"Body": body}]}))
    config = write(tmp_path, configuration(cloud, tmp_path))
    record, = records(evergold("replay", "--config", config, saved))
    assert (record["trust"], record["outcome"]) == ("verified", "start")
    assert record["token"] == token(family(), "eu-west-1", image(NEW))


def test_a_table_for_people(evergold):
    done = evergold("replay", "--format", "text", *arguments("lines"), "input",
                    cwd=CASES / "lines")
    lines = done.out.splitlines()
    assert lines[0].split()[:5] == ["OUTCOME", "REASON", "FAMILY", "REGION", "RELEASE"]
    assert lines[1].split()[:6] == ["start", "matched", "web", "eu-west-1", NEW, image(NEW)]
    assert lines[-1] == ("5 messages: 4 start, 6 duplicate, 3 older, 0 held, 0 ambiguous, "
                         "0 ignored, 0 rejected")


def test_on_a_terminal_it_is_the_table():
    leader, terminal = pty.openpty()
    process = subprocess.Popen([binary(), "replay", *arguments("envelope"), "input"],
                               cwd=CASES / "envelope", env=environment(None, CASES),
                               stdin=subprocess.DEVNULL, stdout=terminal)
    os.close(terminal)
    shown = b""
    while part := read_terminal(leader):
        shown += part
    os.close(leader)
    assert process.wait() == 0
    assert shown.startswith(b"OUTCOME") and b"\r\n1 message: 3 start" in shown


def read_terminal(leader):
    """b"" at the end, which a pseudo terminal tells by an error."""
    try:
        return os.read(leader, 65536)
    except OSError:
        return b""


def test_control_bytes_do_not_reach_a_terminal(evergold, tmp_path):
    text = (CASES / "bare_message" / "input").read_text()
    (tmp_path / "input").write_text(text.replace("2.0.20251014.0", "2.0.\\u001b[2J"))
    done = evergold("replay", "--format", "text", "--config", CASES / "unpinned.yaml",
                    *arguments("bare_message")[2:], "input")
    assert done.returncode == 0 and "\x1b" not in done.out


# Certificates.

@pytest.mark.parametrize("command", ["replay", "explain"])
def test_certificates_that_a_worker_kept_stand_in(evergold, cloud, tmp_path, command):
    envelope = cloud.announce(release="2023.9.20251027.0")["envelope"]
    (tmp_path / "saved.json").write_text(envelope)
    config = write(tmp_path, configuration(cloud, tmp_path, trust=None))
    arguments = [command, "--format", "json", "--config", config, "saved.json"]
    assert trust_of(evergold(*arguments)) == {"unchecked"}
    kept = tmp_path / "ledger.db-certificates"
    kept.mkdir()
    (kept / "rubbish.pem").write_text("<html>")
    assert trust_of(evergold(*arguments)) == {"unchecked"}
    (kept / "any.pem").write_bytes(Path(cloud.certificate).read_bytes())
    assert trust_of(evergold(*arguments)) == {"verified"}
    (tmp_path / "saved.json").write_text(envelope.replace("2023.9", "2023.8"))
    assert trust_of(evergold(*arguments)) == {"untrusted"}


def trust_of(done):
    return {record["trust"] for record in records(done)}


# The ledger.

@pytest.fixture
def built(cloud, worker, tmp_path):
    """A worker that has built what new.json announces."""
    make_pipelines(cloud)
    running = worker()
    (tmp_path / "new.json").write_text(cloud.announce(release=NEW)["envelope"])
    running.wait_log("notice_sent")
    return running


def outcomes(evergold, cloud, tmp_path, *args):
    done = evergold("replay", "--config", tmp_path / "evergold.yaml", *args, cloud=cloud)
    assert done.returncode == 0, done.err
    return [record["outcome"] for record in records(done)]


def test_the_current_ledger_is_read_while_the_worker_runs(evergold, cloud, built, tmp_path, ledger):
    before = ledger.rows("SELECT * FROM decisions ORDER BY message_id")
    assert outcomes(evergold, cloud, tmp_path, "--ledger", "current", "new.json") == ["duplicate"]
    assert outcomes(evergold, cloud, tmp_path, "new.json") == ["start"]
    assert ledger.rows("SELECT * FROM decisions ORDER BY message_id") == before
    cloud.announce(release="2023.9.20251103.0")
    built.wait_log("build_started", count=2)


def test_the_current_ledger_must_be_there(evergold, tmp_path):
    done = evergold("replay", *arguments("envelope"), "--ledger", "current", "input",
                    cwd=CASES / "envelope")
    assert done.returncode == 1 and "/nonexistent/ledger.db" in done.err and done.out == ""


# Live.

@pytest.fixture
def saved(cloud, tmp_path):
    """saved(name, ...): the file that holds such an announcement, which nobody received."""
    cloud.queue("aside")

    def save(name, **given):
        sent = cloud.announce(**{"topic": "amazon-linux-2023", "release": NEW, "queue": "aside",
                                 **given})
        path = tmp_path / name
        path.write_text(sent["envelope"])
        return path
    return save


@pytest.fixture
def live(evergold, cloud, tmp_path):
    """live(path, ...): replay --live with one family."""
    def run(*paths, each=None):
        config = write(tmp_path, configuration(cloud, tmp_path, each or family()))
        return evergold("replay", "--live", "--format", "json", "--config", config, *paths,
                        cloud=cloud)
    return run


def test_live_starts_follows_tells_and_ends(cloud, live, saved, ledger):
    """Nobody sends it events: it asks first when the base parameter is written, here late."""
    quick = {"stages": [{"name": "Build", "actions": [{"name": "Packer", "seconds": 0}]}]}
    make_pipelines(cloud, plan=quick, events=False)
    cloud.faults({"operation": "PutParameter", "kind": "slow", "seconds": 0.3})
    done = live(saved("new.json"), each=family(base_parameter="/golden/web/base"))
    assert done.returncode == 0, done.err
    assert [record["outcome"] for record in records(done)] == ["start"]
    assert [each["status"] for each in cloud.executions()] == ["Succeeded"]
    assert [each["text"][:1] for each in cloud.slack_roots()] == ["✅"]
    assert ledger.builds("state, status") == [("finished", "Succeeded")]


@pytest.mark.parametrize("how", ["signature", "key", "cert_url"])
def test_live_does_nothing_unless_every_message_is_verified(cloud, live, saved, how):
    make_pipelines(cloud)
    genuine, forged = saved("a.json"), saved("b.json", forge=how)
    done = live(genuine, forged)
    assert done.returncode == 1 and done.out == ""
    assert str(forged) in done.err and "1 of 2 messages are not verified" in done.err
    assert cloud.executions() == [] and cloud.calls("codepipeline") == []


def test_live_does_not_start_again_what_was_started(cloud, live, built, tmp_path):
    built.stop()
    before = len(cloud.calls("codepipeline", "StartPipelineExecution"))
    done = live(tmp_path / "new.json")
    assert done.returncode == 0, done.err
    assert [record["outcome"] for record in records(done)] == ["duplicate"]
    assert len(cloud.calls("codepipeline", "StartPipelineExecution")) == before


def test_live_needs_the_ledger_for_itself(cloud, live, built, tmp_path):
    done = live(tmp_path / "new.json")
    assert done.returncode == 1 and "another worker uses this ledger" in done.err


@pytest.mark.parametrize("args, words", [
    (["--live", "-"], "--live"),
    (["--live", "--topic", "arn:aws:sns:us-east-1:137112412989:x", "input"], "signature"),
])
def test_live_refuses_what_cannot_be_verified(evergold, args, words):
    done = evergold("replay", *arguments("envelope"), *args, cwd=CASES / "envelope")
    assert done.returncode == 2 and words in done.err and done.out == ""


# What cannot be done.

@pytest.mark.parametrize("args, status, words", [
    ([], 2, "file or folder"),
    (["--fromat", "json", "input"], 2, "did you mean '--format'?"),
    (["--format", "xml", "input"], 2, "xml"),
    (["--ledger", "other", "input"], 2, "other"),
    (["--format"], 2, "--format"),
    (["--live=yes", "input"], 2, "--live"),
    (["--config", "no-such.yaml", "input"], 2, "no-such.yaml"),
    (["no-such-file"], 1, "no-such-file"),
])
def test_what_is_wrong_is_said(evergold, args, status, words):
    done = evergold("replay", *arguments("envelope"), *args, cwd=CASES / "envelope")
    assert done.returncode == status and words in done.err and done.out == "", done.err


def test_an_output_that_is_full_is_an_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary(), "replay", *arguments("envelope"), "input"], stdout=full,
                              cwd=CASES / "envelope", env=environment(None, CASES),
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and b"written" in done.stderr


def test_a_folder_that_cannot_be_walked(evergold, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "loop").symlink_to("loop")
    shutil.copy(CASES / "envelope" / "input", folder / "a.json")
    done = evergold("replay", "--config", CASES / "unpinned.yaml", folder)
    assert done.returncode == 1 and "loop" in done.err
