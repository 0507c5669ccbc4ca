"""The trials whose figures stand in docs/reliability.md, and what each must come to.

Every trial is a target of the Makefile and closes with one line:  figures NAME: key=value key=value
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Figures = dict[str, str]
_LINE = re.compile(r"^figures (?P<name>\w+):(?P<pairs>(?: \w+=\S+)+)$", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """One target: how it is called, the figures that must be nothing, and those that must agree."""

    name: str
    arguments: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    at_least: tuple[tuple[str, int], ...] = ()

    @property
    def command(self) -> str:
        return " ".join(("make", self.name, *self.arguments))


TRIALS = (
    Trial("hostile", nothing=("connections_outside",), alike=(("right", "cases"),)),
    Trial("differential", ("CASES=100000",), nothing=("differences",),
          at_least=(("cases", 100_000),)),
    Trial("fuzz", nothing=("findings",)),
    Trial("faults", ("SEEDS=1-1000", "SEED_JOBS=16"), nothing=("lost", "double", "left"),
          at_least=(("seeds", 1000),)),
    Trial("crashes", nothing=("lost", "double")),
    Trial("soak", ("MESSAGES=1000000",), at_least=(("messages", 1_000_000),)),
    Trial("coverage"),
)


# A trial, what it closed with, and what is wrong with that.
Row = tuple[Trial, Figures | None, list[str]]


def read(name: str, output: str) -> Figures | None:
    """The figures that a trial closed with; None: it did not come so far."""
    said = [match for match in _LINE.finditer(output) if match["name"] == name]
    if not said:
        return None
    return dict(pair.split("=", 1) for pair in said[-1]["pairs"].split())


def faults(trial: Trial, status: int, figures: Figures | None) -> list[str]:
    """What is wrong with a trial, in words; empty when it held."""
    if figures is None:
        return [f"ended with status {status} and no figures"]
    found = [f"ended with status {status}"] if status else []
    for key in trial.nothing:
        found += _compared(figures, key, int.__eq__, 0, "is not 0")
    for key, least in trial.at_least:
        found += _compared(figures, key, int.__ge__, least, f"is under {least}")
    for key, other in trial.alike:
        found += _compared(figures, key, int.__eq__, int(figures.get(other, -1)), f"is not {other}")
    return found


def _compared(figures: Figures, key: str, holds: Callable[[int, int], bool], wanted: int,
              otherwise: str) -> list[str]:
    value = figures.get(key, "")
    if not value.isdigit():
        return [f"{key} is not told"]
    return [] if holds(int(value), wanted) else [f"{key}={value} {otherwise}"]


def table(rows: list[Row]) -> str:
    """The rows of docs/reliability.md."""
    lines = ["| command | figures | held |", "|---|---|---|"]
    for trial, figures, found in rows:
        told = ", ".join(f"{key.replace('_', ' ')} {_grouped(value)}"
                         for key, value in (figures or {}).items())
        lines.append(f"| `{trial.command}` | {told or '-'} | {'; '.join(found) or 'yes'} |")
    return "\n".join(lines)


def _grouped(value: str) -> str:
    return f"{int(value):,}" if value.isdigit() else value
