#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests seam pub, sub, record and replay, through pipes."""
import os
import re
import resource
import signal
import struct
import sys
import time

from demo_support import case, contains, equal, main, until
from tool_support import fails, refuses, stat, subscriber, who


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
    until(lambda: stat(box, "x")["reader_sleeps"], "it has come, and waits")
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
    fails(box.start("pub", "x", stdin="short\n" + "long" * 10 + "\n"), "too long", "at most 10")
    box.run("sub", "--from-start", "x").ends(0, "short\n")
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
    until(lambda: who(box, "x")[0]["lag_messages"] == 0, "it has left them behind")
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
    with open(path, "r+b") as file:
        file.truncate(17 + 16 + 3 + 8)
    fails(box.start("replay", "--fast", path, "to"), "ends in the midst")
    with open(path, "rb") as file:
        kept = file.read()
    fails(box.start("record", "from", path), "File exists")
    with open(path, "rb") as file:
        equal(file.read(), kept, "what has been recorded")
    fails(box.start("record", "missing", os.path.join(box.work, "new")), "no such name")
    equal(os.path.exists(os.path.join(box.work, "new")), False)
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
def a_recording_goes_through_a_pipe(box):
    for name in ("from", "to"):
        box.run("create", "--cursor=group", name)
    box.run("pub", "from", stdin="one\ntwo\n")
    recording = box.run("record", "--durable=group", "from", "-").raw
    box.run("replay", "-", "to", stdin=recording)
    box.run("sub", "--durable=group", "to").ends(0, "one\ntwo\n")
    box.run("rm", "from", "to")


@case
def a_full_disk_costs_no_message(box):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
    path = os.path.join(box.work, "recording")
    lines = "".join(f"message {i}\n" for i in range(10000))
    for name in ("from", "to"):
        box.run("create", "--cursor=group", "--capacity=1M", name)
    box.run("pub", "from", stdin=lines)
    fails(box.start("record", "--durable=group", "from", path, setup=limit), "cannot write", "too large")
    box.run("replay", "--fast", path, "to")
    recorded = box.run("sub", "--durable=group", "to").out
    equal(recorded + box.run("sub", "--durable=group", "from").out, lines, "recorded, and still to come")
    box.run("rm", "from", "to")


@case
def what_was_recorded_before_stays(box):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    path = os.path.join(box.work, "all")
    with open(path, "wb") as file:
        file.write(b"x" * 4096)
    box.run("create", "--cursor=group", "x")
    box.run("pub", "x", stdin="one\n")
    with open(path, "ab") as file:
        box.start("record", "--durable=group", "x", "-", stdout=file, setup=limit).popen.wait()
    equal(os.path.getsize(path), 4096)
    box.run("sub", "--durable=group", "x").ends(0, "one\n")
    box.run("rm", "x")


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
    fails(box.start("pub", "x"), "before the machine's last start")
    again = box.start("sub", "x").ends(3)
    equal(again.out.splitlines(), lines)
    contains(again.err, "before the machine's last start")
    contains(box.start("doctor", "x").ends(1).out, "`seam sub` prints its last messages")
    os.mkdir(box.path(".seam-x"), 0o700)  # as one leaves it who was killed making the same name
    contains(box.run("gc").out, "kept x", "--stale")
    equal(box.start("sub", "x").ends(3).out.splitlines(), lines, "it is still there")
    contains(box.run("gc", "--stale").out, "removed x: ")


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
def a_writer_without_a_word_ends_who_waited(box):
    box.run("create", "x")
    for _ in range(2):
        reader = subscriber(box, "x")
        box.run("pub", "x", stdin="")
        reader.ends(0, "")
    equal(stat(box, "x")["writers_so_far"], 2)
    reader = subscriber(box, "x")
    writer = box.start("pub", "x", stdin="pipe")
    writer.feed("last\n")
    reader.prints("last\n")
    box.run("rm", "--force", "x")
    writer.end_input()
    writer.ends(0)
    reader.ends(0, "last\n")


@case
def who_pipes_away_is_no_error(box):
    box.run("create", "x")
    box.run("pub", "x", stdin="".join(f"{i}\n" for i in range(100000)))
    for arguments in (["sub", "--from-start", "x"], ["sub", "--hex", "--from-start", "x"], ["top", "--interval=0.1"]):
        end, other = os.pipe()
        process = box.start(*arguments, stdout=other)
        os.close(other)
        os.read(end, 1)
        os.close(end)
        process.popen.wait()
        equal((process.popen.returncode, process.err), (-signal.SIGPIPE, ""), str(arguments))
    box.run("rm", "x")


@case
def the_killed_are_not_counted(box):
    box.run("create", "x")
    reader = subscriber(box, "x")
    until(lambda: stat(box, "x")["reader_sleeps"], "it sleeps")
    equal(stat(box, "x")["readers"], 1)
    reader.kill().ends(-signal.SIGKILL)
    equal((stat(box, "x")["readers"], stat(box, "x")["reader_sleeps"]), (0, False))
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


if __name__ == "__main__":
    sys.exit(main())
