/* SPDX-License-Identifier: MIT */
/*
 * What the machine itself can do: the least that a round trip between two processes costs, without
 * any payload, and so what seam is compared with.
 */
#ifndef SEAM_BENCH_LIMITS_H
#define SEAM_BENCH_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Any number of lines; only the first word of each pair of cache lines is used. */
#define LIMIT_LINES 64

struct limit_line {
    _Alignas(128) _Atomic uint32_t turn; /* also a futex */
};

/** What a wait for a turn ends with when the other side is dead; whoever finds out stores it. */
#define LIMIT_BROKEN UINT32_MAX

/**
 * One cache line goes there and back @p count times; both sides look at it all the time. Which
 * line that is changes every so often: where a line is at home decides much of what it costs to
 * move it (a third more or less on a mesh), and a channel's ring is at home everywhere.
 */
bool line_ping(struct limit_line *lines, size_t count, int64_t *ret_samples_ns);
void line_pong(struct limit_line *lines, size_t count);

/** Both sides sleep in the kernel until they are woken, every time. */
bool futex_ping(struct limit_line *lines, size_t count, int64_t *ret_samples_ns);
void futex_pong(struct limit_line *lines, size_t count);

/** Before each of them. */
void limit_reset(struct limit_line *lines);

/** Ends a ping that is waiting, or will. Safe in a signal handler. */
void limit_break(struct limit_line *lines);

/** The bare system calls, without a time-out. */
void futex_wait(_Atomic uint32_t *word, uint32_t expected);
void futex_wake_one(_Atomic uint32_t *word);

#endif
