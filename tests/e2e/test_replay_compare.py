"""`evergold replay --compare`: what another configuration would change."""

from __future__ import annotations

import json

import pytest

from .archive import announcement, image, version, write_archive, write_config

FOUR = [announcement(number, f"2025-10-0{number}T12:00") for number in (1, 2, 3, 4)]


@pytest.fixture
def compare(evergold, tmp_path):
    """compare(old family or list, new, announcements): what was printed."""
    def run(old, new, announcements=FOUR, form="json", status=0):
        paths = [write_config(tmp_path / name, *(each if isinstance(each, list) else [each]))
                 for name, each in (("old.yaml", old), ("new.yaml", new))]
        write_archive(tmp_path / "archive", *announcements)
        done = evergold("replay", "--format", form, "--config", paths[0], "--compare", paths[1],
                        "archive", cwd=tmp_path)
        assert done.returncode == status, done.err
        return done.out
    return run


def changes(out):
    """(release, region, reason before, reason after) of each."""
    found = []
    for before, after in ((each["before"], each["after"]) for each in map(json.loads,
                                                                        out.splitlines())):
        some = before or after
        found.append((some["release"], some["region"], before and before["reason"],
                      after and after["reason"]))
    return found


def last_line(out):
    return out.splitlines()[-1]


def test_the_same_configuration_changes_nothing(compare):
    assert compare({}, {}) == ""
    assert compare({}, {}, form="text") == (
        "4 announcements, 0 decisions otherwise; old starts 4, new 4: +0 -0\n")


def test_another_image_is_another_build(compare):
    new = {"images": "al2023-ami-2023.*-kernel-6.12-x86_64"}
    first = json.loads(compare({}, new).splitlines()[0])
    assert (first["before"]["image_id"], first["after"]["image_id"]) == (
        image(1), image(1, kernel="6.12"))
    assert list(first["before"]) == list(first["after"]) and len(first["after"]) == 16
    assert last_line(compare({}, new, form="text")).endswith("old starts 4, new 4: +4 -4")


def test_a_region_more_and_a_family_less(compare):
    both = compare({}, {"regions": ["eu-west-1", "us-east-1"]}, FOUR[:1])
    assert changes(both) == [(version(1), "us-east-1", None, "matched")]
    other = {"name": "other"}
    gone = compare([{}, other], {}, FOUR[:1])
    assert changes(gone) == [(version(1), "eu-west-1", "matched", None)]
    assert last_line(compare([{}, other], {}, form="text")).endswith(
        "4 announcements, 4 decisions otherwise; old starts 8, new 4: +0 -4")


def test_another_pipeline_is_another_build(compare):
    text = compare({}, {"pipeline": {"name": "golden-two"}}, FOUR[:1], form="text")
    row = text.splitlines()[1].split()
    assert row == ["web", "eu-west-1", version(1), "start", "golden-web", image(1), "start",
                   "golden-two", image(1)]
    assert last_line(text).endswith("old starts 1, new 1: +1 -1")


def test_each_has_a_ledger_of_its_own(compare):
    """Only with the old one the first release was started, so that the second sight is another."""
    assert changes(compare({"exclude": ["*9.1.0*"]}, {}, [FOUR[0], FOUR[0]])) == [
        (version(1), "eu-west-1", "excluded", "matched"),
        (version(1), "eu-west-1", "excluded", "already_started")]


def test_a_soak_is_no_build_less(compare):
    """Each is held and then started: what starts is the same, only when is not."""
    text = compare({}, {"soak": "12h"}, form="text")
    assert "held soaking" in text
    assert last_line(text).endswith("4 decisions otherwise; old starts 4, new 4: +0 -0")


def test_a_soak_that_is_overtaken_is_one(compare):
    backwards = [announcement(3 - number, f"2025-10-0{number}T12:00") for number in (1, 2)]
    assert last_line(compare({}, {"soak": "7d"}, backwards, form="text")).endswith(
        "old starts 1, new 1: +0 -0")
    within_a_week = compare({}, {"window": "Mon 08:00-10:00"}, form="text")
    assert last_line(within_a_week).endswith("old starts 4, new 1: +0 -3")


def test_the_same_bytes_wherever_and_whenever(evergold, tmp_path):
    write_archive(tmp_path / "archive", *FOUR)
    write_config(tmp_path / "old.yaml", {})
    write_config(tmp_path / "new.yaml", {"soak": "2d", "regions": ["us-east-1", "eu-west-1"]})
    seen = set()
    for env in ({}, {"TZ": "Asia/Kathmandu"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Apia"}):
        done = evergold("replay", "--config", "old.yaml", "--compare", "new.yaml", "archive",
                        cwd=tmp_path, env=env)
        seen.add(done.out)
    assert len(seen) == 1 and seen.pop()


@pytest.mark.parametrize("args, words", [
    (["--live"], "--live"), (["--expect", "records"], "one at a time"),
    (["--compare="], "--compare needs a value"),
])
def test_what_does_not_go_together(evergold, tmp_path, args, words):
    write_config(tmp_path / "evergold.yaml")
    done = evergold("replay", "--config", "evergold.yaml", "--compare", "evergold.yaml", *args,
                    "archive", cwd=tmp_path)
    assert done.returncode == 2 and words in done.err and done.out == ""


@pytest.mark.parametrize("text, words", [
    ("families: 1", "bad.yaml:1:11"), (None, "bad.yaml: No such file")])
def test_a_bad_configuration(evergold, tmp_path, text, words):
    write_config(tmp_path / "evergold.yaml")
    write_archive(tmp_path / "archive", *FOUR)
    if text:
        (tmp_path / "bad.yaml").write_text(text)
    done = evergold("replay", "--config", "evergold.yaml", "--compare", "bad.yaml", "archive",
                    cwd=tmp_path)
    assert done.returncode == 2 and words in done.err and done.out == ""
