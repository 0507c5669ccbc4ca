"""The worker of the demo: the real binary, whose log is told line by line as it comes."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.cloud.client import ROOT, Cloud, CloudTimeout

from .narrator import Narrator

_STOP_S = 30


class Worker:
    """`evergold run` on the demo's configuration."""

    def __init__(self, cloud: Cloud, folder: Path, narrator: Narrator) -> None:
        self._cloud, self._narrator = cloud, narrator
        self._config = folder / "evergold.yaml"
        self._config.write_text(_config(cloud, folder), encoding="utf-8")
        self._events: list[dict[str, Any]] = []
        self._news = threading.Condition()

    def __enter__(self) -> Worker:
        binary = os.environ.get("EVERGOLD", str(ROOT / "build" / "evergold"))
        self._process = subprocess.Popen(
            [binary, "run", "--config", str(self._config)], stderr=subprocess.PIPE, text=True,
            env={**os.environ, **self._cloud.env()})
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.terminate()
        self._process.wait(_STOP_S)
        self._reader.join()

    def stop(self) -> int:
        """SIGTERM; the long polls that are out end at once, as an early answer of SQS would."""
        self._process.terminate()
        while self._process.poll() is None:
            self._cloud.wake()
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        self._reader.join()
        return self._process.returncode

    def wait_for(self, event: str, count: int, timeout: float, **fields: Any) -> None:
        """Waits until so many lines of its log say this."""
        with self._news:
            if not self._news.wait_for(lambda: self._count(event, fields) >= count, timeout):
                raise CloudTimeout(f"the worker did not log {event} {fields}")

    def _count(self, event: str, fields: dict[str, Any]) -> int:
        return sum(1 for line in self._events if line["event"] == event
                   and all(line.get(name) == value for name, value in fields.items()))

    def _read(self) -> None:
        for line in self._process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                self._narrator.trouble(line.rstrip())
                continue
            tell = _TOLD.get(event["event"])
            if tell:
                self._narrator.say(*tell(event))
            with self._news:
                self._events.append(event)
                self._news.notify_all()


def _config(cloud: Cloud, folder: Path) -> str:
    """The configuration that docker-compose mounts, with the places of this cloud."""
    text = (ROOT / "deploy" / "container" / "demo.yaml").read_text(encoding="utf-8")
    for there, here in (("/run/evergold/sns.pem", cloud.certificate),
                        ("/run/evergold/slack-token", cloud.slack_token_file),
                        ("http://cloud:4566/slack/api", cloud.slack_api_url),
                        ("/var/lib/evergold/ledger.db", str(folder / "ledger.db"))):
        text = text.replace(there, here)
    return text


def _decided(event: dict[str, Any]) -> tuple[str, str, str]:
    words = [event[name] for name in ("outcome", "family", "region", "image_id") if name in event]
    text = " ".join(word.ljust(width) for word, width in zip(words, (10, 12, 11, 22), strict=False))
    return "evergold", text.rstrip(), event.get("detail") or event["reason"]


def _rejected(event: dict[str, Any]) -> tuple[str, str, str]:
    return "evergold", f"rejected   {event['reason']}", event["detail"]


def _started(event: dict[str, Any]) -> tuple[str, str, str]:
    return ("pipeline", f"started    {event['pipeline']} in {event['pipeline_region']}",
            f"execution {event['execution_id'][:8]}")


def _finished(event: dict[str, Any]) -> tuple[str, str, str]:
    golden = event.get("golden_ami")
    failed = f"{event.get('stage')}/{event.get('action')}" if event.get("stage") else ""
    return ("pipeline", f"{event['status'].lower():<10} {event['pipeline']} in "
            f"{event['pipeline_region']}", f"golden AMI {golden}" if golden else failed)


_TOLD = {"decided": _decided, "rejected": _rejected, "build_started": _started,
         "build_finished": _finished}
