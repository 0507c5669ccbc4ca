"""The names of the branches that no test takes, compared with what is measured.

In named.txt a reason begins its line, and under it, indented by a tab, stand the branches that it
is good for: `path: line of source`, or `path: 3 of: line of source` where it is not one branch. A
line of source that ends in || is one with the next, and stands for all its equals in the file.
Where the path has a *, the line may have them, too: it speaks for every line of that form that has
no name of its own, with exactly so many branches not taken. Empty lines and # are for readers.

Of the branches of a file one in twenty may be missing without a name.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

UNNAMED = 1 / 20
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


def name_of(file, source, names):
    return next((name for name in names if name.fits(file.path, source)), None)


def nameless(file, names):
    """The lines of source with missing branches that have no name, or one for another number."""
    for source, count in file.missing.items():
        name = name_of(file, source, names)
        if not name or name.count != count:
            named = f", {name.count} named" if name else ""
            yield source, f"{file.path}:{file.places[source]}: {count} not taken{named}: {source}"


def compare(files, names):
    """How many branches are missing under a name, and what is wrong with the names."""
    named, found = 0, []
    for file in files:
        lines = dict(nameless(file, names))
        unnamed = sum(file.missing[source] for source in lines)
        named += file.missing.total() - unnamed
        if unnamed > file.branches.total * UNNAMED:
            found += lines.values()
    used = {name_of(file, source, names) for file in files for source in file.missing}
    return named, found + [f"{name.path}: named, but taken or gone: {name.source}"
                           for name in names if name not in used]
