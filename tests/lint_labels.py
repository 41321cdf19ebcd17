#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every ordered access to shared memory carries a label, and every label a partner.

A label is a capital letter or two and a number (R1, A3). Each use of an acquire, release, fence or
compare-and-swap must have one in a comment on its line or just above. "X, pairs with Y in NAME" needs
a function or macro of that name with a Y in its body; each label must be named at two places at
least, and only one file's essay may introduce it: as the first word of a line, or of a column.

Usage: lint_labels.py DIRECTORY...
"""
import pathlib
import re
import sys

OPERATION = re.compile(
    r"\b(load_acquire|store_release|exchange_acq_rel|cas_acq_rel|add_acq_rel|sub_acq_rel|fill_cell|"
    r"fence_acquire|fence_release|fence_seq_cst)\s*\(")
LABEL = re.compile(r"\b[A-Z]{1,4}[1-9]\b")
PAIR = re.compile(r"\b([A-Z]{1,4}[1-9]),? pairs with ([A-Z]{1,4}[1-9])\b")
PARTNER = re.compile(r"\b(?:pairs|and) with ([A-Z]{1,4}[1-9])\b(?: in (\w+(?:(?:,| and) (?!with\b|by\b|a\b)\w+)*))?")
FUNCTION = re.compile(r"^[A-Za-z_][^;{}#=]*?\b(\w+)\([^;{}]*\)\s*\{\n(.*?)^\}", re.M | re.S)
MACRO = re.compile(r"^#define (\w+)((?:.*\\\n)*.*)", re.M)
ESSAY = re.compile(r"(?<= {2})([A-Z]{1,4}[1-9]) (?= ?[a-zA-Z])")
JOIN = re.compile(r"\s*\n\s*\*?\s*")
COMMENT_REACH = 4  # lines above an access in which its comment may end


def comments_of(line, inside):
    """The text of a line that is in comments, and whether one goes on behind it."""
    text = ""
    while line:
        if inside:
            end = line.find("*/")
            if end < 0:
                return text + line, True
            text, line, inside = text + line[:end], line[end + 2:], False
        else:
            start = line.find("/*")
            if start < 0:
                break
            line, inside = line[start + 2:], True
    return text, inside


def bodies_of(paths):
    """For each name of a function or macro, all that stands in bodies of that name."""
    bodies = {}
    for path in paths:
        text = path.read_text()
        for name, body in FUNCTION.findall(text) + MACRO.findall(text):
            bodies[name] = bodies.get(name, "") + body
    return bodies


def check_partners(path, bodies, faults):
    """Each partner is named by its function, and is there."""
    for label, names in PARTNER.findall(JOIN.sub(" ", path.read_text())):
        if not names:
            faults.append(f"{path}: a partner {label}, but in which function?")
        for name in re.split(r", | and ", names) if names else []:
            if not re.search(rf"\b{label}\b", bodies.get(name, "")):
                faults.append(f"{path}: no {label} in {name}")


def check(path, labels, pairs, faults):
    inside, comments = False, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text, inside_after = comments_of(line, inside)
        code = "" if inside and inside_after else re.sub(r"/\*.*?(\*/|$)", "", line)
        comments.append(text)
        for label in LABEL.findall(text):
            labels.setdefault(label, []).append(f"{path}:{number}")
        if OPERATION.search(code) and not line.lstrip().startswith("#define"):
            near = " ".join(comments[-1 - COMMENT_REACH:])
            if not LABEL.search(near):
                faults.append(f"{path}:{number}: ordered access without a label: {code.strip()}")
        inside = inside_after
    for one, other in PAIR.findall(JOIN.sub(" ", path.read_text())):
        pairs.append((one, other, str(path)))


def main():
    labels, pairs, faults, essays = {}, [], [], {}
    paths = [path for directory in sys.argv[1:] for path in sorted(pathlib.Path(directory).rglob("*.[ch]"))
             if path.name != "atomic.h"]  # the vocabulary itself
    bodies = bodies_of(paths)
    for path in paths:
        check(path, labels, pairs, faults)
        check_partners(path, bodies, faults)
        lines = [line for line in path.read_text().splitlines() if line.startswith(" *")]
        for label in {label for line in lines for label in ESSAY.findall(line)}:
            essays.setdefault(label, []).append(str(path))
    for label, files in essays.items():
        if len(files) > 1:
            faults.append(f"{label} is introduced by {' and '.join(files)}")
    for one, other, path in pairs:
        if len(labels.get(other, [])) < 2:
            faults.append(f"{path}: {one} pairs with {other}, which stands nowhere else")
        if len(labels.get(one, [])) < 2:
            faults.append(f"{path}: {one} is named only here; its partner does not know it")
    for fault in faults:
        print(fault)
    print(f"{len(labels)} labels, {len(pairs)} pairs, {len(faults)} faults")
    return 1 if faults or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
