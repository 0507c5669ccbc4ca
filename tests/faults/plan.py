"""What happens in a seed: who is tracked, what is announced, what goes wrong and when.

Everything is drawn from one generator, so a seed is the same plan for ever on one version of this
file. A step is due when the cloud has seen so many calls; the moments differ from run to run, the
choices do not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.cloud.envelope import FORGERIES
from tests.e2e.settings import AL2, AL2023, AL2023_ARM, HOME, family, image, token

US, ABROAD = "us-east-1", "eu-central-1"
MAX_RECEIVES = 25
LAST_CALL = 60  # no step waits for more
RELEASES = {"amazon-linux-2023": ("2023.9.20251020.0", "2023.9.20251027.0"),
            "amazon-linux-2": ("2.0.20251006.0", "2.0.20251014.0")}
NEVER = {"amazon-linux-2023": "2023.9.20991231.0", "amazon-linux-2": "2.0.20991231.0"}
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
JUNK = ("no JSON", "{}", "[]", "null", "{" * 200, '{"Type": "Notification"}', '"', "\u200b\ud7ff",
        '{"Type": 7, "MessageId": [], "TopicArn": {}}', "x" * 5000, '{"Records": [{"Sns": {}}]}')

ANY = ("reset", "lost_answer", "half", "garbage200", "html200", "slow", "endless", "500", "503")
AWS = (*ANY, "throttle", "throttle_no_message", "expired_token", "redirect", "skew")
RECEIVE = (*AWS, "early_empty", "wrong_md5", "eleven", "stale_handle")
SLACK = (*ANY, "429", "internal_error")
TARGETS = (
    (4, "sqs", "ReceiveMessage", RECEIVE), (3, "sqs", "DeleteMessageBatch", AWS),
    (1, "sqs", "ChangeMessageVisibilityBatch", AWS),
    (3, "codepipeline", "StartPipelineExecution", AWS), (1, "codepipeline", "GetPipeline", AWS),
    (2, "codepipeline", "GetPipelineExecution", AWS),
    (2, "codepipeline", "ListActionExecutions", AWS),
    (1, "ssm", "GetParameter", AWS), (2, "ssm", "PutParameter", AWS),
    (1, "ec2", "DescribeImages", AWS),
    (4, "slack", "chat.postMessage", SLACK), (2, "slack", "chat.update", SLACK),
    (1, "slack", "conversations.history", SLACK), (1, "slack", "conversations.replies", SLACK),
)
DETAILS = {
    "500": {"kind": "status", "status": 500}, "503": {"kind": "status", "status": 503},
    "429": {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    "internal_error": {"kind": "slack_error", "error": "internal_error"},
    "slow": {"kind": "slow", "seconds": 0.2},
}
UNANSWERED = (("codepipeline", "StartPipelineExecution"), ("slack", "chat.postMessage"),
              ("sqs", "DeleteMessageBatch"))  # each attempt ends after 10 s
HELD = (*UNANSWERED, ("sqs", "ReceiveMessage"), ("ssm", "PutParameter"), ("slack", "chat.update"),
        ("codepipeline", "GetPipelineExecution"))


@dataclass(frozen=True)
class Build:
    """What one announcement asks for in one line, a family in a region."""

    family: str
    region: str
    release: str
    image: str
    token: str
    golden: str | None

    @property
    def line(self) -> tuple[str, str]:
        return self.family, self.region


@dataclass(frozen=True)
class Step:
    """Due at that many calls: do is announce, body, faults, names, expire, kill or stop."""

    at: int
    do: str
    given: Any = None


@dataclass(frozen=True)
class Plan:
    seed: int
    families: list[dict[str, Any]]
    pipelines: list[dict[str, Any]]
    settings: dict[str, Any]
    blind: bool  # Slack may not know our messages again
    steps: list[Step]
    builds: list[Build]  # of a line the oldest release first

    def newest(self) -> dict[tuple[str, str], Build]:
        return {build.line: build for build in self.builds}


def draw(seed: int) -> Plan:
    chance = random.Random(seed)
    families = _families(chance)
    published = {each["publisher"]: chance.randint(1, 10) > 7 for each in families}
    releases = {publisher: RELEASES[publisher][:1 + twice] for publisher, twice in
                sorted(published.items())}
    blind = chance.random() < 0.2
    steps = [*_announcements(chance, releases), *_forgeries(chance, sorted(releases)),
             *_faults(chance), *_names(chance), *_deaths(chance)]
    return Plan(
        seed=seed, families=families, pipelines=_pipelines(chance, families),
        settings=_settings(chance), blind=blind,
        steps=sorted(steps, key=lambda step: step.at),
        builds=[_build(each, region, release) for each in families
                for region in each["regions"] for release in releases[each["publisher"]]])


# Who is tracked.


def _families(chance: random.Random) -> list[dict[str, Any]]:
    chosen = chance.sample(TRACKED, chance.choice((1, 1, 2, 2, 3)))
    return [family(**{
        **each,
        "base_parameter": f"/golden/{each['name']}/base",
        **({"golden_parameter": f"/golden/{each['name']}/ami", "golden_output": "GOLDEN_AMI_ID"}
           if chance.random() < 0.8 else {})}) for each in chosen]


def _settings(chance: random.Random) -> dict[str, Any]:
    return {"receivers": chance.choice((1, 1, 2, 3)), "attempts": chance.choice((1, 3, 3, 6)),
            "catch_up": {"every": "6h" if chance.random() < 0.1 else 0}}


def _pipelines(chance: random.Random, families: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": each["pipeline"]["name"], "variables": list(each["pipeline"]["variables"]),
             "region": each["pipeline"].get("region", region),
             "plans": [_ending(chance, region) for _ in range(2)], "events": _events(chance)}
            for each in families for region in each["regions"]]


def _ending(chance: random.Random, region: str) -> dict[str, Any]:
    stages = [{"name": "Build", "actions": [
        {"name": "Packer", "seconds": chance.choice((0.1, 1, 5)),
         "outputs": {"GOLDEN_AMI_ID": f"{{ami:{region}}}"}}]}]
    return {"stages": stages,
            "outcome": chance.choice(("Succeeded",) * 5 + ("Failed", "Failed", "Stopped"))}


def _events(chance: random.Random) -> Any:
    if chance.random() < 0.2:
        return False
    return {"copies": chance.choice((1, 1, 2)), "levels": ["pipeline", "stage"],
            "order": chance.choice(("kept", "kept", "reversed", "late_start")),
            "drop": chance.choice(([], [], ["pipeline:STARTED"], ["stage"]))}


def _build(each: dict[str, Any], region: str, release: str) -> Build:
    ami = image(release, region, NAMES[each["images"]])
    return Build(each["name"], region, release, ami, token(each, region, ami),
                 each.get("golden_parameter"))


# What comes into the queue.


def _announcements(chance: random.Random, releases: dict[str, tuple[str, ...]]) -> list[Step]:
    """Each release in its time, and some of them again: redelivered, or announced anew."""
    steps = []
    for publisher, versions in releases.items():
        for nth, version in enumerate(versions):
            given = {"topic": publisher, "release": version,
                     "copies": chance.choice((1, 1, 1, 2))}
            at = nth * 20 + chance.choice((0, 0, 3, 8))
            steps.append(Step(at, "announce", given))
            if chance.random() < 0.3:
                again = {**given, "redelivered": chance.random() < 0.5}
                steps.append(Step(chance.randint(at, 40), "announce", again))
    return steps


def _forgeries(chance: random.Random, publishers: list[str]) -> list[Step]:
    """Of releases that are never announced in earnest: who believes one, builds it."""
    forged = [Step(chance.randint(0, 30), "announce", {
        "topic": publisher, "release": NEVER[publisher], "forge": chance.choice(FORGERIES)})
        for publisher in chance.choices(publishers, k=chance.randint(0, 2))]
    junk = [Step(chance.randint(0, 30), "body", chance.choice(JUNK))
            for _ in range(chance.randint(0, 2))]
    return forged + junk


# What goes wrong.


def _faults(chance: random.Random) -> list[Step]:
    steps = []
    for _ in range(chance.randint(4, 14)):
        _, service, operation, kinds = chance.choices(TARGETS, [each[0] for each in TARGETS])[0]
        kind = chance.choice(kinds)
        rule = {"service": service, "operation": operation, "kind": kind, **DETAILS.get(kind, {}),
                "count": chance.choice((1, 1, 1, 2, 4)), "skip": chance.choice((0, 0, 0, 0, 1, 2))}
        if kind == "skew":
            rule["seconds"] = chance.choice((-3600, -600, 600, 86400))
        steps.append(Step(chance.choice((0, 0, 0, 8, 16)), "faults", rule))
    if chance.random() < 0.04:
        service, operation = chance.choice(UNANSWERED)
        steps.append(Step(0, "faults", {"service": service, "operation": operation,
                                        "kind": "hang"}))
    if chance.random() < 0.02:
        steps.append(Step(0, "faults", {"service": "sqs", "operation": "ReceiveMessage",
                                        "kind": "hang", "skip": chance.choice((1, 2))}))
    return steps


def _names(chance: random.Random) -> list[Step]:
    """The name server knows AWS no more, or leads to where nobody listens; then it is well."""
    if chance.random() >= 0.2:
        return []
    at = chance.randint(0, 25)
    return [Step(at, "names", chance.choice(("gone", "elsewhere"))),
            Step(at + chance.randint(2, 12), "names", "home")]


def _deaths(chance: random.Random) -> list[Step]:
    """kill -9 at any moment, or while the cloud holds a call before or after its effect."""
    steps = [Step(chance.randint(2, LAST_CALL - 15), "kill", None)
             for _ in range(chance.choice((0, 0, 1, 1, 2)))]
    if chance.random() < 0.4:
        service, operation = chance.choice(HELD)
        rule = chance.choice(({"kind": "hang"}, {"kind": "slow", "seconds": 3600}))
        steps.append(Step(chance.randint(0, 25), "kill",
                          {"service": service, "operation": operation, **rule}))
    if chance.random() < 0.3:
        steps.append(Step(chance.randint(2, LAST_CALL - 15), "stop", None))
    if chance.random() < 0.4:
        steps.append(Step(chance.randint(5, 40), "expire", None))
    return steps
