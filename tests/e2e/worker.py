"""The real program in the hands of a test: start it, read its log, stop it or kill it.

A Worker checks itself whenever it ends: exit status, no report of a sanitizer, every line of the
log one JSON object, and no secret anywhere that others can read.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.cloud.client import Cloud

PATIENCE_S = 40
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LEVELS = {"debug", "info", "warning", "error"}
SIGNED = ("AWS4-HMAC-SHA256", "Signature=", "Bearer ")


class LogTimeout(AssertionError):
    """A line did not come in time."""


def binary() -> str:
    """The program under test; EVERGOLD names it."""
    return os.environ.get("EVERGOLD", "build/evergold")


def environment(cloud: Cloud | None, home: Path, **more: str) -> dict[str, str]:
    """What a worker sees: nothing of the tester's own AWS settings."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG") or name.endswith("SAN_OPTIONS")}
    return {**kept, "HOME": str(home), **(cloud.env() if cloud else {}), **more}


class Worker:
    """One `evergold run`, from its start to its end."""

    def __init__(self, cloud: Cloud, config: Path, *, env: dict[str, str] | None = None,
                 command: list[str] | None = None) -> None:
        self.cloud, self.config = cloud, config
        self.queue = json.loads(config.read_text())["queue"]
        self.lines: list[dict[str, Any]] = []
        self.stray: list[str] = []
        self.secrets: list[str] = []  # more that nobody may see
        self._news = threading.Condition()
        self._env = environment(cloud, config.parent, **(env or {}))
        self._command = [*(command or [binary()]), "run", "--config", str(config)]
        self._text: list[str] = []
        self._checked = False
        self._process = subprocess.Popen(
            self._command, env=self._env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # Its log.

    def _read(self) -> None:
        for text in self._process.stderr:
            with self._news:
                self._text.append(text)
                self._keep(text)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _keep(self, text: str) -> None:
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        if isinstance(line, dict):
            self.lines.append(line)
        else:
            self.stray.append(text.rstrip("\n"))

    def log(self, event: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """The lines so far of that event with those fields."""
        with self._news:
            return [line for line in self.lines if event in (None, line.get("event"))
                    and fields.items() <= line.items()]

    def wait_log(self, event: str, *, count: int = 1, timeout: float = PATIENCE_S,
                 **fields: Any) -> dict[str, Any]:
        """Waits for the count-th such line, and returns it."""
        def there() -> bool:
            return len(self.log(event, **fields)) >= count or not self._reader.is_alive()

        with self._news:
            self._news.wait_for(there, timeout)
        found = self.log(event, **fields)
        if len(found) < count:
            raise LogTimeout(f"{count} of {event} {fields} not logged:\n" + self.said())
        return found[count - 1]

    def said(self) -> str:
        """All that it wrote to standard error."""
        with self._news:
            return "".join(self._text)

    # Its end.

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float = PATIENCE_S) -> int:
        """Waits until it ends by itself; its exit status."""
        output, _ = self._finish(timeout)
        self._check(output)
        return self._process.returncode

    def stop(self) -> None:
        """SIGTERM, as systemd does it; long polls end at once, and the exit status must be 0."""
        if self.running:
            self._glimpse()
            self.signal(signal.SIGTERM)
        while self.running:
            for name in ("url", "events_url"):
                self.cloud.wake(self.queue.get(name, self.queue["url"]))
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        status = self.wait()
        assert status == 0, f"exit status {status}:\n{self.said()}"

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        output, _ = self._finish(PATIENCE_S)
        self._check(output)

    def end(self) -> None:
        """Whatever the test left: stopped and checked."""
        if not self._checked:
            self.stop()

    def _finish(self, timeout: float) -> tuple[str, None]:
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"it does not end:\n{self.said()}") from None
        self._reader.join()
        return self._process.stdout.read(), None

    def _glimpse(self) -> None:
        """What other users of the machine see of it while it runs."""
        self._text.append(Path(f"/proc/{self.pid}/cmdline").read_text().replace("\0", " ") + "\n")

    def _check(self, output: str) -> None:
        self._checked = True
        text = self.said()
        assert "Sanitizer" not in text and "runtime error" not in text, text
        for line in self.lines:
            assert TIME.fullmatch(line["ts"]) and line["level"] in LEVELS and line["event"], line
        for secret in self._secrets():
            assert secret not in text + output, f"a secret is told: {secret}"

    def _secrets(self) -> list[str]:
        given = [self._env.get(name, "") for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
        webhook = self.cloud.slack_webhook.removeprefix(self.cloud.url)
        return [*filter(None, given), *self.cloud.issued_secrets(), *self.secrets,
                self.cloud.slack_token, webhook, *SIGNED]

    def fine(self) -> None:
        """Nothing but log lines was written."""
        assert self.stray == []
