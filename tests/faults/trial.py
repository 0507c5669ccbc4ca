"""One seed: the plan is carried out on a cloud, the worker settles, and what can be seen is seen.

A step that is due waits for so many calls, though not for long: a worker may be dead, or wait by
itself. When the plan is over there are no more faults, and what keeps being open although nothing
happens is helped along as time would do it: the worker is stopped, whatever waits in its ledger for
a time waits no longer, hidden messages are shown, and it is started again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cloud.client import Cloud, CloudError, CloudTimeout
from tests.cloud.slack_channels import Channels
from tests.e2e import settings
from tests.e2e.conftest import Ledger
from tests.e2e.worker import Worker
from tests.faults.cast import PUBLIC, PUBLISH, SEEN_BY_ALL, START, THEIRS
from tests.faults.check import Finding, Seen, check, check_builds
from tests.faults.names import Names
from tests.faults.plan import MAX_RECEIVES, Plan

QUEUE, EVENTS = "faults", "faults-events"
KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
STEP_S = 0.7   # for the calls that a step is due at
HELD_S = 3     # for the call that a worker is to be killed in
QUIET_S = 1.5  # without any call: nothing goes on by itself
HELPS = 10     # after which it is not helped along any more
TIME_MENDS = {"lost", "unfinished", "untold", "golden", "message"}
WAITING = (
    "SELECT 'build', family, region, release, state, trouble FROM builds"
    " WHERE state IN ('wanted', 'started')",
    "SELECT 'notice', notice, 'for', sink FROM deliveries",
    "SELECT 'golden parameter', name, region FROM golden_moves WHERE state = 'waiting'")


class Trial:
    """One plan on one cloud, which was reset."""

    def __init__(self, plan: Plan, cloud: Cloud, folder: Path, names: Names) -> None:
        self.plan, self.cloud, self.folder = plan, cloud, folder
        self.helped = 0
        self._names = names
        self._seen = Seen()
        self._lives: list[Worker] = []
        self._sent: dict[str, dict[str, Any]] = {}
        self._ledger = Ledger(folder / "ledger.db")

    def run(self) -> tuple[Seen, list[Finding]]:
        """Carries it out; what was seen at the end, and what is wrong with it."""
        try:
            self._prepare()
            self._carry_out()
            self._settle()
            self._drain()
        except (AssertionError, CloudError) as trouble:
            self._seen.complaints.append(str(trouble))
        self._end()
        self._look()
        return self._seen, check(self.plan, self._seen)

    @property
    def moves_names(self) -> bool:
        return self._names.moves

    def logs(self) -> list[str]:
        return [life.said() for life in self._lives]

    # The beginning.

    def _prepare(self) -> None:
        cloud, given = self.cloud, self.plan.settings
        urls = {name: cloud.queue(name, max_receives=MAX_RECEIVES)["url"]
                for name in self._queues()}
        for each in self.plan.pipelines:
            events = {**each["events"], "queue": self._queues()[-1]} if each["events"] else False
            cloud.pipeline(**{**each, "events": events})
        for arn in (START, PUBLISH):
            cloud.role(arn)
        queue = {"url": urls[QUEUE], "receivers": given["receivers"]}
        if EVENTS in urls:
            queue["events_url"] = urls[EVENTS]
        settings.write(self.folder, settings.configuration(
            cloud, self.folder, *self.plan.families, region=settings.HOME, queue=queue,
            slack=self._slack(given["slack"]), catch_up=given["catch_up"],
            sinks=[self._sink(kind) for kind in given["sinks"]]))

    def _queues(self) -> list[str]:
        """The announcements' first, and last the one to which pipelines send their events."""
        return [QUEUE, EVENTS] if self.plan.settings["events_queue"] else [QUEUE]

    def _slack(self, way: str) -> dict[str, Any]:
        """A channel's history can be read by its id, and not by its name or over a webhook."""
        if way == "webhook":
            return {"token": None, "webhook": self._secret("slack", self.cloud.slack_webhook)}
        return {"channel": "#golden-amis" if way == "blind" else Channels().find("golden-amis"),
                "api_url": self._names.of(self.cloud.slack_api_url)}

    def _sink(self, kind: str) -> dict[str, Any]:
        if kind == "sns":
            return {"sns": self.cloud.topic("golden")}
        if kind == "eventbridge":
            self.cloud.bus("golden")
            return {"eventbridge": "golden"}
        return {"name": "ci", "webhook": self.cloud.hook("ci", secret=KEY),
                "key": self._secret("webhook-key", KEY)}

    def _secret(self, name: str, text: str) -> dict[str, str]:
        (self.folder / name).write_text(text)
        return {"file": str(self.folder / name)}

    def _begin_life(self) -> None:
        env = {"AWS_MAX_ATTEMPTS": str(self.plan.settings["attempts"]),
               "AWS_ENDPOINT_URL": self._names.of(self.cloud.url)}
        self._lives.append(Worker(self.cloud, self.folder / "evergold.yaml", env=env))
        self._lives[-1].wait_log("started")

    @property
    def _worker(self) -> Worker:
        return self._lives[-1]

    # The steps.  What is due at once is done before there is a worker.

    def _carry_out(self) -> None:
        for step in self.plan.steps:
            if (step.at or step.do == "kill") and not self._lives:
                self._begin_life()
            if step.at:
                self._reached({"count": step.at}, STEP_S)
            getattr(self, f"_do_{step.do}")(step.given)
        if not self._lives:
            self._begin_life()

    def _reached(self, calls: dict[str, Any], timeout: float) -> bool:
        try:
            self.cloud.wait_for(timeout, calls=calls)
        except CloudTimeout:
            return False
        return True

    def _do_announce(self, given: dict[str, Any]) -> None:
        members = dict(given)
        if members.pop("redelivered", False):
            members |= self._sent.get(given["release"], {})
        sent = self.cloud.announce(**members, queue=QUEUE)
        (self._seen.rejected if "forge" in given else self._seen.genuine).extend(
            sent["sqs_message_ids"])
        self._sent.setdefault(given["release"], {name: sent[name] for name in
                                                 ("message_id", "timestamp")})

    def _do_body(self, given: dict[str, Any]) -> None:
        sent = self.cloud.put_body(given["body"], queue=EVENTS if given["events"] else QUEUE)
        self._seen.rejected += sent["sqs_message_ids"]

    def _do_faults(self, rule: dict[str, Any]) -> None:
        if rule["kind"] == "redirect":
            rule = {**rule, "location": f"{self.cloud.url}/elsewhere"}
        self.cloud.faults(rule)

    def _do_names(self, where: str) -> None:
        self._names.lead(where)

    def _do_expire(self, _: None) -> None:
        for name in self._queues():
            self.cloud.expire(name)

    def _do_halt(self, abandon: bool) -> None:
        self._seen.halted += self._by_hand(
            lambda each: each["status"] == "InProgress",
            lambda each: self.cloud.stop_execution(each, "by hand", abandon))

    def _do_retry(self, _: None) -> None:
        self._seen.retried += self._by_hand(
            lambda each: each["status"] in ("Failed", "Stopped") and each["actions"]
            and each["variables"] and self._is_followed(each),
            lambda each: self.cloud.retry_stage(each, plan={"images": SEEN_BY_ALL}))

    def _is_followed(self, execution: dict[str, Any]) -> bool:
        """Once a newer one was started, an older one is looked at again for an event alone."""
        newest = {build.token for build in self.plan.newest().values()}
        telling = {(each["name"], each["region"]) for each in self.plan.pipelines if each["events"]}
        return (execution["token"] in newest
                or (execution["pipeline"], execution["region"]) in telling)

    def _by_hand(self, fits: Callable, act: Callable) -> bool:
        """Upon the newest execution that fits, if any; it may have moved on meanwhile."""
        fitting = [each for each in self.cloud.executions() if fits(each)]
        try:
            for each in fitting[-1:]:
                act(each["id"])
        except CloudError:
            return False
        return bool(fitting)

    def _do_stop(self, _: None) -> None:
        self._worker.stop()
        self._begin_life()

    def _do_kill(self, held: dict[str, Any] | None) -> None:
        if held:
            since = self._last_call()
            self.cloud.faults(held)
            met = {name: held[name] for name in ("service", "operation")}
            if not self._reached({**met, "fault": held["kind"], "since": since}, HELD_S):
                self.cloud.clear_faults()
        self._worker.kill()
        self._seen.kills += 1
        self._begin_life()

    def _last_call(self) -> int:
        return max((call["seq"] for call in self.cloud.calls()), default=0)

    # The end: everything becomes well, and then it must be.

    def _settle(self) -> None:
        self.cloud.clear_faults()
        self._names.lead("home")
        while self._is_open() and self.helped < HELPS:
            if not self._reached({"since": self._last_call()}, QUIET_S) and self._is_open():
                self._help()

    def _is_open(self) -> bool:
        assert self._worker.running, f"it ended by itself:\n{self._worker.said()}"
        self._look()
        left = set(self._seen.queued) - set(self._seen.rejected)
        return bool(left) or any(finding.kind in TIME_MENDS for finding in
                                 check_builds(self.plan, self._seen))

    def _help(self) -> None:
        """What is hidden is shown; when that has not been enough, time passes."""
        self.helped += 1
        if self.helped % 2 and set(self._seen.queued) - set(self._seen.rejected):
            self._do_expire(None)
            return
        self._worker.stop()
        self._ledger.time_passes()
        self._do_expire(None)
        self._begin_life()

    def _drain(self) -> None:
        """Until the redrive policy has taken what is rejected."""
        for _ in range(2 * MAX_RECEIVES):
            full = [name for name in self._queues() if self.cloud.queue_depth(name)]
            for name in full:
                self.cloud.expire(name)
                self.cloud.wait_for(queue={"name": name, "visible": 0})
            if not full:
                return

    def _end(self) -> None:
        for life in self._lives:
            try:
                life.end()
                life.fine()
            except AssertionError as trouble:
                self._seen.complaints.append(str(trouble) or "a line that is no log line")

    # What is seen.

    def _look(self) -> None:
        seen, state = self._seen, self.cloud.state()
        seen.executions, seen.slack = state["executions"], state["slack"]
        seen.published, seen.put_events = state["published"], state["put_events"]
        seen.calls = self.cloud.calls()
        seen.parameters = {f"{account or ''}:{place}": value for account in (None, THEIRS, PUBLIC)
                           for place, value in self.cloud.parameters(account).items()}
        held = {queue["name"]: [each["message_id"] for each in queue["messages"]]
                for queue in state["queues"]}
        seen.queued = [each for name in self._queues() for each in held[name]]
        seen.dead = [each for name in self._queues() for each in held[f"{name}-dead"]]
        seen.contacts = self._names.strangers(self.cloud.url)
        if self._ledger.path.exists():
            self._read_ledger()

    def _read_ledger(self) -> None:
        rows = self._ledger.rows
        self._seen.overtaken = [f"{(family, region)} {image}" for family, region, image in rows(
            "SELECT family, region, image_id FROM decisions WHERE outcome = 'older' UNION "
            "SELECT family, region, image_id FROM builds WHERE state = 'superseded'")]
        self._seen.waiting = [" ".join(map(str, row)) for query in WAITING for row in rows(query)]
