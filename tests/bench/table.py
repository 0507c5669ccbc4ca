"""The tables that the benchmarks print: min, median and max of several runs, and the limit."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

_HEAD = f"  {'':<46}{'unit':>8}{'min':>10}{'median':>10}{'max':>10}   {'limit':<10}"


def head(title: str) -> None:
    print(f"\n{title}\n{_HEAD}".rstrip(), flush=True)


def row(name: str, unit: str, values: Sequence[float], limit: float | None = None) -> None:
    """One line; the median is what is held against the limit."""
    if not values:
        print(f"  {name:<46}{unit:>8}{'not measured':>30}")
        return
    median = statistics.median(values)
    figures = "".join(f"{_short(value):>10}" for value in (min(values), median, max(values)))
    verdict = ""
    if limit is not None:
        verdict = f"   {_short(limit):<6}{'within' if median <= limit else 'OVER'}"
    print(f"  {name:<46}{unit:>8}{figures}{verdict}", flush=True)


def say(text: str) -> None:
    print(text, flush=True)


def _short(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.2f}"
