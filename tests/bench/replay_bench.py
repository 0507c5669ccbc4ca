"""How fast and in how much memory `evergold replay` decides archives of 1,000 to 100,000 messages.

    make bench T=replay

Every message announces another release, newer than all before it, and one family wants them all:
nothing makes a longer history. Nobody signed them, so what is measured is all but the signatures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import table
from tests.bench.worker import BINARY, TOOLS

SIZES = (1_000, 10_000, 100_000)
RUNS = 3
LIMIT_MIB = 64  # whatever the length of the archive

TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
CONFIG = """
region: eu-west-1
families:
  - name: web
    publisher: amazon-linux-2023
    images: "al2023-ami-2023.*-kernel-6.1-x86_64"
    pipeline: {name: golden-web, variables: {BASE: "{image_id}"}}
"""
FIRST = 1_700_000_000


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=TOOLS) as folder:
        for size in SIZES:
            measure(Path(folder), size)
    return 0


def measure(folder: Path, size: int) -> None:
    (folder / "evergold.yaml").write_text(CONFIG)
    archive = folder / "archive.jsonl"
    write_archive(archive, size)
    runs = [replay(folder, archive) for _ in range(RUNS)]
    seconds, peaks = zip(*runs, strict=True)
    table.head(f"An archive of {size:,} messages, {archive.stat().st_size >> 20} MiB, {RUNS} runs")
    table.row("decided", "msg/s", [size / each for each in seconds])
    table.row("peak memory", "MiB", peaks, LIMIT_MIB)


def write_archive(path: Path, size: int) -> None:
    with path.open("w", encoding="ascii") as archive:
        for number in range(size):
            archive.write(json.dumps(envelope(number)) + "\n")


def envelope(number: int) -> dict[str, str]:
    """Five minutes after the one before."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(FIRST + 300 * number))
    url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-" + "0" * 32 + ".pem"
    return {"Type": "Notification", "MessageId": f"00000000-0000-5000-8000-{number:012}",
            "TopicArn": TOPIC, "Subject": "new images", "Message": announcement(number),
            "Timestamp": at, "SignatureVersion": "1", "Signature": "bm8gc2lnbmF0dXJl" * 16,
            "SigningCertURL": url}


def announcement(number: int) -> str:
    version = f"2023.9.{number}.0"
    images = [{"Name": f"al2023-ami-{version}-kernel-6.1-{architecture}",
               "ImageId": f"ami-{number:016x}{digit}"}
              for digit, architecture in enumerate(("x86_64", "arm64"))]
    return json.dumps({"v1": {"ReleaseVersion": "2023.9", "ImageVersion": version,
                              "ReleaseNotes": "", "Regions": {"eu-west-1": images}}})


def replay(folder: Path, archive: Path) -> tuple[float, float]:
    """Seconds, and the peak of what was resident, in MiB."""
    command = [BINARY, "replay", "--format", "json", "--config", folder / "evergold.yaml", archive]
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.monotonic() - begin, usage.ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
