#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the pages for people: README's size, links that lead somewhere, the version of the changes.

Usage: documents_test.py ROOT VERSION
"""
import pathlib
import re
import sys

README_LINES, README_COLUMNS, CODE_BY_LINE = 180, 100, 40
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def main():
    root, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    faults, links = [], 0
    lines = (root / "README.md").read_text().splitlines()
    if len(lines) > README_LINES:
        faults.append(f"README.md has {len(lines)} lines, and may have {README_LINES}")
    faults += [f"README.md:{number}: {len(line)} columns, and may have {README_COLUMNS}"
               for number, line in enumerate(lines, 1) if len(line) > README_COLUMNS]
    if "```c" not in lines[:CODE_BY_LINE]:
        faults.append(f"README.md shows no code in its first {CODE_BY_LINE} lines")
    pages = [page for page in root.rglob("*.md") if not page.relative_to(root).parts[0].startswith("build")]
    for page in pages:
        for link in LINK.findall(page.read_text()):
            links += 1
            if not (page.parent / link).exists():
                faults.append(f"{page.relative_to(root)}: no {link}")
    newest = re.search(r"^## (\S+?),", (root / "src" / "CHANGES.md").read_text(), re.M)
    if newest is None or newest[1] != version:
        faults.append(f"src/CHANGES.md does not begin with {version}")
    for fault in faults:
        print(fault)
    print(f"{len(pages)} pages, {links} links, {len(faults)} faults")
    return 1 if faults or links == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
