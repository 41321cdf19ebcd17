/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a word that another process will change: spin, then sleep.
 *
 * Sleeps are cut into slices, because a peer may steal a wake-up or die: after each the waiter
 * looks again and asks whether going on makes sense. Knows nothing of what is waited for.
 */
#ifndef SEAM_WAIT_WAITER_H
#define SEAM_WAIT_WAITER_H

#include "memory/atomic.h"
#include "seam/wait.h"
#include "wait/futex.h"

/** Longest sleep without a look around. */
#define SEAM_SLICE_NS INT64_C(100000000)

/** How one handle waits; private to it. */
struct seam_waiter {
    enum seam_wait strategy;
    bool may_spin;     /* there is another CPU for the peer */
    bool yields;       /* but maybe not for this one: one CPU is allowed to it */
    int64_t spin_ns;   /* adaptive: how long to spin before the next sleep */
    int64_t least_ns;  /* adaptive: the least that this becomes */
    unsigned patience; /* pauses before the first look, see seam_hold_back */
    uint64_t waits;
    uint64_t sleeps;
};

/**
 * What this thread will write next, as far as known: while it waits, it asks for these cache lines.
 * Only an address for prefetching, which never faults, so it may be long unmapped.
 */
struct seam_lines {
    const uint8_t *at;
    uint64_t bytes;
};
extern _Thread_local struct seam_lines seam_next_lines __attribute__((tls_model("initial-exec")));

/** Asks for the first lines of what is written next. */
static inline void seam_own_next_lines(void)
{
    const uint64_t most = 2048;
    struct seam_lines next = seam_next_lines;
    uint64_t bytes = 64 + (next.bytes < most ? next.bytes : most);
    for (uint64_t i = 0; i < bytes; i += 64) {
        prefetch_own(next.at + i);
    }
}

/** Asks for a few lines of what is written next, and goes on behind them the next time. */
void seam_own_few_lines(void);

/**
 * Between two looks of a wait: a long message's lines take as long to come as its copy takes, so
 * they are asked for while there is nothing else to do.
 */
static inline void seam_own_more_lines(void)
{
    if (unlikely(seam_next_lines.bytes > 0)) {
        seam_own_few_lines();
    }
}

/* Some hundred nanoseconds: about what a message needs there and back. */
#define SEAM_PATIENCE_MOST 40
#define SEAM_PATIENCE_STEP 2

/**
 * Before the first look for something that had to be waited for the last times. Whoever polls a
 * line too early takes it from the peer, who then has to fetch it back in order to write: an
 * early look costs both a transfer. So this pauses for a time that it learns (see seam_learn), and
 * meanwhile takes the lines that this thread will write next, which the peer has read by now.
 */
static inline void seam_hold_back(const struct seam_waiter *waiter)
{
    for (unsigned i = 0; i < waiter->patience; i++) {
        cpu_relax();
        if (i % 4 == 3) {
            seam_own_next_lines();
        }
    }
}

/* Fewer are no stream: those who take turns look early now and then, too, see seam_learn. */
#define SEAM_STREAK_LEAST 8

/**
 * After @p streak messages in a row that were there at once, the next of which is not: lets about
 * as many gather before looking again, up to what SEAM_PATIENCE_MOST allows. So a stream is taken
 * in gulps, and the writer keeps the line that it is writing; while a single message is waited for
 * as ever.
 */
static inline bool seam_let_gather(const struct seam_waiter *waiter, uint64_t streak)
{
    if (streak < SEAM_STREAK_LEAST || waiter->strategy == SEAM_WAIT_SLEEP || !waiter->may_spin) {
        return false;
    }
    uint64_t pauses = streak < SEAM_PATIENCE_MOST / 2 ? 2 * streak : SEAM_PATIENCE_MOST;
    for (uint64_t i = 0; i < pauses; i++) {
        cpu_relax();
    }
    return true;
}

/* Looks at the clock between attempts that found nothing where something seemed to be. */
#define SEAM_ATTEMPTS_PER_LOOK 16

/**
 * Whether time is up after one more attempt in vain. What looks ready and is not, again and again,
 * must not keep a waiter from looking at the clock.
 */
static inline bool seam_is_late(unsigned *attempts, int64_t deadline_ns)
{
    return ++*attempts % SEAM_ATTEMPTS_PER_LOOK == 0 && seam_now_ns() >= deadline_ns;
}

/** What the first look has taught: a little longer next time if it was early, else less. */
static inline void seam_learn(struct seam_waiter *waiter, bool early)
{
    if (unlikely(early)) {
        if (waiter->patience < SEAM_PATIENCE_MOST && waiter->strategy != SEAM_WAIT_SLEEP &&
            waiter->may_spin) {
            waiter->patience += SEAM_PATIENCE_STEP;
        }
    } else if (unlikely(waiter->patience > 0)) {
        waiter->patience--;
    }
}

/** What is waited for. */
struct seam_wait_for {
    /** Whether it has happened; called very often. */
    bool (*ready)(void *context);
    /**
     * Asked now and then whether waiting makes sense; with a look at leases, which is a system
     * call, only if @p thorough. @return 0: go on; else the wait's result
     */
    int (*recheck)(void *context, bool thorough);
    _Atomic uint32_t *flag;     /* raised before a sleep; the other side clears it and wakes */
    _Atomic uint32_t *fences;   /* set where this process can't have the heavy barrier */
    _Atomic uint64_t *woken_ns; /* see seam_wake; or NULL */
    void *context;
    /**
     * One slice of sleep, where one flag is not enough, or NULL.
     * @return 0: ready; -EAGAIN: look again; or what recheck() would say
     */
    int (*sleep)(void *context, int64_t deadline_ns);
};

void seam_waiter_init(struct seam_waiter *waiter, enum seam_wait strategy);

/** What a wake-up costs on this machine, as far as this process has seen: so long does it pay to
 * spin. */
int64_t seam_wake_price_ns(void);

/** Somebody slept from @p slept_ns on, was woken at @p woken_ns and is awake at @p now_ns. */
void seam_wake_price_learn(int64_t slept_ns, uint64_t woken_ns, int64_t now_ns);

/** When a sleep that begins now has to end, at the latest. */
int64_t seam_slice_until(int64_t deadline_ns);

/** The part of a wait that follows the first spin. @return as seam_wait */
int seam_wait_on(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns);

/* Looks between two readings of the clock: about as long as reading it takes, several times. */
#define SEAM_LOOKS 64

/**
 * Waits. @p what is a constant at the call, so that its ready function is inlined into the
 * first and hottest round of spinning.
 * @return 0: it has happened; -ETIMEDOUT; or what recheck() said
 */
__attribute__((always_inline)) static inline int
seam_wait(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns)
{
    bool spins = waiter->strategy == SEAM_WAIT_SPIN ||
                 (waiter->strategy == SEAM_WAIT_ADAPTIVE && waiter->spin_ns > 0);
    int looks = spins ? SEAM_LOOKS : 1;
    for (int i = 0; i < looks; i++) {
        if (what->ready(what->context)) {
            return 0;
        }
        seam_own_more_lines();
        cpu_relax();
    }
    return seam_wait_on(waiter, what, deadline_ns);
}

/*
 * The flag of those who sleep is a futex of two parts: the lowest bit says that somebody wants to
 * be woken, the others count the wake-ups. A sleeper sleeps on the whole word as it was when it
 * raised the flag, before its last look. Without the count it could sleep through a wake-up for it,
 * where another one raises the flag again before it has fallen asleep:
 *
 *     sleeper A               publisher                  sleeper B
 *     raises the flag: 1
 *     looks: no news          news; flag is 1: clears
 *                             it, wakes nobody yet       raises the flag, looks: news
 *     sleeps while it is 1: the flag is B's, the news is there
 */
#define SEAM_WANTED 1U

/** S1: raises the flag. @return the word to sleep on */
static inline uint32_t seam_want(_Atomic uint32_t *flag)
{
    return or_relaxed(flag, SEAM_WANTED) | SEAM_WANTED; /* S2 follows */
}

/** P3: whether anybody wants to be woken; seam_barrier_light stands before. */
static inline bool seam_is_wanted(const _Atomic uint32_t *flag)
{
    return unlikely((load_relaxed(flag) & SEAM_WANTED) != 0);
}

/** Clears the flag and wakes all who sleep. */
void seam_wake_all(_Atomic uint32_t *flag, _Atomic uint64_t *ret_woken_ns);

/**
 * Clears a raised flag and wakes the sleepers: the other half, called after a light barrier.
 * Level-triggered: however many messages come, one sleeper is one flag and one wake-up.
 * @param ret_woken_ns  NULL, or where the sleepers learn when this was, and so what it costs
 */
static inline bool seam_wake(_Atomic uint32_t *flag, _Atomic uint64_t *ret_woken_ns)
{
    if (!seam_is_wanted(flag)) {
        return false;
    }
    seam_wake_all(flag, ret_woken_ns);
    return true;
}

#endif
