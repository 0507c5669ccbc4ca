"""check, publishers, and what the command line says to those who err."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "evergold.example.yaml"
COMMANDS = ["run", "replay", "check", "publishers"]
WRONG = """region: eu-west-1
familis: []
families:
  - name: web
    publisher: amazon-linux-2032
    images: "al2023-ami-2023.*-kernel-6.1-x86_64"
    pipeline: {naem: golden}
    soak: 5
region: us-east-1
"""
FAULT = re.compile(r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (error|warning): .+")


# check

def test_the_example_is_fine(evergold):
    done = evergold("check", "--config", EXAMPLE)
    assert (done.returncode, done.err) == (0, "")
    assert done.out == f"{EXAMPLE}: fine: 2 families, 2 topics\n"


def test_every_fault_is_named_with_its_place(evergold, tmp_path):
    (tmp_path / "evergold.yaml").write_text(WRONG)
    done = evergold("check", "--config", "evergold.yaml")
    assert (done.returncode, done.err) == (2, "")
    places = {}
    for line in done.out.splitlines():
        assert (found := FAULT.fullmatch(line)), line
        assert found["file"] == "evergold.yaml"
        places[int(found["line"]), int(found["column"])] = line
    assert list(places) == [(2, 1), (5, 16), (7, 15), (7, 16), (8, 11), (9, 1)]
    assert "did you mean 'families'?" in places[2, 1]
    assert "did you mean 'name'?" in places[7, 16]


@pytest.mark.parametrize("command", [["run"], ["replay", EXAMPLE]])
def test_with_a_wrong_configuration_nothing_begins(evergold, tmp_path, command):
    (tmp_path / "evergold.yaml").write_text(WRONG)
    done = evergold(*command, "--config", "evergold.yaml")
    assert done.returncode == 2 and done.out == ""
    assert "evergold.yaml:2:1: error: unknown key 'familis'" in done.err


def test_yaml_that_is_none_is_named_with_its_place(evergold, tmp_path):
    (tmp_path / "evergold.yaml").write_text("families:\n  - {name: web\n")
    done = evergold("check", "--config", "evergold.yaml")
    assert done.returncode == 2 and FAULT.match(done.out), done.out


def test_a_pattern_that_is_too_wide_is_a_warning(evergold, tmp_path):
    text = EXAMPLE.read_text().replace("-kernel-6.1-x86_64", "*")
    (tmp_path / "evergold.yaml").write_text(text)
    done = evergold("check", "--config", "evergold.yaml")
    assert done.returncode == 0
    assert re.search(r"evergold.yaml:\d+:\d+: warning: .*flavours", done.out)


def test_the_environment_names_the_configuration(evergold):
    done = evergold("check", env={"EVERGOLD_CONFIG": str(EXAMPLE)})
    assert done.returncode == 0 and done.out.startswith(str(EXAMPLE))


def test_the_option_comes_before_the_environment(evergold):
    done = evergold("check", f"--config={EXAMPLE}", env={"EVERGOLD_CONFIG": "/nonexistent"})
    assert done.returncode == 0


def test_without_either_it_is_the_one_of_the_system(evergold):
    done = evergold("check")
    assert done.returncode == 2 and "/etc/evergold/evergold.yaml" in done.out + done.err


def test_the_region_comes_from_the_environment_where_the_file_has_none(evergold, tmp_path):
    text = EXAMPLE.read_text().replace("region: eu-west-1\n\n", "\n", 1)
    (tmp_path / "evergold.yaml").write_text(text)
    assert evergold("check", "--config", "evergold.yaml").returncode == 2
    done = evergold("check", "--config", "evergold.yaml", env={"AWS_REGION": "eu-west-1"})
    assert done.returncode == 0, done.out


def test_a_pinned_certificate_that_is_missing_or_none(evergold, tmp_path):
    (tmp_path / "junk.pem").write_text("no certificate")
    for pem in ("missing.pem", "junk.pem"):
        text = EXAMPLE.read_text().replace("pinned_certificates: []",
                                           f"pinned_certificates: [{pem}]")
        (tmp_path / "evergold.yaml").write_text(text)
        done = evergold("check", "--config", "evergold.yaml")
        assert done.returncode == 2 and pem in done.out


def write_with_window(folder: Path, window: str) -> int:
    """The example with a window in its first family. Returns the number of that line."""
    before, publisher, after = EXAMPLE.read_text().partition("    publisher: amazon-linux-2023\n")
    text = f"{before}{publisher}    window: {window}\n{after}"
    (folder / "evergold.yaml").write_text(text)
    return before.count("\n") + 2


@pytest.mark.parametrize("zone", ["Mars/Olympus_Mons", "America"])
def test_a_time_zone_that_there_is_not_is_named_with_its_place(evergold, tmp_path, zone):
    (tmp_path / "zoneinfo" / "America").mkdir(parents=True)
    line = write_with_window(tmp_path, f'"Mon-Fri 08:00-17:00 {zone}"')
    env = {"TZDIR": str(tmp_path / "zoneinfo")}
    fault = f"evergold.yaml:{line}:34: error: families[0].window: {env['TZDIR']} has no time zone"
    done = evergold("check", "--config", "evergold.yaml", env=env)
    assert (done.returncode, done.err) == (2, "")
    assert f"{fault} '{zone}'\n" in done.out
    done = evergold("run", "--config", "evergold.yaml", env=env)
    assert done.returncode == 2 and fault in done.err


def test_without_time_zone_database_windows_are_in_utc(evergold, tmp_path):
    env = {"TZDIR": "/nonexistent"}
    for window in ("08:00-17:00", "08:00-17:00 UTC"):
        write_with_window(tmp_path, window)
        assert evergold("check", "--config", "evergold.yaml", env=env).returncode == 0
    write_with_window(tmp_path, "08:00-17:00 Europe/Berlin")
    done = evergold("check", "--config", "evergold.yaml", env=env)
    assert done.returncode == 2 and "there is no time zone database in /nonexistent" in done.out


def test_running_needs_a_queue(evergold, tmp_path):
    text = re.sub(r"(?m)^queue:\n(  .*\n)+", "", EXAMPLE.read_text())
    (tmp_path / "evergold.yaml").write_text(text)
    assert evergold("check", "--config", "evergold.yaml").returncode == 0
    done = evergold("run", "--config", "evergold.yaml")
    assert done.returncode == 2 and "queue" in done.err


# publishers

def test_publishers_as_text_and_as_json(evergold):
    text, lines = evergold("publishers").out, evergold("publishers", "--format", "json").out
    known = [json.loads(line) for line in lines.splitlines()]
    assert {"amazon-linux-2", "amazon-linux-2023"} <= {each["name"] for each in known}
    for each in known:
        assert f"{each['name']}: {each['title']}\n" in text
        assert (each["topic"] is None) == (each["shape"] == "none")
        assert all(topic in text for topic in [each["topic"] or "", *each["more_topics"]])
        assert all(re.search(each["name_pattern"], name) for name in each["examples"])


def test_publishers_without_a_topic_are_asked_about(evergold):
    shown = evergold("publishers").out.split("\n\n")
    ubuntu, = (each for each in shown if each.startswith("ubuntu:"))
    assert "  topic   none; evergold asks AWS\n" in ubuntu
    assert "/aws/service/canonical/ubuntu/" in ubuntu and " more\n" in ubuntu
    withdrawn, = (each for each in shown if each.startswith("windows-withdrawn:"))
    assert "images of windows" in withdrawn


# the command line

def test_help_everywhere(evergold):
    whole = evergold("--help")
    assert whole.returncode == 0 and whole.err == ""
    for command in COMMANDS:
        assert f"evergold {command}" in whole.out
        for flag in ("--help", "-h"):
            done = evergold(command, flag)
            assert done.returncode == 0 and done.err == ""
            assert done.out.startswith(f"usage: evergold {command}")
    assert all(len(line) <= 80 for line in whole.out.splitlines())


def test_the_version(evergold):
    done = evergold("--version")
    assert done.returncode == 0 and re.fullmatch(r"evergold \d+\.\d+\.\d+\n", done.out)


def test_without_a_command_it_explains_itself(evergold):
    done = evergold()
    assert done.returncode == 2 and done.out == "" and "evergold run" in done.err


@pytest.mark.parametrize("words, said", [
    (["rnu"], "did you mean 'run'?"),
    (["rep"], "did you mean 'replay'?"),
    (["publisher"], "did you mean 'publishers'?"),
    (["zzzzzzzz"], "unknown command 'zzzzzzzz'"),
    (["check", "--confg", "x"], "did you mean '--config'?"),
    (["check", "extra"], "extra"),
    (["check", "--config"], "--config"),
    (["publishers", "--format", "yaml"], "yaml"),
    (["--verbose"], "--verbose"),
])
def test_what_is_not_understood_is_named(evergold, words, said):
    done = evergold(*words)
    assert done.returncode == 2 and done.out == "" and said in done.err, done.err
