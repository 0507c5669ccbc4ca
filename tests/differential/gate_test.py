"""Our gate against the rules in Python: the hostile cases, and seeds of changed messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.client import ROOT
from tests.differential.gate import rules, strict_json, trial
from tests.differential.gate.question import Question, Verdict, answers
from tests.hostile.catalogue.folders import CASES, CERTIFICATES

SEEDS = range(4000)
FEW_SEEDS = range(500)
NOW_MS, LATER_S = 1787014800123, 10
REASONS = {"matched", "too_big", "json", "field_missing", "field_type", "field_format",
           "type_unexpected", "topic_not_allowed", "cert_url", "cert_body", "cert_name",
           "cert_time", "cert_key", "signature_version", "signature_format", "signature_mismatch",
           "too_old", "in_future"}
OF_THE_PAYLOAD = {"payload", "name_mismatch", "no_image_in_region"}


def topics(signature: str) -> list[tuple[str, str]]:
    whole = json.loads((ROOT / CASES / "evergold.json").read_text())
    others = [publisher["topic"] for publisher in whole["publishers"]] + whole["trust"]["topics"]
    return [(others[0], signature), *((arn, "any") for arn in others[1:])]


def question_of(folder: Path, case: dict) -> Question:
    certificate = ROOT / CERTIFICATES / case.get("certificate", "good") / "certificate.pem"
    return Question((folder / "message").read_bytes(), certificate.read_bytes(),
                    topics(case.get("signature", "any")), 15 * 86400,
                    NOW_MS + int(case.get("after_s", LATER_S) * 1000), case.get("form") == "lambda")


def hostile_cases() -> Iterator[tuple[str, Question, Verdict]]:
    for file in sorted((ROOT / CASES).glob("*/case.json")):
        case = json.loads(file.read_text())
        if (file.parent / "message").exists() and "served" not in case:
            reason = "matched" if case["reason"] in OF_THE_PAYLOAD else case["reason"]
            yield (file.parent.name, question_of(file.parent, case),
                   Verdict(reason, case["connections"] == "certificate"))


def test_the_rules_say_of_each_hostile_case_what_it_wants():
    undecided = Verdict(rules.UNDECIDED, fetched=True)
    for name, question, want in hostile_cases():
        said = rules.judge(question)
        damaged = want.reason in ("cert_body", "cert_key")
        assert said == want or (damaged and said == undecided), name


def test_both_gates_say_the_same():
    result = trial.run(SEEDS)
    print(result.line())
    assert [str(difference) for difference in result.differences] == []
    assert set(result.reasons) - {rules.UNDECIDED} == REASONS
    assert result.reasons[rules.UNDECIDED] < len(SEEDS) // 200
    assert result.reasons["matched"] > len(SEEDS) // 6


@pytest.mark.parametrize("where, name, value", [
    (rules, "SUBJECT_MAX", 99), (rules, "AHEAD_MS", 0), (strict_json, "DEPTH", 31),
    (rules, "SIGNED", ("Message", "MessageId", "Subject", "Timestamp", "Type"))],
    ids=lambda value: value if isinstance(value, str) else "")
def test_another_rule_makes_a_difference(monkeypatch, where, name, value):
    monkeypatch.setattr(where, name, value)
    assert trial.run(FEW_SEEDS).differences


def test_the_same_seed_asks_the_same():
    assert trial.question(11) == trial.question(11) != trial.question(12)
    assert answers([trial.question(11)]) == answers([trial.question(11)])
