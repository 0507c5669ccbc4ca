"""Time in a replay passes as the announcements say: what is held ripens before the next one."""

from __future__ import annotations

import json

import pytest

from .archive import announcement, image, version, write_archive, write_config


@pytest.fixture
def replay(evergold, tmp_path):
    """replay((number, at), ..., family={...}): the lines of the table, or the records."""
    def run(*announced, family, form="json"):
        config = write_config(tmp_path / "evergold.yaml", family)
        archive = write_archive(tmp_path / "archive", *(announcement(*each) for each in announced))
        done = evergold("replay", "--format", form, "--config", config, archive)
        assert done.returncode == 0, done.err
        return done.out.splitlines()
    return run


def decisions(lines):
    return [(record["release"], record["outcome"], record["reason"])
            for record in map(json.loads, lines)]


def test_what_ripened_counts_as_started(replay):
    """The second comes after the first has ripened, the third is older than both."""
    lines = replay((2, "2025-10-01T12:00"), (3, "2025-10-05T12:00"), (1, "2025-10-20T12:00"),
                   (2, "2025-10-21T12:00"), family={"soak": "3d"})
    assert decisions(lines) == [(version(2), "held", "soaking"), (version(3), "held", "soaking"),
                                (version(1), "older", "older_release"),
                                (version(2), "duplicate", "already_started")]


def test_what_soaks_does_not_make_others_older(replay):
    lines = replay((2, "2025-10-01T12:00"), (1, "2025-10-02T12:00"), family={"soak": "3d"})
    assert decisions(lines) == [(version(2), "held", "soaking"), (version(1), "held", "soaking")]


@pytest.mark.parametrize("announced, started", [
    (((1, "2025-10-01T12:00"), (2, "2025-10-02T12:00"), (3, "2025-10-03T12:00")), 3),
    (((2, "2025-10-01T12:00"), (1, "2025-10-02T12:00")), 1),  # overtaken before it is ripe
    (((1, "2025-10-01T12:00"),), 1),                          # after the last announcement
])
def test_the_sum_tells_what_was_started_in_all(replay, announced, started):
    lines = replay(*announced, family={"soak": "3d"}, form="text")
    builds = "1 build" if started == 1 else f"{started} builds"
    assert lines[-1] == f"{builds} started in all, {started} of them after being held"


def test_when_a_window_opens_only_the_newest_starts(replay):
    """All three are due at the same moment, on Monday at eight in Berlin."""
    announced = [(2, "2025-10-17T20:00"), (3, "2025-10-18T12:00"), (1, "2025-10-19T12:00")]
    family = {"window": "Mon-Fri 08:00-17:00 Europe/Berlin"}
    lines = replay(*announced, (3, "2025-10-20T09:00"), (4, "2025-10-20T09:00"), family=family)
    assert decisions(lines) == [
        (version(2), "held", "outside_window"), (version(3), "held", "outside_window"),
        (version(1), "held", "outside_window"), (version(3), "duplicate", "already_started"),
        (version(4), "start", "matched")]
    lines = replay(*announced, family=family, form="text")
    assert lines[-1] == "1 build started in all, 1 of them after being held"


def test_a_soak_that_ends_outside_the_window_waits_for_it(replay):
    """It ripens on a Saturday: on Sunday it is still held, on Monday it was started."""
    family = {"soak": "1d", "window": "Mon-Fri 08:00-17:00 Europe/Berlin"}
    sunday = replay((2, "2025-10-17T12:00"), (1, "2025-10-19T12:00"), family=family)
    monday = replay((2, "2025-10-17T12:00"), (1, "2025-10-20T12:00"), family=family)
    assert decisions(sunday)[1][1:] == ("held", "soaking")
    assert decisions(monday)[1][1:] == ("older", "older_release")


def test_nothing_is_said_of_builds_unless_one_was_held(replay):
    assert replay((1, "2025-10-01T12:00"), family={}, form="text")[-1].startswith("1 message: ")


def test_the_clock_has_no_say(evergold, tmp_path):
    """Announced long ago, or in years: the same decisions, moved in time."""
    config = write_config(tmp_path / "evergold.yaml", {"soak": "3d"})
    seen = set()
    for year in (2012, 2025, 2044):
        archive = write_archive(tmp_path / "archive", announcement(1, f"{year}-10-01T12:00"),
                                announcement(2, f"{year}-10-05T12:00"))
        for env in ({"TZ": "Asia/Kathmandu"}, {"TZ": "America/St_Johns", "LC_ALL": "C"}):
            done = evergold("replay", "--format", "text", "--config", config, archive, env=env)
            seen.add(done.out.replace(f"{year}-", "YEAR-"))
    assert len(seen) == 1 and image(1) in seen.pop()
