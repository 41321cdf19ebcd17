#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The multiprocessing side of bench/objects, which starts it and asks for one operation at a time.

A line "OPERATION COUNT" on standard input is answered with "NANOSECONDS THERE": what so many of
them took, and how many another process did meanwhile; or with what is wrong. Ends with its input.

Usage: objects.py CPU OTHER_CPU
"""
import ctypes
import gc
import multiprocessing
import multiprocessing.managers
import os
import signal
import sys
import time

LENGTH = 1000
fork = multiprocessing.get_context("fork")
clock = time.perf_counter_ns


def settle(cpu):
    """Pins a child, which dies with this process; the socket is not the child's to keep open."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.sched_setaffinity(0, {cpu})
    os.dup2(2, 1)


def expect(right, what):
    if not right:
        raise AssertionError(what)


class Value:
    """A value with its lock."""

    def __init__(self):
        self.value = fork.Value("q", 0)

    def total(self):
        return self.value.value

    def add(self, count):
        value = self.value
        before = clock()
        for _ in range(count):
            with value.get_lock():
                value.value += 1
        return clock() - before

    def load(self, count):
        value = self.value
        before = clock()
        for _ in range(count):
            value.value
        return clock() - before


class Lock:
    """A lock, and a number under it."""

    def __init__(self):
        self.lock = fork.Lock()
        self.number = fork.RawValue("q", 0)

    def total(self):
        return self.number.value

    def empty(self, count):
        lock = self.lock
        before = clock()
        for _ in range(count):
            lock.acquire()
            lock.release()
        return clock() - before

    def turn(self, count):
        lock, number = self.lock, self.number
        before = clock()
        for _ in range(count):
            with lock:
                number.value += 1
        return clock() - before


class Array:
    """An array with its lock. The numbers 1, 2, 3 ... go to the elements in turn, round and round."""

    def __init__(self):
        self.array = fork.Array("q", [LENGTH, *range(1, LENGTH)])
        self.written = LENGTH

    def total(self):
        return max(self.array[:]) - LENGTH

    def right(self, copy):
        newest = max(copy)
        return all(element == newest - (newest - i) % LENGTH for i, element in enumerate(copy))

    def get(self, count):
        array = self.array
        index = 0
        before = clock()
        for _ in range(count):
            array[index]
            index = index + 1 if index + 1 < LENGTH else 0
        return clock() - before

    def set(self, count):
        array, number = self.array, self.written
        before = clock()
        for number in range(number + 1, number + count + 1):
            array[number % LENGTH] = number
        ns = clock() - before
        self.written = number
        return ns

    def add(self, count):
        array = self.array
        sum_before = sum(array[:])
        index = 0
        before = clock()
        for _ in range(count):
            with array.get_lock():
                array[index] += 1
            index = index + 1 if index + 1 < LENGTH else 0
        ns = clock() - before
        expect(sum(array[:]) == sum_before + count, "the sum is wrong")
        return ns

    def two(self, count):
        array = self.array
        before = clock()
        for number in range(count):
            with array.get_lock():
                array[0] = number
                array[LENGTH - 1] = -number
        ns = clock() - before
        expect(array[0] == -array[LENGTH - 1] == count - 1, "the two elements are wrong")
        return ns

    def snapshot(self, count):
        array = self.array
        before = clock()
        for _ in range(count):
            copy = array[:]
        ns = clock() - before
        expect(self.right(copy), "the snapshot is not of one moment")
        return ns


class List:
    """A manager's list; this process is a client.

    Both run on the same CPU: waking a process on another one takes several times as long.
    """

    def __init__(self, cpu):
        self.manager = multiprocessing.managers.SyncManager(ctx=fork)
        self.manager.start(settle, (cpu,))
        self.list = self.manager.list()

    def refill(self, length):
        self.list[:] = range(length)

    def append(self, count):
        shared = self.list
        self.refill(0)
        before = clock()
        for number in range(count):
            shared.append(number)
        ns = clock() - before
        expect(shared[:] == list(range(count)), "the appended elements are wrong")
        return ns

    def get(self, count):
        shared = self.list
        self.refill(LENGTH)
        index = 0
        before = clock()
        for _ in range(count):
            number = shared[index]
            index = index + 1 if index + 1 < LENGTH else 0
        ns = clock() - before
        expect(number == (count - 1) % LENGTH, "the element is wrong")
        return ns

    def snapshot(self, count):
        shared = self.list
        self.refill(LENGTH)
        before = clock()
        for _ in range(count):
            copy = shared[:]
        ns = clock() - before
        expect(copy == list(range(LENGTH)), "the snapshot is wrong")
        return ns

    def insert(self, count):
        shared = self.list
        self.refill(LENGTH)
        before = clock()
        for number in range(count):
            shared.insert(0, number)
        ns = clock() - before
        expect(shared[:] == [*range(count - 1, -1, -1), *range(LENGTH)], "the list is wrong")
        return ns


class Peer:
    """Another process that does one thing all the time while this one does its part."""

    def __init__(self, cpu, operation):
        self.stop = fork.RawValue("b", 0)
        self.pipe, theirs = fork.Pipe()
        self.process = fork.Process(target=self.serve, args=(cpu, operation, theirs), daemon=True)
        self.process.start()

    def serve(self, cpu, operation, pipe):
        settle(cpu)
        while True:
            pipe.recv()
            count = 0
            while not self.stop.value:
                operation(16)
                count += 16
            pipe.send(count)

    def measure(self, total, operation, count, own):
        """What `count` operations took, and what the peer did meanwhile."""
        self.stop.value = 0
        first = before = total()
        self.pipe.send("go")
        while before == first:
            before = total()
            os.sched_yield()
        before = total()
        ns = operation(count)
        there = total() - before - (0 if own else count)
        self.stop.value = 1
        made = self.pipe.recv() + (0 if own else count)
        expect(total() - first == made, "the sum is wrong")
        return ns, there


def operations(here, there):
    """Names, and what measures them. Children are made before this process pins itself."""
    value, lock, array, own = Value(), Lock(), Array(), Array()
    two_add, two_turn, sets = Value(), Lock(), Array()
    adder, turner = Peer(there, two_add.add), Peer(there, two_turn.turn)
    setter, shared = Peer(there, sets.set), List(here)
    os.sched_setaffinity(0, {here})

    def counted(of, operation):
        def measure(count):
            before = of.total()
            ns = operation(count)
            expect(of.total() - before == count, "the sum is wrong")
            return ns
        return measure

    return {
        "value_add": counted(value, value.add),
        "value_load": value.load,
        "value_two": lambda count: adder.measure(two_add.total, two_add.add, count, False),
        "lock": lock.empty,
        "lock_two": lambda count: turner.measure(two_turn.total, two_turn.turn, count, False),
        "array_get": array.get,
        "array_set": counted(array, array.set),
        "array_add": own.add,
        "array_transaction": own.two,
        "array_snapshot": array.snapshot,
        "array_busy": lambda count: setter.measure(sets.total, sets.snapshot, count, True),
        "list_append": shared.append,
        "list_get": shared.get,
        "list_snapshot": shared.snapshot,
        "list_insert": shared.insert,
    }


def main():
    known = operations(int(sys.argv[1]), int(sys.argv[2]))
    gc.disable()
    print("ready", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        try:
            answer = known[name](int(count))
            ns, there = answer if isinstance(answer, tuple) else (answer, 0)
            print(ns, there, flush=True)
        except AssertionError as fault:
            print(fault, flush=True)


main()
