"""What a person types: help, words that are wrong, and where which output goes."""

from __future__ import annotations

import subprocess

import pytest

from tests.e2e.worker import binary, environment

COMMANDS = ["run", "replay", "check", "publishers", "status", "history", "hold", "release",
            "quarantine", "retry"]
WRONG = {
    "no command": ([], "evergold COMMAND --help"),
    "a command misspelt": (["relpay"], "unknown command 'relpay' (did you mean 'replay'?)"),
    "a command that is none": (["frobnicate"], "unknown command 'frobnicate' (evergold --help"),
    "an option before the command": (["--verison"], "(did you mean '--version'?)"),
    "an option misspelt": (["run", "--confg", "x"], "unknown option '--confg' (did you mean"),
    "an argument too many": (["run", "x"], "unexpected argument 'x'\nusage: evergold run "),
    "no value": (["check", "--config"], "--config needs a value\nusage: evergold check "),
    "an empty value": (["check", "--config="], "--config needs a value"),
    "a value for a flag": (["replay", "--live=yes", "x"], "--live takes no value"),
    "a value that is none": (["replay", "--format", "xml", "x"],
                             "--format takes text|json, not 'xml'"),
    "no path": (["replay"], "name at least one file or folder"),
    "a topic that is none": (["replay", "--topic", "amazon", "x"], "the ARN of an SNS topic"),
    "effects of what can be read once": (["replay", "--live", "-"], "reads its input twice"),
    "no such configuration": (["check", "--config", "/nowhere"], "/nowhere: No such file"),
    "no such configuration by variable": (["run"], "/nowhere: No such file"),
    "an escape sequence": (["a\x1b[31m"], "unknown command 'a\\u{1b}[31m'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_and_nothing_else(evergold, what):
    args, said = WRONG[what]
    done = evergold(*args, env={"EVERGOLD_CONFIG": "/nowhere"})
    assert (done.returncode, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("args", [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS)])
def test_help_is_a_result(evergold, args):
    done = evergold(*args)
    assert (done.returncode, done.err) == (0, "")
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert f"evergold {args[0] if args[0] in COMMANDS else 'run'}" in done.out


@pytest.mark.parametrize("args", [["--help"], ["publishers"]])
def test_an_output_that_cannot_be_written_is_no_success(args, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary(), *args], stdout=full, stderr=subprocess.PIPE, check=False,
                              env=environment(None, tmp_path))
    assert (done.returncode, done.stderr) == (1, b"evergold: the output could not be written\n")


def test_after_two_dashes_everything_is_a_path(evergold, tmp_path):
    (tmp_path / "c.yaml").write_text("""
        {region: eu-west-1, families: [{name: a, publisher: amazon-linux-2023,
         images: "al2023-ami-2023.*-kernel-6.1-x86_64", pipeline: {name: p}}]}""")
    done = evergold("replay", "--config", "c.yaml", "--", "--live")
    assert (done.returncode, done.err) == (1, "evergold: --live: No such file or directory\n")


def test_a_certificate_that_is_not_there_has_its_line(evergold, tmp_path):
    (tmp_path / "c.yaml").write_text("""region: eu-west-1
trust:
  pinned_certificates: [nowhere.pem]
families:
  - name: a
    publisher: amazon-linux-2023
    images: "al2023-ami-2023.*-kernel-6.1-x86_64"
    pipeline: {name: p}
""")
    done = evergold("check", "--config", "c.yaml")
    assert (done.returncode, done.err) == (2, "")
    assert done.out == ("c.yaml:3:3: error: trust.pinned_certificates[0]: nowhere.pem: "
                        "No such file or directory\n")
