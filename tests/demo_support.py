# SPDX-License-Identifier: MIT
"""What the tests of channel-demo share: THE_TEST.py PATH_OF_CHANNEL_DEMO [CASE...]

Every case has a directory of its own for shared memory (SEAM_DIR) that must be empty at its end,
and no process may be left. Nothing is timed: the cases wait for conditions.
"""
import ctypes
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

PATIENCE_S = 60
CASES = []


class Skip(Exception):
    """The machine does not allow what the case needs."""


def case(function):
    CASES.append(function)
    return function


def until(condition, what):
    """Waits until condition() is true, and returns what it returned."""
    end = time.monotonic() + PATIENCE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.005)


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: got {short(got)}, wanted {short(wanted)}")


def short(value):
    text = repr(value)
    return text if len(text) < 800 else text[:400] + " ... " + text[-400:]


def contains(text, *parts):
    for part in parts:
        if str(part) not in text:
            raise AssertionError(f"{part!r} is not in {short(text)}")


class Process:
    """One channel-demo. Its output goes to files, so that it can be looked at any time."""

    def __init__(self, box, arguments, stdin=None, stdout=None, setup=None, prefix=()):
        number = len(box.processes)
        self.arguments = arguments
        self.out_path = os.path.join(box.work, f"out{number}")
        self.err_path = os.path.join(box.work, f"err{number}")
        self.in_path = os.path.join(box.work, f"in{number}")
        source = subprocess.DEVNULL
        if stdin == "pipe":
            source = subprocess.PIPE
        elif stdin is not None:
            with open(self.in_path, "wb") as file:
                file.write(stdin if isinstance(stdin, bytes) else stdin.encode())
            source = open(self.in_path, "rb")
        target = stdout if stdout is not None else open(self.out_path, "wb")
        with open(self.err_path, "wb") as errors:
            try:
                self.popen = subprocess.Popen(
                    [*prefix, *box.program, *arguments],
                    stdin=source,
                    stdout=target,
                    stderr=errors,
                    env=box.environment,
                    preexec_fn=lambda: prepare_child(setup),
                    start_new_session=True,
                )
            finally:
                if stdout is None:
                    target.close()
                if stdin not in (None, "pipe"):
                    source.close()
        box.processes.append(self)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def raw(self):
        with open(self.out_path, "rb") as file:
            return file.read()

    @property
    def out(self):
        return self.raw.decode()

    @property
    def err(self):
        with open(self.err_path, "r", errors="replace") as file:
            return file.read()

    def feed(self, text):
        self.popen.stdin.write(text.encode())
        self.popen.stdin.flush()

    def end_input(self):
        self.popen.stdin.close()

    def says(self, part):
        """Waits until standard error has this in it."""

        def look():
            if part in self.err:
                return True
            if self.popen.poll() is not None and part not in self.err:
                raise AssertionError(f"{self} ended without saying {part!r}")
            return False

        until(look, f"{self} says {part!r}")
        return self

    def prints(self, text):
        """Waits until standard output is this."""
        until(lambda: self.out == text or self.popen.poll() is not None, f"{self} prints {text!r}")
        equal(self.out, text, str(self))
        return self

    def kill(self, number=signal.SIGKILL):
        self.popen.send_signal(number)
        return self

    def ends(self, status=0, out=None):
        try:
            got = self.popen.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} does not end") from None
        equal(got, status, f"exit status of {self}")
        if out is not None:
            equal(self.out, out, f"output of {self}")
        return self

    def fails(self, *parts):
        """Ends with status 1, nothing printed, and an error that names these parts."""
        self.ends(1, "")
        contains(self.err, "channel-demo", *parts)
        return self

    def writer_pid(self):
        """The child of a pair that runs with --verbose."""
        self.says("writer: opened")
        return int(re.search(r"started the writer, process (\d+)", self.err).group(1))

    def __str__(self):
        words = " ".join(shlex.quote(a if len(a) < 60 else a[:57] + "...") for a in self.arguments)
        said = ""
        if os.path.exists(self.err_path) and self.err:
            said = f" (said {short(self.err)})"
        return f"channel-demo {words}{said}"


def prepare_child(setup):
    # Where the tests are started with `&`, Ctrl-C is ignored, and that is inherited.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if setup is not None:
        setup()


class Box:
    """What one case works in."""

    def __init__(self, program):
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.program = program
        self.work = tempfile.mkdtemp(prefix="demo-test-")
        self.dir = tempfile.mkdtemp(prefix="demo-test-", dir=shm)
        self.environment = dict(os.environ, SEAM_DIR=self.dir, LC_ALL="C")
        self.processes = []

    def start(self, *arguments, **how):
        return Process(self, arguments, **how)

    def run(self, *arguments, **how):
        """Runs it to its end, which is success."""
        return self.start(*arguments, **how).ends()

    def path(self, name):
        return os.path.join(self.dir, name)

    def empty(self):
        equal(os.listdir(self.dir), [], "left in the directory")

    def close(self):
        """@return what is wrong"""
        wrong = []
        for process in self.processes:
            if process.popen.stdin is not None:
                try:
                    process.popen.stdin.close()
                except BrokenPipeError:
                    pass
            if process.popen.poll() is None:
                wrong.append(f"still running: {process}")
                process.popen.kill()
                process.popen.wait()
        wrong += self.reap_orphans()
        left = os.listdir(self.dir)
        if left:
            wrong.append(f"left in the directory: {left}")
        shutil.rmtree(self.dir)
        shutil.rmtree(self.work)
        return wrong

    def reap_orphans(self):
        """Children of children come to us when their parent dies without having waited."""
        wrong = []
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return wrong
            if pid != 0:
                wrong.append("a child outlived its parent")
            time.sleep(0.005 if pid == 0 else 0)
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return wrong + ["a child that outlived its parent does not end"]


def children(parent):
    """The process ids of a process's children."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "r", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[1]) == parent:
            found.append(int(name))
    return found


def is_gone(pid):
    """Whether an orphan has ended; reaps it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # somebody else has adopted it
        return not os.path.exists(f"/proc/{pid}")


def adopt_orphans():
    """Processes whose parent dies become children of this one."""
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run_case(function, program):
    """@return None, or what went wrong"""
    box = Box(program)
    wrong = []
    skipped = None
    try:
        function(box)
    except Skip as reason:
        skipped = reason
    except AssertionError as error:
        wrong.append(str(error))
    except Exception:  # pylint: disable=broad-except
        wrong.append(traceback.format_exc())
    wrong += box.close()
    if skipped is not None and not wrong:
        print(f"skip {function.__name__}: {skipped}", flush=True)
        return "skipped"
    verdict = "not ok" if wrong else "ok"
    print(f"{verdict} {function.__name__}", *wrong, sep="\n  ", flush=True)
    return "failed" if wrong else "passed"


def main():
    program = shlex.split(os.environ.get("MESON_EXE_WRAPPER", "")) + [os.path.abspath(sys.argv[1])]
    adopt_orphans()
    results = []
    for function in CASES:
        if len(sys.argv) == 2 or function.__name__ in sys.argv[2:]:
            results.append(run_case(function, program))
    print(f"{results.count('passed')} passed, {results.count('failed')} failed")
    return 1 if "failed" in results else 0
