"""The names of the branches that no test takes, compared with what is measured.

In named.txt a reason begins its line, and under it, indented by a tab, stand the branches that it
is good for: `path: line of source`, or `path: 3 of: line of source` where it is not one branch. A
line of source that ends in || is one with the next, and stands for all its equals in the file.
Where the path has a *, the line may have them, too: it speaks for every line of that form that has
no name of its own, with exactly so many branches not taken. Empty lines and # are for readers.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

ENTRY = re.compile(r"\t(?P<path>\S+): ((?P<count>\d+) of: )?(?P<source>.+)")


@dataclass(frozen=True)
class Name:
    path: str
    count: int
    source: str

    def fits(self, path, source):
        if "*" in self.path:
            return fnmatchcase(path, self.path) and fnmatchcase(source, self.source)
        return (path, source) == (self.path, self.source)


def read_names(text):
    """Those with a path of their own first. A branch without a reason is refused."""
    names, reason = [], None
    for line in text.split("\n"):
        entry = ENTRY.fullmatch(line)
        if entry and not reason:
            raise ValueError(f"no reason for:{line}")
        if entry:
            names.append(Name(entry["path"], int(entry["count"] or 1), entry["source"]))
        elif not line.startswith("#"):
            reason = line
    return sorted(names, key=lambda name: "*" in name.path)


def compare(files, names):
    """How many branches are missing under a name; what is missing without, or named and taken."""
    named, found, idle = 0, [], set(names)
    for file in files:
        for source, count in file.missing.items():
            name = next((name for name in names if name.fits(file.path, source)), None)
            idle.discard(name)
            if name and name.count == count:
                named += count
                continue
            also = f", {name.count} named" if name else ""
            found.append(f"{file.path}:{file.places[source]}: {count} not taken{also}: {source}")
    found += [f"{name.path}: named, but taken or gone: {name.source}"
              for name in names if name in idle]
    return named, found
