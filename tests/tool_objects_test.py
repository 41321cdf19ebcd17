#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests seam with values, lists and arrays."""
import sys

from demo_support import case, equal, main
from tool_support import fails, refuses, stat


@case
def values(box):
    box.run("set", "v", "-5")
    box.run("add", "v", "8")
    box.run("get", "v").ends(0, "3\n")
    box.run("set", "v", str(-(2**63)))
    box.run("get", "v").ends(0, f"{-2**63}\n")
    refuses(box, "set", "v", str(2**63), says=["is no int64"])
    refuses(box, "set", "v", "1x", says=["is no int64"])
    refuses(box, "set", "new", "abc", says=["is no int64"])
    fails(box.start("get", "new"), "no such name")
    box.run("set", "new", "--", "-1.5")
    box.run("add", "new", "2")
    box.run("get", "new").ends(0, "0.5\n")
    refuses(box, "set", "new", "1e999", says=["is no double"])
    box.run("set", "v", "010")
    box.run("get", "v").ends(0, "10\n")
    box.run("set", "v", "0x10")
    box.run("get", "v").ends(0, "16\n")
    box.run("set", "hexadecimal", "0xE1")
    equal(stat(box, "hexadecimal")["type"], "int64")
    box.run("get", "hexadecimal").ends(0, "225\n")
    box.run("rm", "new", "hexadecimal")
    refuses(box, "set", "v", says=["needs a NAME and a NUMBER"])
    box.run("create", "--kind=value", "--type=double", "d")
    box.run("set", "d", "0.1")
    box.run("add", "d", "0.2")
    box.run("get", "d").ends(0, f"{0.1 + 0.2!r}\n")
    fails(box.start("get", "none"), "none", "no such name")
    box.run("create", "x")
    fails(box.start("get", "x"), "another kind")
    box.run("rm", "v", "d", "x")


@case
def lists(box):
    box.run("create", "--kind=list", "--mode=locked", "--length=3", "--element-bytes=10", "l")
    for word in ("two", "three"):
        box.run("list", "append", "l", word)
    box.run("list", "insert", "l", "0", "one")
    box.run("list", "print", "l").ends(0, "one\ntwo\nthree\n")
    box.run("list", "length", "l").ends(0, "3\n")
    fails(box.start("list", "append", "l", "four"), "cannot append", "No space")
    box.run("list", "set", "l", "1", "TWO")
    box.run("list", "get", "l", "1").ends(0, "TWO\n")
    box.run("list", "pop", "l", "last").ends(0, "three\n")
    box.run("list", "remove", "l", "0")
    box.run("list", "print", "l").ends(0, "TWO\n")
    fails(box.start("list", "get", "l", "1"), "no such index")
    fails(box.start("list", "append", "l", "x" * 11), "bytes")
    refuses(box, "list", "get", "l", "x", says=["is no index"])
    refuses(box, "list", "turn", "l", says=["needs a verb"])
    refuses(box, "list", "get", "l", says=["takes a NAME and one word more"])
    box.run("list", "append", "l", "--", "-x")
    box.run("list", "get", "l", "last").ends(0, "-x\n")
    box.run("list", "clear", "l")
    box.run("list", "print", "l").ends(0, "")
    box.run("create", "--kind=list", "--length=3", "n")
    box.run("list", "--type=double", "append", "n", "-2.5")
    box.run("list", "--type=double", "print", "n").ends(0, "-2.5\n")
    box.run("rm", "l", "n")


@case
def arrays(box):
    for kind, least, most in (("int8", -128, 127), ("uint16", 0, 65535), ("int32", -(2**31), 2**31 - 1),
                              ("uint64", 0, 2**64 - 1)):
        box.run("create", "--kind=array", f"--type={kind}", "--length=2", "a")
        box.run("array", "set", "a", "0", str(least))
        box.run("array", "set", "a", "1", str(most))
        box.run("array", "print", "a").ends(0, f"{least}\n{most}\n")
        box.run("array", "add", "a", "1", "1")
        box.run("array", "get", "a", "1").ends(0, f"{least}\n")
        refuses(box, "array", "set", "a", "0", str(most + 1), says=[f"is no {kind}"])
        refuses(box, "array", "set", "a", "0", str(least - 1), says=[f"is no {kind}"])
        fails(box.start("array", "get", "a", "2"), "no such index")
        box.run("rm", "a")
    box.run("create", "--kind=array", "--type=float", "--length=1", "a")
    box.run("array", "set", "a", "0", "0.1")
    box.run("array", "print", "a").ends(0, "0.1\n")
    box.run("array", "set", "a", "last", "-2")
    box.run("array", "get", "a", "0").ends(0, "-2\n")
    refuses(box, "array", "get", "a", "-1", says=["is no index"])
    refuses(box, "array", "get", "a", "1k", says=["is no index"])
    refuses(box, "array", "set", "a", "0", "1e39", says=["is no float"])
    box.run("rm", "a")


if __name__ == "__main__":
    sys.exit(main())
