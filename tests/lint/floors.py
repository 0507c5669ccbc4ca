"""Include floors: every #include must follow tests/lint/floors.txt.

    python3 tests/lint/floors.py RULES FILE…
"""
import os
import re
import sys
from fnmatch import fnmatchcase

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def read_rules(path):
    """Two tables: what a folder or file may include, and who may include a system header."""
    floors, owners = {}, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, colon, allowed = line.split("#")[0].partition(":")
            if colon:
                table = owners if name.startswith("<") else floors
                table[name.strip("<> ")] = allowed.split()
    return floors, owners


def inside(path, place):
    return path == place or path.startswith(place + "/")


def floor_of(path, floors):
    return max((floor for floor in floors if inside(path, floor)), key=len, default=None)


def fault(path, quote, target, rules):
    """Why this file may not include that, or None."""
    floors, owners = rules
    if quote == "<":
        allowed = next(files for header, files in owners.items() if fnmatchcase(target, header))
        if any(fnmatchcase(path, owner) for owner in allowed):
            return None
        return f"only {', '.join(allowed)} may include it"
    if not os.path.exists(target):
        return "no such file from the repository's root"
    floor = floor_of(path, floors)
    if floor is None:
        return "floors.txt does not know this folder"
    if any(inside(target, place) for place in [floor, *floors[floor]]):
        return None
    return f"{floor} may include {', '.join(floors[floor]) or 'nothing else'}"


def includes(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found[1], found[2]


def main(rules_path, paths):
    rules = read_rules(rules_path)
    faults = [
        f"{path}:{number}: {target}: {why}"
        for path in paths
        for number, quote, target in includes(path)
        if (why := fault(path, quote, target, rules))
    ]
    print("\n".join(faults) if faults else f"{len(paths)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
