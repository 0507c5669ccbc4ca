"""Who is tracked in a seed, by which pipelines, and who is told: the worker's configuration.

Every choice has a word, so that a run can tell how often it was made.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.e2e.settings import AL2, AL2023, AL2023_ARM, HOME, family, image, token

US, ABROAD = "us-east-1", "eu-central-1"
RELEASES = {"amazon-linux-2023": ("2023.9.20251020.0", "2023.9.20251027.0"),
            "amazon-linux-2": ("2.0.20251006.0", "2.0.20251014.0")}
NAMES = {AL2023: "al2023-ami-{v}-kernel-6.1-x86_64", AL2023_ARM: "al2023-ami-{v}-kernel-6.1-arm64",
         AL2: "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2"}
TRACKED = (
    {"name": "web", "images": AL2023, "regions": [HOME, US]},
    {"name": "arm", "images": AL2023_ARM, "regions": [US]},
    {"name": "edge", "images": AL2023, "regions": [HOME], "pipeline": {"region": ABROAD}},
    {"name": "batch", "publisher": "amazon-linux-2", "images": AL2, "regions": [HOME]},
    {"name": "lab", "publisher": "amazon-linux-2", "images": AL2, "regions": [US],
     "pipeline": {"region": ABROAD}},
)
THEIRS, PUBLIC = "444455556666", "777788889999"
START = f"arn:aws:iam::{THEIRS}:role/start-golden"
PUBLISH = f"arn:aws:iam::{PUBLIC}:role/publish-golden"
OUTPUT = "GOLDEN_AMI_ID"
SEEN_BY_ALL = {"accounts": [PUBLIC]}
SINKS = ("sns", "eventbridge", "webhook")


@dataclass(frozen=True)
class Place:
    """A parameter, wherever it is; account None: our own."""

    name: str
    region: str
    account: str | None = None
    output: str = OUTPUT


@dataclass(frozen=True)
class Build:
    """What one announcement asks for in one line, a family in a region."""

    family: str
    region: str
    release: str
    image: str
    token: str
    base: Place
    golden: tuple[Place, ...] = ()

    @property
    def line(self) -> tuple[str, str]:
        return self.family, self.region


# Families.


def families(chance: random.Random) -> list[dict[str, Any]]:
    chosen = chance.sample(TRACKED, chance.choice((1, 1, 2, 2, 3)))
    return [_family(chance, each) for each in chosen]


def _family(chance: random.Random, each: dict[str, Any]) -> dict[str, Any]:
    pipeline = dict(each.get("pipeline", {}))
    if chance.random() < 0.2:
        pipeline["role_arn"] = START
    if v1 := chance.random() < 0.15:
        pipeline["variables"] = {}
    given = {**each, "base_parameter": f"/golden/{each['name']}/base", "pipeline": pipeline,
             "stop_after_failures": 0}
    if chance.random() < 0.8:
        given |= {"golden_parameter": _golden(chance, each), "golden_output": OUTPUT}
    made = family(**given)
    if v1:
        made["pipeline"]["variables"] = {}
    return made


def _golden(chance: random.Random, each: dict[str, Any]) -> Any:
    name = f"/golden/{each['name']}/ami"
    if chance.random() < 0.7:
        return name
    shared = {"name": f"/shared/{each['name']}/ami", "role_arn": PUBLISH}
    far = {"name": name, "region": ABROAD, "output": "IN_ABROAD"}
    return [name, shared, *([far] if len(each["regions"]) == 1 else [])]


def is_v1(each: dict[str, Any]) -> bool:
    return not each["pipeline"]["variables"]


def account(each: dict[str, Any]) -> str | None:
    return THEIRS if "role_arn" in each["pipeline"] else None


def build(each: dict[str, Any], region: str, release: str) -> Build:
    ami = image(release, region, NAMES[each["images"]])
    base = Place(each["base_parameter"], each["pipeline"].get("region", region), account(each))
    return Build(each["name"], region, release, ami, token(each, region, ami), base,
                 tuple(_places(each, region)))


def _places(each: dict[str, Any], region: str) -> list[Place]:
    golden = each.get("golden_parameter", [])
    listed = golden if isinstance(golden, list) else [golden]
    whole = [{"name": one} if isinstance(one, str) else one for one in listed]
    return [Place(one["name"], one.get("region", region),
                  PUBLIC if "role_arn" in one else account(each), one.get("output", OUTPUT))
            for one in whole]


# Their pipelines.


def pipelines(chance: random.Random, tracked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_pipeline(chance, each, region) for each in tracked for region in each["regions"]]


def _pipeline(chance: random.Random, each: dict[str, Any], region: str) -> dict[str, Any]:
    its = {"account": THEIRS} if account(each) else {}
    if is_v1(each):
        its |= {"type": "V1", "reads": each["base_parameter"]}
    return {"name": each["pipeline"]["name"], "variables": list(each["pipeline"]["variables"]),
            "region": each["pipeline"].get("region", region), **its,
            "plans": [_ending(chance, region) for _ in range(2)], "events": _events(chance)}


def _ending(chance: random.Random, region: str) -> dict[str, Any]:
    stages = [{"name": "Build", "actions": [
        {"name": "Packer", "seconds": chance.choice((0.1, 1, 5)),
         "outputs": {OUTPUT: f"{{ami:{region}}}", "IN_ABROAD": f"{{ami:{ABROAD}}}"}}]}]
    return {"stages": stages, "images": SEEN_BY_ALL,
            "outcome": chance.choice(("Succeeded",) * 5 + ("Failed", "Failed", "Stopped"))}


def _events(chance: random.Random) -> Any:
    if chance.random() < 0.2:
        return False
    return {"copies": chance.choice((1, 1, 2)), "levels": ["pipeline", "stage"],
            "order": chance.choice(("kept", "kept", "reversed", "late_start")),
            "drop": chance.choice(([], [], ["pipeline:STARTED"], ["stage"]))}


# Everything else that the configuration says.


def settings(chance: random.Random) -> dict[str, Any]:
    told = chance.sample(SINKS, chance.choice((1, 1, 2, 3))) if chance.random() < 0.4 else []
    return {"receivers": chance.choice((1, 1, 2, 3)), "attempts": chance.choice((1, 3, 3, 6)),
            "catch_up": {"every": "6h" if chance.random() < 0.2 else 0},
            "slack": chance.choices(("channel", "blind", "webhook"), (65, 20, 15))[0],
            "sinks": sorted(told), "events_queue": chance.random() < 0.3}


def words(tracked: list[dict[str, Any]], chosen: dict[str, Any]) -> Counter[str]:
    """What was chosen, each word as often as it was."""
    said = Counter({"catch-up": chosen["catch_up"]["every"] != 0,
                    "several receivers": chosen["receivers"] > 1,
                    "queue of events": chosen["events_queue"],
                    f"Slack by {chosen['slack']}": 1, **dict.fromkeys(chosen["sinks"], 1)})
    for each in tracked:
        said.update({"role": "role_arn" in each["pipeline"], "V1": is_v1(each),
                     "golden list": isinstance(each.get("golden_parameter"), list)})
    return +said
