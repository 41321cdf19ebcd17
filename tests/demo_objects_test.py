#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests channel-demo's locks, values, arrays and lists; see demo_support.py."""
import os
import re
import resource
import signal
import subprocess
import sys

from demo_support import PATIENCE_S, Skip, case, contains, equal, is_gone, main, until

MODES = ((), ("--mode=lock-free",), ("--mode", "locked"))
WAITS = ("spin", "adaptive", "sleep")
COMMANDS = ("squares", "bank", "counter", "list", "deadlock")
SQUARES = "[25, 36, 49, 64]\n174\n"
FOREVER = "1000000000"


def right(times, line):
    """What --repeat prints when the result is right every time."""
    return f"{line}\n" * times + f"right {times} of {times} times\n"


def wrong_now_and_then(box, wanted, *words):
    """Without a lock the result is wrong sooner or later, and what is said about that is true."""

    def went_wrong():
        process = box.run(*words, "--no-lock", "--repeat=4")
        contains(process.err, "may be wrong", wanted)
        *results, last = process.out.splitlines()
        equal(len(results), 4, "results")
        good = results.count(wanted)
        equal(last, f"right {good} of 4 times", str(process))
        return good < 4

    until(went_wrong, f"{words} goes wrong")


def started(process, count):
    """Waits until this many children are ready, with --verbose; their process ids as started."""

    def look():
        pids = re.findall(r"started the \w+, process (\d+)\n", process.err)
        ready = re.findall(r"\[(\d+)\]: ready\n", process.err)
        return len(ready) == count and set(pids) == set(ready) and [int(pid) for pid in pids]

    return until(look, f"{process} starts {count}")


def check_steps(out, first=0):
    """What `list` prints: steps of two processes, each in its order, and the list."""
    *steps, last = out.splitlines()
    said = {"appender": [], "doubler": []}
    pids = set()
    for line in steps:
        match = re.fullmatch(
            r"(appender)\[(\d+)\]: appended (\d+) at index (\d+)"
            r"|(doubler)\[(\d+)\]: doubled index (\d+): (\d+) became (\d+)",
            line,
        )
        if match is None:
            raise AssertionError(f"not a step: {line!r}")
        name, pid, *numbers = [word for word in match.groups() if word is not None]
        pids.add((name, pid))
        said[name].append([int(number) for number in numbers])
    equal(said["appender"], [[i, 50 + i] for i in range(10)], "appended")
    equal(said["doubler"], [[i, first, 2 * first] for i in range(5)], "doubled")
    equal(len(pids), 2, "processes that spoke")
    equal(last, str([2 * first] * 5 + [first] * 45 + list(range(10))), "the list")


# ---- what is printed ----


@case
def squares(box):
    for mode in MODES:
        equal(box.run("squares", *mode).ends(0, SQUARES).err, "", "standard error")
    contains(box.run("squares", "--verbose").ends(0, SQUARES).err, "the square of 7 is 49")


@case
def bank(box):
    for mode in MODES:
        equal(box.run("bank", *mode).ends(0, "200\n").err, "", "standard error")
        box.run("bank", *mode, "--repeat", "5").ends(0, right(5, 200))
    said = box.run("bank", "--verbose").ends(0, "200\n").err
    contains(said, "starts at 200", "should end at 200", "added 1 to the value, 100 times")
    contains(said, "started the depositor", "started the withdrawer", "added -1 to the value")


@case
def counter(box):
    for mode in MODES:
        equal(box.run("counter", *mode).ends(0, "100\n").err, "", "standard error")
        box.run("counter", *mode, "--repeat=3").ends(0, right(3, 100))
        box.run("counter", *mode, "--processes=3", "--times", "7").ends(0, "21\n")
        box.run("counter", *mode, "--processes", "1", "--times=1").ends(0, "1\n")
        box.run("counter", *mode, "--processes", "100", "--times=2").ends(0, "200\n")
    contains(box.run("counter", "--verbose").err, "starts at 0", "should end at 100")


@case
def thousands(box):
    for mode in MODES:
        box.run("counter", *mode, "--times", "4000").ends(0, "40000\n")


@case
def without_a_lock(box):
    wrong_now_and_then(box, "200", "bank")
    wrong_now_and_then(box, "200", "bank", "--mode=locked")
    wrong_now_and_then(box, "100", "counter")
    wrong_now_and_then(box, "4000", "counter", "--processes=2", "--times=2000")
    # With a single process nobody is in the way.
    box.run("counter", "--no-lock", "--processes=1", "--repeat=2").ends(0, right(2, 10))


@case
def list_of_two(box):
    for mode in MODES:
        process = box.run("list", *mode)
        check_steps(process.out)
        equal(process.err, "", "standard error")
        check_steps(box.run("list", *mode, "--start", "3").out, 3)


@case
def deadlock(box):
    process = box.run("deadlock")
    contains(process.out, "hang for ever", "-EDEADLK", "is killed", "-EOWNERDEAD", "(Owner died)")
    accounts = re.findall(r"\[\d+, \d+\], \d+ in all", process.out)
    before, after = "[150, 50], 200 in all", "[100, 100], 200 in all"
    equal(accounts, [before, before, after], "accounts")
    equal(process.err, "", "standard error")


@case
def waits(box):
    for wait in WAITS:
        how = ("--wait", wait)
        for mode in MODES:
            box.run("squares", *how, *mode).ends(0, SQUARES)
            box.run("bank", *how, *mode).ends(0, "200\n")
            box.run("counter", *how, *mode, "--processes=3").ends(0, "30\n")
            check_steps(box.run("list", *how, *mode).out)
        box.run("deadlock", *how)


# ---- the command line ----


@case
def words(box):
    for command in COMMANDS:
        box.run("--", command).ends(0, f"{command}\n")
        box.run("hello", command).ends(0, f"hello\n{command}\n")
        box.start(command, "more").fails(f"`{command}`", '"more"', "--help'")
        box.start(command, "--", "-x").fails(f"`{command}`", '"-x"')
        contains(box.run(command, "--help").out, *COMMANDS)
    box.run("--mode", "locked", "squares", "--").ends(0, SQUARES)


@case
def unknown_options(box):
    known = {
        "--mode=locked": ("squares", "bank", "counter", "list"),
        "--size=200": (),
        "--overwrite": (),
        "--follow": (),
        "--latest": (),
        "--no-lock": ("bank", "counter"),
        "--repeat=1": ("bank", "counter"),
        "--processes=2": ("counter",),
        "--times=2": ("counter",),
        "--start=2": ("list",),
    }
    for option, commands in known.items():
        name = option.split("=")[0]
        for command in COMMANDS:
            if command in commands:
                box.run(command, option)
            else:
                box.start(command, option).fails(f"`{command}`", name, "--help'")
        if name not in ("--mode", "--size"):
            box.start("hello", option).fails(name, "--help'")
        if name not in ("--mode", "--size", "--overwrite"):
            box.start("write", "x", option).fails("`write`", name)


@case
def bad_arguments(box):
    for arguments in (
        ("counter", "--processes=0"),
        ("counter", "--processes=101"),
        ("counter", "--processes="),
        ("counter", "--processes=-1"),
        ("counter", "--times=0"),
        ("counter", "--times=x"),
        ("counter", "--times=1000000001"),
        ("counter", "--times=99999999999999999999999"),
        ("bank", "--repeat=0"),
        ("bank", "--repeat= 1"),
        ("list", "--start=-1"),
        ("bank", "--mode=lock-free", "--no-lock"),
        ("squares", "--mode=fast"),
        ("squares", "--wait=never"),
        ("squares", "--no-loc"),
        ("deadlock", "--mode=locked"),
    ):
        option = arguments[1].split("=")[0]
        box.start(*arguments).fails(option[:6], "Try 'channel-demo --help'")


# ---- killed, interrupted ----


@case
def child_killed(box):
    for mode in MODES:
        process = box.start("counter", "--verbose", *mode, "--processes=3", "--times", FOREVER)
        pids = started(process, 3)
        os.kill(pids[0], signal.SIGKILL)
        for pid in pids[1:]:
            os.kill(pid, signal.SIGTERM)
        process.ends(3, "")
        contains(process.err, f"(process {pids[0]}) was killed by signal 9", "before it was done")
        contains(process.err, f"(process {pids[2]}) was killed by signal 15")


@case
def others_go_on(box):
    """Whoever is killed, with the lock or without it, the others do their part."""

    def killed_in_time(mode, times):
        process = box.start("counter", mode, "--verbose", "--processes=3", f"--times={times}")
        pids = started(process, 3)
        try:
            os.kill(pids[0], signal.SIGSTOP)
            os.kill(pids[0], signal.SIGKILL)
        except ProcessLookupError:
            pass
        if process.popen.wait(PATIENCE_S) == 0:  # it was done already
            return False
        process.ends(3, "")
        equal(process.err.count(f"added 1 to the value, {times} times"), 2, str(process))
        return True

    until(lambda: killed_in_time("--mode=lock-free", 1000000), "one is killed in time")
    until(lambda: killed_in_time("--mode=locked", 3000), "one is killed in time")


@case
def child_of_list_killed(box):
    """Both wait to print their next step, since nobody takes it."""
    for number in (signal.SIGKILL, signal.SIGTERM):
        ours, theirs = full_pipe()
        process = box.start("list", "--verbose", stdout=theirs)
        os.close(theirs)
        for pid in started(process, 2):
            os.kill(pid, number)
        equal(process.popen.wait(PATIENCE_S), 3, "exit status")
        os.close(ours)
        contains(process.err, "the appender (process", "the doubler (process", f"signal {number:d}")


def full_pipe():
    """A pipe that takes no more. Its ends, the reading one first."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    try:
        while True:
            os.write(theirs, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(theirs, True)
    return ours, theirs


LONG = (
    ("counter", "--times", FOREVER, "--processes=2"),
    ("counter", "--times", FOREVER, "--processes=2", "--mode=locked"),
    ("counter", "--times", FOREVER, "--processes=2", "--no-lock"),
    ("bank", "--repeat", FOREVER),
)


@case
def interrupted(box):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for arguments in LONG:
            process = box.start("--verbose", *arguments).says("started the")
            if number == signal.SIGINT:
                os.killpg(process.pid, number)  # as a terminal does
            else:
                process.kill(number)
            process.ends(-number)
    for number in (signal.SIGINT, signal.SIGTERM):
        ours, theirs = full_pipe()
        process = box.start("list", "--verbose", stdout=theirs)
        os.close(theirs)
        started(process, 2)
        process.kill(number)
        equal(process.popen.wait(PATIENCE_S), -number, "exit status")
        os.close(ours)


@case
def stopped_child(box):
    for arguments in LONG[:2]:
        process = box.start("--verbose", *arguments)
        for pid in started(process, 2):
            os.kill(pid, signal.SIGSTOP)
        process.kill(signal.SIGINT).ends(-signal.SIGINT, "")


@case
def parent_killed(box):
    for arguments in LONG[:3]:
        process = box.start("--verbose", *arguments)
        pids = started(process, 2)
        os.kill(pids[1], signal.SIGSTOP)
        process.kill().ends(-signal.SIGKILL, "")
        for pid in pids:
            until(lambda pid=pid: is_gone(pid), "the child ends")


@case
def ignored_child_signals(box):
    """Whoever started it may ignore SIGCHLD, and that is inherited."""
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    box.start("squares", setup=ignore).ends(0, SQUARES)
    box.start("bank", setup=ignore).ends(0, "200\n")
    box.start("hello", setup=ignore).ends(0, "hello\n")


# ---- what can't be had ----


@case
def output_that_fails(box):
    for command in COMMANDS:
        with open("/dev/full", "wb") as full:
            process = box.start(command, stdout=full)
            equal(process.popen.wait(PATIENCE_S), 1, f"exit status of {process}")
            contains(process.err, "standard output: No space left on device")
        box.start(command, setup=lambda: os.close(1)).fails("standard output: Bad file descriptor")
        ours, theirs = os.pipe()
        os.close(ours)
        process = box.start(command, stdout=theirs)
        os.close(theirs)
        equal(process.popen.wait(PATIENCE_S), 1, f"exit status of {process}")
        contains(process.err, "standard output: Broken pipe")


@case
def too_many_open_files(box):
    for command in COMMANDS:
        errors = 0
        for most in range(4, 64):
            limit = lambda most=most: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            process = box.start(command, setup=limit)
            status = process.popen.wait(PATIENCE_S)
            if status == 0:
                break
            if "channel-demo: cannot" in process.err:  # else it did not even start
                equal(status, 1, f"exit status of {process}")
                contains(process.err, "Too many open files")
                errors += 1
        equal(status, 0, f"exit status of {process}")
        if errors == 0:
            raise AssertionError("no limit was too low")


@case
def no_memory_for_objects(box):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
    for command in COMMANDS:
        box.start(command, setup=limit).fails("cannot create a", "posix_fallocate: File too large")


@case
def nothing_is_left(box):
    """In a /dev/shm of its own, which must be empty after every command."""
    script = 'mount -t tmpfs none /dev/shm || exit 99; unset SEAM_DIR; "$@" >/dev/null; s=$?; '
    script += "ls -A /dev/shm; exit $s"
    prefix = ("unshare", "-Urm", "sh", "-c", script, "sh")
    try:
        allowed = subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise Skip("no unshare here") from None
    if allowed.returncode != 0:
        raise Skip("no mounting in a user namespace here")
    for command in COMMANDS:
        box.start(command, prefix=prefix).ends(0, "")


if __name__ == "__main__":
    sys.exit(main())
