#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions on the hot paths, counted by callgrind: a path that has grown fails.

    instructions_test.py PROGRAM COMPILER VERSION

Counts are exact and repeat, but only for one compiler; with another one they are only printed.
"""

import re
import shutil
import subprocess
import sys

SKIPPED = 77
TIMES = 1000

# Each with its call and the loop around it; measured on the Debians of .ci/run.
BUDGETS = {
    ("gcc", "12"): {
        "send": 174,
        "recv": 157,
        "try_recv-empty": 82,
        "send-recv_latest": 432,
        "reserve-commit": 167,
        "peek-release": 102,
        "value-add": 30,
        "lock-unlock": 68,
        "locked-send": 427,
        "locked-recv": 278,
    },
    ("gcc", "14"): {
        "send": 175,
        "recv": 176,
        "try_recv-empty": 82,
        "send-recv_latest": 435,
        "reserve-commit": 166,
        "peek-release": 101,
        "value-add": 30,
        "lock-unlock": 68,
        "locked-send": 430,
        "locked-recv": 271,
    },
    ("clang", "14"): {
        "send": 177,
        "recv": 186,
        "try_recv-empty": 92,
        "send-recv_latest": 447,
        "reserve-commit": 164,
        "peek-release": 108,
        "value-add": 30,
        "lock-unlock": 70,
        "locked-send": 445,
        "locked-recv": 283,
    },
    ("clang", "19"): {
        "send": 177,
        "recv": 184,
        "try_recv-empty": 91,
        "send-recv_latest": 441,
        "reserve-commit": 166,
        "peek-release": 107,
        "value-add": 28,
        "lock-unlock": 68,
        "locked-send": 434,
        "locked-recv": 276,
    },
}


def count(program, path):
    """Instructions that one time costs."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=measured",
         "--callgrind-out-file=/dev/null", program, path],
        stderr=subprocess.PIPE, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or int(found[1]) < TIMES:
        sys.exit(f"{path}: {done.stderr}")
    return int(found[1]) // TIMES


def main():
    program, compiler, version = sys.argv[1:]
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return SKIPPED
    budgets = BUDGETS.get((compiler, version.split(".")[0]))
    grown = []
    for path in BUDGETS["gcc", "12"]:
        now = count(program, path)
        budget = (budgets or {}).get(path)
        print(f"{path:18} {now:5} instructions, budget {budget}")
        if budgets is not None and now > budget:
            grown.append(path)
    if budgets is None:
        print(f"no budgets for {compiler} {version}")
        return SKIPPED
    if grown:
        print("grown:", ", ".join(grown))
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
