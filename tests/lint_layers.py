#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that no file uses what stands on a higher floor, and that no files go round in a circle.

A file uses another one that it includes, and one that defines a function, variable, macro or constant
that it names: the definition counts, wherever the declaration stands. Floors are the folders of src,
and the public headers below all of them.

Usage: lint_layers.py ROOT
"""
import pathlib
import re
import sys

# From the bottom to the top; what stands in one line knows nothing of each other.
FLOORS = [["include"], ["memory"], ["region"], ["wait"], ["channel", "objects"], ["inspect"], ["programs"]]
FLOOR = {folder: number for number, folders in enumerate(FLOORS) for folder in folders}
NOISE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
INCLUDE = re.compile(r'^#include [<"]([\w./]+)[">]', re.M)
WORD = re.compile(r"\b(?:seam|SEAM)_\w+\b") # what is private to a file has no such name
TAG = re.compile(r"\b(?:struct|enum) \w+") # some functions are named alike
DECLARATION = re.compile(r"^(?:extern\b[^;]*|[A-Za-z_][^;{}#=]*\([^;{}]*\)\s*);", re.M)
# A function's name where its body follows; a macro's; a variable's of the whole file; a constant's.
DEFINITIONS = [
    re.compile(r"^[A-Za-z_][^;{}#=]*?\b(seam_\w+)\([^;{}]*\)\s*\{", re.M),
    re.compile(r"^#define (SEAM_\w+)", re.M),
    re.compile(r"^(?!extern)[A-Za-z_][^;{}#()=]*?\b(seam_\w+)(?:\[\w*\])? = ", re.M),
    re.compile(r"^ {4}(SEAM_\w+)(?: = [^,]*)?,?\s*(?:/\*.*)?$", re.M),
]


class File:
    """What one file includes, uses and defines for others."""

    def __init__(self, path, folder):
        text = path.read_text()
        self.folder = folder
        self.includes = set(INCLUDE.findall(text))
        text = NOISE.sub(" ", text)
        self.words = set()
        if folder != "include":
            self.words = set(WORD.findall(TAG.sub(" ", DECLARATION.sub(" ", text))))
        self.defines = {name for pattern in DEFINITIONS for name in pattern.findall(text)}


def read_files(root):
    """All files of src and include, by the name with which they are included."""
    files = {f"seam/{path.name}": File(path, "include") for path in (root / "include/seam").glob("*.h")}
    for path in sorted((root / "src").rglob("*.[ch]")):
        name = path.relative_to(root / "src")
        if name.parts[0] in FLOOR:
            files[str(name)] = File(path, name.parts[0])
    return files


def find_uses(files):
    """For each file those that it uses, with what shows it."""
    homes = {}
    for name, file in files.items():
        for word in file.defines:
            homes.setdefault(word, []).append(name)
    uses = {name: {} for name in files}
    for name, file in files.items():
        for other in file.includes & set(files):
            uses[name][other] = f"includes {other}"
        for word in file.words - file.defines:
            for home in homes.get(word, []):
                uses[name].setdefault(home, f"uses {word} of {home}")
    return uses


def find_circles(uses):
    """Groups of units that all reach each other (Tarjan's algorithm)."""
    index, low, stack, circles = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in uses[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len({pathlib.PurePath(name).with_suffix("") for name in group}) > 1:
                circles.append(group) # a header whose inline functions call their own source is none

    for node in uses:
        if node not in index:
            visit(node)
    return circles


def main():
    files = read_files(pathlib.Path(sys.argv[1]))
    uses = find_uses(files)
    faults = []
    for name, others in uses.items():
        here = files[name].folder
        for other, why in others.items():
            there = files[other].folder
            if here != there and FLOOR[here] <= FLOOR[there]:
                faults.append(f"{name} {why}")
    for circle in find_circles(uses):
        faults.append(f"a circle of {len(circle)} files:")
        for name in circle:
            faults += [f"    {name} {why}" for other, why in uses[name].items() if other in circle]
    for fault in faults:
        print(fault)
    print(f"{len(files)} files, {sum(map(len, uses.values()))} uses, {len(faults)} faults")
    return 1 if faults or len(files) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
