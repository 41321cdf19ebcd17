#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests channel-demo's strings through real processes; see demo_support.py."""
import fcntl
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import termios

from demo_support import PATIENCE_S, Skip, case, contains, equal, is_gone, main, until

NOBODY = 65534
GREETING = "Hello from shared memory!\n"


# ---- a pair of processes ----


@case
def greeting(box):
    equal(box.run().ends(0, GREETING).err, "", "standard error")


@case
def strings(box):
    box.run("Short message").ends(0, "Short message\n")
    box.run("one", "", "three").ends(0, "one\n\nthree\n")
    box.run("").ends(0, "\n")
    box.run("Grüße, 世界 🌍").ends(0, "Grüße, 世界 🌍\n")


@case
def standard_input(box):
    box.run("-", stdin="a\n\nGrüße\n").ends(0, "a\n\nGrüße\n")
    box.run("-", stdin="no newline").ends(0, "no newline\n")
    box.run("-", stdin="").ends(0, "")
    equal(box.run("-", stdin=b"a\0b\n\0\nlast\0").raw, b"a\0b\n\0\nlast\0\n", "embedded zeros")
    box.run("before", "-", "after", stdin="middle\n").ends(0, "before\nmiddle\nafter\n")
    many = "".join(f"line {i}\n" for i in range(20000))
    box.run("-", stdin=many).ends(0, many)


@case
def standard_input_arrives_promptly(box):
    pair = box.start("-", stdin="pipe")
    pair.feed("one\n")
    pair.prints("one\n")
    pair.feed("two\n")
    pair.prints("one\ntwo\n")
    pair.end_input()
    pair.ends(0)


@case
def every_mode_and_wait(box):
    for mode in ("lock-free", "locked"):
        for wait in ("spin", "adaptive", "sleep"):
            how = (f"--mode={mode}", "--wait", wait)
            box.run(*how).ends(0, GREETING)
            writer = box.start(*how, "write", "x", "a", "b")
            reader = box.start(*how, "read", "x")
            reader.ends(0, "a\nb\n")
            writer.ends(0, "")
            box.empty()


@case
def double_dash(box):
    box.run("--", "write").ends(0, "write\n")
    box.run("--", "read", "x").ends(0, "read\nx\n")
    box.run("--", "--help").ends(0, "--help\n")
    box.run("--", "-").ends(0, "-\n")
    box.run("--", "--", "-x").ends(0, "--\n-x\n")
    box.run("--").ends(0, GREETING)
    box.run("hello", "--", "-x").ends(0, "hello\n-x\n")
    box.run("hello", "write").ends(0, "hello\nwrite\n")
    writer = box.start("write", "x", "--", "-x", "-", "read")
    box.run("read", "--", "x").ends(0, "-x\n-\nread\n")
    writer.ends()
    writer = box.start("write", "--", "x", "a")
    box.run("read", "x").ends(0, "a\n")
    writer.ends()


@case
def options_stand_anywhere(box):
    contains(box.run("hello", "--verbose").ends(0, "hello\n").err, "created", "sent", "received")
    writer = box.start("write", "--verbose", "x", "a", "--size", "200", "b")
    box.run("read", "x", "--wait=sleep").ends(0, "a\nb\n")
    contains(writer.ends().err, "messages of 200 bytes" if "created" in writer.err else "opened")


@case
def help_and_version(box):
    for words in (("--help",), ("write", "--help"), ("read", "x", "--help")):
        text = box.run(*words).out
        contains(text, "Usage: channel-demo", "--mode", "--wait", "--size", "--verbose", "write NAME")
        contains(text, "read NAME", "--follow", "--latest", "--overwrite", "Exit status", "Examples")
    version = box.run("--version").out
    if not re.fullmatch(r"channel-demo \d+\.\d+\.\d+\n", version):
        raise AssertionError(version)


@case
def usage_errors(box):
    for words, part in (
        (("--nonsense",), "--nonsense"),
        (("-x",), "x"),
        (("--mode", "fast"), "fast"),
        (("--wait=never",), "never"),
        (("--mode",), "mode"),
        (("--size", "99"), "100"),
        (("--size", "0"), "100"),
        (("--size", ""), "--size"),
        (("--size", "-1"), "-1"),
        (("--size", " 4096"), "4096"),
        (("--size", "4k"), "4k"),
        (("--size", "0x1000"), "0x1000"),
        (("--size", "99999999999999999999999"), "too large"),
        (("write",), "NAME"),
        (("read",), "NAME"),
        (("read", "x", "y"), "y"),
        (("read", "x", "-"), "-"),
        (("--follow", "hello"), "--follow"),
        (("--latest", "write", "x"), "--latest"),
        (("--overwrite", "read", "x"), "--overwrite"),
    ):
        box.start(*words).fails(part, "Try 'channel-demo --help'")
    for name in ("", ".", "..", ".x", "a/b", "/x", "x" * 201):
        box.start("write", name, "a").fails(f'"{name}"', "name")
        box.start("read", name).fails(f'"{name}"', "name")


@case
def sizes(box):
    box.run("--size", "100", "x" * 100).ends(0, "x" * 100 + "\n")
    box.run("y" * 4096).ends(0, "y" * 4096 + "\n")
    big = "z" * 1000000 + "\n" + "w" * 999999 + "\n"
    box.run("--size=1000000", "-", stdin=big).ends(0, big)
    box.start("--size", "100", "fits", "x" * 101).fails("101 bytes", "100 bytes")
    box.start("y" * 4097).fails("4097 bytes", "4096 bytes")
    box.start("--size", "100", "-", stdin="x" * 101).fails("101 bytes", "100 bytes")
    box.start("-", stdin="x" * 300000 + "\nmore\n").fails("300000 bytes", "4096 bytes")
    box.start("--size", str(1 << 62)).fails(1 << 62, "create")


@case
def sizes_of_named_channels(box):
    box.start("write", "--size=100", "x", "fits", "x" * 101).fails("101 bytes", "100 bytes", '"x"')
    box.start("write", "x", "-", stdin="x" * 5000).fails("5000 bytes", "4096 bytes")
    box.empty()
    reader = box.start("--verbose", "read", "--size", "100", "x").says("created")
    box.start("write", "--size", "200", "x", "x" * 150).fails("150 bytes", "100 bytes", '"x"')
    box.start("write", "x", "x" * 150).fails("150 bytes", "100 bytes", '"x"')
    # The reader has not noticed, and goes on waiting.
    box.run("write", "x", "x" * 100)
    reader.ends(0, "x" * 100 + "\n")
    # The other way round: what was created larger takes more than the default.
    reader = box.start("--verbose", "read", "--size", "6000", "x").says("created")
    box.run("write", "x", "x" * 5000)
    reader.ends(0, "x" * 5000 + "\n")


# ---- two programs ----


@case
def writer_first(box):
    writer = box.start("--verbose", "write", "x", "a", "ä", "").says("waiting until all is read")
    equal(os.listdir(box.dir), ["x"], "the directory")
    box.run("read", "x").ends(0, "a\nä\n\n")
    writer.ends(0, "")


@case
def reader_first(box):
    reader = box.start("--verbose", "read", "x").says("created")
    box.run("write", "x").ends(0, "")
    reader.ends(0, GREETING)


@case
def both_at_once(box):
    for i in range(10):
        programs = [("write", "x", str(i)), ("read", "x")]
        started = [box.start(*words) for words in (programs if i % 2 else reversed(programs))]
        for process in started:
            process.ends(0, f"{i}\n" if "read" in process.arguments else "")
        box.empty()


@case
def late_reader_gets_everything(box):
    lines = "".join(f"line {i}\n" for i in range(20000))  # more than the ring holds
    writer = box.start("write", "x", "first", "-", stdin=lines)
    reader = box.start("read", "x").ends(0, "first\n" + lines)
    writer.ends()
    equal(reader.err, "", "standard error")


@case
def word_after_a_second(box):
    lines = "x" * 99 + "\n"
    waiting = [
        box.start("write", "a", "hello"),
        box.start("write", "b", "-", stdin=lines * 10000),
        box.start("read", "c"),
        box.start("read", "--latest", "d"),
    ]
    for process, word in zip(waiting, ("read a", "read b", "write c", "write d")):
        process.says(f"channel-demo {word}")
    for process in waiting:
        process.kill(signal.SIGINT)
    for process in waiting:
        process.ends(-signal.SIGINT, "")


@case
def follow(box):
    reader = box.start("--verbose", "read", "--follow", "x").says("created")
    box.run("write", "x", "a")
    reader.prints("a\n")
    box.run("write", "x", "b", "c")
    reader.prints("a\nb\nc\n")
    killed = box.start("write", "x", "-", stdin="pipe")
    killed.feed("d\n")
    reader.prints("a\nb\nc\nd\n")
    killed.kill().ends(-signal.SIGKILL)
    box.run("write", "x", "e")
    reader.prints("a\nb\nc\nd\ne\n")
    reader.kill(signal.SIGINT).ends(-signal.SIGINT)


@case
def latest(box):
    writer = box.start("--verbose", "write", "x", "a", "b", "c").says("waiting until all is read")
    box.run("read", "--latest", "x").ends(0, "c\n")
    box.run("read", "--latest", "x").ends(0, "c\n")
    box.run("read", "x").ends(0, "a\nb\nc\n")  # nothing was taken by those who only looked
    writer.ends()
    # Started before the writer, and on a channel where nobody waits.
    reader = box.start("--verbose", "read", "--latest", "x").says("created")
    writer = box.start("write", "x", "only")
    reader.ends(0, "only\n")
    box.run("read", "x").ends(0, "only\n")
    writer.ends()
    writer = box.start("write", "--overwrite", "x", "-", stdin="pipe")
    writer.feed("1\n2\n3\n")
    until(lambda: box.run("read", "--latest", "x").out == "3\n", "the newest is 3")
    writer.end_input()
    writer.ends()


@case
def overwrite_never_waits(box):
    box.run("write", "--overwrite", "x", "a")  # with nobody there
    box.empty()
    lines = "".join(f"line {i}\n" for i in range(30000))  # more than the ring holds
    box.run("write", "--overwrite", "x", "-", stdin=lines)
    box.empty()
    writer = box.start("write", "--overwrite", "x", "-", stdin="pipe")
    writer.feed("one\n")
    until(lambda: os.listdir(box.dir) == ["x"], "the channel is there")
    reader = box.start("read", "x").prints("one\n")
    writer.feed("two\n")
    reader.prints("one\ntwo\n")
    writer.end_input()
    writer.ends()
    reader.ends(0)


def overtaken(box, writer, reader):
    """A reader that is stopped misses messages, says how many, and goes on."""
    total = 30000
    writer.feed("first\n")
    reader.prints("first\n")
    reader.kill(signal.SIGSTOP)
    writer.feed("".join(f"line {i}\n" for i in range(total)))
    writer.end_input()
    writer.ends()
    reader.kill(signal.SIGCONT).ends(0)
    missed = sum(int(n) for n in re.findall(r"(\d+) messages missed", reader.err))
    numbers = [int(line.split()[1]) for line in reader.out.splitlines()[1:]]
    equal(numbers, sorted(set(numbers)), "the order")
    equal(numbers[-1:], [total - 1], "the last one")
    equal(missed + len(numbers), total, "missed and printed")
    if missed == 0:
        raise AssertionError("nothing was missed")


@case
def overwrite_is_counted(box):
    writer = box.start("--verbose", "write", "--overwrite", "x", "-", stdin="pipe").says("created")
    overtaken(box, writer, box.start("read", "x"))


@case
def overwrite_on_a_lossless_channel(box):
    reader = box.start("--verbose", "read", "x").says("created")
    overtaken(box, box.start("write", "--overwrite", "x", "-", stdin="pipe"), reader)


@case
def write_on_an_overwriting_channel(box):
    first = box.start("--verbose", "write", "--overwrite", "x", "-", stdin="pipe").says("created")
    reader = box.start("--verbose", "read", "--follow", "x").says("opened")
    first.end_input()
    first.ends()
    contains(box.run("write", "x", "a").err, "--overwrite")
    reader.prints("a\n").kill(signal.SIGINT).ends(-signal.SIGINT)


@case
def stopped_reader_loses_nothing(box):
    lines = "".join(f"line {i}\n" for i in range(20000))
    reader = box.start("--verbose", "read", "x").says("created").kill(signal.SIGSTOP)
    writer = box.start("write", "x", "-", stdin=lines).says("channel-demo read x")
    reader.kill(signal.SIGCONT).ends(0, lines)
    writer.ends()


@case
def two_of_a_kind(box):
    writer = box.start("--verbose", "write", "x", "-", stdin="pipe").says("created")
    box.start("write", "x", "b").fails("another writer", '"x"')
    box.start("write", "--overwrite", "x", "b").fails("another writer", '"x"')
    reader = box.start("--verbose", "read", "x").says("opened")
    box.start("read", "x").fails("another reader", '"x"')
    writer.feed("a\n")
    writer.end_input()
    writer.ends()
    reader.ends(0, "a\n")


@case
def other_mode(box):
    reader = box.start("--verbose", "read", "--mode=locked", "x").says("created")
    box.start("write", "--mode=lock-free", "x").fails('"x"', "locked")
    box.run("write", "x", "a")
    reader.ends(0, "a\n")


# ---- killed ----


@case
def writer_of_a_pair_killed_before_it_wrote(box):
    for number in (signal.SIGKILL, signal.SIGTERM):
        pair = box.start("--verbose", "-", stdin="pipe")
        os.kill(pair.writer_pid(), number)
        pair.ends(3, "")
        contains(pair.err, "killed by signal", "before it wrote anything")


@case
def writer_of_a_pair_killed_after_it_wrote(box):
    pair = box.start("--verbose", "-", stdin="pipe")
    pair.feed("one\ntwo\n")
    pair.prints("one\ntwo\n")
    os.kill(pair.writer_pid(), signal.SIGKILL)
    pair.ends(3, "one\ntwo\n")
    contains(pair.err, "killed by signal 9", "before it was done")


@case
def stopped_writer_of_a_pair(box):
    pair = box.start("--verbose", "-", stdin="pipe")
    os.kill(pair.writer_pid(), signal.SIGSTOP)
    pair.kill(signal.SIGINT).ends(-signal.SIGINT, "")


@case
def reader_of_a_pair_killed(box):
    pair = box.start("--verbose", "-", stdin="pipe")
    writer = pair.writer_pid()
    pair.kill().ends(-signal.SIGKILL)
    until(lambda: is_gone(writer), "the writer ends by itself")


@case
def writer_killed_before_it_wrote(box):
    reader = box.start("--verbose", "read", "x").says("created")
    writer = box.start("--verbose", "write", "x", "-", stdin="pipe").says("opened")
    writer.kill().ends(-signal.SIGKILL)
    reader.ends(3, "")
    contains(reader.err, '"x"', "died before it wrote anything")


@case
def writer_killed_after_it_wrote(box):
    reader = box.start("--verbose", "read", "x").says("created")
    writer = box.start("write", "x", "-", stdin="pipe")
    writer.feed("a\nb\n")
    reader.prints("a\nb\n")
    writer.kill().ends(-signal.SIGKILL)
    reader.ends(3, "a\nb\n")
    contains(reader.err, '"x"', "died before it was done")


def killed_writer(box, *words):
    """A writer that sent these and was killed before anybody read them."""
    writer = box.start("--verbose", "write", "x", *words).says("waiting until all is read")
    writer.kill().ends(-signal.SIGKILL)


@case
def killed_writer_leaves_what_it_wrote(box):
    killed_writer(box, "a", "b")
    # To be refused does not remove it.
    box.start("write", "x", "y" * 5000).fails("5000", "4096")
    box.start("read", "--mode=locked", "x").fails("lock-free")
    reader = box.start("read", "x").ends(3, "a\nb\n")
    contains(reader.err, '"x"', "died")


@case
def successor_of_a_killed_writer(box):
    killed_writer(box, "a", "b")
    killed_writer(box, "c")
    writer = box.start("write", "x", "d")
    box.run("read", "x").ends(0, "a\nb\nc\nd\n")
    writer.ends()


@case
def killed_reader_loses_nothing(box):
    """New readers go on where the killed ones stopped; only the last line may come twice."""
    rounds, lines = 5, 1000
    writer = box.start("write", "x", "-", stdin="pipe")
    numbers = []
    for i in range(rounds):
        writer.feed("".join(f"{i * lines + j}\n" for j in range(lines)))
        reader = box.start("read", "x")
        until(lambda: len(reader.raw) > 100, "it has begun to print")
        reader.kill().ends(-signal.SIGKILL)
        numbers.append([int(n) for n in reader.out.split()])
    reader = box.start("--verbose", "read", "x").says("opened")
    writer.end_input()
    numbers.append([int(n) for n in reader.ends(0).out.split()])
    writer.ends()
    expected = 0
    for got in numbers:
        if got and expected > 0 and got[0] == expected - 1:
            expected -= 1
        equal(got, list(range(expected, expected + len(got))), "numbers")
        expected += len(got)
    equal(expected, rounds * lines, "how many")


# ---- asked to end ----


@case
def interrupted(box):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for words, sign in (
            (("write", "x", "a"), "waiting until all is read"),
            (("write", "x", "-"), "created"),
            (("read", "x"), "created"),
            (("read", "--follow", "--wait=spin", "x"), "created"),
            (("read", "--latest", "--mode=locked", "x"), "created"),
            (("-",), "writer: opened"),
        ):
            process = box.start("--verbose", *words, stdin="pipe").says(sign)
            if number == signal.SIGINT:
                os.killpg(process.pid, number)  # as a terminal does
            else:
                process.kill(number)
            process.ends(-number, "")
            process.end_input()
            box.empty()


@case
def interrupted_while_both_are_there(box):
    reader = box.start("read", "x")
    writer = box.start("write", "x", "-", stdin="pipe")
    writer.feed("a\n")
    reader.prints("a\n")
    writer.kill(signal.SIGINT).ends(-signal.SIGINT)
    reader.ends(0, "a\n")
    box.empty()
    reader = box.start("read", "x")
    writer = box.start("write", "x", "-", stdin="pipe")
    writer.feed("a\n")
    reader.prints("a\n").kill(signal.SIGINT).ends(-signal.SIGINT)
    writer.feed("b\n")
    writer.end_input()
    box.run("read", "x").ends(0, "b\n")
    writer.ends()


@case
def interrupted_while_nobody_takes_the_output(box):
    ours, theirs = os.pipe()
    pair = box.start("-", stdin="line\n" * 100000, stdout=theirs)
    os.close(theirs)

    def waiting_bytes():
        return struct.unpack("i", fcntl.ioctl(ours, termios.FIONREAD, bytes(4)))[0]

    until(lambda: waiting_bytes() > 60000, "the pipe is full")
    pair.kill(signal.SIGTERM)
    equal(pair.popen.wait(PATIENCE_S), -signal.SIGTERM, "exit status")
    os.close(ours)


@case
def ignored_signals_stay_ignored(box):
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    writer = box.start("--verbose", "write", "x", "a", setup=ignore).says("waiting until all")
    writer.kill(signal.SIGHUP)
    box.run("read", "x").ends(0, "a\n")
    writer.ends()


# ---- what can't be had ----


@case
def file_size_limit(box):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    box.start(setup=limit).fails("create", "4096 bytes", "posix_fallocate: File too large")
    for words in (("write", "x", "a"), ("write", "--overwrite", "x", "a"), ("read", "x")):
        process = box.start("--size=4000", *words, setup=limit)
        process.fails('"x"', "4000 bytes", "posix_fallocate: File too large")
        box.empty()


@case
def output_file_past_the_limit(box):
    path = os.path.join(box.work, "full")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    with open(path, "wb") as file:
        file.truncate((1 << 20) - 3)
        file.seek(0, os.SEEK_END)
        pair = box.start("a", "bcd", setup=limit, stdout=file)
        equal(pair.popen.wait(PATIENCE_S), 1, "exit status")
    contains(pair.err, "standard output: File too large")


@case
def too_many_open_files(box):
    def first_success(*words, **how):
        """Raises the limit until it works; before that, the error has to be in order."""
        errors = 0
        for most in range(4, 64):
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            process = box.start(*words, setup=limit, **how)
            status = process.popen.wait(PATIENCE_S)
            box.empty()
            if status == 0:
                return errors
            if "channel-demo: cannot" in process.err:  # else it did not even start
                process.fails("4096 bytes", "Too many open files", *words[1:2])
                errors += 1
        raise AssertionError(f"{process} never works")

    if first_success() == 0 or first_success("write", "x", "a", "--overwrite") == 0:
        raise AssertionError("no limit was too low")


@case
def no_permission(box):
    def drop():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    setup = drop if os.geteuid() == 0 else None
    try:
        probe = box.start("--version", setup=setup)
    except (PermissionError, subprocess.SubprocessError) as error:
        raise Skip(f"can't run as nobody: {error}") from None
    if probe.popen.wait(PATIENCE_S) != 0:
        raise Skip("can't run as nobody: the build directory is closed to others")
    os.chmod(box.dir, 0o500)
    try:
        for words in (("write", "x", "a"), ("read", "x"), ("read", "--latest", "x")):
            box.start(*words, setup=setup).fails('"x"', "4096 bytes", "Permission denied")
    finally:
        os.chmod(box.dir, 0o700)


@case
def no_directory(box):
    box.environment["SEAM_DIR"] = box.path("missing")
    box.start("write", "x", "a").fails('"x"', "4096 bytes", "realpath: No such file or directory")
    box.start("read", "x").fails('"x"', "4096 bytes", "realpath: No such file or directory")


@case
def name_taken(box):
    def refused(make, remove, *parts):
        make(box.path("x"))
        for words in (("write", "x", "a"), ("read", "x"), ("write", "--overwrite", "x", "a")):
            box.start(*words).fails('"x"', "4096 bytes", *parts)
        remove(box.path("x"))  # it is still there

    def make_file(path):
        with open(path, "w") as file:
            file.write("mine")

    refused(make_file, os.remove, "not a directory")
    refused(os.mkdir, os.rmdir, "missing")
    refused(lambda path: os.symlink(box.work, path), os.remove, "not a directory")


@case
def full_file_system(box):
    allowed = subprocess.run(
        ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", box.dir],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if allowed.returncode != 0:
        raise Skip("no mounting in a user namespace here")
    script = 'mount -t tmpfs -o size=64k none "$SEAM_DIR" || exit 99; "$@"; s=$?; '
    script += 'ls -A "$SEAM_DIR"; exit $s'
    prefix = ("unshare", "-Urm", "sh", "-c", script, "sh")
    for words in (("write", "x", "a"), ("read", "x"), ("write", "--overwrite", "x", "a")):
        process = box.start(*words, prefix=prefix)
        process.fails('"x"', "4096 bytes", "posix_fallocate: No space left on device")


@case
def output_that_fails(box):
    with open("/dev/full", "wb") as full:
        for words in ((), ("-",), ("--help",), ("--version",)):
            pair = box.start(*words, stdin="a\nb\n", stdout=full)
            equal(pair.popen.wait(PATIENCE_S), 1, "exit status")
            contains(pair.err, "standard output: No space left on device")
    box.start(setup=lambda: os.close(1)).fails("standard output: Bad file descriptor")
    box.start("-", setup=lambda: os.close(0)).fails("standard input: Bad file descriptor")
    all_closed = box.start(setup=lambda: os.closerange(0, 3))
    equal(all_closed.popen.wait(PATIENCE_S), 1, "exit status")


@case
def unprinted_message_stays(box):
    """What could not be printed is not lost: the next reader gets it."""
    writer = box.start("write", "x", "a", "b")
    box.start("read", "x", setup=lambda: os.close(1)).fails("standard output")
    ours, theirs = os.pipe()
    os.close(ours)
    reader = box.start("read", "x", stdout=theirs)
    os.close(theirs)
    equal(reader.popen.wait(PATIENCE_S), 1, "exit status")
    contains(reader.err, "standard output: Broken pipe")
    box.run("read", "x").ends(0, "a\nb\n")
    writer.ends()


if __name__ == "__main__":
    sys.exit(main())
