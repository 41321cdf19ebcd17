#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what the tests of the suite `survive` have shown, as the table that stands in README.

Each test keeps its row in a directory, see tests/figure.h. Rows "WHAT: VARIANT" whose figures differ in
their numbers only become one, with the sums. A row shows the day of the run that made it.

Usage: table.py DIRECTORY
"""
import datetime
import pathlib
import re
import sys

NUMBER = re.compile(r"\d+")
SKIPPED = 77


def total(figures):
    """The one figure for all of these; None if their words differ."""
    words = {NUMBER.sub("#", figure) for figure in figures}
    if len(words) > 1:
        return None
    sums = [sum(column) for column in zip(*(map(int, NUMBER.findall(f)) for f in figures))]
    parts = words.pop().split("#")
    return "".join(part + f"{number:,}" for part, number in zip(parts, sums)) + parts[-1]


def main():
    groups = {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*")):
        day = datetime.date.fromtimestamp(path.stat().st_mtime).isoformat()
        groups.setdefault(path.name.split(": ")[0], []).append((path.name, path.read_text(), day))
    if not groups:
        print("no figures yet")
        return SKIPPED
    print("| what | figure | run |\n|---|---|---|")
    for what, rows in groups.items():
        figure = total([row[1] for row in rows])
        if figure is not None:
            rows = [(what, figure, min(row[2] for row in rows))]
        for row in rows:
            print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
