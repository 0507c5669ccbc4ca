"""The check of the named branches finds what it is there to find."""
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.coverage import Name, compare, read_names
from tests.coverage.measure import File, Share

NAMES = """
# for readers

Memory has run out.
	common/a.c: if (!fresh)
	common/b.c: 2 of: if (a || b)

err_set() returns false.
	common/*: *|| err_set(*
"""


def compare_one(source, count, path, total=10):
    measured = File(path, branches=Share(total - count, total), missing=Counter({source: count}),
                    places={source: 7})
    return compare([measured], read_names(NAMES))


def test_reads_names_with_a_path_of_their_own_first():
    assert read_names("err_set() returns false.\n\tcommon/*: *|| err_set(*\n"
                      "No memory.\n\tcommon/a.c: if (!fresh)\n\tcommon/b.c: 2 of: if (a)\n") == [
        Name("common/a.c", 1, "if (!fresh)"), Name("common/b.c", 2, "if (a)"),
        Name("common/*", 1, "*|| err_set(*")]


def test_refuses_a_branch_without_a_reason():
    with pytest.raises(ValueError, match="no reason"):
        read_names("# only a remark\n\tcommon/a.c: if (!fresh)\n")


@pytest.mark.parametrize("source,count,path", [
    ("if (!fresh)", 1, "common/a.c"),
    ("if (a || b)", 2, "common/b.c"),
    ('return fine || err_set(err, "no")', 1, "common/z.c"),
])
def test_counts_what_is_named(source, count, path):
    named, found = compare_one(source, count, path)
    assert named == count
    assert len(found) == 2 and all("taken or gone" in finding for finding in found)


@pytest.mark.parametrize("source,count,path,said", [
    ("if (other)", 1, "common/a.c", "common/a.c:7: 1 not taken: if (other)"),
    ("if (!fresh)", 1, "common/z.c", "common/z.c:7: 1 not taken: if (!fresh)"),
    ("if (!fresh)", 2, "common/a.c", "common/a.c:7: 2 not taken, 1 named: if (!fresh)"),
    ("return fine || err_set(err)", 2, "common/z.c",
     "common/z.c:7: 2 not taken, 1 named: return fine || err_set(err)"),
])
def test_finds_what_is_missing_and_not_named(source, count, path, said):
    named, found = compare_one(source, count, path)
    assert named == 0
    assert said in found


@pytest.mark.parametrize("total,findings", [(39, 1), (40, 0)])
def test_one_branch_in_twenty_of_a_file_needs_no_name(total, findings):
    named, found = compare_one("if (other)", 2, "common/z.c", total)
    assert named == 0
    assert len([finding for finding in found if "not taken" in finding]) == findings


def test_finds_what_is_named_and_not_missing():
    assert compare([], read_names(NAMES))[1] == [
        "common/a.c: named, but taken or gone: if (!fresh)",
        "common/b.c: named, but taken or gone: if (a || b)",
        "common/*: named, but taken or gone: *|| err_set(*"]


def test_reads_what_gcovr_measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.c").write_text("if (x)\n\treturn y ||\n\t       err_set();\n", encoding="utf-8")
    branches = [{"count": 3}, {"count": 0}]
    measured = json.loads(json.dumps({"file": "a.c", "lines": [
        {"line_number": 1, "count": 3, "branches": branches,
         "gcovr/decision": {"type": "conditional", "count_true": 3, "count_false": 0}},
        {"line_number": 2, "count": 3, "branches": branches},
        {"line_number": 3, "count": 0, "branches": []}]}))
    read = File.of(measured)
    assert (read.lines, read.branches, read.decisions) == (Share(2, 3), Share(2, 4), Share(1, 2))
    assert read.missing == {"if (x)": 1, "return y || err_set();": 1}
