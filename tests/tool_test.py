#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests seam, the tool, as a person would use it; see demo_support.py."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from demo_support import case, children, contains, equal, is_gone, main, until


def refuses(box, *arguments, says):
    """Wrong usage: status 2, and an error that says how to get help."""
    process = box.start(*arguments).ends(2)
    contains(process.err, "seam: ", *says, "Try 'seam")


def fails(process, *parts):
    process.ends(1)
    contains(process.err, "seam: ", *parts)


def who(box, name):
    return json.loads(box.run("who", "--json", name).out)


def stat(box, name):
    return json.loads(box.run("stat", "--json", name).out)


def subscriber(box, name, *arguments):
    """A `seam sub` that has its cursor."""
    process = box.start("sub", *arguments, name)
    until(lambda: process.pid in [party["pid"] for party in who(box, name)], f"{process} joins")
    return process


# ---- the command line ----


@case
def help_and_version(box):
    contains(box.run("--help").out, "Usage: seam", "Exit status", "pub", "sub")
    contains(box.run("--version").out, "seam 0.")
    for command in ("ls", "stat", "who", "create", "pub", "sub", "rm", "gc"):
        contains(box.run(command, "--help").out, f"Usage: seam {command}", "--dir")


@case
def wrong_usage(box):
    equal(box.start().ends(2).err, "", "standard error")
    refuses(box, "nothing", says=['there is no command "nothing"'])
    refuses(box, "stat", says=["needs a NAME"])
    refuses(box, "stat", "a", "b", says=['takes no "b"'])
    refuses(box, "ls", "a", says=['takes no "a"'])
    refuses(box, "gc", "a", says=['takes no "a"'])
    refuses(box, "create", "--policy=none", "a", says=['does not know "none"'])
    refuses(box, "create", "--capacity=much", "a", says=["needs a number"])
    refuses(box, "create", "--capacity=99999999999G", "a", says=["too large"])
    refuses(box, "create", "--permissions=777", "a", says=["octal"])
    refuses(box, "sub", "--raw", "--timestamps", "a", says=["--timestamps is for"])
    fails(box.start("create", "a/b"), "is no name")
    fails(box.start("pub", "missing"), "missing", "No such file")
    fails(box.start("ls", "--dir=/nowhere"), "cannot list")


# ---- seeing ----


@case
def objects_are_listed(box):
    box.run("ls").ends(0, "")
    equal(json.loads(box.run("ls", "--json").out), [], "no names")
    box.run("create", "--policy=overwrite", "--max-message=100", "--capacity=64k", "news")
    box.run("create", "--kind=array", "--type=int32", "--length=10", "--mode=locked", "table")
    box.run("create", "--kind=list", "--length=5", "--element-bytes=20", "--mode=locked", "names")
    box.run("create", "--kind=value", "--type=double", "level")
    box.run("create", "--kind=lock", "--permissions=640", "turn")
    lines = box.run("ls").out.splitlines()
    equal([line.split()[0] for line in lines], ["NAME", "level", "names", "news", "table", "turn"])
    contains(lines[3], "channel", "overwrite", "lock-free", "idle", "none")
    kinds = {entry["name"]: entry for entry in json.loads(box.run("ls", "--json").out)}
    equal(kinds["table"]["type"], "int32")
    equal(kinds["table"]["length"], 10)
    equal(kinds["names"]["element_bytes"], 20)
    equal(kinds["level"]["type"], "double")
    equal(kinds["turn"]["permissions"], "0640")
    equal(kinds["news"]["capacity"], 65536)
    contains(box.run("stat", "news").out, "overwrite", "at most 100 bytes", "idle")
    fails(box.start("create", "news"), "File exists")
    equal(who(box, "table"), [], "nobody holds its lock")
    box.run("rm", "news", "table", "names", "level", "turn")


@case
def parties_are_told(box):
    box.run("create", "--cursor=keeper", "x")
    box.run("pub", "x", stdin="one\ntwo\n")
    parties = who(box, "x")
    equal(len(parties), 1)
    equal((parties[0]["cursor"], parties[0]["alive"], parties[0]["lag_messages"]), ("keeper", False, 2))
    reader = subscriber(box, "x", "--follow")
    writer = box.start("pub", "x", stdin="pipe")
    until(lambda: stat(box, "x")["writer"] == "alive", "the writer comes")
    roles = {party["pid"]: party for party in who(box, "x") if party["alive"]}
    equal(roles[writer.pid]["role"], "writer")
    equal(roles[reader.pid]["role"], "reader")
    contains(box.run("who", "x").out, "keeper", "away", "writer", "alive")
    writer.end_input()
    writer.ends(0)
    reader.kill(signal.SIGINT).ends(-signal.SIGINT)
    box.run("rm", "x")


@case
def holders_are_told(box):
    box.run("create", "--kind=lock", "turn")
    with open(box.path("turn/log"), "r+b") as log:  # as if somebody had been killed with it
        log.seek(256)
        log.write(struct.pack("=III", 5, 0, os.getpid()))
    equal(who(box, "turn"), [{"role": "holder", "alive": False, "pid": os.getpid()}])
    contains(box.run("who", "turn").out, "holder", "dead", str(os.getpid()))
    contains(box.run("stat", "turn").out, f"held by process {os.getpid()}, which died")
    contains(box.run("doctor", "turn").out, "the next one to lock it takes it")
    box.run("rm", "turn")


# ---- a terminal ----


class Terminal:
    """A program on a terminal of its own, and what it has written there."""

    def __init__(self, box, *arguments, stdin=None, **environment):
        self.master, slave = pty.openpty()
        self.resize(24, 80)
        self.seen = ""
        self.popen = subprocess.Popen(
            [*box.program, *arguments],
            stdin=stdin if stdin is not None else slave,
            stdout=slave,
            stderr=slave,
            env={**box.environment, "TERM": "xterm", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def shows(self, *parts):
        """Waits until all of these have been written since the last time."""

        def look():
            if select.select([self.master], [], [], 0)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            return all(part in self.seen for part in parts)

        until(look, f"the terminal shows {parts}; so far {self.seen!r}")
        self.seen = ""

    def types(self, text):
        os.write(self.master, text.encode())

    def ends(self, status):
        def look():
            if select.select([self.master], [], [], 0)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode(errors="replace")
                except OSError:  # it has ended, and closed its side
                    pass
            return self.popen.poll() is not None

        until(look, "it ends")
        os.close(self.master)
        equal(self.popen.returncode, status, "exit status")


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
    top = Terminal(box, "top")
    top.shows("news")
    top.types("\x03")
    top.ends(-signal.SIGINT)
    box.run("rm", "news", "a-new-one")


@case
def colours_are_for_terminals(box):
    box.run("create", "news")
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
    top = box.start("top", "--count=3")
    for _ in range(100):
        writer.feed("twelve bytes\n")
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


# ---- messages ----


@case
def lines_become_messages_and_lines_again(box):
    box.run("create", "x")
    reader = subscriber(box, "x")
    box.run("pub", "x", stdin="one\n\nGrüße\nno newline")
    reader.ends(0, "one\n\nGrüße\nno newline\n")
    equal(stat(box, "x")["messages"], 4)
    box.run("sub", "--from-start", "--count=2", "x").ends(0, "one\n\n")
    box.run("sub", "--from-start", "--hex", "--count=1", "x").ends(0, "6f 6e 65\n")
    stamped = box.run("sub", "--from-start", "--timestamps", "--count=1", "x").out
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} one\n", stamped):
        raise AssertionError(stamped)
    box.run("sub", "--latest", "--from-start", "x").ends(0, "no newline\n")
    box.run("rm", "x")


@case
def any_bytes_go_through(box):
    messages = [b"", b"a\nb", b"\0", bytes(range(256)), b"x" * 4096]
    frames = b"".join(struct.pack(">I", len(message)) + message for message in messages)
    nulls = b"".join(message + b"\0" for message in messages if b"\0" not in message)
    blob = os.urandom(3000000) + b"end"
    box.run("create", "--capacity=64k", "x")
    for how, what in (("--frame", frames), ("--null", nulls), ("--raw", blob)):
        reader = subscriber(box, "x", how)
        box.run("pub", how, "x", stdin=what)
        equal(reader.ends(0).raw, what, how)
    box.run("rm", "x")


@case
def what_a_slow_reader_misses_is_told(box):
    box.run("create", "--policy=overwrite", "--capacity=4k", "--max-message=100", "x")
    reader = box.start("sub", "x")
    until(lambda: stat(box, "x")["state"] == "in use", "it has come")
    writer = box.start("pub", "x", stdin="pipe")
    writer.feed("first\n")
    reader.prints("first\n")
    reader.kill(signal.SIGSTOP)
    writer.feed("".join(f"line {i}\n" for i in range(5000)))
    until(lambda: stat(box, "x")["messages"] == 5001, "all are sent")
    equal(stat(box, "x")["lost"], 0)
    top = box.start("top")
    rates = lambda: [float(line.split()[6]) for line in top.out.splitlines() if line.endswith(" x")]
    until(rates, "it has looked twice")
    reader.kill(signal.SIGCONT)
    until(lambda: stat(box, "x")["lost"] > 4000, "it has noticed")
    until(lambda: any(rates()), "the rate of losses is told")
    equal(rates()[0], 0.0)
    top.kill(signal.SIGINT).ends(-signal.SIGINT)
    writer.end_input()
    writer.ends(0)
    reader.ends(0)
    lost = stat(box, "x")["lost"]
    contains(reader.err, f"{lost} messages missed")
    equal(len(reader.out.splitlines()) + lost, 5001)
    contains(box.run("stat", "x").out, f"lost         {lost} messages")
    box.run("rm", "x")


@case
def what_does_not_fit_is_refused(box):
    box.run("create", "--max-message=10", "x")
    fails(box.start("pub", "x", stdin="short\n" + "long" * 10), "too long", "at most 10")
    fails(box.start("pub", "x", stdin="l" * 1000000), "too long")
    fails(box.start("pub", "--frame", "x", stdin=struct.pack(">I", 11) + b"x" * 11), "11 bytes is too long")
    fails(box.start("pub", "--frame", "x", stdin=struct.pack(">I", 9) + b"x"), "in the midst")
    fails(box.start("pub", "--frame", "x", stdin=b"\0\0"), "in the midst")
    equal(stat(box, "x")["messages"], 1)
    box.run("rm", "x")


@case
def durable_readers_go_on(box):
    box.run("create", "--cursor=group", "x")
    box.run("pub", "x", stdin="1\n2\n3\n")
    box.run("sub", "--durable=group", "--count=2", "x").ends(0, "1\n2\n")
    box.run("pub", "x", stdin="4\n")
    first = box.start("sub", "--durable=group", "--follow", "x")
    first.prints("3\n4\n")
    fails(box.start("sub", "--durable=group", "x"), "somebody else reads")
    first.kill().ends(-signal.SIGKILL)
    box.run("pub", "x", stdin="5\n")
    box.run("sub", "--durable=group", "x").ends(0, "5\n")
    box.run("rm", "x")


@case
def a_full_ring_holds_the_writer_up(box):
    box.run("create", "--cursor=group", "--capacity=4k", "--max-message=100", "x")
    lines = "".join(f"line {i}\n" for i in range(5000))
    writer = box.start("pub", "x", stdin=lines)
    until(lambda: stat(box, "x")["writer_sleeps"], "the ring is full")
    box.run("sub", "--durable=group", "x").ends(0, lines)
    writer.ends(0, "")
    stuck = box.start("pub", "x", stdin=lines)
    until(lambda: stat(box, "x")["writer_sleeps"], "the ring is full")
    stuck.kill(signal.SIGINT).ends(-signal.SIGINT)
    box.run("rm", "x")


# ---- recordings ----


@case
def recordings_are_replayed(box):
    path = os.path.join(box.work, "recording")
    box.run("create", "from")
    box.run("create", "to")
    recorder = box.start("record", "from", path)
    until(lambda: recorder.pid in [party["pid"] for party in who(box, "from")], "it joins")
    writer = box.start("pub", "from", stdin="pipe")
    writer.feed("one\n\nthree\n")
    until(lambda: os.path.getsize(path) >= 17 + 3 * 16 + 8, "it is written at once")
    time.sleep(0.3)
    writer.feed("later\n")
    writer.end_input()
    writer.ends(0)
    recorder.ends(0, "")
    for how, least_s in (("--fast", 0), (None, 0.3)):
        reader = subscriber(box, "to")
        began = time.monotonic()
        box.run("replay", *([how] if how else []), path, "to")
        took = time.monotonic() - began
        if took < least_s:
            raise AssertionError(f"replayed in {took} s")
        reader.ends(0, "one\n\nthree\nlater\n")
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) - 2)
    fails(box.start("replay", "--fast", path, "to"), "ends in the midst")
    box.run("sub", "--latest", "--from-start", "to").ends(0, "three\n")
    with open(path, "wb") as file:
        file.write(b"something else, which is long enough")
    fails(box.start("replay", path, "to"), "is no recording")
    fails(box.start("replay", "/nowhere", "to"), "No such file")
    fails(box.start("record", "to", "/nowhere/file"), "No such file")
    refuses(box, "record", "to", says=["needs a NAME and a FILE"])
    box.run("rm", "from", "to")


@case
def a_killed_recorder_has_kept_what_it_took(box):
    path = os.path.join(box.work, "recording")
    box.run("create", "--cursor=group", "x")
    box.run("pub", "x", stdin="".join(f"{i}\n" for i in range(1000)))
    recorder = box.start("record", "--durable=group", "--follow", "x", path)
    until(lambda: who(box, "x")[0]["lag_messages"] == 0, "all is taken")
    recorder.kill().ends(-signal.SIGKILL)
    box.run("create", "y")
    box.run("replay", "--fast", path, "y")
    equal(stat(box, "y")["messages"], 1000)
    box.run("rm", "x", "y")


@case
def a_flight_recorder_is_read_after_a_restart(box):
    box.run("create", "--policy=overwrite", "--capacity=4k", "--max-message=100", "x")
    writer = box.start("pub", "x", stdin="pipe")
    writer.feed("".join(f"line {i}\n" for i in range(1000)))
    until(lambda: stat(box, "x")["messages"] == 1000, "all are sent")
    writer.kill().ends(-signal.SIGKILL)
    reader = box.start("sub", "--from-start", "x").ends(3)
    lines = reader.out.splitlines()
    equal(lines[-1], "line 999")
    with open(box.path("x/log"), "r+b") as log:  # as if the machine had been started since
        log.seek(40)
        log.write(b"another boot")
    equal(stat(box, "x")["state"], "stale")
    fails(box.start("pub", "x"), "boot id")
    again = box.start("sub", "x").ends(3)
    equal(again.out.splitlines(), lines)
    contains(again.err, "before the machine's last start")
    contains(box.run("gc").out, "removed x: from before the machine's last start")


# ---- values, lists and arrays ----


@case
def values(box):
    box.run("set", "v", "-5")
    box.run("add", "v", "8")
    box.run("get", "v").ends(0, "3\n")
    box.run("set", "v", str(-(2**63)))
    box.run("get", "v").ends(0, f"{-2**63}\n")
    refuses(box, "set", "v", str(2**63), says=["is no int64"])
    refuses(box, "set", "v", "1x", says=["is no int64"])
    refuses(box, "set", "v", says=["needs a NAME and a NUMBER"])
    box.run("create", "--kind=value", "--type=double", "d")
    box.run("set", "d", "0.1")
    box.run("add", "d", "0.2")
    box.run("get", "d").ends(0, f"{0.1 + 0.2!r}\n")
    fails(box.start("get", "none"), "none", "No such file")
    box.run("create", "x")
    fails(box.start("get", "x"), "kind")
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
    refuses(box, "list", "get", "l", says=["needs a NAME and 1 more"])
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
    box.run("rm", "a")


# ---- ends ----


@case
def a_killed_writer_is_told(box):
    box.run("create", "x")
    reader = subscriber(box, "x")
    writer = box.start("pub", "x", stdin="pipe")
    writer.feed("one\n")
    reader.prints("one\n")
    fails(box.start("pub", "x"), "has a writer already")
    writer.kill().ends(-signal.SIGKILL)
    contains(reader.ends(3, "one\n").err, "the writer died")
    equal(stat(box, "x")["writer"], "dead")
    box.run("pub", "x", stdin="two\n")
    box.run("sub", "--from-start", "x").ends(0, "one\ntwo\n")
    box.run("rm", "x")


@case
def signals_end_whoever_waits(box):
    box.run("create", "x")
    for number in (signal.SIGINT, signal.SIGTERM):
        reader = subscriber(box, "x")
        reader.kill(number).ends(-number, "")
        writer = box.start("pub", "x", stdin="pipe")
        until(lambda: stat(box, "x")["writer"] == "alive", "the writer comes")
        writer.kill(number).ends(-number, "")
    box.run("rm", "x")


@case
def output_that_nobody_takes(box):
    box.run("create", "x")
    box.run("pub", "x", stdin="one\n")
    with open("/dev/full", "wb") as full:
        process = box.start("sub", "--from-start", "x", stdout=full)
        process.popen.wait()
        equal(process.popen.returncode, 1)
        contains(process.err, "cannot write", "No space")
        process = box.start("ls", stdout=full)
        equal(process.popen.wait(), 1)
    box.run("rm", "x")


# ---- measuring ----


@case
def bench_draws_both_modes(box):
    lines = box.run("bench", "--seconds=1").out.splitlines()
    contains(lines[0], "48 bytes")
    contains(lines[2], "p50", "p99", "p99.9")
    equal([lines[3].split()[0], lines[4].split()[0]], ["lock-free", "locked"])
    if not any("#" in line for line in lines[6:]):
        raise AssertionError(lines)
    for how in ("spin", "sleep"):
        contains(box.run("bench", "--seconds=1", f"--wait={how}", "--size=1000").out, "1000 bytes")
    refuses(box, "bench", "--size=0", says=["--size is"])
    long = box.start("bench", "--seconds=1000")
    until(lambda: len(children(long.pid)) == 2, "both processes are there")
    long.kill(signal.SIGINT).ends(-signal.SIGINT, "")
    killed = box.start("bench", "--seconds=1000")
    orphans = until(lambda: children(killed.pid) if len(children(killed.pid)) == 2 else None, "they are there")
    killed.kill().ends(-signal.SIGKILL)
    for orphan in orphans:
        until(lambda pid=orphan: is_gone(pid), "the children end, too")


# ---- clearing up ----


@case
def what_is_in_use_stays(box):
    box.run("create", "used")
    box.run("create", "idle")
    os.mkdir(box.path(".seam-half"), 0o700)
    reader = subscriber(box, "used")
    fails(box.start("rm", "used"), "in use", "--force")
    contains(box.run("gc", "--dry-run").out, "would remove idle", "would remove half", "killed")
    equal(len(os.listdir(box.dir)), 3)
    box.run("gc")
    equal(os.listdir(box.dir), ["used"])
    box.run("gc").ends(0, "")
    box.run("rm", "--force", "used")
    fails(box.start("rm", "used"), "No such file")
    reader.kill().ends(-signal.SIGKILL)


@case
def the_doctor_looks_at_all_of_it(box):
    box.run("create", "whole")
    box.run("pub", "whole", stdin="one\n" * 10000)
    box.run("doctor", "whole").ends(0, "OK    whole is whole\n")
    report = box.start("doctor")
    report.popen.wait()
    contains(report.out, "Linux", "membarrier", "futex_waitv", "CPU", box.dir, "huge pages", "whole is whole")
    box.run("create", "--capacity=64k", "broken")
    box.run("pub", "broken", stdin="one\n" * 100)
    with open(box.path("broken/log"), "r+b") as log:
        log.seek(4096)
        log.write(b"\x55" * 65536)
    box.start("doctor", "broken").ends(1)
    contains(box.processes[-1].out, "TO DO broken is damaged", "seam rm")
    os.mkdir(box.path(".seam-half"), 0o700)
    contains(box.start("doctor").ends(1).out, "TO DO half was left unfinished", "broken")
    fails(box.start("doctor", "missing"), "missing", "No such file")
    box.run("gc")


@case
def the_killed_leave_nothing_behind(box):
    box.run("create", "x")
    for _ in range(5):
        reader = subscriber(box, "x")
        writer = box.start("pub", "x", stdin="pipe")
        writer.feed("one\n")
        reader.prints("one\n")
        reader.kill()
        writer.kill()
        reader.ends(-signal.SIGKILL)
        writer.ends(-signal.SIGKILL)
    equal(os.listdir(box.dir), ["x"])
    box.run("pub", "x", stdin="two\n" * 100000)
    equal([party for party in who(box, "x") if party["alive"]], [])
    contains(box.run("gc").out, "removed x", "nobody has it open")


if __name__ == "__main__":
    sys.exit(main())
