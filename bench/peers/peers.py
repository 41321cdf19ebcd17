#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Python's multiprocessing for bench/peers, which starts it and asks for one block at a time.

A line "trip COUNT" or "stream COUNT" on standard input is answered with the nanoseconds that so many
messages took, there and back or one way; or with what is wrong. Ends with its input.

Usage: peers.py pipe|queue|array BYTES CPU OTHER_CPU
"""
import ctypes
import multiprocessing
import os
import signal
import sys
import time

fork = multiprocessing.get_context("fork")


def message(number, size):
    """All of its bytes follow from the number."""
    return number.to_bytes(8, "little") * (size // 8) + bytes(size % 8)


class Pipe:
    """Both ends sleep in the kernel."""

    def __init__(self, _size):
        self.reader, self.writer = fork.Pipe(duplex=False)

    def send(self, data):
        self.writer.send_bytes(data)

    def recv(self):
        return self.reader.recv_bytes()


class Queue:
    """With its thread that feeds the pipe."""

    def __init__(self, _size):
        self.queue = fork.Queue(1000)

    def send(self, data):
        self.queue.put(data)

    def recv(self):
        return self.queue.get()


class Array:
    """A ring of messages in an Array under its lock, and two counters; who waits looks again."""

    SLOTS = 64

    def __init__(self, size):
        self.size = size
        self.counts = fork.RawArray("q", 2)
        self.array = fork.Array(ctypes.c_char, size * self.SLOTS)

    def send(self, data):
        while True:
            with self.array.get_lock():
                if self.counts[0] - self.counts[1] < self.SLOTS:
                    at = self.counts[0] % self.SLOTS * self.size
                    self.array.get_obj()[at:at + self.size] = data
                    self.counts[0] += 1
                    return

    def recv(self):
        while True:
            with self.array.get_lock():
                if self.counts[0] > self.counts[1]:
                    at = self.counts[1] % self.SLOTS * self.size
                    data = self.array.get_obj()[at:at + self.size]
                    self.counts[1] += 1
                    return data


KINDS = {"pipe": Pipe, "queue": Queue, "array": Array}


def expect(data, number, size):
    if data != message(number, size):
        raise ValueError(f"message {number} is wrong")


def serve(cpu, size, orders, there, back):
    """The other process."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.sched_setaffinity(0, {cpu})
    number = 0
    while True:
        work, count = orders.recv()
        for number in range(number + 1, number + count + 1):
            expect(there.recv(), number, size)
            if work == "trip":
                back.send(message(number, size))
        orders.send(number)


def main():
    kind, size, here, cpu = KINDS[sys.argv[1]], *map(int, sys.argv[2:])
    there, back = kind(size), kind(size)
    orders, others = fork.Pipe()
    fork.Process(target=serve, args=(cpu, size, others, there, back), daemon=True).start()
    os.sched_setaffinity(0, {here})
    number = 0
    print("ready", flush=True)
    for line in sys.stdin:
        work, count = line.split()
        orders.send((work, int(count)))
        before = time.perf_counter_ns()
        for number in range(number + 1, number + int(count) + 1):
            there.send(message(number, size))
            if work == "trip":
                expect(back.recv(), number, size)
        if orders.recv() != number:
            raise ValueError("messages were lost")
        print(time.perf_counter_ns() - before, flush=True)


if __name__ == "__main__":
    main()
