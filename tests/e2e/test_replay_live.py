"""`evergold replay --live` when its input changes under it, or when it is told to stop.

The input is a file and then a named pipe: opening that to write returns when the program has opened
it to read, so the test knows that the first of the two passes has read the file.
"""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from .settings import configuration, make_pipelines, write
from .worker import binary

OLD, NEW = "2023.9.20251027.0", "2023.9.20251110.0"


@pytest.fixture
def live(cloud, tmp_path):
    """A running `replay --live` of tmp_path/file and the pipe tmp_path/pipe."""
    make_pipelines(cloud)
    (tmp_path / "file").write_text(announcement(cloud, OLD))
    config = write(tmp_path, configuration(cloud, tmp_path))
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen(
        [binary(), "replay", "--live", "--format", "json", "--config", config,
         tmp_path / "file", tmp_path / "pipe"],
        env={**os.environ, **cloud.env()}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def announcement(cloud, release: str, **given) -> str:
    return cloud.announce("amazon-linux-2023", release=release, **given)["envelope"]


def test_what_changed_after_it_was_verified_has_no_effect(live, cloud, tmp_path):
    genuine, forged = announcement(cloud, NEW), announcement(cloud, NEW, forge="signature")
    with open(tmp_path / "pipe", "w", encoding="utf-8") as pipe:
        (tmp_path / "file").write_text(forged)
        pipe.write(genuine)
    output, errors = live.communicate(timeout=60)
    assert live.returncode == 1
    assert "has changed while it was read" in errors
    assert (output, cloud.executions()) == ("", [])


def test_an_interrupt_while_all_is_verified_starts_nothing(live, cloud, tmp_path):
    genuine = announcement(cloud, NEW)
    with open(tmp_path / "pipe", "w", encoding="utf-8") as pipe:
        live.send_signal(signal.SIGINT)
        pipe.write(genuine)
    output, errors = live.communicate(timeout=60)
    assert live.returncode == 1
    assert "interrupted; nothing was started" in errors
    assert (output, cloud.executions()) == ("", [])
