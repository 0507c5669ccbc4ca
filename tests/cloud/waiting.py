"""Conditions on what has been observed, for tests that wait instead of sleeping.

A condition is an object; every member that it names must hold.

calls: {service, operation, region, account, principal, params, status, error, fault, since, count}
    at least ``count`` (1) calls match; a running one has status null, params is a subset
executions: {pipeline, region, account, status, finished, action, attempt, count}
    at least ``count`` (1) executions match; status is one word or a list; action: it has begun
slack: {text, channel, via, reply, count}
    at least ``count`` (1) messages contain the text, their blocks included; reply: they are
    replies in a thread, or are not
queue: {name, visible, in_flight, polling, empty}
    the counts are these (polling: at least); empty: nothing visible, in flight or delayed
parameter: {name, region, account, value}
    the parameter has that value
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .errors import Refused
from .world import World


def holds(world: World, condition: dict[str, Any]) -> bool:
    """True when every member of the condition holds now; Refused for an unknown one."""
    for name, wanted in condition.items():
        if name not in _CHECKS:
            raise Refused(f"unknown condition {name!r}: one of {', '.join(_CHECKS)}")
        if not _CHECKS[name](world, wanted):
            return False
    return True


def _calls(world: World, wanted: dict[str, Any]) -> bool:
    return sum(1 for _ in world.calls.select(wanted)) >= wanted.get("count", 1)


def _executions(world: World, wanted: dict[str, Any]) -> bool:
    statuses = wanted.get("status")
    statuses = [statuses] if isinstance(statuses, str) else statuses
    matching = [
        each for each in world.codepipeline.executions()
        if wanted.get("pipeline") in (None, each.pipeline.name)
        and wanted.get("region") in (None, each.pipeline.region)
        and wanted.get("account") in (None, each.pipeline.account)
        and (statuses is None or each.status in statuses)
        and wanted.get("attempt") in (None, each.attempt)
        and wanted.get("action") in (None, *(run.plan.name for run in each.actions))
        and wanted.get("finished") in (None, each.finished)]
    return len(matching) >= wanted.get("count", 1)


def _slack(world: World, wanted: dict[str, Any]) -> bool:
    matching = [
        each for each in world.slack.channels.messages
        if wanted.get("channel", each.channel_name).lstrip("#") == each.channel_name
        and wanted.get("via") in (None, each.via)
        and wanted.get("reply") in (None, each.thread_ts is not None)
        and wanted.get("text", "") in each.text + json.dumps(
            [each.blocks, each.attachments], ensure_ascii=False)]
    return len(matching) >= wanted.get("count", 1)


def _queue(world: World, wanted: dict[str, Any]) -> bool:
    queue = world.queue(wanted.get("name"))
    if queue is None:
        return False
    counts = queue.counts()
    if counts["polling"] < wanted.get("polling", 0):
        return False
    if any(counts[name] != wanted[name] for name in ("visible", "in_flight") if name in wanted):
        return False
    left = counts["visible"] + counts["in_flight"] + counts["delayed"]
    return "empty" not in wanted or (left == 0) == wanted["empty"]


def _parameter(world: World, wanted: dict[str, Any]) -> bool:
    region = wanted.get("region", world.settings.region)
    account = wanted.get("account", world.settings.account)
    return any(each["name"] == wanted["name"] and each["region"] == region
               and each["account"] in ("", account)
               and wanted.get("value", each["value"]) == each["value"]
               for each in world.ssm.state())


_CHECKS: dict[str, Callable[[World, dict[str, Any]], bool]] = {
    "calls": _calls, "executions": _executions, "slack": _slack, "queue": _queue,
    "parameter": _parameter,
}
