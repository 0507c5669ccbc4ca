"""Why one notification is decided as it is, as a person and as a script see it."""

from __future__ import annotations

import json

import pytest

from tests.cloud import releases
from tests.e2e.settings import family, make_pipelines

VERSION = "2023.9.20251027.0"
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
KEYS = ["source", "message_id", "topic", "trust", "publisher", "release", "family", "region",
        "outcome", "reason", "image_id", "image_name", "detail", "conditions", "would_match"]
IMAGE = f"al2023-ami-{VERSION}-kernel-6.1-x86_64"
ARM = f"al2023-ami-{VERSION}-kernel-6.1-arm64"


def explain(evergold, folder, families, *args, message=None, stdin=""):
    (folder / "evergold.yaml").write_text(json.dumps({"families": families}, indent=1))
    (folder / "message").write_text(message or releases.al2023(VERSION))
    return evergold("explain", "--config", "evergold.yaml", "--topic", TOPIC, *args, cwd=folder,
                    stdin=stdin)


def objects(done):
    assert done.returncode == 0
    return [json.loads(line) for line in done.out.splitlines()]


def marks(found):
    return {each["condition"]: each["mark"] for each in found["conditions"]}


def test_the_first_that_fails_is_marked_and_the_nearest_miss_named(evergold, tmp_path):
    web = family(images="al2023-ami-2023.*-kernel-6.1-arm64", architecture="x86_64")
    done = explain(evergold, tmp_path, [web], "message", "--format", "text")
    assert done.returncode == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0] == f"message without id of {TOPIC} (message)"
    assert lines[4].startswith("web in eu-west-1: ignored, architecture_mismatch (evergold.yaml:")
    assert lines[5].startswith("passed regions eu-west-1 has 12 of 192 images (evergold.yaml:")
    assert lines[6].startswith("passed images 1 of 12:")
    assert lines[7].startswith(f"FAILED architecture none of 1: x86_64 is wanted, {ARM} has arm64")
    assert lines[8].startswith("not reached newest")
    assert lines[9].startswith(f"would match with architecture arm64: {ARM} (ami-")


def test_a_setting_is_found_where_it_is_named(evergold, tmp_path):
    web = family(kernel="6.1", images="al2023-ami-2023*-x86_64")
    found, = objects(explain(evergold, tmp_path, [web], "message"))
    lines = (tmp_path / "evergold.yaml").read_text().splitlines()
    for each in found["conditions"]:
        if each["condition"] in ("images", "kernel", "regions"):
            file, line, column = each["setting"].split(":")
            before = lines[int(line) - 1][:int(column) - 1]
            assert file == "evergold.yaml" and before.strip() == f'"{each["condition"]}":'
    assert found["image_name"] == IMAGE


def test_a_script_gets_one_object_for_each_family_and_region(evergold, tmp_path):
    done = explain(evergold, tmp_path, [
        family(regions=["eu-west-1", "eu-south-9"]),
        family("deb", publisher="debian", images="debian-13-amd64-*")], "message")
    west, south = objects(done)
    assert [list(each) for each in (west, south)] == [KEYS, KEYS]
    assert (west["outcome"], west["image_name"]) == ("start", IMAGE)
    assert marks(west) == {"regions": "passed", "images": "passed", "newest": "passed"}
    assert (south["reason"], south["image_id"]) == ("no_image_in_region", None)
    assert marks(south) == {"regions": "failed", "images": "not_reached",
                            "newest": "not_reached"}
    assert [each["with"] for each in south["would_match"]][0] == "in us-east-1"
    assert list(south["would_match"][0]) == ["with", "ambiguous", "image_id", "image_name"]


def test_it_decides_as_replay_does(evergold, tmp_path):
    families = [family(), family("any", images="al2023-ami-*"), family("none", images="x*"),
                family("later", soak="1d")]
    found = objects(explain(evergold, tmp_path, families, "message"))
    done = evergold("replay", "--config", "evergold.yaml", "--topic", TOPIC, "message",
                    cwd=tmp_path)
    same = ("message_id", "topic", "trust", "publisher", "release", "family", "region",
            "outcome", "reason", "image_id", "image_name", "detail")
    assert [[each[key] for key in same] for each in found] == \
        [[json.loads(line)[key] for key in same] for line in done.out.splitlines()]


def test_what_is_rejected_says_so_first(evergold, tmp_path):
    bad = '{"v1": {"Regions": []}}'
    done = explain(evergold, tmp_path, [family()], "message", "--format", "text", message=bad)
    assert done.returncode == 0 and "\nrejected, payload: " in done.out
    found, = objects(explain(evergold, tmp_path, [family()], "message", message=bad))
    assert (found["reason"], found["family"], found["conditions"]) == ("payload", None, [])


def test_hostile_texts_are_made_plain(evergold, tmp_path):
    hostile = "\x1b[31m\u202e"
    (tmp_path / f"message{hostile}").write_text(releases.al2023(VERSION))
    (tmp_path / f"config{hostile}").write_text(json.dumps({"families": [
        family(images=["al2023-ami-2023*-x86_64", f"a{chr(0x202e)}b*"], kernel="6.1")]}))
    args = ("explain", "--topic", TOPIC, "--format", "text", f"message{hostile}")
    done = evergold(*args, "--config", f"config{hostile}", cwd=tmp_path)
    assert done.returncode == 0 and "web in eu-west-1: start, matched" in done.out
    assert all(char.isprintable() or char == "\n" for char in done.out)
    assert "message\\u{1b}[31m\\u{202e}" in done.out
    assert "config\\u{1b}[31m\\u{202e}:1:" in done.out


@pytest.mark.parametrize("args, words, status", [
    ([], "name one file, or - for standard input", 2),
    (["message", "message"], "name one file, or - for standard input", 2),
    (["message", "--ledger", "full"], "--ledger takes empty|current, not 'full'", 2),
    (["message", "--topic", "sns"], "--topic takes the ARN of an SNS topic", 2),
    (["."], "holds more than one message; evergold replay decides many", 1),
    (["-"], "- holds no message", 1),
    (["nowhere"], "nowhere: ", 1),
    (["message", "--ledger", "current"], "no ledger at ", 1),
])
def test_what_cannot_be_explained(evergold, tmp_path, args, words, status):
    done = explain(evergold, tmp_path, [family()], *args)
    assert (done.returncode, done.out) == (status, "")
    assert words in done.err


def test_an_event_is_no_announcement(evergold, tmp_path):
    event = {"source": "aws.codepipeline", "detail": {"execution-id": "e-1"},
             "detail-type": "CodePipeline Pipeline Execution State Change"}
    done = explain(evergold, tmp_path, [family()], "-", stdin=json.dumps(event))
    assert (done.returncode, done.out) == (1, "")
    assert "- holds an event of a pipeline, not an announcement" in done.err


def test_the_ledger_says_what_was_built_and_what_waits(cloud, worker, evergold, tmp_path):
    make_pipelines(cloud, family(), family("later"))
    later = family("later", soak="30d")
    running = worker(family(), later)
    cloud.announce(release=VERSION)
    running.wait_log("build_finished")
    running.stop()
    (tmp_path / "message").write_text(releases.al2023(VERSION))
    args = ("explain", "--config", tmp_path / "evergold.yaml", "--topic", TOPIC,
            "--ledger", "current", "message")
    built, waiting = [json.loads(line) for line in evergold(*args, cwd=tmp_path).out.splitlines()]
    assert built["reason"] == waiting["reason"] == "already_started"
    assert marks(built)["not_built"] == marks(waiting)["not_built"] == "failed"
    built, waiting = [next(each["detail"] for each in found["conditions"]
                           if each["condition"] == "not_built") for found in (built, waiting)]
    assert built.startswith("its build ended at ") and built.endswith(", Succeeded")
    assert waiting.startswith("its build waits: soaking, until ") and "asked again" in waiting
