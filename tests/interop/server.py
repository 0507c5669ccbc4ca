"""A server that others wrote: a process on a loopback port, for as long as a test wants it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading

_START_S = 60


class Server:
    """Started, it serves: its own log has said so. `ready` finds the port in that line.

    The command's {port} is free at the first start, and the same again at each later one.
    """

    def __init__(self, command: list[str], ready: str) -> None:
        self._command = ["setpriv", "--pdeathsig", "KILL", "--", *command]
        self._ready = re.compile(ready)
        self._process: subprocess.Popen | None = None
        self._log: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._log = []
        self._process = subprocess.Popen(
            [word.format(port=self.port) for word in self._command], start_new_session=True,
            text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        patience = threading.Timer(_START_S, self._kill)
        patience.start()
        said = next(filter(None, map(self._heard, self._process.stdout)), None)
        patience.cancel()
        if not said:
            self.stop()
            raise AssertionError("it does not serve:\n" + "".join(self._log))
        self.port = int(said[1])
        threading.Thread(target=_pass_over, args=[self._process.stdout], daemon=True).start()

    def stop(self) -> None:
        """At once: it has nothing to keep, and would wait for the polls that are out."""
        if self._process is not None:
            self._kill()
            self._process.wait()

    def _heard(self, line: str) -> re.Match | None:
        self._log.append(line)
        return self._ready.search(line)

    def _kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)


def _pass_over(pipe) -> None:
    """What nobody reads would stop the server once the pipe is full."""
    for _ in pipe:
        pass
