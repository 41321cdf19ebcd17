#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds conditional expressions of a shape that gcc 14 evaluates on both sides: see src/README.md.

`bit ? a | *p : a` (also ^ and +, and with its branches exchanged) becomes `a | bit * *p` there: p is
read even where bit is 0, and may point anywhere then. Such a choice is written as an `if`.

Usage: lint_conditional.py DIRECTORY...
"""
import pathlib
import re
import sys

TOKEN = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\w+|->|<<|>>|[|&=!<>+^-]=?|\S""", re.S)
OPERATORS = {"|", "^", "+"}
OPENING, CLOSING = {"(", "[", "{"}, {")", "]", "}"}


def tokens_of(text):
    """Each token with its line; comments left out, and preprocessor's lines taken as code."""
    return [(match[0], text.count("\n", 0, match.start()) + 1)
            for match in TOKEN.finditer(text) if not match[0].startswith("/*")]


def branch(tokens, at, ends):
    """The tokens from @p at up to one of @p ends on the same level, and where that is."""
    depth, nested, words = 0, 0, []
    while at < len(tokens):
        word = tokens[at][0]
        if depth == 0 and nested == 0 and (word in ends or word in CLOSING):
            break
        depth += (word in OPENING) - (word in CLOSING)
        if depth == 0:
            nested += (word == "?") - (word == ":" and nested > 0)
        words.append(word)
        at += 1
    return words, at


def loads(words):
    """Whether an expression may read memory: by ->, [], a call, or a * that has nothing on its left."""
    for before, word in zip([""] + words, words):
        is_operand = before[:1].isalnum() or before[:1] in ("_", ")", "]")
        if word in ("->", "[") or (word == "(" and is_operand and before != ")"):
            return True
        if word == "*" and (not is_operand or before == ")"):
            return True
    return False


def adds_to(longer, shorter):
    """Whether one branch is the other one with something added that may be a load."""
    size = len(shorter)
    if size == 0 or len(longer) <= size + 1:
        return False
    return (longer[:size] == shorter and longer[size] in OPERATORS and loads(longer[size + 1:])) or (
        longer[-size:] == shorter and longer[-size - 1] in OPERATORS and loads(longer[:-size - 1]))


def faults_of(text):
    """The lines on which such an expression begins."""
    tokens = tokens_of(text)
    for at, (word, line) in enumerate(tokens):
        if word == "?":
            then, colon = branch(tokens, at + 1, {":"})
            other, _ = branch(tokens, colon + 1, {",", ";", ":"})
            if adds_to(then, other) or adds_to(other, then):
                yield line


def main():
    # What it has to find, and what not: else a fault in it would look like none in the code.
    wrong = ["x = b ? a | *p : a;", "f(b ? a[i] + *p : a[i]);", "return s & 1 ? w : w ^ *p;",
             "b ? (uint64_t)*p << 3 | w : w;"]
    right = ["x = b ? a + 1 : a;", "x = b ? a | (long)(c + 1) << 3 : a;", "x = b ? a | *p : 0;",
             "x = b ? a - *p : a;", "x = b ? a : c ? a + *p : d;", "x = b ? ab + *p : a;"]
    if not all(list(faults_of(text)) for text in wrong) or any(list(faults_of(text)) for text in right):
        print("lint_conditional.py does not know the shape any more")
        return 1
    files = [path for directory in sys.argv[1:] for path in sorted(pathlib.Path(directory).rglob("*.[ch]"))]
    faults = 0
    for path in files:
        for line in faults_of(path.read_text()):
            print(f"{path}:{line}: c ? a op b : a, of which gcc 14 evaluates b in any case: use an if")
            faults += 1
    print(f"{len(files)} files, {faults} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
