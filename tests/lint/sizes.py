"""Sizes: functions, files and headers stay small enough to be read at once.

    python3 tests/lint/sizes.py FILE…

A function reaches from its signature to its closing brace, as .clang-format lays it out.
"""
import sys

FUNCTION_LINES = 60
FUNCTION_MEDIAN = 15
FILE_LINES = 600
HEADER_LINES = 120
COLUMNS = 100


def functions(lines):
    """(first line, length) of each function: a brace alone in column 0 opens it, one closes it."""
    start = opened = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            opened = start or number
        elif line == "}" and opened:
            yield opened, number - opened + 1
            start = opened = None
        elif not opened:
            blank = not line or line[0] in "#/ }" or line.startswith(" *")
            if blank:
                start = None
            elif start is None and line[0] != "\t":
                start = number


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read().splitlines()


def figures(lengths):
    if not lengths:
        return "no functions"
    return (f"{len(lengths)} functions: median {lengths[len(lengths) // 2]} lines, "
            f"95 % within {lengths[len(lengths) * 95 // 100]}, longest {lengths[-1]}")


def main(paths):
    faults, notes, lengths = [], [], []
    for path in paths:
        lines = read(path)
        found = list(functions(lines))
        faults += [f"{path}:{first}: function of {length} lines, at most {FUNCTION_LINES}"
                   for first, length in found if length > FUNCTION_LINES]
        faults += [f"{path}:{number}: wider than {COLUMNS} columns"
                   for number, line in enumerate(lines, 1)
                   if len(line.expandtabs(8)) > COLUMNS]
        if not path.startswith("tests/"):
            lengths += [length for _, length in found]
        if len(lines) > FILE_LINES:
            faults.append(f"{path}: {len(lines)} lines, at most {FILE_LINES}: split it by noun")
        if path.endswith(".h") and len(lines) > HEADER_LINES:
            notes.append(f"note: {path}: {len(lines)} lines, better {HEADER_LINES}")
    lengths.sort()
    if lengths and lengths[len(lengths) // 2] > FUNCTION_MEDIAN:
        faults.append(f"the median function may have at most {FUNCTION_MEDIAN} lines")
    print("\n".join([*notes, *faults, figures(lengths)]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
