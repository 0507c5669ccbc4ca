"""`evergold replay --expect`: are the records those that were saved?"""

from __future__ import annotations

import json

import pytest

from .archive import announcement, image, version, write_archive, write_config

WINDOW = 1000  # LIMIT_EXPECTED: how far apart a record and its expectation may be


def five(number):
    return announcement(number, f"2025-10-{number:02}T12:00")


class Replays:
    """An archive of some announcements, and what a replay of it is expected to say."""

    def __init__(self, evergold, folder):
        self.evergold, self.folder = evergold, folder
        self.announced = [five(number) for number in range(1, 6)]
        write_config(folder / "evergold.yaml")

    def run(self, *args):
        write_archive(self.folder / "archive", *self.announced)
        return self.evergold("replay", "--config", "evergold.yaml", *args, "archive",
                             cwd=self.folder)

    def records(self):
        return [json.loads(line) for line in self.run("--format", "json").out.splitlines()]

    def expect(self, lines):
        """The lines are records, or text as it is."""
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        (self.folder / "expected").write_text("".join(text + "\n" for text in texts))
        return self.run("--expect", "expected")


@pytest.fixture
def replays(evergold, tmp_path):
    return Replays(evergold, tmp_path)


def test_the_same(replays):
    done = replays.expect(replays.records())
    assert (done.returncode, done.out) == (0, "")
    assert done.err.endswith("all 5 records are as expected\n")


def test_what_differs_is_said_key_by_key(replays):
    records = replays.records()
    records[1] |= {"outcome": "held", "reason": "soaking", "token": None}
    done = replays.expect(records)
    token = replays.records()[1]["token"]
    assert done.returncode == 1
    assert done.out == (
        "changed: web eu-west-1 of message 00000000-0000-5000-8000-000000000002 (archive):\n"
        '    outcome: expected "held", came "start"\n'
        '    reason: expected "soaking", came "matched"\n'
        f'    token: expected null, came "{token}"\n')
    assert done.err.endswith("5 records: 1 changed, 0 missing, 0 not expected\n")


def test_what_is_missing_and_what_is_new(replays):
    records = replays.records()
    replays.announced = replays.announced[:2] + replays.announced[3:] + [five(6)]
    done = replays.expect(records)
    assert done.returncode == 1
    assert sorted(done.out.splitlines()) == [
        "missing: web eu-west-1 of message 00000000-0000-5000-8000-000000000003 (archive): "
        f"start matched {image(3)}",
        "not expected: web eu-west-1 of message 00000000-0000-5000-8000-000000000006 (archive): "
        f"start matched {image(6)}"]
    assert done.err.endswith("5 records: 0 changed, 1 missing, 1 not expected\n")


def test_a_key_that_is_left_out_is_not_compared(replays):
    slim = [{key: record[key] for key in ("message_id", "family", "region", "outcome")}
            for record in replays.records()]
    assert replays.expect(slim).returncode == 0
    slim[0]["outcome"] = "older"
    done = replays.expect(slim)
    assert done.returncode == 1 and 'outcome: expected "older", came "start"' in done.out


def test_the_order_within_the_window_does_not_matter(replays):
    records = replays.records()
    assert replays.expect(reversed(records)).returncode == 0


def test_blank_lines_and_none_at_all(replays):
    records = replays.records()
    assert replays.expect(["", *records, "", ""]).returncode == 0
    done = replays.expect([])
    assert done.returncode == 1 and done.out.count("not expected: ") == 5
    replays.announced = []
    done = replays.expect(records)
    assert done.returncode == 1 and done.out.count("missing: ") == 5


@pytest.mark.parametrize("line, words", [
    ("{", "expected:3: "), ("[]", "expected:3: "), ("null", "expected:3: "),
    ('{"family":null,"region":null}', "expected:3: message_id is missing"),
    ('{"message_id":1,"family":null,"region":null}', "expected:3: "),
    ('{"message_id":null,"family":null,"region":null,"outcom":"start"}',
     "expected:3: no record has the key outcom"),
    ('{"a":"' + 300_000 * "x" + '"}', "expected:3: the line is too long"),
])
def test_a_line_that_is_no_record(replays, line, words):
    done = replays.expect([*replays.records()[:2], line])
    assert done.returncode == 2 and words in done.err and done.out == ""


def test_no_file(replays):
    done = replays.run("--expect", "no-such-file")
    assert done.returncode == 1 and "no-such-file" in done.err


def test_hostile_text_is_plain(replays):
    record = replays.records()[0] | {"detail": "\x1b[2J\n"}
    done = replays.expect([record, *replays.records()[1:]])
    assert done.returncode == 1 and "\x1b" not in done.out
    assert done.out.count("\n") == 2


# More than the window.

def many(count):
    return [announcement(number, f"2025-{month:02}-{day:02}T{hour:02}:00")
            for number, (month, day, hour) in enumerate(
                ((m, d, h) for m in range(1, 13) for d in range(1, 29) for h in range(24)), 1)
            if number <= count]


def test_a_longer_archive_is_compared_as_a_stream(replays):
    replays.announced = many(3 * WINDOW)
    records = replays.records()
    assert replays.expect(records).returncode == 0
    done = replays.expect(records[: WINDOW] + records[2 * WINDOW - 1:])
    assert done.out.count("not expected: ") == WINDOW - 1 and done.out.count("\n") == WINDOW - 1
    done = replays.expect(records[:10] + records[2 * WINDOW:])
    assert done.out.count("not expected: ") == done.out.count("\n") == 2 * WINDOW - 10
    records[2500]["release"] = "another"
    done = replays.expect(records)
    assert done.out.count("\n") == 2 and f'came "{version(2501)}"' in done.out


@pytest.mark.parametrize("dropped, missing, surplus", [
    (WINDOW - 1, WINDOW - 1, 0),
    (WINDOW, 3 * WINDOW, 2 * WINDOW),  # too far apart to be found again
])
def test_what_is_farther_apart_is_not_found(replays, dropped, missing, surplus):
    replays.announced = many(3 * WINDOW)
    records = replays.records()
    replays.announced = replays.announced[dropped:]
    done = replays.expect(records)
    assert done.returncode == 1
    assert done.out.count("missing: ") == missing
    assert done.out.count("not expected: ") == surplus
