#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Branch coverage of the library, after tests were run in a build with -Db_coverage=true.

Prints the share of branches that were taken, of all in src/ without the programs, and fails where
it is below 95 %. Each line that has a branch left needs a reason in reasons.txt, "FILE: CODE |
REASON", or is shown.

Usage: coverage.py BUILD
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAST_PERCENT = 95
SKIPPED = 77


def read_reasons():
    reasons = {}
    for line in (pathlib.Path(__file__).parent / "reasons.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            place, reason = line.rsplit(" | ", 1)
            reasons[place] = reason
    return reasons


def measure(build):
    """What gcovr says of each file."""
    output = subprocess.run(
        ["gcovr", "--root", ROOT, "--object-directory", build, "--json", "-",
         "--filter", str(ROOT / "src/(memory|wait|channel|objects)/.*")],
        check=True, capture_output=True, text=True)
    return json.loads(output.stdout)["files"]


def main():
    taken = total = left = 0
    unexplained = []
    reasons = read_reasons()
    try:
        files = measure(sys.argv[1])
    except FileNotFoundError:
        print("gcovr is not installed")
        return SKIPPED
    for file in files:
        source = (ROOT / file["file"]).read_text().splitlines()
        for line in file["lines"]:
            missed = [b for b in line["branches"] if b["count"] == 0]
            total += len(line["branches"])
            taken += len(line["branches"]) - len(missed)
            if missed or (line["count"] == 0 and not line.get("gcovr/noncode")):
                code = source[line["line_number"] - 1].strip()
                left += 1
                if f"{file['file']}: {code}" not in reasons:
                    unexplained.append(f"{file['file']}:{line['line_number']}: {code}")
    for place in unexplained:
        print(place)
    percent = 100 * taken / max(total, 1)
    print(f"{taken} of {total} branches taken, {percent:.1f} %; {left} lines have some left, "
          f"{len(unexplained)} of them without a reason")
    return 1 if percent < LEAST_PERCENT or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
