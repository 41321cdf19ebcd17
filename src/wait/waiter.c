/* SPDX-License-Identifier: MIT */
#include "wait/waiter.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "wait/barrier.h"
#include "wait/futex.h"

/*
 * What a wake-up costs: the time until the sleeper runs, some microseconds on bare metal and some
 * tens on a virtual machine, and about as much again in system calls of both sides. Begins with the
 * latter, and learns with every sleep in this process, slowly, so that none matters much.
 */
#define PRICE_BEGIN_NS INT64_C(50000)
#define PRICE_LEAST_NS INT64_C(5000)
#define PRICE_MOST_NS INT64_C(200000)
#define PRICE_SLOWNESS 8
/* Who took longer than that had to wait for a CPU. */
#define PRICE_OUTLIER_NS INT64_C(1000000)
/* Where it does not pay, this much is still spent before a sleep; and all of it every so often. */
#define SPIN_LEAST_NS INT64_C(3000)
#define PROBE_EVERY 32
/* Where the other side may need this very CPU, it gets it so often. */
#define YIELD_NS INT64_C(50000)
/* How often a spinning waiter asks whether there is hope: that may be a system call. */
#define HOPE_NS INT64_C(2000000)
/* Changed by every thread that was woken, read by those that begin to spin: any of its values will
 * do. */
static _Atomic int64_t price_ns = PRICE_BEGIN_NS;

int64_t seam_wake_price_ns(void)
{
    return load_relaxed(&price_ns);
}

void seam_wake_price_learn(int64_t slept_ns, uint64_t woken_ns, int64_t now_ns)
{
    /* Not believed: it comes from others, and may be of another wake-up. */
    if (woken_ns < (uint64_t)slept_ns || woken_ns > (uint64_t)now_ns ||
        (uint64_t)now_ns - woken_ns > (uint64_t)PRICE_OUTLIER_NS) {
        return;
    }
    int64_t price = load_relaxed(&price_ns);
    price += (2 * (int64_t)((uint64_t)now_ns - woken_ns) - price) / PRICE_SLOWNESS;
    price = price < PRICE_LEAST_NS ? PRICE_LEAST_NS : price > PRICE_MOST_NS ? PRICE_MOST_NS : price;
    store_relaxed(&price_ns, price);
}

/** Spinning is of no use where the other side needs the CPU that we spin on. */
static bool may_spin(void)
{
    return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/** With one CPU allowed the peer is likely on it: only try now and then whether it is not. */
static bool is_confined(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 && CPU_COUNT(&allowed) == 1;
}

void seam_waiter_init(struct seam_waiter *waiter, enum seam_wait strategy)
{
    *waiter = (struct seam_waiter){.strategy = strategy, .may_spin = may_spin()};
    waiter->yields = is_confined();
    if (waiter->may_spin && !waiter->yields) {
        waiter->spin_ns = seam_wake_price_ns();
        waiter->least_ns = SPIN_LEAST_NS;
    }
    if (strategy == SEAM_WAIT_SPIN && !waiter->may_spin) {
        waiter->strategy = SEAM_WAIT_SLEEP;
    }
}

/** Spins to @p until_ns. @return 0: ready; -EAGAIN: time is up; or what recheck() said */
static int spin(const struct seam_waiter *waiter, const struct seam_wait_for *what,
                int64_t until_ns)
{
    int64_t now = seam_now_ns();
    int64_t ask_at = now + HOPE_NS;
    int64_t yield_at = waiter->yields ? now + YIELD_NS : INT64_MAX;
    do {
        for (int i = 0; i < SEAM_LOOKS; i++) {
            if (what->ready(what->context)) {
                return 0;
            }
            seam_own_more_lines();
            cpu_relax();
        }
        now = seam_now_ns();
        if (now >= ask_at) {
            int verdict = what->recheck(what->context, true);
            if (verdict != 0) {
                return verdict;
            }
            ask_at = now + HOPE_NS;
        }
        if (now >= yield_at) {
            (void)sched_yield(); /* the other side may need this very CPU */
            yield_at = now + YIELD_NS;
        }
    } while (now < until_ns);
    return -EAGAIN;
}

/**
 * Spins as long as it lately paid: all the way after a success, half as long after each failure.
 * Every so often it tries in full all the same; two sides that both sleep too early would otherwise
 * never find out that they could meet.
 */
static int spin_adaptively(struct seam_waiter *waiter, const struct seam_wait_for *what,
                           int64_t deadline_ns)
{
    bool probe = waiter->may_spin && ++waiter->waits % PROBE_EVERY == 0;
    if (waiter->spin_ns == 0 && !probe) {
        return -EAGAIN;
    }
    int64_t until = seam_deadline_in_ns(probe ? seam_wake_price_ns() : waiter->spin_ns);
    int result = spin(waiter, what, until < deadline_ns ? until : deadline_ns);
    if (result == 0) {
        waiter->spin_ns = seam_wake_price_ns();
    } else if (result == -EAGAIN) {
        waiter->spin_ns /= 2;
        waiter->spin_ns = waiter->spin_ns < waiter->least_ns ? waiter->least_ns : waiter->spin_ns;
    }
    return result;
}

/** One slice of sleep. @return 0: ready; -EAGAIN: look again; or what recheck() said */
static int sleep_once(struct seam_waiter *waiter, const struct seam_wait_for *what,
                      int64_t deadline_ns)
{
    uint32_t raised = seam_want(what->flag); /* S1 */
    if (!seam_barrier_heavy()) {             /* S2, pairs with P2 in seam_barrier_light */
        store_relaxed(what->fences, 1);
    }
    if (what->ready(what->context)) { /* S3 */
        return 0;
    }
    int verdict = what->recheck(what->context, false);
    if (verdict != 0) {
        return verdict;
    }
    waiter->sleeps++;
    int64_t slept = seam_now_ns();
    seam_futex_wait(what->flag, raised, seam_slice_until(deadline_ns));
    if (what->woken_ns != NULL) {
        seam_wake_price_learn(slept, load_relaxed(what->woken_ns), seam_now_ns()); /* a hint */
    }
    if (what->ready(what->context)) {
        return 0;
    }
    verdict = what->recheck(what->context, true);
    return verdict != 0 ? verdict : -EAGAIN;
}

int seam_wait_on(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns)
{
    int result = -EAGAIN;
    if (waiter->strategy == SEAM_WAIT_SPIN) {
        result = spin(waiter, what, deadline_ns);
        if (result == -EAGAIN) { /* short waits end before anybody asked */
            result = what->recheck(what->context, true);
            result = result == 0 ? -ETIMEDOUT : result;
        }
        return result;
    }
    if (waiter->strategy == SEAM_WAIT_ADAPTIVE) {
        result = spin_adaptively(waiter, what, deadline_ns);
    }
    while (result == -EAGAIN) {
        if (seam_now_ns() >= deadline_ns) {
            /* Who always comes with a deadline that has passed is also told what there is to know.
             */
            result = what->recheck(what->context, false);
            return result == 0 ? -ETIMEDOUT : result;
        }
        if (what->sleep != NULL) {
            result = what->sleep(what->context, deadline_ns);
            waiter->sleeps++;
        } else {
            result = sleep_once(waiter, what, deadline_ns);
        }
    }
    return result;
}
