#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the models of seam's protocols with Spin: each holds, and each of its mutants does not.

A model says on top which files it models. Labels in it (R1, A3) are those of the ordered accesses
in these files, and must stand there; MUTANT_R1 is the model without what R1 orders. A run that is
cut off by depth or memory is a failure, and so is a mutant that nothing is found in.

Usage: models_test.py [MODEL...]
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77
DEPTH = 100000
WORKERS = 2
LABEL = re.compile(r"\b[A-Z]{1,4}[1-9]\b")
MUTANT = re.compile(r"\bMUTANT_([A-Z]{1,4}[1-9])(?:_[A-Z]+)?\b")

# For each model: the configurations in which it holds; each mutant, and the one in which it does
# not.
MODELS = {
    "join": (
        ["", "QUARTER=2 MESSAGES=5 LIVES=2"],
        {"C1": "", "C1_REAP": "", "J2": "", "J3": "", "J4": "", "L2": "", "L3": "", "L4": ""},
    ),
    "latch": (
        [""],
        {"F1": "KILLS=0", "F2": "KILLS=0", "F3_FLIP": "KILLS=0", "F3_ENTER": "", "F4": "KILLS=0",
         "B2_REPAIR": "", "B2_LEVEL": ""},
    ),
    "mutex": (
        ["KILLS=2"],
        {"K1": "", "K1_CLOSE": "", "K1_FROM": "", "K2": "", "P2": "", "S2": "", "S2_MEMBARRIER": "",
         "S3": ""},
    ),
    "takeover": (
        ["LURE=5", "LURE=6 KILLS=0"],
        {"A1": "KILLS=0", "A2": "KILLS=0", "A3": "KILLS=0", "A4": "KILLS=0", "A7": "KILLS=0",
         "I1_RESERVE": "", "I1_ZERO": "", "I4_ANNOUNCE": "", "I4_ROLL": "", "R1": "", "R2": "", "R4": "",
         "W1": "", "W2": ""},
    ),
    "wake": (
        ["MESSAGES=3", "PACED MESSAGES=3 THEFTS=2", "KILLS=1 THEFTS=1", "PUBLISHERS=2 MESSAGES=1",
         "MESSAGES=3 OUTSIDE_PUBLISHER", "PACED MESSAGES=3 OUTSIDE_SLEEPER",
         "PACED MESSAGES=3 OUTSIDE_SLEEPER OUTSIDE_PUBLISHER"],
        {"P2": "", "P2_SLOWLY": "OUTSIDE_PUBLISHER", "P2_FENCES": "OUTSIDE_PUBLISHER", "S2": "",
         "S2_MEMBARRIER": "", "S2_FENCES": "PACED MESSAGES=3 OUTSIDE_SLEEPER",
         "S3": "", "U1": "PUBLISHERS=2", "U1_COUNT": ""},
    ),
    "waypoint": ([""], {"A5": "", "A6": "", "R3": "", "W4": "", "W4_MARK": ""}),
    "work": (
        ["", "TRAP=2"],
        {"A1": "", "I1": "", "Q1": "", "Q1_AGAIN": "TRAP=2", "Q2": "", "Q2_SWAP": "", "R1": ""},
    ),
}


class Fault(Exception):
    """What is wrong with a model, for the one who reads the test's output."""


def check_labels(name):
    """The labels of a model are in the sources that it names, and its mutants in the list above."""
    text = (HERE / f"{name}.pml").read_text()
    sources = [ROOT / path for path in sorted(set(re.findall(r"\bsrc/[\w/]+\.[ch]\b", text)))]
    if not sources:
        raise Fault(f"{name}: names no source")
    known = set()
    for source in sources:
        known |= set(LABEL.findall(source.read_text()))
    used = set(LABEL.findall(text)) | set(MUTANT.findall(text))
    if used - known:
        raise Fault(f"{name}: not in the sources: {', '.join(sorted(used - known))}")
    mutants = {match.group(0)[len("MUTANT_"):] for match in MUTANT.finditer(text)}
    if mutants != set(MODELS[name][1]):
        odd = ", ".join(sorted(mutants ^ set(MODELS[name][1])))
        raise Fault(f"{name}: mutants that the model or the list lacks: {odd}")
    return used


def run(command, directory):
    """What a command prints; @p directory is where it works."""
    done = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def verify(name, defines, optimisation):
    """Explores all states. Returns how many there were, and what was violated or ""."""
    flags = [f"-D{define}" for define in defines.split()]
    model = str(HERE / f"{name}.pml")
    what = " ".join([name] + flags)
    with tempfile.TemporaryDirectory(prefix="seam-models-") as directory:
        build = ["cc", optimisation, "-w", "-DSAFETY", "-DVECTORSZ=2048", "-o", "pan", "pan.c"]
        for command in (["spin", *flags, "-a", model], build):
            status, output = run(command, directory)
            if status != 0 or not (pathlib.Path(directory) / "pan.c").exists():
                raise Fault(f"{what}: {' '.join(command)}:\n{output}")
        status, output = run(["./pan", f"-m{DEPTH}", "-n"], directory)
        found = re.search(r"errors: (\d+)", output)
        stored = re.search(r"(\d+) states, stored", output)
        if status != 0 or found is None or stored is None or "max search depth" in output:
            raise Fault(f"{what}: not all states were explored:\n{output}")
        if found.group(1) == "0":
            if "Search not completed" in output:
                raise Fault(f"{what}: not all states were explored:\n{output}")
            return int(stored.group(1)), ""
        violated = re.search(r"^pan:1: ((?:assertion violated|invalid end state).*)$", output, re.M)
        if violated is None:
            raise Fault(f"{what}: the model itself is wrong:\n{output}")
        return int(stored.group(1)), violated.group(1)


def check(task):
    """One configuration, or one mutant. Returns a line to print, and the states that count."""
    name, mutant, defines = task
    if mutant is None:
        states, violated = verify(name, defines, "-O1")
        if violated:
            raise Fault(f"{name} {defines}: {violated}\n"
                        f"spin -a, cc, ./pan and spin -t -p -g -l elsewhere show how")
        return f"{name} {defines}: {states:,} states, no error", states
    states, violated = verify(name, f"MUTANT_{mutant} {defines}", "-O0")
    if not violated:
        raise Fault(f"{name}: mutant {mutant} {defines} was not caught")
    return f"{name}: mutant {mutant} caught: {violated}", 0


def keep(what, figure):
    """The row for the table, as tests/figure.c keeps it."""
    print(f"{what}: {figure}")
    directory = os.environ.get("SEAM_FIGURES")
    if directory:
        path = pathlib.Path(directory)
        path.mkdir(exist_ok=True)
        aside = path / f"{what}.{os.getpid()}"
        aside.write_text(figure)
        aside.rename(path / what)


def main():
    if shutil.which("spin") is None or shutil.which("cc") is None:
        print("spin or a C compiler is missing")
        return SKIPPED
    names = sys.argv[1:] or list(MODELS)
    labels, tasks, faults, states = set(), [], [], 0
    for name in names:
        labels |= check_labels(name)
        tasks += [(name, None, defines) for defines in MODELS[name][0]]
        tasks += [(name, mutant, defines) for mutant, defines in MODELS[name][1].items()]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(check, task) for task in tasks]:
            try:
                line, count = future.result()
                print(line, flush=True)
                states += count
            except Fault as fault:
                faults.append(fault)
                print(fault, flush=True)
    if faults:
        return 1
    mutants = sum(1 for task in tasks if task[1] is not None)
    if names == list(MODELS):
        keep("models", f"{len(names)} models, {states} states, {len(labels)} labels, "
                       f"{mutants} of {mutants} mutants caught")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        print(fault)
        sys.exit(1)
