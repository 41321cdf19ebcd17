#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Branch coverage of the library, after tests were run in a build with -Db_coverage=true.

Prints the share of branches that were taken, of all in src/ without the programs. Each line that
has a branch left, and each function that was never called, needs a reason in reasons.txt, or is
shown: lines of the form "FILE: FUNCTION: CODE | REASON". What is only reached by a branch that is
left is not named again.

Fails where the share is below 95 %, where a reason is missing, and where one is for code that is
no longer there. A reason for what was taken this time is only mentioned: races differ.

The library that lies (-DSEAM_LOAD_ORACLE, see src/memory/oracle.h) is counted apart, since its
compare-and-swaps have more branches than the code says: what was taken there counts for lines that
have as many branches in both.

Where tests run as root, `umask 0` before them lets what they do as other users be counted, too.

Usage: coverage.py BUILD
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REASONS = pathlib.Path(__file__).parent / "reasons.txt"
LEAST_PERCENT = 95
SKIPPED = 77
LIAR = r".*/(libtest-oracle|fuzz-)[^/]*\.p$"
ALL_BUT_LIAR = r".*/(?!libtest-oracle|fuzz-)[^/]*\.p$"


def read_reasons():
    """Reasons by what they are for."""
    reasons = {}
    for line in REASONS.read_text().splitlines():
        if line and not line.startswith("#"):
            place, reason = line.rsplit(" | ", 1)
            reasons[place] = reason
    return reasons


def measure(build, without):
    """What gcovr says of each file, by lines, leaving out counts in some directories."""
    output = subprocess.run(
        ["gcovr", "--root", ROOT, "--object-directory", build, "--json", "-",
         "--exclude-directories", without,
         "--filter", str(ROOT / "src/(?!programs)[^/]+/.*")],
        check=True, capture_output=True, text=True)
    return {file["file"]: {line["line_number"]: line for line in file["lines"]}
            for file in json.loads(output.stdout)["files"]}


def count_branches(line, lying):
    """How often each branch of a line was taken; the library that lies may know more."""
    counts = [branch["count"] for branch in line["branches"]]
    others = [branch["count"] for branch in lying["branches"]] if lying else []
    if len(counts) == len(others):
        counts = [a + b for a, b in zip(counts, others)]
    return counts


def function_of(source):
    """The name of the function that each line is in, which begins in the first column."""
    names, name = [], ""
    for code in source:
        code = re.sub(r"^__attribute__\(\(.*?\)\) *", "", code)
        found = re.match(r"(?!typedef)(?=[A-Za-z])[\w *]*?(\w+)\(", code)
        name = found[1] if found else name
        names.append(name)
    return names


def look_at_file(name, lines, lying_lines, reasons, tally):
    """Adds what there is to say of a file."""
    source = (ROOT / name).read_text().splitlines()
    names = function_of(source)
    for number, line in sorted(lines.items()):
        lying = lying_lines.get(number)
        counts = count_branches(line, lying)
        code, function = source[number - 1], names[number - 1]
        left = counts.count(0)
        tally["total"] += len(counts)
        tally["taken"] += len(counts) - left
        begins = number > 1 and function != names[number - 2] and not line.get("gcovr/noncode")
        never = begins and line["count"] + (lying["count"] if lying else 0) == 0
        if left or never:
            place = f"{name}: {function}: {code.strip()}"
            tally["left"].add(place)
            if place not in reasons:
                tally["unexplained"].append(f"{name}:{number}: {function}: {code.strip()}")
    tally["places"] |= {f"{name}: {f}: {code.strip()}" for f, code in zip(names, source)}


def main():
    """Prints all there is to say, and returns the exit status."""
    reasons = read_reasons()
    tally = {"taken": 0, "total": 0, "left": set(), "unexplained": [], "places": set()}
    try:
        files = measure(sys.argv[1], LIAR)
        lying = measure(sys.argv[1], ALL_BUT_LIAR)
    except FileNotFoundError:
        print("gcovr is not installed")
        return SKIPPED
    for name, lines in files.items():
        look_at_file(name, lines, lying.get(name, {}), reasons, tally)
    gone = [place for place in reasons if place not in tally["places"]]
    for place in tally["unexplained"]:
        print(f"no reason: {place}")
    for place in gone:
        print(f"no such code: {place}")
    for place in reasons:
        if place in tally["places"] and place not in tally["left"]:
            print(f"taken this time, for all the reason: {place}")
    percent = 100 * tally["taken"] / max(tally["total"], 1)
    print(f"{tally['taken']} of {tally['total']} branches taken, {percent:.1f} %; "
          f"{len(tally['left'])} lines have some left, "
          f"{len(tally['unexplained'])} of them without a reason")
    return 1 if percent < LEAST_PERCENT or tally["unexplained"] or gone else 0


if __name__ == "__main__":
    sys.exit(main())
