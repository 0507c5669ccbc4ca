"""How many announcements a second go through, signatures verified and the durable ledger on.

    make bench T=path

First the steps between SQS's answer and the decisions alone, then the whole path with the local
cloud, which is slower than the worker: what the worker itself needs is its processor time.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import process, table
from tests.bench.worker import TOOLS, worker, write_config
from tests.cloud import releases
from tests.cloud.client import Cloud

BATCH = 10
WARM_UP, ROUNDS = 20, 200
RELEASES, COPIES = 20, 25
RUNS = 3
PATIENCE_S = 60
STEPS = ("SQS's answer, ten messages", "envelope", "certificate's URL and signature",
         "release and decisions")

# With those of the local cloud 34, which is about what a release of Amazon Linux has.
_MORE_REGIONS = (
    "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-3", "ap-south-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1",
    "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1",
    "mx-central-1")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=TOOLS) as folder:
        measure_steps(Path(folder))
        measure_path(Path(folder))
    return 0


def announce(cloud: Cloud, number: int, copies: int) -> str:
    """A full AL2023 release, signed; its envelope."""
    version = f"2023.9.2025{number // 28 + 1:02d}{number % 28 + 1:02d}.0"
    body = releases.al2023(version, (*releases.REGIONS, *_MORE_REGIONS))
    return cloud.announce("amazon-linux-2023", message=body, copies=copies)["envelope"]


# The steps.


def measure_steps(folder: Path) -> None:
    with Cloud() as cloud:
        envelopes = [announce(cloud, number, 1) for number in range(BATCH)]
        answer = folder / "answer.json"
        answer.write_text(json.dumps({"Messages": [received(text) for text in envelopes]}))
        config = write_config(folder, cloud)
        rounds = run_steps(config, answer)
    table.head(f"From SQS's answer to the decisions, announcements of {len(envelopes[0])} bytes, "
               f"{ROUNDS} rounds of {BATCH}")
    for name, values in zip(STEPS, zip(*rounds, strict=True), strict=True):
        table.row(name, "us/msg", values)
    table.row("together", "us/msg", [sum(each) for each in rounds])
    table.row("messages for each second of one core", "msg/s", [1e6 / sum(each) for each in rounds])


def received(envelope: str) -> dict[str, object]:
    """A message as SQS hands it out."""
    digest = hashlib.md5(envelope.encode()).hexdigest()
    return {"MessageId": "5fea7756-0ea4-451a-a703-a558b933e274",
            "ReceiptHandle": "AQEB" + "x" * 360, "MD5OfBody": digest, "Body": envelope,
            "Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1760000000000"}}


def run_steps(config: Path, answer: Path) -> list[tuple[float, ...]]:
    done = subprocess.run([TOOLS / "path", config, answer, str(WARM_UP + ROUNDS)], check=True,
                          stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()[WARM_UP:]
    return [tuple(float(value) for value in line.split("\t")) for line in lines]


# The whole path.


def measure_path(folder: Path) -> None:
    runs = [run_path(folder / f"run-{number}") for number in range(RUNS)]
    rates, costs, shares = zip(*runs, strict=True)
    table.head(f"The whole path with the local cloud, {RELEASES} releases of {COPIES} copies each, "
               f"{RUNS} runs")
    table.row("through worker and cloud", "msg/s", rates)
    table.row("the worker's share of one core in that time", "%", shares)
    table.row("processor time of the worker", "us/msg", costs)
    table.row("messages for each second of one core", "msg/s", [1e6 / cost for cost in costs])


def run_path(folder: Path) -> tuple[float, float, float]:
    """Messages a second, processor time in us a message, share of a core in percent."""
    with full_cloud() as cloud, worker(folder, cloud) as program:
        before = process.cpu_ms(program.pid)
        cloud.wait_for(PATIENCE_S, queue={"empty": True})
        cpu_ms = process.cpu_ms(program.pid) - before
        begin = cloud.calls("sqs", "ReceiveMessage")[0]["at"]
        end = max(call["ended"] for call in cloud.calls("sqs", "DeleteMessageBatch"))
    messages, seconds = RELEASES * COPIES, end - begin
    return messages / seconds, cpu_ms * 1000 / messages, cpu_ms / 10 / seconds


@contextmanager
def full_cloud() -> Iterator[Cloud]:
    """A cloud whose queue holds everything already."""
    with Cloud() as cloud:
        for name in ("golden-al2023", "golden-al2023-arm"):
            cloud.pipeline(name, variables=["BASE_AMI_ID"])
        for number in range(RELEASES):
            announce(cloud, number, COPIES)
        yield cloud


if __name__ == "__main__":
    sys.exit(main())
