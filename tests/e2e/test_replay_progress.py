"""How far a long replay is, on standard error if that is a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading

from .archive import announcement, write_config
from .test_replay import read_terminal
from .worker import binary, environment


def test_a_terminal_shows_how_far_it_is_and_no_trace_at_the_end(tmp_path):
    """The archive goes on until there is progress, however fast the program is."""
    config = write_config(tmp_path / "evergold.yaml")
    lines = 100 * (json.dumps(announcement(1, "2025-10-01T12:00")).encode() + b"\n")
    leader, terminal = pty.openpty()
    process = subprocess.Popen([binary(), "replay", "--format", "json", "--config", config, "-"],
                               env=environment(None, tmp_path), stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    shown, seen = [], threading.Event()

    def read():
        while part := read_terminal(leader):
            shown.append(part)
            seen.set()

    reading = threading.Thread(target=read)
    reading.start()
    while not seen.is_set():
        process.stdin.write(lines)
    process.stdin.close()
    assert process.wait() == 0
    reading.join()
    os.close(leader)
    assert b" messages, " in b"".join(shown) and b"".join(shown).endswith(b"\r\x1b[K")
