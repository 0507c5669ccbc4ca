"""Nothing in the shipped program is there for tests: no code of theirs, no switch, no variable.

What to look for is read out of the sources and the manual: whatever tests/ defines must not be in
it, and whatever looks like an environment variable or an option must be documented. Last, a program
that has all of it is looked at, and a program of tests/flows, which has some.
"""
from __future__ import annotations

import functools
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(os.environ.get("EVERGOLD_RELEASE", ROOT / "build/evergold"))
TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", ROOT / "build/san/tests/tools"))
MANUAL = (ROOT / "docs/evergold.1").read_text(encoding="utf-8")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
OPTION = re.compile(r"--[a-z][a-z-]*|-[a-z]")
PROTOTYPE = re.compile(r"^[a-z][\w *]*?\b\**(\w+)\(", re.MULTILINE)
LIBC = {"environ", "__environ", "stderr", "stdout", "stdin", "optarg", "optind", "opterr"}

SEAMS = r"""
#include <stdlib.h>
#include <string.h>
int simulation_new(void);
int simulation_new(void) { return getenv("EVERGOLD_TODAY") != NULL; }
int main(int argc, char **argv)
{
	const char *file = "tests/cases", *answers = "scripted_cloud";
	return argc > 1 && strcmp(argv[1], "--pretend") == 0 && simulation_new() && file == answers;
}
"""


def said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          errors="replace", env={**os.environ, "LC_ALL": "C"}).stdout


# What the program is made of.


@functools.cache
def units(program: Path) -> list[str]:
    """The source files that it was compiled from, as its debug information names them."""
    listed = said("objdump", "--dwarf=info", "--dwarf-depth=1", program)
    return re.findall(r"DW_AT_name\s*: (?:\(.*?\): )?(\S+)", listed)


def exported(program: Path, *options: str) -> set[str]:
    listed = said("nm", "-g", "--defined-only", *options, program)
    return {line.split()[-1].split("@")[0] for line in listed.splitlines()}


def strings(program: Path) -> set[str]:
    """Its constants, whole ones alone."""
    return set(re.findall(r"^ *\[ *[0-9a-f]+\]  (.*)$", said("readelf", "-p", ".rodata", program),
                          re.MULTILINE))


# What the tests are made of.


def helpers() -> set[str]:
    """The functions that the headers of tests/ declare."""
    return {name for header in ROOT.glob("tests/*/*.h")
            for name in PROTOTYPE.findall(header.read_text(encoding="utf-8"))}


def modules() -> set[str]:
    """The worlds that are put around the worker in tests/flows, by names that mean nothing else."""
    return {file.stem for file in ROOT.glob("tests/flows/*_*.[ch]")
            if not file.stem.endswith("_test")}


# What is wrong with a program.


def foreign_code(program: Path) -> list[str]:
    found = units(program) or ["no debug information"]
    return [f"made of {unit}" for unit in found if not unit.startswith(("common/", "worker/"))]


def symbols_of_tests(program: Path) -> list[str]:
    return [f"defines {name}" for name in sorted(exported(program) & helpers())]


def open_symbols(program: Path) -> list[str]:
    """Nobody can put something else in the place of what is ours from outside."""
    return [f"exports {name}" for name in sorted(exported(program, "-D") - LIBC)]


def names_of_tests(program: Path) -> list[str]:
    content = program.read_bytes()
    words = {word.decode() for word in re.findall(rb"\w+", content)}
    return [f"names {name}" for name in sorted(words & modules())] + (
        ["names a file of tests/"] if b"tests/" in content else [])


def unknown_variables(program: Path) -> list[str]:
    """Those of evergold's own are one; the id of a service ends a documented name."""
    asked = {text for text in strings(program) if VARIABLE.fullmatch(text)}
    return [f"reads {name}" for name in sorted(asked)
            if not (documented(name) or documented(f"AWS_ENDPOINT_URL_{name}"))
            or (name.startswith("EVERGOLD_") and name != "EVERGOLD_CONFIG")]


def unknown_options(program: Path) -> list[str]:
    asked = {text for text in strings(program) if OPTION.fullmatch(text)}
    return [f"takes {text}" for text in sorted(asked)
            if not re.search(rf"Fl {re.escape(text[1:])}(?![\w-])", MANUAL)]


def documented(name: str) -> bool:
    return re.search(rf"(?<!\w){name}(?!\w)", MANUAL) is not None


CHECKS = [foreign_code, symbols_of_tests, open_symbols, names_of_tests, unknown_variables,
          unknown_options]


# What is shipped.


@pytest.mark.parametrize("check", CHECKS)
def test_the_program_has_none(check):
    assert check(PROGRAM) == []


def test_there_was_something_to_look_at():
    assert len(units(PROGRAM)) > 200
    assert len(helpers()) > 100 and {"scripted_cloud", "simulated_time"} <= modules()
    assert {"EVERGOLD_CONFIG", "AWS_PROFILE", "--online"} <= strings(PROGRAM)


def test_it_is_linked_from_objects_of_its_own():
    commands = said("make", "-C", ROOT, "-nB", "V=1", "all")
    assert len(re.findall(r"\.o\b", commands)) > 400
    assert not re.search(r"tests/\S+\.[oa]\b", commands)


def test_the_environment_is_asked_for_names_that_are_documented():
    """Where the name is no literal it comes from a table, or from the configuration."""
    calls = [call for file in [*ROOT.glob("common/*/*.c"), *ROOT.glob("worker/*/*.c")]
             for call in re.findall(r"\bgetenv\(([^)]*)\)", file.read_text(encoding="utf-8"))]
    literals = [call.strip('"') for call in calls if call.startswith('"')]
    assert "EVERGOLD_CONFIG" in literals and all(documented(name) for name in literals)
    assert [call for call in calls if not call.startswith('"')] == ["name", "name"]


# What would be found.


@pytest.fixture(scope="module")
def seams(tmp_path_factory):
    """A program that has one of each."""
    folder = tmp_path_factory.mktemp("seams") / "tests"
    folder.mkdir()
    (folder / "seams.c").write_text(SEAMS)
    subprocess.run([os.environ.get("CC", "gcc"), "-g", "-rdynamic", "-o", "seams",
                    "tests/seams.c"], cwd=folder.parent, check=True)
    return folder.parent / "seams"


@pytest.mark.parametrize(("check", "finding"), [
    (foreign_code, "made of tests/seams.c"), (symbols_of_tests, "defines simulation_new"),
    (open_symbols, "exports simulation_new"), (names_of_tests, "names scripted_cloud"),
    (names_of_tests, "names a file of tests/"), (unknown_variables, "reads EVERGOLD_TODAY"),
    (unknown_options, "takes --pretend")])
def test_a_program_that_has_it_is_found(seams, check, finding):
    assert finding in check(seams)


def test_a_program_of_the_tests_is_found():
    program = TOOLS.parent / "flows/builder_test"
    assert "made of tests/flows/builder_test.c" in foreign_code(program)
    assert {"defines simulation_new", "defines cloud_new"} <= set(symbols_of_tests(program))
    assert "names scripted_cloud" in names_of_tests(program)


def test_a_stripped_program_proves_nothing(tmp_path):
    subprocess.run(["strip", "-o", tmp_path / "stripped", PROGRAM], check=True)
    assert foreign_code(tmp_path / "stripped") == ["made of no debug information"]
