"""What gcovr measured, by file and folder."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    reached: int = 0
    total: int = 0

    def __add__(self, other):
        return Share(self.reached + other.reached, self.total + other.total)

    def percent(self):
        return 100 * self.reached / self.total if self.total else 100.0


def of_counts(counts):
    counts = list(counts)
    return Share(sum(count > 0 for count in counts), len(counts))


def decided(decision):
    """How often each way out of a decision was taken; nothing where gcovr cannot tell."""
    if decision.get("type") == "conditional":
        return [decision["count_true"], decision["count_false"]]
    return [decision["count"]] if decision.get("type") == "switch" else []


def statement(source, number):
    """A line of source, with the next where it ends in ||."""
    text = source[number - 1].strip()
    return f"{text} {source[number].strip()}" if text.endswith("||") else text


@dataclass(frozen=True)
class File:
    """A file, or the sum of many. `missing` counts the branches not taken by line of source."""

    path: str
    lines: Share = Share()
    branches: Share = Share()
    decisions: Share = Share()
    missing: Counter = field(default_factory=Counter)
    places: dict = field(default_factory=dict)

    @staticmethod
    def of(measured):
        """A file in gcovr's JSON; a line is known by its text, so that it may move."""
        source = Path(measured["file"]).read_text(encoding="utf-8").split("\n")
        missing, places = Counter(), {}
        for line in measured["lines"]:
            untaken = sum(branch["count"] == 0 for branch in line["branches"])
            text = statement(source, line["line_number"])
            if untaken:
                missing[text] += untaken
                places.setdefault(text, line["line_number"])
        return File(measured["file"],
                    of_counts(line["count"] for line in measured["lines"]),
                    of_counts(branch["count"] for line in measured["lines"]
                              for branch in line["branches"]),
                    of_counts(count for line in measured["lines"]
                              for count in decided(line.get("gcovr/decision", {}))),
                    missing, places)

    @staticmethod
    def sum(path, files):
        return File(path, *(sum((getattr(file, name) for file in files), Share())
                            for name in ("lines", "branches", "decisions")))


def row(file):
    missing = file.branches.total - file.branches.reached
    return (f"{file.path:<42}{file.lines.percent():8.1f}{file.branches.percent():10.1f}"
            f"{file.decisions.percent():11.1f}{file.branches.total:10}{missing:9}")


def table(files):
    """Per cent by folder, with the files in which something is missing, and the sum of all."""
    rows = [f"{'':<42}{'lines':>8}{'branches':>10}{'decisions':>11}{'branches':>10}{'missing':>9}"]
    folders = sorted({str(Path(file.path).parent) for file in files})
    for folder in folders:
        inside = [file for file in files if str(Path(file.path).parent) == folder]
        rows.append(row(File.sum(folder, inside)))
        rows += [row(file) for file in inside if file.branches.reached < file.branches.total]
    return "\n".join([*rows, row(File.sum("all", files)), ""])
