"""Which files replay reads: links in circles, and what is no file, do not hold it up."""

from __future__ import annotations

import json
import os

from tests.e2e.settings import family


def sources(evergold, folder, *paths):
    config = folder / "evergold.yaml"
    config.write_text(json.dumps({"region": "eu-west-1", "families": [family("a")]}))
    done = evergold("replay", "--config", config, "--format", "json", *paths, cwd=folder)
    assert (done.returncode, done.err) == (0, "")
    return [json.loads(line)["source"] for line in done.out.splitlines()]


def test_inside_a_folder_only_files_and_folders_count(evergold, tmp_path):
    inner = tmp_path / "saved" / "inner"
    inner.mkdir(parents=True)
    (inner / "message").write_text("[]")
    (inner / "linked").symlink_to("message")
    (inner / "up").symlink_to("..")
    (inner / "device").symlink_to("/dev/zero")
    os.mkfifo(inner / "pipe")
    assert sources(evergold, tmp_path, "saved") == ["saved/inner/linked", "saved/inner/message"]


def test_what_is_named_may_be_a_link(evergold, tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "message").write_text("[]")
    (tmp_path / "folder").symlink_to("saved")
    (tmp_path / "file").symlink_to("saved/message")
    assert sources(evergold, tmp_path, "folder", "file", "saved") == [
        "folder/message", "file", "saved/message"]
