# SPDX-License-Identifier: MIT
"""What the tests of seam, the tool, share; see demo_support.py."""
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios

from demo_support import contains, equal, until


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

    def _read(self):
        """Takes what has been written. Returns whether there was something."""
        if not select.select([self.master], [], [], 0)[0]:
            return False
        try:
            text = os.read(self.master, 65536)
        except OSError:  # it has ended, and closed its side
            return False
        self.seen += text.decode(errors="replace")
        return True

    def shows(self, *parts):
        """Waits until all of these have been written since the last time."""

        def look():
            self._read()
            return all(part in self.seen for part in parts)

        until(look, f"the terminal shows {parts}; so far {self.seen!r}")
        self.seen = ""

    def types(self, text):
        os.write(self.master, text.encode())

    def ends(self, status):
        def look():
            self._read()
            return self.popen.poll() is not None

        until(look, "it ends")
        while self._read():
            pass
        os.close(self.master)
        equal(self.popen.returncode, status, "exit status")
