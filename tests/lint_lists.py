#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that code of which mutants/known.txt or coverage/reasons.txt speaks is still there.

Usage: lint_lists.py ROOT
"""
import pathlib
import re
import sys

# What is above the reason: a file, and a line of it.
LISTS = {
    "tests/mutants/known.txt": re.compile(r"\w+ (\S+?): (.*?) \| "),
    "tests/coverage/reasons.txt": re.compile(r"(\S+?): \w+: (.*?) \| "),
}


def main():
    root = pathlib.Path(sys.argv[1])
    entries, faults = 0, 0
    for name, entry in LISTS.items():
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            found = entry.match(line)
            path = root / found[1] if found else root
            code = {text.strip() for text in path.read_text().splitlines()} if path.is_file() else set()
            entries += 1
            if not found or found[2].strip() not in code:
                print(f"{name}:{number}: not in the code: {line}")
                faults += 1
    print(f"{entries} entries, {faults} faults")
    return 1 if faults or entries == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
