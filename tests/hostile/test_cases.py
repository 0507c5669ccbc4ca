"""Every hostile case as a message in a queue, to the whole worker as it is shipped."""

from __future__ import annotations

import pytest

from tests.cloud.client import ROOT
from tests.hostile.catalogue import catalogue, page
from tests.hostile.catalogue.folders import CASES, CERTIFICATES, files
from tests.hostile.conftest import programs
from tests.hostile.trial import BELIEVED, Trial, image_of, messages, notary


@pytest.fixture(scope="session", params=programs())
def trial(request, cloud, host, tmp_path_factory):
    trial = Trial(programs()[request.param], cloud, host, tmp_path_factory.mktemp("trial"))
    trial.run()
    return trial


DELIVERED = messages(notary())


@pytest.mark.parametrize("case", [case for case in catalogue() if case.name in DELIVERED],
                         ids=lambda case: case.name)
def test_it_is_rejected_for_its_reason_and_kept(trial, case):
    found = trial.found[case.name]
    assert (found.reason in BELIEVED) if case.reason == "matched" else (found.reason == case.reason)
    assert found.kept == (case.disposition == "kept")
    assert case.word in found.detail or case.disposition == "deleted"
    if case.own_url and not (case.served or {}).get("host"):
        assert found.requests > 0


def test_nothing_is_fetched_for_what_fails_before(trial):
    assert trial.stray_requests == []


def test_nothing_is_built_of_what_is_not_believed(trial):
    believed = {image_of(case.name) for case in catalogue() if case.reason == "matched"}
    assert trial.started and trial.started <= believed
    assert trial.believed <= believed | {"ami-0123456789abcdef0"}


def test_nobody_else_is_talked_to(trial, audit, allowed):
    assert audit.seen - allowed == set()
    assert audit.names <= {"sns.ca-central-1.amazonaws.com"}


# What is written down.


def test_the_folders_are_what_the_catalogue_makes():
    written = {str(path.relative_to(ROOT)): path.read_bytes()
               for folder in (CASES, CERTIFICATES) for path in (ROOT / folder).rglob("*")
               if path.is_file()}
    made = files()
    written["docs/hostile.md"] = (ROOT / "docs/hostile.md").read_bytes()
    assert sorted(written) == sorted(made)
    assert [path for path in made if made[path] != written[path]] == []


@pytest.mark.parametrize("row", page.ELSEWHERE, ids=lambda row: row[0])
def test_what_is_shown_elsewhere_is_there(row):
    _, _, file, word = row
    assert word in (ROOT / file).read_text()
