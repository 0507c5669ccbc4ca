"""python -m tests.soak 1000000: does the worker stay as it is? See docs/reliability.md.

The worker EVERGOLD receives so many messages, mixed as messages.py says, and builds a new release
now and then. Its memory, descriptors and files are looked at 200 times. Exit 1 when something has
grown, was not deleted, or was deleted though it was not to be believed, or a release was not built.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from tests.cloud.client import Cloud
from tests.e2e import settings
from tests.e2e.worker import binary, environment
from tests.soak.messages import REGIONS, TRACKED, Mix, message, new_releases
from tests.soak.queue import Queue
from tests.soak.samples import Sample, Verdict, judge, sample

SAMPLES = 200
PATIENCE_S = 60
TAIL = 4096
FAMILY = settings.family(regions=list(REGIONS))


class Worker:
    """`evergold run`, whose log is read and forgotten, but for its end."""

    def __init__(self, config: Path, env: dict[str, str]) -> None:
        self._process = subprocess.Popen([binary(), "run", "--config", config], env=env,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE)
        self.pid, self.tail = self._process.pid, b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        while text := os.read(self._process.stderr.fileno(), 65536):
            self.tail = (self.tail + text)[-TAIL:]

    def stop(self) -> str | None:
        """By SIGTERM; what was wrong with it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            return f"it did not end within {PATIENCE_S} s"
        return f"it ended with {status}" if status else None


class Soak:
    """One run: everything that takes part in it, and what was found."""

    def __init__(self, total: int, folder: Path, stack: ExitStack) -> None:
        self._total, self._ledger = total, folder / "ledger.db"
        self._cloud = stack.enter_context(Cloud())
        settings.make_pipelines(self._cloud, FAMILY, events=False)
        self._versions = new_releases(total)
        new = [self._cloud.announce(TRACKED, release=version, regions=REGIONS)["envelope"]
               for version in self._versions]
        mix = Mix(total, new)
        self._queue = stack.enter_context(Queue(mix))
        self._worker = stack.enter_context(self._start(folder, mix))
        self._events = 0
        self.samples: list[Sample] = []
        self.complaints: list[str] = []
        self.builds = 0

    def _start(self, folder: Path, mix: Mix) -> Worker:
        pem = folder / "signer.pem"
        pem.write_bytes(mix.signer.pem)
        cloud = self._cloud
        config = settings.write(folder, settings.configuration(
            cloud, folder, FAMILY, queue={"receivers": 2}, log={"level": "info"},
            trust={"pinned_certificates": [str(pem), cloud.certificate]}, catch_up={"every": 0}))
        return Worker(config, environment(cloud, folder, AWS_ENDPOINT_URL_SQS=self._queue.url))

    @property
    def received(self) -> int:
        return min(self._queue.given, self._total)

    def run(self) -> None:
        if self._watch():
            self._settle()
        self._queue.close()
        self._complain(self._worker.stop(), *self._queue.wrong[:10])
        if self.complaints:
            self._complain(self._worker.tail.decode(errors="replace"))

    def _watch(self) -> bool:
        """Until all is received; false when the worker stands still before that."""
        for number in range(1, SAMPLES + 1):
            if not self._queue.wait_given(self._total * number // SAMPLES, PATIENCE_S):
                self._complain(f"nothing was received any more after {self._queue.given} messages")
                return False
            self.samples.append(sample(self.received, self._worker.pid, self._ledger))
            self._pass_events_on()
        return True

    def _pass_events_on(self) -> None:
        """What EventBridge tells of our executions."""
        events = self._cloud.events()
        for event in events[self._events:]:
            self._queue.put(message(json.dumps(event)))
        self._events = len(events)

    def _settle(self) -> None:
        """Until all is deleted that must be, and the newest release is being built."""
        end = time.monotonic() + PATIENCE_S
        while (missing := self._missing()) and time.monotonic() < end:
            self._queue.wait_news(0.2)
            self._pass_events_on()
        self._complain(*missing)

    def _missing(self) -> list[str]:
        built = [(each["region"], each["variables"]["BASE_AMI_ID"])
                 for each in self._cloud.executions()]
        self.builds = len(built)
        newest = [(region, settings.image(self._versions[-1], region)) for region in REGIONS]
        found = [f"{each} was not built" for each in newest if each not in built]
        found += [f"{each} was built twice" for each in set(built) if built.count(each) > 1]
        if self._queue.owed:
            found.append(f"{self._queue.owed} messages were not deleted")
        return found

    def _complain(self, *what: str | None) -> None:
        self.complaints += filter(None, what)


def figures(seconds: float, soak: Soak, verdict: Verdict) -> str:
    fds = "unknown" if soak.samples[-1].fds is None else verdict.last["fds"]
    return (f"figures soak: messages={soak.received} seconds={seconds:.0f}"
            f" rss_first_kib={verdict.first['rss_kib']} rss_last_kib={verdict.last['rss_kib']}"
            f" growth_kib={verdict.growth('rss_kib')} ledger_kib={verdict.last['ledger_kib']}"
            f" ledger_growth_kib={verdict.growth('ledger_kib')} wal_kib={verdict.wal_kib}"
            f" fds={fds} builds={soak.builds}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak",
                                     description="Many messages through the whole worker.")
    parser.add_argument("messages", type=int, help="how many; at least 1000")
    total = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="evergold-soak-") as folder, ExitStack() as stack:
        soak = Soak(total, Path(folder), stack)
        began = time.monotonic()
        soak.run()
        seconds = time.monotonic() - began
    if len(soak.samples) < SAMPLES:
        print("\n".join(soak.complaints), f"figures soak: messages={soak.received}", sep="\n")
        return 1
    verdict = judge(soak.samples, total)
    for complaint in [*soak.complaints, *verdict.complaints]:
        print(complaint)
    print(figures(seconds, soak, verdict), flush=True)
    return 1 if soak.complaints or verdict.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
