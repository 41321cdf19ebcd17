#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the library in one place at a time, and sees whether the tests notice.

Mutants of three kinds are made of the sources in src/, without the programs:

    ordering  a labelled acquire, release, fence or compare-and-swap becomes relaxed
    check     the condition of an `if` that ends in an error, or in leaving, never holds
    clamp     the smaller, or the larger, of two becomes always the first, or always the second

Each is built in a copy of the tree and tested, by the quickest tests first, until one fails. What is
known to survive, and why that can't be seen, stands in known.txt: a line for each, "KIND FILE: CODE
| REASON"; these are not tried for long. An ordering is not tried that a model of the same file
weakens under the same label: see ../models.

    mutants.py list                                   what there is, without trying it
    mutants.py run RESULTS [--sample N] [--seed S]    tries what RESULTS does not have yet
    mutants.py table RESULTS                          caught and survived, of all that there are
"""
import argparse
import concurrent.futures
import dataclasses
import fnmatch
import json
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELAXED = {
    "load_acquire": "load_relaxed",
    "store_release": "store_relaxed",
    "add_acq_rel": "add_relaxed",
    "sub_acq_rel": "sub_relaxed",
    "exchange_acq_rel": "exchange_relaxed",
    "cas_acq_rel": "cas_relaxed",
    "fence_acquire": "fence_compiler",
    "fence_release": "fence_compiler",
    "fence_seq_cst": "fence_compiler",
}
# What atomic.h has no need of.
VOCABULARY = """
#define sub_relaxed(p, v) atomic_fetch_sub_explicit((p), (v), memory_order_relaxed)
#define exchange_relaxed(p, v) atomic_exchange_explicit((p), (v), memory_order_relaxed)
#define cas_relaxed(p, expected, v) \\
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_relaxed, \\
                                            memory_order_relaxed)
"""
ORDERING = re.compile(r"\b(" + "|".join(RELAXED) + r")\(")
LABEL = re.compile(r"\b[A-Z]{1,4}[1-9]\b")
CHECK = re.compile(r"^(\s*)((?:\} else )?if )\((.*)\) \{$")
LEAVES = re.compile(r"^\s*(return\b|error = seam_fail|break;|continue;|goto\b)")
CLAMP = re.compile(r"([\w.>\[\]()-]+) (<|>|<=|>=) ([\w.>\[\]()-]+) \? ([\w.>\[\]()-]+) : ([\w.>\[\]()-]+);")
# Likeliest first, then quickest; each list is one run of `meson test`.
LIKELIEST = {
    "channel": ["log", "damage", "channel", "cursors", "durable", "acknowledge", "batch", "lanes*", "ends"],
    "inspect": ["inspect", "check"],
    "memory": ["copy", "array", "list"],
    "objects": ["array", "list", "lock", "objects", "value", "transaction", "latch", "nonsense"],
    "region": ["region", "removing", "stamps", "access *"],
    "wait": ["wait", "any", "mutex", "lock", "channel"],
}
SIMPLE = sorted({test for tests in LIKELIEST.values() for test in tests})
STAGES = {
    "ordering": [("thread", ["threads *"]), ("plain", ["latch", "mutex", "log", "exchange * spin"])],
    "other": [
        ("plain", SIMPLE),
        ("plain", ["starved", "passing", "places", "passed *", "owners *", "peers *", "handed *", "waits *",
                   "pages *", "huge *", "one cpu", "array*", "list*", "value*"]),
        ("plain", ["faulted *", "hostile *", "lying memory *"]),
        ("plain", ["kill *", "stop *", "histories *"]),
        ("plain", ["killed *", "soak", "exchange *"]),
    ],
}
# A mutant may ask for all the memory there is: then the system is to end the test, not us.
WRAPPER = ["--wrapper", "choom -n 1000 --"]
SLOW = 2  # stages at the end, for what survives all others


def stages_of(mutant, quick):
    if mutant.kind == "ordering":
        return STAGES["ordering"]
    others = STAGES["other"][:-SLOW] if quick else STAGES["other"]
    return [("plain", LIKELIEST[pathlib.Path(mutant.path).parts[1]]), *others]


@dataclasses.dataclass(frozen=True)
class Mutant:
    kind: str
    path: str
    line: int
    before: str
    after: str
    label: str  # of an ordering, else ""

    def key(self):
        return f"{self.kind} {self.path}:{self.line}: {self.after.strip()}"

    def known_as(self):
        return f"{self.kind} {self.path}: {self.before.strip()}"


def clamped(match, part):
    return match.group(part) + ";"


def mutants_of_line(lines, i):
    """What can be made of one line: pairs of kind and new line."""
    line = lines[i]
    code = re.sub(r"/\*.*?(\*/|$)", "", line)
    if line.lstrip().startswith(("#", "*", "/*")):
        return
    for match in ORDERING.finditer(code):
        at = match.start(1)
        yield "ordering", line[:at] + RELAXED[match.group(1)] + line[at + len(match.group(1)):]
    check = CHECK.match(line)
    if check and i + 1 < len(lines) and LEAVES.match(lines[i + 1]):
        yield "check", f"{check.group(1)}{check.group(2)}(0 && ({check.group(3)})) {{"
    clamp = CLAMP.search(code)
    if clamp and {clamp.group(1), clamp.group(3)} == {clamp.group(4), clamp.group(5)}:
        for part in (4, 5):
            yield "clamp", line[:clamp.start()] + clamped(clamp, part) + line[clamp.end():]


def label_of(lines, i):
    """The label of an ordered access: in its line, or in the nearest above; lint_labels.py says so."""
    for j in range(i, max(i - 5, -1), -1):
        found = LABEL.search(lines[j])
        if found:
            return found.group(0)
    return ""


def all_mutants():
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        name = str(path.relative_to(ROOT))
        if "programs" in name or path.name in ("atomic.h", "oracle.h"):
            continue
        lines = path.read_text().split("\n")
        for i, line in enumerate(lines):
            for kind, after in mutants_of_line(lines, i):
                label = label_of(lines, i) if kind == "ordering" else ""
                yield Mutant(kind, name, i + 1, line, after, label)


# ---- trying one ----


class Workshop:
    """A copy of the tree with a build of each sort."""

    def __init__(self, directory):
        self.tree = directory / "tree"
        self.builds = {"plain": directory / "plain", "thread": directory / "thread"}
        files = subprocess.run(["git", "-C", ROOT, "ls-files"], check=True, capture_output=True, text=True)
        for name in files.stdout.splitlines():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.tree / name)
        atomic = self.tree / "src/memory/atomic.h"
        atomic.write_text(atomic.read_text().replace("/** Keeps the compiler", VOCABULARY + "\n/** Keeps the compiler"))
        options = ["-Dbenchmarks=disabled", "-Dwarning_level=0"]
        self.setup("plain", options)
        self.setup("thread", options + ["-Db_sanitize=thread"])

    def setup(self, sort, options):
        subprocess.run(["meson", "setup", self.builds[sort], self.tree, *options], check=True, stdout=subprocess.DEVNULL)

    def build(self, sort, programs):
        """Returns whether these programs can be built."""
        command = ["ninja", "-C", self.builds[sort], "--quiet", *programs]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def tests(self, sort, patterns):
        """The tests of the default run that match: name and program, by which ninja knows it."""
        output = subprocess.run(["meson", "introspect", "--tests", self.builds[sort]], check=True, capture_output=True)
        return [(test["name"], os.path.relpath(test["cmd"][0], self.builds[sort]))
                for test in json.loads(output.stdout)
                if not any("stress" in suite for suite in test["suite"])
                and any(fnmatch.fnmatch(test["name"], pattern) for pattern in patterns)]

    def failing_test(self, sort, names):
        """The first test that fails, or None."""
        log = self.builds[sort] / "meson-logs/testlog-choom.json"  # meson adds the wrapper's name
        log.unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if name != "SEAM_FIGURES"}
        subprocess.run(["meson", "test", "-C", self.builds[sort], "--no-rebuild", "--maxfail", "1", "-t", "0.6", *WRAPPER, *names],
                       capture_output=True, env=environment, check=False)
        for text in log.read_text().splitlines():
            result = json.loads(text)
            if result["result"] in ("FAIL", "TIMEOUT", "ERROR"):
                return result["name"]
        return None

    def attempt(self, mutant, quick):
        """Returns what caught it: a test, "compiler"; or None."""
        path = self.tree / mutant.path
        original = path.read_text()
        lines = original.split("\n")
        assert lines[mutant.line - 1] == mutant.before, "the tree has changed meanwhile"
        lines[mutant.line - 1] = mutant.after
        path.write_text("\n".join(lines))
        try:
            tried = set()
            for sort, patterns in stages_of(mutant, quick):
                tests = [test for test in self.tests(sort, patterns) if (sort, test) not in tried]
                tried |= {(sort, test) for test in tests}
                if not tests:
                    continue
                if not self.build(sort, sorted({program for _, program in tests})):
                    return "compiler"
                test = self.failing_test(sort, [name for name, _ in tests])
                if test is not None:
                    return test
            return None
        finally:
            path.write_text(original)


# ---- what is known, and the commands ----


def read_known():
    known = {}
    for line in (pathlib.Path(__file__).parent / "known.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            mutant, reason = line.rsplit(" | ", 1)
            known[mutant] = reason
    return known


def model_that_weakens(mutant):
    """The model of its file that has a mutant of its label, which models_test.py sees caught; or None."""
    for path in sorted((ROOT / "tests/models").glob("*.pml")):
        text = path.read_text()
        if mutant.label and mutant.path in text and re.search(rf"\bMUTANT_{mutant.label}(_|\b)", text):
            return f"model {path.stem}"
    return None


def read_results(path):
    if not path.exists():
        return {}
    return {entry["key"]: entry for entry in map(json.loads, path.read_text().splitlines())}


def run(options):
    done = read_results(options.results)
    todo = [m for m in all_mutants() if m.key() not in done]
    if options.sample:
        todo = random.Random(options.seed).sample(todo, min(options.sample, len(todo)))
    workshops = queue.SimpleQueue()
    lock = threading.Lock()
    known = read_known()

    def attempt(mutant):
        is_known = mutant.known_as() in known
        caught = model_that_weakens(mutant)
        if caught is None:
            workshop = workshops.get()
            try:
                caught = workshop.attempt(mutant, options.quick or is_known)
            finally:
                workshops.put(workshop)
        with lock, options.results.open("a") as results:
            if caught or is_known or not options.quick:
                results.write(json.dumps({"key": mutant.key(), "caught": caught}) + "\n")
            print(f"{mutant.key()}: {caught or 'SURVIVED'}", flush=True)

    with tempfile.TemporaryDirectory() as directory:
        for i in range(options.workers):
            workshops.put(Workshop(pathlib.Path(directory) / str(i)))
        with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
            list(pool.map(attempt, todo))
    return 0


def table(options):
    known = read_known()
    results = read_results(options.results)
    counts = {"mutants": 0, "by tests": 0, "by models": 0, "can't be seen": 0, "survived": 0, "not tried": 0}
    for mutant in all_mutants():
        entry = results.get(mutant.key())
        caught = entry and entry["caught"]
        if caught == "compiler":
            continue
        if caught:
            fate = "by models" if caught.startswith("model ") else "by tests"
        elif entry is None:
            fate = "not tried"
        else:
            fate = "can't be seen" if mutant.known_as() in known else "survived"
        if fate in ("survived", "not tried"):
            print(f"{fate}: {mutant.key()}")
        counts["mutants"] += 1
        counts[fate] += 1
    print(", ".join(f"{number} {fate}" for fate, number in counts.items()))
    return 1 if counts["survived"] or counts["not tried"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    running = commands.add_parser("run")
    running.add_argument("--sample", type=int)
    running.add_argument("--workers", type=int, default=1, help="mutants that are tried at once")
    running.add_argument("--quick", action="store_true", help="does not try for long: survivors are tried again next time")
    running.add_argument("--seed", type=int, default=1)
    for command in (running, commands.add_parser("table")):
        command.add_argument("results", type=pathlib.Path)
    options = parser.parse_args()
    if options.command == "list":
        kinds = {}
        for mutant in all_mutants():
            print(mutant.key())
            kinds[mutant.kind] = kinds.get(mutant.kind, 0) + 1
        print(kinds)
        return 0
    return run(options) if options.command == "run" else table(options)


if __name__ == "__main__":
    sys.exit(main())
