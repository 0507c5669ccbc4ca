"""What the cloud saw, compared with what should have happened.

Pure: a plan and what was seen go in, findings come out, each a word of KINDS and what is wrong in
the words of a person. No finding means: every announcement that is tracked was built once in each
line, or was overtaken by a newer one; every build was told; every message is where it belongs.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.faults.cast import Build, Place
from tests.faults.plan import Plan

KINDS = ("lost", "double", "stray", "unfinished", "untold", "told_twice", "golden", "base",
         "message", "contact", "violation", "worker")
HEADLINES = {"Succeeded": ("golden AMI built", "build succeeded"),
             "Failed": ("build failed", "still failing"),
             "Stopped": ("build was stopped by hand",),
             "Superseded": ("superseded by a newer execution",)}
NOT_WRITTEN, STILL_NAMES = "was not written", "still names"
EFFECT = ("half", "lost_answer", "slow", "endless")  # the fault comes after what was asked for
_TIME = ("Signature expired", "Signature not yet current",  # what a wrong clock is refused with
         "The security token included in the request is expired")


class Finding(NamedTuple):
    kind: str
    text: str


@dataclass
class Seen:
    """All that is looked at, as plain data, so that it can be kept and read again."""

    executions: list[dict[str, Any]] = field(default_factory=list)
    slack: list[dict[str, Any]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)   # to the topic
    put_events: list[dict[str, Any]] = field(default_factory=list)  # to the event bus
    parameters: dict[str, str] = field(default_factory=dict)  # by account:region:name
    queued: list[str] = field(default_factory=list)      # message ids that are left in the queue
    dead: list[str] = field(default_factory=list)        # and in the dead-letter queue
    genuine: list[str] = field(default_factory=list)     # those that were to be deleted
    rejected: list[str] = field(default_factory=list)    # those that were to be kept
    overtaken: list[str] = field(default_factory=list)   # images that gave way, by the ledger
    waiting: list[str] = field(default_factory=list)     # what the ledger still means to do
    calls: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)    # who else was talked to
    complaints: list[str] = field(default_factory=list)  # about the worker itself
    kills: int = 0
    halted: int = 0  # by hand, in the console,
    retried: int = 0  # and likewise


def check(plan: Plan, seen: Seen) -> list[Finding]:
    """Everything that is wrong, at the end of all."""
    return [*check_builds(plan, seen), *_messages(seen), *_contacts(seen), *_violations(seen),
            *(Finding("worker", text) for text in seen.complaints)]


def check_builds(plan: Plan, seen: Seen) -> list[Finding]:
    """What is not done, or not right, about builds; what only takes time ends by itself."""
    return [*_lost(plan, seen), *_doubles(seen), *_strays(plan, seen), *_unfinished(seen),
            *_told(plan, seen), *_sinks(plan, seen), *_goldens(plan, seen), *_bases(plan, seen)]


# Builds.


def _by_token(seen: Seen) -> dict[str, dict[str, Any]]:
    return {each["token"]: each for each in seen.executions}


def _lost(plan: Plan, seen: Seen) -> list[Finding]:
    """The newest of a line is always built; of an older one the ledger says that it gave way."""
    tokens, newest = _by_token(seen), plan.newest()
    return [Finding("lost", f"{build.family} {build.region} {build.release}")
            for build in plan.builds if build.token not in tokens
            and (build is newest[build.line] or f"{build.line} {build.image}" not in
                 seen.overtaken)]


def _doubles(seen: Seen) -> list[Finding]:
    """By token, and by what was built where: another token for the same is a second build."""
    by_token = Counter(each["token"] for each in seen.executions)
    by_image = Counter((each["pipeline"], each["region"], each["variables"]["BASE_AMI_ID"])
                       for each in seen.executions if each["variables"])
    return [Finding("double", f"{what} {count} times")
            for what, count in [*by_token.items(), *by_image.items()] if count > 1]


def _strays(plan: Plan, seen: Seen) -> list[Finding]:
    """A V1 pipeline has no variables, and only its token to be told by."""
    wanted = {build.token: build.image for build in plan.builds}
    return [Finding("stray", f"{each['pipeline']} {each['id']} of {each['variables']}")
            for each in seen.executions
            if each["token"] not in wanted
            or each["variables"].get("BASE_AMI_ID") != wanted[each["token"]] and each["variables"]]


def read_another(plan: Plan, seen: Seen) -> int:
    """Executions of V1 pipelines that came before their base parameter was written: that is done
    when the start is accepted, and a worker may die in between."""
    wanted = {build.token: build.image for build in plan.builds}
    return sum(each["read"] not in (None, wanted.get(each["token"])) for each in seen.executions)


def _unfinished(seen: Seen) -> list[Finding]:
    running = [f"execution {each['id']} is {each['status']}" for each in seen.executions
               if not each["finished"]]
    return [Finding("unfinished", text) for text in [*running, *seen.waiting]]


# What people are told.  Over a webhook each notice is a message, and there are no threads.


def _told(plan: Plan, seen: Seen) -> list[Finding]:
    tokens, findings = _by_token(seen), []
    for build in plan.builds:
        execution = tokens.get(build.token)
        roots, details = (_messages_of(plan, seen, build, part) for part in ("root", "details"))
        if execution:
            findings += _root(build, execution, roots)
            if plan.settings["slack"] != "webhook":
                findings += _details(build, roots, details)
        findings += _twice(plan, seen, build, roots, details)
    return findings


def _messages_of(plan: Plan, seen: Seen, build: Build, part: str) -> list[dict[str, Any]]:
    """By what a message is found again by, which the worker puts into its metadata; over a webhook
    by the build in its last line."""
    if plan.settings["slack"] == "webhook":
        return [each for each in seen.slack if part == "root" and _is_end(each)
                and f"build {build.token[:12]}" in each["text"]]
    return [each for each in seen.slack if str((each.get("metadata") or {}).get(
        "event_payload", {}).get("post", "")).startswith(f"{build.token}-{part}-")]


def _is_end(message: dict[str, Any]) -> bool:
    return any(word in message["text"] for words in HEADLINES.values() for word in words)


def _root(build: Build, execution: dict[str, Any],
          roots: list[dict[str, Any]]) -> list[Finding]:
    words = HEADLINES.get(execution["status"], ())
    if any(word in root["text"] for root in roots for word in words):
        return []
    said = "; ".join(root["text"] for root in roots) or "nothing"
    return [Finding("untold", f"{build.family} {build.region} {build.release} "
                    f"{execution['status']}, the channel says: {said}")]


def _details(build: Build, roots: list[dict[str, Any]],
             details: list[dict[str, Any]]) -> list[Finding]:
    threads = {root["ts"] for root in roots}
    if any(each["thread_ts"] in threads for each in details):
        return []
    return [Finding("untold", f"{build.family} {build.region} {build.release}: no details")]


def _twice(plan: Plan, seen: Seen, build: Build, *parts: list[dict[str, Any]]) -> list[Finding]:
    """Where Slack's history can be read, an answer that got lost makes no second message."""
    allowed = _posts_in_doubt(seen) if plan.blind else 0
    return [Finding("told_twice", f"{build.family} {build.region} {build.release}: "
                    f"{len(messages)} messages, {allowed} answers lost")
            for messages in parts if len(messages) > 1 + allowed]


def _posts_in_doubt(seen: Seen) -> int:
    lost = sum(call["operation"] in ("chat.postMessage", "webhook") and call["status"] != 200
               for call in seen.calls)
    return lost + seen.kills + seen.retried


def _sinks(plan: Plan, seen: Seen) -> list[Finding]:
    """Each other sink was told at least once how each build has ended."""
    tokens = _by_token(seen)
    said = {kind: {(news["build"]["token"], news["build"]["status"])
                   for news in _news(seen, kind) if news["kind"] == "finished"}
            for kind in plan.settings["sinks"]}
    return [Finding("untold", f"{build.family} {build.region} {build.release}: {kind} of its end")
            for build in plan.builds if build.token in tokens
            for kind, ends in said.items()
            if (build.token, tokens[build.token]["status"]) not in ends]


def _news(seen: Seen, kind: str) -> list[dict[str, Any]]:
    """The documents that arrived there."""
    if kind == "sns":
        return [json.loads(json.loads(each["message"])["default"]) for each in seen.published]
    if kind == "eventbridge":
        return [each["detail"] for each in seen.put_events]
    return [call["params"]["body"] for call in seen.calls if call["service"] == "hook"
            and (call["status"] == 200 or call["fault"] in EFFECT)]


# Parameters.


def _succeeded(plan: Plan, seen: Seen) -> dict[tuple[str, str], tuple[Build, dict[str, Any]]]:
    """The newest build of each line that succeeded, with its execution."""
    tokens = _by_token(seen)
    return {build.line: (build, tokens[build.token]) for build in plan.builds
            if tokens.get(build.token, {}).get("status") == "Succeeded"}


def _goldens(plan: Plan, seen: Seen) -> list[Finding]:
    """A golden parameter names the AMI of the newest build that succeeded, or does not exist."""
    succeeded, findings = _succeeded(plan, seen), []
    for line, build in plan.newest().items():
        newest, execution = succeeded.get(line, (build, None))
        for place in build.golden:
            held, wanted = _held(seen, place), _output(execution, place)
            if held != wanted and not _told_instead(plan, seen, newest, place):
                findings.append(Finding("golden", f"{line} {place} holds {held}, not {wanted}"))
    return findings


def _bases(plan: Plan, seen: Seen) -> list[Finding]:
    """A base parameter names the image of the newest build that succeeded, where there is one."""
    findings = []
    for line, (build, _) in _succeeded(plan, seen).items():
        held = _held(seen, build.base)
        if held not in (build.image, *_left(plan, seen, line)) and not _told_instead(
                plan, seen, build, build.base):
            findings.append(Finding("base", f"{line} holds {held}, not {build.image}"))
    return findings


def _left(plan: Plan, seen: Seen, line: tuple[str, str]) -> list[str]:
    """Images of which people were told that the base parameter still names them."""
    return [build.image for build in plan.builds if build.line == line
            and _said(plan, seen, build, f"{build.base.name} {STILL_NAMES} {build.image}")]


def _held(seen: Seen, place: Place) -> str | None:
    return seen.parameters.get(f"{place.account or ''}:{place.region}:{place.name}")


def _told_instead(plan: Plan, seen: Seen, build: Build, place: Place) -> bool:
    """A write that AWS refuses is not tried for ever; then people are told that it was not done."""
    return _said(plan, seen, build, NOT_WRITTEN, f"{place.name} ")


def _said(plan: Plan, seen: Seen, build: Build, *words: str) -> bool:
    """In the details of the build, which are in its only message where there are no threads."""
    part = "root" if plan.settings["slack"] == "webhook" else "details"
    return any(all(word in each["text"] for word in words)
               for each in _messages_of(plan, seen, build, part))


def _output(execution: dict[str, Any] | None, place: Place) -> str | None:
    return next((action["outputs"][place.output] for action in (execution or {}).get("actions", [])
                 if place.output in action["outputs"]), None)


# Messages, and everything else.


def _messages(seen: Seen) -> list[Finding]:
    """The queue is empty, and of what was put into it the rejected alone are dead letters."""
    stray = [*[f"{each} is left in the queue" for each in seen.queued],
             *[f"{each} became a dead letter" for each in set(seen.dead) - set(seen.rejected)],
             *[f"{each} was rejected, and deleted" for each in
               set(seen.rejected) - set(seen.dead) - set(seen.queued)]]
    return [Finding("message", text) for text in stray]


def _contacts(seen: Seen) -> list[Finding]:
    unknown = [f"{call['service']}.{call['operation']}" for call in seen.calls
               if call["service"] == "unknown"]
    return [Finding("contact", text) for text in [*seen.contacts, *unknown]]


def _violations(seen: Seen) -> list[Finding]:
    """Where a clock was wrong, requests are refused for their time until that is learnt."""
    skewed = any(call["fault"] == "skew" for call in seen.calls)
    return [Finding("violation", f"{call['service']}.{call['operation']}: {line}")
            for call in seen.calls for line in call["violations"]
            if not (skewed and any(word in line for word in _TIME))]
