/* SPDX-License-Identifier: MIT */
/*
 * Turns are numbers: ping stores the odd ones, pong the even ones. Relaxed throughout: no data goes
 * with the word. Pong need not care for LIMIT_BROKEN, it dies with its parent.
 */
#include "limits.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "memory/atomic.h"

void futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT, expected, NULL, NULL, 0);
}

void futex_wake_one(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* How many round trips stay on one line: enough that moving on is not seen in the median. */
#define STAY 100

static inline _Atomic uint32_t *line_of(struct limit_line *lines, size_t trip)
{
    return &lines[trip / STAY % LIMIT_LINES].turn;
}

/** Without a pause instruction: that would only make the limit slower. */
static inline bool spin_until(_Atomic uint32_t *word, uint32_t wanted)
{
    uint32_t seen;
    while ((seen = load_relaxed(word)) != wanted) {
        if (seen == LIMIT_BROKEN) {
            return false;
        }
    }
    return true;
}

/** Sleeps first and looks then: whoever is faster than that has not slept. */
static inline bool sleep_while(_Atomic uint32_t *word, uint32_t old)
{
    do {
        futex_wait(word, old);
    } while (load_relaxed(word) == old);
    return load_relaxed(word) != LIMIT_BROKEN;
}

void limit_reset(struct limit_line *lines)
{
    for (size_t i = 0; i < LIMIT_LINES; i++) {
        store_relaxed(&lines[i].turn, 0);
    }
}

void limit_break(struct limit_line *lines)
{
    for (size_t i = 0; i < LIMIT_LINES; i++) {
        store_relaxed(&lines[i].turn, LIMIT_BROKEN);
    }
}

bool line_ping(struct limit_line *lines, size_t count, int64_t *ret_samples_ns)
{
    int64_t before = now_ns();
    for (size_t i = 0; i < count; i++) {
        _Atomic uint32_t *word = line_of(lines, i);
        uint32_t turn = (uint32_t)(2 * i + 1);
        store_relaxed(word, turn);
        if (!spin_until(word, turn + 1)) {
            return false;
        }
        int64_t now = now_ns();
        ret_samples_ns[i] = now - before;
        before = now;
    }
    return true;
}

void line_pong(struct limit_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        _Atomic uint32_t *word = line_of(lines, i);
        uint32_t turn = (uint32_t)(2 * i + 1);
        (void)spin_until(word, turn);
        store_relaxed(word, turn + 1);
    }
}

bool futex_ping(struct limit_line *lines, size_t count, int64_t *ret_samples_ns)
{
    _Atomic uint32_t *word = &lines[0].turn;
    int64_t before = now_ns();
    for (size_t i = 0; i < count; i++) {
        uint32_t turn = (uint32_t)(2 * i + 1);
        store_relaxed(word, turn);
        futex_wake_one(word);
        if (!sleep_while(word, turn)) {
            return false;
        }
        int64_t now = now_ns();
        ret_samples_ns[i] = now - before;
        before = now;
    }
    return true;
}

void futex_pong(struct limit_line *lines, size_t count)
{
    _Atomic uint32_t *word = &lines[0].turn;
    for (size_t i = 0; i < count; i++) {
        uint32_t turn = (uint32_t)(2 * i);
        (void)sleep_while(word, turn);
        store_relaxed(word, turn + 2);
        futex_wake_one(word);
    }
}
