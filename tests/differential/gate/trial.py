"""A range of seeds: what each asks, and where the two gates differ."""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Iterable
from random import Random

from . import changes_around, changes_fields, changes_text, originals
from .question import Question, Verdict, answers
from .rules import UNDECIDED, judge

AT_ONCE = 500
OF_ONE = 8  # seeds that change the same message


@dataclasses.dataclass(frozen=True)
class Difference:
    seed: int
    question: Question
    ours: Verdict
    theirs: Verdict

    def __str__(self) -> str:
        return f"seed {self.seed}: common/sns says {self.ours}, the rules {self.theirs}"


@dataclasses.dataclass
class Result:
    reasons: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    differences: list[Difference] = dataclasses.field(default_factory=list)

    def add(self, other: Result) -> None:
        self.reasons += other.reasons
        self.differences += other.differences

    def line(self) -> str:
        accepted, undecided = self.reasons["matched"], self.reasons[UNDECIDED]
        cases, reasons = self.reasons.total(), set(self.reasons) - {"matched", UNDECIDED}
        return (f"figures differential: cases={cases} accepted={accepted} "
                f"rejected={cases - accepted - undecided} reasons={len(reasons)} "
                f"undecided={undecided} differences={len(self.differences)}")


def question(seed: int) -> Question:
    """The same seed asks the same; one in six is not changed, or not in what counts."""
    some = Random(seed)
    draft = originals.copy(originals.original(seed // OF_ONE))
    kinds = some.choices(("signed", "after", "around", "certificate", "text", "bytes", "large"),
                         (4, 8, 2, 4, 6, 3, .06), k=some.choice((0, 1, 1, 1, 1, 2, 3)))
    if "signed" in kinds:
        some.choice(changes_fields.SIGNED)(draft, some)
        originals.sign(draft)
    for kind, changes in (("around", changes_around.AROUND), ("after", changes_fields.AFTER),
                          ("certificate", changes_around.CERTIFICATES)):
        for _ in range(kinds.count(kind)):
            some.choice(changes)(draft, some)
    return draft.question(_body(draft, kinds, some))


def _body(draft: originals.Draft, kinds: list[str], some: Random) -> bytes:
    text = json.dumps(draft.fields, ensure_ascii=some.random() < .5,
                      indent=some.choice((None, None, 2, "\t")))
    for _ in range(kinds.count("text")):
        text = some.choice(changes_text.TEXT)(text, some)
    if "large" in kinds:
        text = some.choice(changes_text.LARGE)(text, some)
    body = text.encode(errors="surrogatepass")
    for _ in range(kinds.count("bytes")):
        body = changes_text.spoil(body, some)
    return body


def run(seeds: Iterable[int]) -> Result:
    seeds, result = list(seeds), Result()
    for start in range(0, len(seeds), AT_ONCE):
        result.add(_run_some(seeds[start:start + AT_ONCE]))
    return result


def _run_some(seeds: list[int]) -> Result:
    questions, result = [question(seed) for seed in seeds], Result()
    for seed, asked, ours in zip(seeds, questions, answers(questions), strict=True):
        theirs = judge(asked)
        result.reasons[theirs.reason] += 1
        if ours != theirs and theirs.reason != UNDECIDED:
            result.differences.append(Difference(seed, asked, ours, theirs))
    return result
