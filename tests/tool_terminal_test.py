#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests seam on a terminal."""
import json
import os
import signal
import sys

from demo_support import case, contains, equal, main, until
from tool_support import Terminal, refuses, stat


@case
def top_on_a_terminal(box):
    box.run("create", "news")
    top = Terminal(box, "top")
    top.shows("WRITER", "BYTES/S", "news", "q: quit")
    box.run("create", "a-new-one")
    top.shows("a-new-one")
    top.resize(3, 30)
    top.shows("READERS", "q: quit")
    top.types("xq")
    top.ends(0)
    contains(top.seen, "\x1b[?1049l")  # the screen from before is back
    for terminal in ("dumb", "of-no-known-kind"):
        plain = Terminal(box, "top", "--count=1", TERM=terminal)
        plain.ends(0)
        contains(plain.seen, "WRITER", "news")
    top = Terminal(box, "top")
    top.shows("news")
    top.types("\x03")
    top.ends(-signal.SIGINT)
    box.run("rm", "news", "a-new-one")


@case
def colours_are_for_terminals(box):
    box.run("create", "news")
    bad = b"bad \xff\xc0\xaf \xed\xa0\x80 \xe2\x82\xac".decode(errors="surrogateescape")
    box.run("create", "--kind=lock", bad)
    equal([entry["name"] for entry in json.loads(box.run("ls", "--json").out)], ["bad \ufffd\ufffd\ufffd \ufffd\ufffd\ufffd \u20ac", "news"])
    box.run("rm", bad)
    box.run("create", "--kind=lock", "odd \x1b[31m\x7f\u009b name")
    for environment, colour in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        for arguments in (("ls",), ("stat", "news"), ("who", "news"), ("doctor", "news")):
            terminal = Terminal(box, *arguments, **environment)
            terminal.ends(0)
            contains(terminal.seen, "news" if arguments[0] != "who" else "ROLE")
            equal("\x1b[" in terminal.seen, colour and arguments[0] != "stat", f"{arguments} {environment}")
    contains(box.run("ls").out, "odd ?[31m?? name")
    box.run("gc")


@case
def long_work_shows_how_far_it_is(box):
    path = os.path.join(box.work, "long")
    with open(path, "wb") as file:
        file.write(b"0123456789\n" * 100000)
    box.run("create", "--cursor=group", "--capacity=4k", "--max-message=100", "x")
    with open(path, "rb") as file:
        writer = Terminal(box, "pub", "x", stdin=file)
    reader = box.start("sub", "--durable=group", "x")
    writer.ends(0)
    contains(writer.seen, "\rsent 100000 messages, 1.0M, 100 %")
    reader.ends(0, "0123456789\n" * 100000)
    box.run("rm", "x")


@case
def top_without_a_terminal(box):
    box.run("create", "--cursor=keeper", "x")
    writer = box.start("pub", "x", stdin="pipe")
    for _ in range(100):
        writer.feed("twelve bytes\n")
    until(lambda: stat(box, "x")["messages"] == 100, "all are sent")
    top = box.start("top", "--count=3")
    lines = top.ends(0).out.splitlines()
    equal(len([line for line in lines if line.startswith("WRITER")]), 3, "looks")
    last = [line.split() for line in lines if line.endswith(" x")][-1]
    equal((last[0], last[1], last[4]), ("alive", "1", "100"), "writer, readers, lag")
    writer.end_input()
    writer.ends(0)
    waiting = box.start("top", "--interval=1000")
    waiting.kill(signal.SIGTERM).ends(-signal.SIGTERM)
    refuses(box, "top", "--interval=0", says=["--interval is"])
    box.run("rm", "x")


if __name__ == "__main__":
    sys.exit(main())
