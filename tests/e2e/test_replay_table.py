"""What a person sees of replay: columns that line up, and where to find what was rejected."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios

from tests.cloud import releases
from tests.e2e.settings import family
from tests.e2e.worker import binary, environment

TOPICS = "arn:aws:sns:us-east-1:137112412989:"
LONG = "a-name-of-sixty-four-characters.".ljust(64, "x")
ENVELOPE = {
    "Type": "Notification",
    "MessageId": "00000000-0000-4000-8000-000000000001",
    "Message": "{}",
    "Timestamp": "2026-01-01T00:00:00.000Z",
    "SignatureVersion": "2",
    "Signature": "AAAA",
    "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
}


def replay(evergold, folder, families, *args):
    config = {"region": "eu-west-1", "families": families}
    (folder / "evergold.yaml").write_text(json.dumps(config))
    done = evergold("replay", "--config", "evergold.yaml", "--format", "text", *args, cwd=folder)
    assert (done.returncode, done.err) == (0, "")
    return done.out.splitlines()


def test_columns_line_up_under_the_longest_family(evergold, tmp_path):
    (tmp_path / "message").write_text(releases.al2023("2023.9.20251027.0"))
    rows = replay(evergold, tmp_path, [family("a"), family(LONG)],
                  "--topic", f"{TOPICS}amazon-linux-2023-ami-updates", "message")
    assert len({row.index(word) for row, word in zip(
        rows[:3], ["REGION", "eu-west-1", "eu-west-1"], strict=True)}) == 1
    assert rows[2].index(LONG) == rows[0].index("FAMILY")


def test_a_region_without_the_image_has_a_dash(evergold, tmp_path):
    (tmp_path / "message").write_text(releases.al2023("2023.9.20251027.0", ["us-east-1"]))
    rows = replay(evergold, tmp_path, [family("a")],
                  "--topic", f"{TOPICS}amazon-linux-2023-ami-updates", "message")
    assert rows[1].split() == ["ignored", "no_image_in_region", "a", "eu-west-1",
                               "2023.9.20251027.0", "-", "(signature", "unchecked)"]


def test_what_is_rejected_names_its_file_and_its_topic(evergold, tmp_path):
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "1").write_text("nothing that is JSON")
    (saved / "2").write_text(json.dumps({**ENVELOPE, "TopicArn": f"{TOPICS}elsewhere"}))
    (saved / "3\x1b[31m").write_text("[]")
    rows = replay(evergold, tmp_path, [family("a")], "saved")
    assert rows[1].endswith("  (saved/1)")
    assert rows[2].endswith(f": {TOPICS}elsewhere  (saved/2)")
    assert rows[3].endswith("  (saved/3\\u{1b}[31m)")
    assert rows[-1] == ("3 messages: 0 start, 0 duplicate, 0 older, 0 held, 0 ambiguous, "
                        "0 ignored, 3 rejected")


def unread(pipe):
    """How many bytes of a pipe nobody has taken yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_an_interrupt_ends_the_wait_for_more_input(tmp_path):
    config = tmp_path / "evergold.yaml"
    config.write_text(json.dumps({"region": "eu-west-1", "families": [family("a")]}))
    with subprocess.Popen([binary(), "replay", "--config", config, "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, env=environment(None, tmp_path)) as running:
        running.stdin.write(b"{")
        running.stdin.flush()
        while unread(running.stdin):
            os.sched_yield()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == -signal.SIGINT
