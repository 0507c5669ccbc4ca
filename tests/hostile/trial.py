"""The cases that one configuration can judge, put into a queue for the whole worker.

Each message comes twice; then the redrive policy takes what is still there to the dead letters.
"""
from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.cloud.client import Cloud, CloudTimeout
from tests.e2e.settings import configuration, write
from tests.e2e.worker import Worker
from tests.hostile.catalogue import catalogue, certificates, settings
from tests.hostile.catalogue.case import Case
from tests.hostile.catalogue.notary import Notary
from tests.hostile.host import Host, Page

QUEUE = "hostile"
RECEIVES = 2
NOVEL = 9  # new certificates that a worker may ask for within a minute
PATIENCE_S = 40
BELIEVED = {"matched", "already_started", "older_release", "pipeline_busy", "several_images",
            "not_available_yet", "family_held", "soaking"}


@dataclasses.dataclass
class Found:
    """What became of one case."""

    reason: str | None = None
    detail: str = ""
    kept: bool = False
    requests: int = 0  # for its certificate


def notary() -> Notary:
    """A minute ago, so that no clock is behind."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=123000)
    return Notary(certificates.Authority(now - datetime.timedelta(minutes=1)))


def messages(notary: Notary) -> dict[str, str]:
    """The cases that can be messages in a queue, by their names, and their bodies.

    The gate alone is shown the others: they need another clock, are what a function is called with,
    or something that SQS does not take.
    """
    made = [(case, case.body(notary)) for case in catalogue()]
    return {case.name: body.decode() for case, body in made if case.is_for_worker(body)}


def shards(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """Those that nothing is fetched for, those with the usual certificate, and the others by what
    one worker may fetch."""
    cases = list(cases)
    for signature in (None, "1", "2", "any"):
        alike = [case for case in cases if case.signature == signature and not case.own_url]
        yield [case for case in alike if case.connections == "none"]
        yield [case for case in alike if case.connections == "certificate"]
    own = [case for case in cases if case.own_url]
    for first in range(0, len(own), NOVEL):
        yield own[first:first + NOVEL]


class Trial:
    """One program on one cloud; run() fills in `found` by the names of the cases."""

    def __init__(self, binary: str, cloud: Cloud, host: Host, folder: Path) -> None:
        self.found: dict[str, Found] = {}
        self.started: set[str] = set()   # images that builds were started of
        self.believed: set[str] = set()  # images of what was believed
        self.stray_requests: list[str] = []
        self.cloud, self.host, self.notary = cloud, host, notary()
        self.pems = {name: pem if isinstance(pem, bytes) else pem.encode() for name, (pem, _) in
                     certificates.cases(self.notary.authority).items()}
        self._binary, self._folder = binary, folder

    def run(self) -> None:
        bodies = messages(self.notary)
        wanted = [case for case in catalogue() if case.name in bodies]
        for shard in filter(None, shards(wanted)):
            self._run_shard(shard, bodies)

    # One worker.

    def begin(self, cases: Iterable[Case] = (), max_receives: int = RECEIVES) -> None:
        """A new cloud with an empty queue, and what the certificates' host serves."""
        self.cloud.reset()
        self.cloud.queue(QUEUE, max_receives=max_receives)
        self.cloud.pipeline("golden", region="us-east-1", variables=["BASE_AMI_ID"])
        self.host.begin()
        self.serve(self.notary.url, Page(self.pems["good"]))
        for case in cases:
            self.release(case.name)
            if case.own_url:
                self.serve(self._url(case), Page(self.pems[case.certificate], case.served))

    def serve(self, url: str, page: Page | Iterator[Page]) -> None:
        self.host.pages[url[-36:-4]] = page

    def release(self, name: str) -> None:
        """The image of a case is there, so that a build of it would start."""
        self.cloud.image(image_of(name), name=f"corp-linux-{name}", owner=settings.ACCOUNT,
                         region="us-east-1")

    def put(self, body: str) -> str:
        """Into the queue; SQS's id."""
        return self.cloud.put_body(body, queue=QUEUE)["sqs_message_ids"][0]

    @contextlib.contextmanager
    def worker(self, signature: str | None = None, folder: Path | None = None,
               **env: str) -> Iterator[Worker]:
        """A worker with the ledger of that folder, or a new one; `env` besides what it needs."""
        folder = folder or Path(tempfile.mkdtemp(dir=self._folder))
        path = write(folder, self._configuration(folder, signature))
        worker = Worker(self.cloud, path, env=env, command=[self._binary])
        try:
            worker.wait_log("started")
            yield worker
        finally:
            worker.end()
        worker.fine()

    def _configuration(self, folder: Path, signature: str | None) -> dict[str, Any]:
        ours = settings.configuration(signature)
        url = self.cloud.queue_state(QUEUE)["url"]
        return configuration(
            self.cloud, folder, *ours["families"], publishers=ours["publishers"],
            trust={**ours["trust"], "pinned_certificates": []}, catch_up={"every": "0s"},
            queue={"url": url, "receivers": 4})

    # One shard.

    def _run_shard(self, shard: list[Case], bodies: dict[str, str]) -> None:
        self.begin(shard)
        ids = {self.put(bodies[case.name]): case for case in shard}
        with self.worker(shard[0].signature) as worker:
            self._receive_all(shard)
        self._read(worker, ids)
        self.started |= {value for each in self.cloud.executions()
                         for value in each["variables"].values()}
        if all(case.connections == "none" for case in shard):
            self.stray_requests += self.host.requests

    def _receive_all(self, shard: list[Case]) -> None:
        kept = sum(case.disposition == "kept" for case in shard)
        for _ in range(RECEIVES):
            self._wait(queue={"name": QUEUE, "visible": 0, "in_flight": kept})
            self.cloud.expire(QUEUE)
        self._wait(queue={"name": f"{QUEUE}-dead", "visible": kept})
        if any(case.reason == "matched" for case in shard):
            self._wait(executions={"count": 1})

    def _wait(self, **condition: Any) -> None:
        """What does not come about is seen in the cases that it concerns."""
        with contextlib.suppress(CloudTimeout):
            self.cloud.wait_for(PATIENCE_S, **condition)

    def _read(self, worker: Worker, ids: dict[str, Case]) -> None:
        dead = {each["message_id"] for each in self.cloud.queue_state(f"{QUEUE}-dead")["messages"]}
        by_id = {dataclasses.replace(self.notary, case=case.name).id: case
                 for case in ids.values()}
        for sqs_id, case in ids.items():
            self.found[case.name] = Found(kept=sqs_id in dead)
            if case.own_url:
                path = "/" + self._url(case).rsplit("/", 1)[1]
                self.found[case.name].requests = self.host.requests[path]
        for line in worker.log():
            if line["event"] in ("rejected", "not_judged"):
                self._note(ids[line["sqs_message_id"]], line)
            elif line["event"] == "decided" and line["message_id"] in by_id:
                self._note(by_id[line["message_id"]], line)

    def _note(self, case: Case, line: dict[str, Any]) -> None:
        found = self.found[case.name]
        found.reason = line.get("reason", line["event"])
        found.detail = line.get("detail", "")
        if line["event"] == "decided" and "image_id" in line:
            self.believed.add(line["image_id"])

    def _url(self, case: Case) -> str:
        return case.make(dataclasses.replace(self.notary, case=case.name))["SigningCertURL"]


def image_of(name: str) -> str:
    """The id of the image that a case's message announces."""
    return f"ami-{hashlib.md5(name.encode()).hexdigest()[:17]}"
