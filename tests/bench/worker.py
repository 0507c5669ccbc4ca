"""The programs that are measured: the worker as it is released, and the bare poll beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.cloud.client import ROOT, Cloud

BINARY = Path(os.environ.get("EVERGOLD", ROOT / "build" / "evergold")).resolve()
TOOLS = BINARY.parent / "tests" / "bench"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/ami-announcements"
_STANDARD = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "benchmark",
             "AWS_REGION": "eu-west-1"}


class Program:
    """A process that is ended with its block, and with it what it started, as strace does.

    ``started`` is time.monotonic() before its exec.
    """

    def __init__(self, command: list[str | Path], environment: dict[str, str]) -> None:
        self._command = command
        self._environment = {"PATH": os.environ["PATH"], **environment}

    def __enter__(self) -> Program:
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            self._command, env=self._environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """What has ended cannot be measured."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self._command} ended: {self._process.returncode}")


def bare_poll(url: str) -> Program:
    return Program([TOOLS / "bare_poll", url], {})


def worker(folder: Path, where: Cloud | str, prefix: list[str | Path] | None = None) -> Program:
    """`evergold run` on a cloud, or on an endpoint alone, with a new ledger in a new folder."""
    folder.mkdir(parents=True)
    cloud = where if isinstance(where, Cloud) else None
    config = write_config(folder, cloud)
    environment = cloud.env() if cloud else {**_STANDARD, "AWS_ENDPOINT_URL": str(where)}
    return Program([*(prefix or []), BINARY, "run", "--config", config],
                   {"HOME": str(folder), "SLACK_WEBHOOK_URL": "http://localhost:9/", **environment})


def write_config(folder: Path, cloud: Cloud | None) -> Path:
    """The default two receivers, and what a small installation tracks."""
    path = folder / "evergold.yaml"
    path.write_text(_config(folder, cloud), encoding="utf-8")
    return path


def _config(folder: Path, cloud: Cloud | None) -> str:
    slack = (f"{{token: {{file: {cloud.slack_token_file}}}, api_url: {cloud.slack_api_url}, "
             'channel: "#golden-amis"}' if cloud else "{webhook: {env: SLACK_WEBHOOK_URL}}")
    return f"""\
queue: {{url: {cloud.queue_url if cloud else QUEUE_URL}}}
trust: {{pinned_certificates: [{cloud.certificate if cloud else ""}]}}
families:
  - name: al2023-web
    publisher: amazon-linux-2023
    images: "al2023-ami-2023.*-kernel-6.1-x86_64"
    regions: [eu-west-1, us-east-1]
    pipeline: {{name: golden-al2023, region: eu-west-1, variables: {{BASE_AMI_ID: "{{image_id}}"}}}}
  - name: al2023-arm
    publisher: amazon-linux-2023
    images: "al2023-ami-2023.*-kernel-6.12-arm64"
    regions: [eu-west-1]
    pipeline: {{name: golden-al2023-arm, variables: {{BASE_AMI_ID: "{{image_id}}"}}}}
slack: {slack}
ledger: {{sqlite: {folder / "ledger.db"}}}
"""
