"""Draws the lines that head a file's sections to column 100, which clang-format leaves alone.

    python3 tests/lint/rulers.py FILE…
"""
import re
import sys

COLUMNS = 100
RULER = re.compile(r"^(/\* -+ .*?) -+ \*/$", re.MULTILINE)


def drawn(ruler):
    return ruler[1] + " " + "-" * (COLUMNS - len(ruler[1]) - len("  */")) + " */"


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    straight = RULER.sub(drawn, text)
    if straight != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(straight)
