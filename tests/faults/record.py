"""What is said of each seed and of all, and what is kept of one that failed."""

from __future__ import annotations

import json
import shutil
import statistics
import threading
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.check import NOT_WRITTEN, Finding, Seen, read_another
from tests.faults.plan import Plan
from tests.faults.trial import Trial


def figures(trial: Trial, seen: Seen, findings: list[Finding], seconds: float) -> dict[str, Any]:
    """A seed in numbers, as JSON; findings in words."""
    found = Counter(finding.kind for finding in findings)
    moved = sum(step.do == "names" and step.given != "home" for step in trial.plan.steps)
    struck = Counter(f"{call['status']}" if call["fault"] == "status" else call["fault"]
                     for call in seen.calls if call["fault"])
    names = {"names" if trial.moves_names else "names skipped": moved} if moved else {}
    return {
        "announced": len(seen.genuine) + len(seen.rejected),
        "faults": {**struck, **names},
        "choices": {**trial.plan.words(), "halted": seen.halted, "retried": seen.retried},
        "read_another": read_another(trial.plan, seen),
        "kills": seen.kills, "executions": len(seen.executions), "lost": found["lost"],
        "double": found["double"], "left": len(seen.queued), "helped": trial.helped,
        "refused": sum(NOT_WRITTEN in each["text"] for each in seen.slack if each["thread_ts"]),
        "own_network": trial.moves_names, "seconds": round(seconds, 1),
        "findings": [f"{kind}: {text}" for kind, text in findings]}


def line(seed: int, said: dict[str, Any]) -> str:
    struck = {kind: count for kind, count in said["faults"].items() if kind != "names skipped"}
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(said["faults"].items()))
    return (f"seed {seed:<5} {'WRONG' if said['findings'] else 'ok':<5}"
            f" announced {said['announced']:<2} executions {said['executions']:<2}"
            f" lost {said['lost']} double {said['double']} left {said['left']}"
            f" kills {said['kills']} {said['seconds']:5.1f} s  faults {sum(struck.values()):<2}"
            f" {kinds}")


class Total:
    """The sum of all seeds; prints each as it comes, from any thread."""

    def __init__(self, wanted: int, keep: Path) -> None:
        self._wanted, self._keep = wanted, keep
        self._ran: list[dict[str, Any]] = []
        self._wrong: list[int] = []
        self._lock = threading.Lock()

    def add(self, seed: int, said: dict[str, Any] | None) -> None:
        """None: the process that ran it has died."""
        with self._lock:
            if said is None:
                print(f"seed {seed} WRONG the process that ran it ended", flush=True)
            else:
                self._ran.append(said)
                print(line(seed, said), flush=True)
            if said is None or said["findings"]:
                self._wrong.append(seed)
                self._explain(seed, said)

    def _explain(self, seed: int, said: dict[str, Any] | None) -> None:
        for finding in said["findings"] if said else []:
            print(f"    {finding}")
        print(f"    again: make faults SEEDS={seed}; kept: {self._keep}/seed-{seed}", flush=True)

    def fine(self) -> bool:
        return not self._wrong and len(self._ran) == self._wanted

    def line(self) -> str:
        times = sorted(said["seconds"] for said in self._ran) or [0.0]
        kinds, choices = Counter(), Counter()
        for said in self._ran:
            kinds.update(said["faults"])
            choices.update(said["choices"])
        skipped = kinds.pop("names skipped", 0)
        return (f"{len(self._ran)} of {self._wanted} seeds, {len(self._wrong)} wrong:"
                f" {self._sum('announced')} messages, {self._sum('executions')} executions,"
                f" {self._sum('lost')} lost, {self._sum('double')} double,"
                f" {self._sum('left')} messages left, {self._sum('kills')} kills,"
                f" {self._sum('refused')} builds with a parameter refused and told,"
                f" {self._sum('read_another')} V1 builds that read another base,"
                f" {kinds.total()} faults ({_counts(kinds)}), choices ({_counts(choices)});"
                f" a seed took {times[0]:.1f} to {times[-1]:.1f} s,"
                f" half of them {statistics.median(times):.1f} s"
                + self._lacking(skipped))

    def figures(self) -> str:
        """The last line, for programs."""
        struck = sum(sum(said["faults"].values()) for said in self._ran)
        return (f"figures faults: seeds={len(self._ran)} wrong={len(self._wrong)}"
                f" messages={self._sum('announced')} executions={self._sum('executions')}"
                f" kills={self._sum('kills')} faults={struck} lost={self._sum('lost')}"
                f" double={self._sum('double')} left={self._sum('left')}"
                f" refused={self._sum('refused')}")

    def _lacking(self, skipped: int) -> str:
        if all(said["own_network"] for said in self._ran):
            return ""
        return (f"; there may be no network of their own here: names were not moved"
                f" ({skipped} times), and nobody saw who was talked to")

    def _sum(self, name: str) -> int:
        return sum(said[name] for said in self._ran)


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in sorted(counted.items()))


def keep(folder: Path, trial: Trial, plan: Plan, seen: Seen) -> None:
    """Beside its configuration and ledger: the plan, what was seen, and the worker's logs."""
    (folder / "plan.json").write_text(json.dumps(asdict(plan), indent=1))
    members = asdict(seen)
    for name in ("calls", "executions", "slack"):
        lines = [json.dumps(each) for each in members.pop(name)]
        (folder / f"{name}.jsonl").write_text("".join(f"{each}\n" for each in lines))
    (folder / "seen.json").write_text(json.dumps(members, indent=1))
    for nth, said in enumerate(trial.logs(), 1):
        (folder / f"life-{nth}.log").write_text(said)


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
