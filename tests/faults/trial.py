"""One seed: the plan is carried out on a cloud, the worker settles, and what can be seen is seen.

A step that is due waits for so many calls, though not for long: a worker may be dead, or wait by
itself. When the plan is over there are no more faults, and what keeps being open although nothing
happens is helped along as time would do it: the worker is stopped, whatever waits in its ledger for
a time waits no longer, hidden messages are shown, and it is started again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cloud.client import Cloud, CloudError, CloudTimeout
from tests.cloud.slack_channels import Channels
from tests.e2e import settings
from tests.e2e.conftest import Ledger
from tests.e2e.worker import Worker
from tests.faults.check import Finding, Seen, check, check_builds
from tests.faults.names import Names
from tests.faults.plan import MAX_RECEIVES, Plan

QUEUE, DEAD = "faults", "faults-dead"
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
        queue = cloud.queue(QUEUE, max_receives=MAX_RECEIVES)
        for each in self.plan.pipelines:
            events = {**each["events"], "queue": QUEUE} if each["events"] else False
            cloud.pipeline(**{**each, "events": events})
        channel = "#golden-amis" if self.plan.blind else Channels().find("golden-amis")
        settings.write(self.folder, settings.configuration(
            cloud, self.folder, *self.plan.families,
            queue={"url": queue["url"], "receivers": given["receivers"]},
            slack={"channel": channel, "api_url": self._names.of(cloud.slack_api_url)},
            catch_up=given["catch_up"]))

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

    def _do_body(self, body: str) -> None:
        self._seen.rejected += self.cloud.put_body(body, queue=QUEUE)["sqs_message_ids"]

    def _do_faults(self, rule: dict[str, Any]) -> None:
        if rule["kind"] == "redirect":
            rule = {**rule, "location": f"{self.cloud.url}/elsewhere"}
        self.cloud.faults(rule)

    def _do_names(self, where: str) -> None:
        self._names.lead(where)

    def _do_expire(self, _: None) -> None:
        self.cloud.expire(QUEUE)

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
            self.cloud.expire(QUEUE)
            return
        self._worker.stop()
        self._ledger.time_passes()
        self.cloud.expire(QUEUE)
        self._begin_life()

    def _drain(self) -> None:
        """Until the redrive policy has taken what is rejected."""
        for _ in range(2 * MAX_RECEIVES):
            if self.cloud.queue_depth(QUEUE) == 0:
                return
            self.cloud.expire(QUEUE)
            self.cloud.wait_for(queue={"name": QUEUE, "visible": 0})

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
        seen.parameters, seen.calls = self.cloud.parameters(), self.cloud.calls()
        seen.queued, seen.dead = ([each["message_id"] for each in queue["messages"]]
                                  for name in (QUEUE, DEAD) for queue in state["queues"]
                                  if queue["name"] == name)
        seen.contacts = self._names.strangers(self.cloud.url)
        if self._ledger.path.exists():
            self._read_ledger()

    def _read_ledger(self) -> None:
        rows = self._ledger.rows
        self._seen.overtaken = [f"{(family, region)} {image}" for family, region, image in rows(
            "SELECT family, region, image_id FROM decisions WHERE outcome = 'older' UNION "
            "SELECT family, region, image_id FROM builds WHERE state = 'superseded'")]
        self._seen.waiting = [" ".join(map(str, row)) for query in WAITING for row in rows(query)]
