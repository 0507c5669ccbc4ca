"""Whatever is fetched for the tests is fetched by its content: no name that may mean another thing
tomorrow is left, save for what is named below, with its reason."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTS = sorted(file.parent for file in ROOT.glob("tests/**/requirements.in"))
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==([^\s;]+)", re.MULTILINE)


def versions(file: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(file.read_text(encoding="utf-8")):
        found.setdefault(name.lower(), set()).add(version)
    return found


@pytest.mark.parametrize("folder", LISTS, ids=lambda folder: folder.name)
def test_every_package_has_its_digests(folder):
    text = (folder / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert entries and all(PINNED.match(line) for line in entries)
    assert all(re.search(r" --hash=sha256:[0-9a-f]{64}", line) for line in entries)


@pytest.mark.parametrize("folder", LISTS, ids=lambda folder: folder.name)
def test_the_list_is_that_of_its_requirements(folder):
    wanted, made = (versions(folder / f"requirements.{end}") for end in ("in", "txt"))
    assert wanted and {name: made.get(name) for name in wanted} == wanted


def test_the_lists_agree():
    """They are installed into one folder."""
    every: dict[str, set[frozenset[str]]] = {}
    for folder in LISTS:
        for name, found in versions(folder / "requirements.txt").items():
            every.setdefault(name, set()).add(frozenset(found))
    assert [name for name, found in every.items() if len(found) > 1] == []


def test_digests_are_asked_for():
    assert "--require-hashes -r" in (ROOT / "tests/setup").read_text(encoding="utf-8")


def test_actions_are_commits():
    """With the version beside it, for people; Debian's and Ubuntu's images are named by release,
    as their packages are, and signed by them."""
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        uses = re.findall(r"uses: *(.+)", file.read_text(encoding="utf-8"))
        assert uses and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", each)
                            for each in uses)
