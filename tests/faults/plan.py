"""What happens in a seed: who is tracked, what is announced, what goes wrong and when.

Everything is drawn from one generator, so a seed is the same plan for ever on one version of this
file. A step is due when the cloud has seen so many calls; the moments differ from run to run, the
choices do not.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.cloud.envelope import FORGERIES
from tests.faults import cast
from tests.faults.cast import RELEASES, Build

MAX_RECEIVES = 25
LAST_CALL = 60  # no step waits for more
NEVER = {"amazon-linux-2023": "2023.9.20991231.0", "amazon-linux-2": "2.0.20991231.0"}
JUNK = ("no JSON", "{}", "[]", "null", "{" * 200, '{"Type": "Notification"}', '"', "\u200b\ud7ff",
        '{"Type": 7, "MessageId": [], "TopicArn": {}}', "x" * 5000, '{"Records": [{"Sns": {}}]}')

ANY = ("reset", "lost_answer", "half", "garbage200", "html200", "slow", "endless", "500", "503")
AWS = (*ANY, "throttle", "throttle_no_message", "expired_token", "redirect", "skew")
RECEIVE = (*AWS, "early_empty", "wrong_md5", "eleven", "stale_handle")
SLACK = (*ANY, "429", "internal_error")
HOOK = (*ANY, "429")
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
ONLY_WITH = {"role": (4, "sts", "AssumeRole", AWS), "golden list": (2, "sts", "AssumeRole", AWS),
             "sns": (3, "sns", "Publish", AWS), "eventbridge": (3, "events", "PutEvents", AWS),
             "webhook": (3, "hook", "ci", HOOK), "Slack by webhook": (5, "slack", "webhook", HOOK)}
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
class Step:
    """Due at that many calls: do is announce, body, faults, names, expire, kill, stop, or what
    somebody does in the console: halt or retry."""

    at: int
    do: str
    given: Any = None


@dataclass(frozen=True)
class Plan:
    seed: int
    families: list[dict[str, Any]]
    pipelines: list[dict[str, Any]]
    settings: dict[str, Any]
    steps: list[Step]
    builds: list[Build]  # of a line the oldest release first

    @property
    def blind(self) -> bool:
        """Slack cannot be asked for our messages again."""
        return self.settings["slack"] != "channel"

    def words(self) -> Counter[str]:
        """The choices that were made, each as often as it was."""
        said = cast.words(self.families, self.settings)
        for step in self.steps:
            if step.do == "announce":
                said[f"signature {step.given['signature_version']}"] += 1
                said["delivered again"] += step.given.get("redelivered", False)
                said["delivered twice"] += step.given.get("copies", 1) > 1
            elif step.do == "names":
                said[f"name {step.given}"] += 1
        return +said

    def newest(self) -> dict[tuple[str, str], Build]:
        return {build.line: build for build in self.builds}


def draw(seed: int) -> Plan:
    chance = random.Random(seed)
    families = cast.families(chance)
    published = {each["publisher"]: chance.randint(1, 10) > 7 for each in families}
    releases = {publisher: RELEASES[publisher][:1 + twice] for publisher, twice in
                sorted(published.items())}
    settings = cast.settings(chance)
    targets = [*TARGETS, *(ONLY_WITH[word] for word in sorted(
        ONLY_WITH.keys() & cast.words(families, settings).keys()))]
    steps = [*_announcements(chance, releases), *_forgeries(chance, sorted(releases)),
             *_junk(chance, settings["events_queue"]), *_faults(chance, targets),
             *_names(chance), *_deaths(chance), *_hands(chance)]
    return Plan(
        seed=seed, families=families, pipelines=cast.pipelines(chance, families),
        settings=settings, steps=sorted(steps, key=lambda step: step.at),
        builds=[cast.build(each, region, release) for each in families
                for region in each["regions"] for release in releases[each["publisher"]]])


# What comes into the queue.


def _announcements(chance: random.Random, releases: dict[str, tuple[str, ...]]) -> list[Step]:
    """Each release in its time, and some of them again: redelivered, or announced anew."""
    steps = []
    for publisher, versions in releases.items():
        for nth, version in enumerate(versions):
            given = {"topic": publisher, "release": version,
                     "copies": chance.choice((1, 1, 1, 2)),
                     "signature_version": chance.choice("12")}
            at = nth * 20 + chance.choice((0, 0, 3, 8))
            steps.append(Step(at, "announce", given))
            if chance.random() < 0.3:
                again = {**given, "redelivered": chance.random() < 0.5}
                steps.append(Step(chance.randint(at, 40), "announce", again))
    return steps


def _forgeries(chance: random.Random, publishers: list[str]) -> list[Step]:
    """Of releases that are never announced in earnest: who believes one, builds it."""
    return [Step(chance.randint(0, 30), "announce", {
        "topic": publisher, "release": NEVER[publisher], "forge": chance.choice(FORGERIES),
        "signature_version": chance.choice("12")})
        for publisher in chance.choices(publishers, k=chance.randint(0, 2))]


def _junk(chance: random.Random, events_queue: bool) -> list[Step]:
    """Into the queue of events, too, where there is one."""
    return [Step(chance.randint(0, 30), "body", {
        "body": chance.choice(JUNK), "events": events_queue and chance.random() < 0.5})
        for _ in range(chance.randint(0, 2))]


# What goes wrong.


def _faults(chance: random.Random, targets: list[tuple]) -> list[Step]:
    steps = []
    for _ in range(chance.randint(4, 14)):
        _, service, operation, kinds = chance.choices(targets, [each[0] for each in targets])[0]
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
    """The name server knows AWS no more, leads to where nobody listens, or says both addresses."""
    if chance.random() >= 0.2:
        return []
    at = chance.randint(0, 25)
    return [Step(at, "names", chance.choice(("gone", "elsewhere", "two ways"))),
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


def _hands(chance: random.Random) -> list[Step]:
    """Somebody stops what runs in the console, or retries what has ended badly."""
    halted = [Step(chance.randint(5, 40), "halt", chance.random() < 0.5)] \
        if chance.random() < 0.3 else []
    return halted + [Step(chance.randint(20, LAST_CALL), "retry", None)
                     for _ in range(chance.choice((0, 0, 1)))]
