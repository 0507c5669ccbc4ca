"""References: each file that a page names is there, and has the tests that are named after it.

    python3 tests/lint/references.py PAGE…

`common/sns/gate.c` is a file or folder from the repository's root, *any_byte_changed* a test of the
last file of tests/ that was named before it.
"""
import os
import re
import sys

TOP = sorted(name for name in os.listdir() if os.path.isdir(name) and name != "build")
FILE = re.compile(rf"`((?:{'|'.join(map(re.escape, TOP))})/[^`]*)`")
NAMED = re.compile(rf"{FILE.pattern}|(?<!\*)\*(\w+)\*(?!\*)")


def tests_of(path):
    with open(path, encoding="utf-8") as lines:
        return set(re.findall(r"^(?:TEST\(|def )(\w+)", lines.read(), re.MULTILINE))


def check(page):
    """How many files and tests a page names, and what is wrong with them."""
    faults, count, tests = [], 0, set()
    with open(page, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            for path, test in NAMED.findall(line):
                count += 1
                if test and test not in tests:
                    faults.append(f"{page}:{number}: no test {test} in the file before it")
                elif path and not os.path.exists(path):
                    faults.append(f"{page}:{number}: {path}: no such file")
                elif path.startswith("tests/") and os.path.isfile(path):
                    tests = tests_of(path)
    return count, faults


def main(pages):
    found = [check(page) for page in pages]
    faults = [fault for _, faults in found for fault in faults]
    print("\n".join(faults) if faults else f"{sum(count for count, _ in found)} files and tests")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
