"""What the shim sees is what a program does, and what was not synced is lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.power.outage import SHIM
from tests.power.remains import SECTOR, Remains

BEFORE = {"old": b"before"}
PROLOGUE = """
import os, sys
os.chdir("/")
FOLDER = sys.argv[1]
def made(name):
    return os.open(FOLDER + "/" + name, os.O_RDWR | os.O_CREAT, 0o600)
def sync_names():
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
"""


def remains(folder, program, cut=0):
    files, log = folder / "files", folder / "log"
    files.mkdir()
    for name, data in BEFORE.items():
        (files / name).write_bytes(data)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", PROLOGUE + program, str(files)],
                          env={**os.environ, "LD_PRELOAD": os.path.abspath(SHIM),
                               "SHIM_FOLDER": str(files), "SHIM_LOG": str(log),
                               "SHIM_CUT": str(cut)})
    assert done.returncode == (137 if cut else 0)
    left = Remains(BEFORE, log.read_bytes())
    assert left.left("none", 0) == {path.name: path.read_bytes() for path in files.iterdir()}
    return left


@pytest.mark.parametrize("program, kept", [
    ("os.write(made('new'), b'a')", {}),
    ("os.fsync(made('new'))", {}),
    ("os.write(made('new'), b'a'); sync_names()", {"new": b""}),
    ("f = made('new'); os.write(f, b'a'); os.fsync(f); sync_names()", {"new": b"a"}),
    ("f = made('old'); os.pwrite(f, b'B', 0); os.fdatasync(f); os.pwrite(f, b'E', 1)",
     {"old": b"Before"}),
    ("f = made('old'); os.ftruncate(f, 2)", {}),
    ("f = made('old'); os.ftruncate(f, 2); os.fsync(f)", {"old": b"be"}),
    ("os.unlink(FOLDER + '/old')", {}),
    ("os.unlink(FOLDER + '/old'); sync_names()", {"old": None}),
    ("os.rename(FOLDER + '/old', FOLDER + '/new')", {}),
    ("os.rename(FOLDER + '/old', FOLDER + '/new'); sync_names()", {"old": None, "new": b"before"}),
])
def test_only_what_was_synced_is_kept(tmp_path, program, kept):
    wanted = {name: data for name, data in {**BEFORE, **kept}.items() if data is not None}
    assert remains(tmp_path, program).left("unsynced", 0) == wanted


def test_of_the_rest_any_part_may_be_there(tmp_path):
    done = remains(tmp_path, f"f = made('old'); os.pwrite(f, b'x' * {2 * SECTOR}, 0)")
    lengths = {len(done.left("some", seed)["old"]) for seed in range(40)}
    assert lengths == {len(BEFORE["old"]), SECTOR, 2 * SECTOR}


@pytest.mark.parametrize("cut, data", [(1, b"before"), (2, b"1efore"), (3, b"12fore")])
def test_it_ends_before_the_call(tmp_path, cut, data):
    program = "f = made('old'); [os.pwrite(f, b'%d' % (n + 1), n) for n in range(3)]"
    assert remains(tmp_path, program, cut).left("none", 0) == {"old": data}
