"""The figures of trials are read and judged; a trial that says nothing has not held."""

from __future__ import annotations

import pytest

from tests.reliability.figures import TRIALS, Trial, faults, read, table

TRIAL = Trial("faults", ("SEEDS=1-3",), nothing=("lost",), alike=(("right", "cases"),),
              at_least=(("seeds", 3),))
GOOD = "figures faults: seeds=3 lost=0 right=7 cases=7"


def test_the_last_line_of_figures_counts() -> None:
    output = "figures faults: seeds=1\nfigures fuzz: seeds=2\nfigures faults: seeds=3\n"
    assert read("faults", output) == {"seeds": "3"}


def test_good_figures_hold() -> None:
    assert faults(TRIAL, 0, read("faults", GOOD)) == []


@pytest.mark.parametrize(("status", "line", "word"), [
    (0, "", "no figures"),
    (2, GOOD, "status 2"),
    (0, GOOD.replace("lost=0", "lost=1"), "lost=1 is not 0"),
    (0, GOOD.replace("lost=0", "gone=0"), "lost is not told"),
    (0, GOOD.replace("seeds=3", "seeds=2"), "seeds=2 is under 3"),
    (0, GOOD.replace("seeds=3", "seeds=many"), "seeds is not told"),
    (0, GOOD.replace("right=7", "right=6"), "right=6 is not cases"),
])
def test_what_is_wrong_is_said(status: int, line: str, word: str) -> None:
    assert any(word in said for said in faults(TRIAL, status, read("faults", line)))


def test_the_table_has_a_row_for_each() -> None:
    rows = [(TRIAL, {"seeds": "1000", "found_late": "0"}, []), (TRIAL, None, ["lost=1 is not 0"])]
    assert table(rows).splitlines()[2:] == [
        "| `make faults SEEDS=1-3` | seeds 1,000, found late 0 | yes |",
        "| `make faults SEEDS=1-3` | - | lost=1 is not 0 |"]


def test_each_trial_is_a_target() -> None:
    with open("Makefile", encoding="utf-8") as makefile:
        targets = {line.partition(":")[0] for line in makefile if " ## " in line}
    assert {trial.name for trial in TRIALS} <= targets
