#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests seam, the tool, as a person would use it: what there is, and clearing up."""
import json
import os
import resource
import signal
import struct
import sys

from demo_support import case, children, contains, equal, is_gone, main, until
from tool_support import fails, refuses, stat, subscriber, who


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
    refuses(box, "create", "--kind=lock", "--capacity=4k", "a", says=["--capacity means nothing to a lock"])
    refuses(box, "create", "--kind=list", "--type=int8", "a", says=["--type means nothing to a list"])
    refuses(box, "sub", "--latest", "--durable=g", "a", says=["--latest"])
    refuses(box, "sub", "--bad", "a", says=["seam: unrecognized option"])
    for owner in ("nobody-of-that-name", "4294967296", "-1", ""):
        refuses(box, "sub", f"--owner={owner}", "a", says=["there is no user"])
    fails(box.start("create", "a/b"), "it is no name")
    fails(box.start("pub", "missing"), "missing", "no such name")
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
    box.run("ls", "--names").ends(0, "level\nnames\nnews\ntable\nturn\n")
    equal(kinds["table"]["type"], "int32")
    equal(kinds["table"]["length"], 10)
    equal(kinds["names"]["element_bytes"], 20)
    equal(kinds["level"]["type"], "double")
    equal(kinds["turn"]["permissions"], "0640")
    equal(kinds["news"]["capacity"], 65536)
    contains(box.run("stat", "news").out, "overwrite", "at most 100 bytes", "idle")
    elsewhere = os.path.join(box.work, "elsewhere")
    os.mkdir(elsewhere)
    for dir in (["--dir", elsewhere], ["-d", elsewhere], [f"--dir={elsewhere}"]):
        equal(box.run(*dir, "ls", "--names").out, "")
        equal(box.run("ls", "--names", *dir).out, "")
    fails(box.start("create", "news"), "the name is taken")
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


# ---- clearing up ----


@case
def what_is_in_use_stays(box):
    box.run("create", "used")
    box.run("create", "idle")
    os.mkdir(box.path(".seam-half"), 0o700)
    reader = subscriber(box, "used")
    fails(box.start("rm", "used"), "in use", "--force")
    box.run("create", "--cursor=group", "unread")
    box.run("pub", "unread", stdin="one\ntwo\n")
    contains(box.run("gc", "--dry-run").out, "would remove unread: nobody has it open; 2 messages were not received")
    box.run("rm", "unread")
    contains(box.run("gc", "--dry-run").out, "would remove idle", "would remove half", "killed")
    equal(len(os.listdir(box.dir)), 3)
    box.run("gc")
    equal(os.listdir(box.dir), ["used"])
    box.run("gc").ends(0, "")
    box.run("rm", "--force", "used")
    fails(box.start("rm", "used"), "no such name")
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
    process = box.start("doctor", "missing", "whole")
    fails(process, "missing", "no such name")
    equal(process.out, "OK    whole is whole\n", "the next one is looked at all the same")
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
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    box.start("bench", "--seconds=1000", setup=few).ends(1)
    long = box.start("bench", "--seconds=1000")
    until(lambda: len(children(long.pid)) == 2, "both processes are there")
    long.kill(signal.SIGINT).ends(-signal.SIGINT, "")
    killed = box.start("bench", "--seconds=1000")
    orphans = until(lambda: children(killed.pid) if len(children(killed.pid)) == 2 else None, "they are there")
    killed.kill().ends(-signal.SIGKILL)
    for orphan in orphans:
        until(lambda pid=orphan: is_gone(pid), "the children end, too")


if __name__ == "__main__":
    sys.exit(main())
