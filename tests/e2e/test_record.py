"""`evergold record`, and `record:` in the configuration: messages are kept as SQS gave them."""

from __future__ import annotations

import json
import os

import pytest

from .settings import configuration, make_pipelines, write

RELEASES = [f"2023.9.2025{month:02}{day:02}.0" for month in (10, 11) for day in range(1, 21)]


@pytest.fixture
def record(evergold, cloud, tmp_path):
    """record(...): copies what the queue has into tmp_path/kept."""
    def run(*args, status=0, folder="kept", **given):
        config = write(tmp_path, configuration(cloud, tmp_path, **given))
        done = evergold("record", folder, "--config", config, "--wait", "1s", *args, cloud=cloud)
        assert done.returncode == status, done.err
        return done
    return run


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def kept(folder):
    messages = {}
    for path in folder.iterdir():
        message, = json.loads(path.read_text())["Messages"]
        messages[path.name] = message
    return messages


def announce(cloud, count):
    return [cloud.announce(release=release) for release in RELEASES[:count]]



def hidden(cloud):
    return [each for each in cloud.queue_state()["messages"] if each["in_flight"]]


def test_every_message_is_copied_and_none_deleted(cloud, record, tmp_path):
    sent = announce(cloud, 23)
    done = record()
    messages = kept(tmp_path / "kept")
    assert sorted(messages) == sorted(f"{each['sqs_message_ids'][0]}.json" for each in sent)
    assert {message["Body"] for message in messages.values()} == {each["envelope"]
                                                                  for each in sent}
    assert all(message["Attributes"]["ApproximateReceiveCount"] == "1" and
               message["ReceiptHandle"] for message in messages.values())
    assert "23 messages into kept, 0 there already" in done.err and done.out == ""
    assert cloud.queue_depth() == 23 and hidden(cloud) == []
    assert cloud.calls("sqs", "DeleteMessageBatch") == []
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "kept").iterdir())


def test_they_are_visible_again_and_not_copied_twice(cloud, record, tmp_path):
    announce(cloud, 12)
    record()
    before = kept(tmp_path / "kept")
    cloud.announce(release=RELEASES[30])
    done = record("--limit", "1000")
    after = kept(tmp_path / "kept")
    assert len(after) == 13 and all(after[name] == before[name] for name in before)
    assert "1 message into kept, 12 there already" in done.err


def test_no_more_than_asked_for(cloud, record, tmp_path):
    announce(cloud, 15)
    record("--limit", "12")
    assert len(names(tmp_path / "kept")) == 12
    record("--limit", "1", folder="other")
    assert len(names(tmp_path / "other")) == 1


def test_an_empty_queue(record, tmp_path):
    assert "0 messages" in record("--wait=0s").err
    assert names(tmp_path / "kept") == []


def test_what_was_recorded_can_be_replayed(cloud, record, evergold, tmp_path):
    announce(cloud, 3)
    record()
    done = evergold("replay", "--config", tmp_path / "evergold.yaml", "kept", cloud=cloud)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [each["trust"] for each in records] == ["verified"] * 3
    assert {each["release"] for each in records} == set(RELEASES[:3])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written(cloud, record, tmp_path):
    announce(cloud, 1)
    (tmp_path / "kept").mkdir(0o500)
    assert "kept: Permission denied" in record(status=1).err
    assert cloud.calls("sqs", "ReceiveMessage") == []


def test_a_folder_that_is_none(cloud, record, tmp_path):
    announce(cloud, 1)
    (tmp_path / "kept").write_text("")
    assert "kept: " in record(status=1).err
    assert "there/kept: No such file" in record(status=1, folder="there/kept").err
    assert cloud.calls("sqs", "ReceiveMessage") == []


def test_a_disk_that_is_full_shows_all_again(cloud, record, tmp_path):
    """What cannot be written here is a name that is taken by a folder."""
    sent = announce(cloud, 3)
    (tmp_path / "kept").mkdir()
    for each in sent:
        (tmp_path / "kept" / f".{each['sqs_message_ids'][0]}.json.part").mkdir()
    done = record(status=1)
    assert "Is a directory" in done.err
    assert hidden(cloud) == []


@pytest.mark.parametrize("args, words", [
    ([], "name one folder"), (["a", "b"], "name one folder"),
    (["a", "--limit", "0"], "--limit"), (["a", "--limit", "10001"], "--limit"),
    (["a", "--wait", "21s"], "--wait"), (["a", "--wait", "1m"], "--wait"),
])
def test_what_cannot_be_asked(evergold, args, words):
    done = evergold("record", *args)
    assert done.returncode == 2 and words in done.err


def test_it_needs_a_queue(record):
    assert "queue.url is needed to record" in record(queue=None, status=2).err


# The worker.

def test_the_worker_keeps_what_it_receives(cloud, worker, tmp_path):
    make_pipelines(cloud)
    running = worker(record=str(tmp_path / "kept"))
    good, bad = cloud.announce(release=RELEASES[0]), cloud.announce(release=RELEASES[1],
                                                                    forge="signature")
    running.wait_log("build_started")
    running.wait_log("rejected")
    bodies = {message["Body"] for message in kept(tmp_path / "kept").values()}
    assert bodies >= {good["envelope"], bad["envelope"]}


def test_a_full_disk_fails_no_message(cloud, worker, tmp_path):
    """It says so once, and goes on."""
    make_pipelines(cloud)
    running = worker(record=str(tmp_path / "kept"))
    (tmp_path / "kept").rmdir()
    for release in RELEASES[:2]:
        cloud.announce(release=release)
    running.wait_log("decided", count=2)
    cloud.wait_for(queue={"empty": True})
    assert len(running.log("not_recording")) == 1


def test_a_worker_that_cannot_record_does_not_start(evergold, cloud, tmp_path):
    (tmp_path / "kept").write_text("")
    config = write(tmp_path, configuration(cloud, tmp_path, record=str(tmp_path / "kept")))
    done = evergold("run", "--config", config, cloud=cloud)
    assert done.returncode == 1 and "record: " in done.err
