/* SPDX-License-Identifier: MIT */
/* The public calls of locks: turns, refusals, deadlines, and locks for the length of a block. */
#include "unit.h"

#include <pthread.h>
#include <semaphore.h>

TestSuite(lock, .init = test_begin, .fini = test_end);

static const enum seam_wait strategies[] = {SEAM_WAIT_ADAPTIVE, SEAM_WAIT_SPIN, SEAM_WAIT_SLEEP};

static struct seam_lock *new_lock(enum seam_wait wait)
{
    const struct seam_lock_options options = {.wait = wait};
    struct seam_lock *lock = NULL;
    int error = seam_lock_create(NULL, &options, &lock);
    cr_assert_eq(error, 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return lock;
}

static struct seam_lock *once_more(const struct seam_lock *other, enum seam_wait wait)
{
    const struct seam_lock_options options = {.wait = wait};
    struct seam_lock *lock = NULL;
    int error = seam_lock_reopen(other, &options, &lock);
    cr_assert_eq(error, 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return lock;
}

Test(lock, is_taken_and_given_back)
{
    struct seam_lock *lock = new_lock(SEAM_WAIT_ADAPTIVE);
    struct seam_lock *other = once_more(lock, SEAM_WAIT_ADAPTIVE);
    struct seam_lock *turns[] = {lock, other};
    for (int i = 0; i < 100; i++) {
        struct seam_lock *mine = turns[i % 2], *others = turns[(i + 1) % 2];
        cr_expect_eq(seam_lock_owner(others), 0);
        int error = i % 3 == 0   ? seam_lock_lock(mine)
                    : i % 3 == 1 ? seam_lock_try_lock(mine)
                                 : seam_lock_lock_until(mine, INT64_MIN + i);
        cr_expect_eq(error, 0, "it is free, so no deadline is too early: %d", error);
        cr_expect_eq(seam_lock_owner(others), getpid());
        cr_expect_eq(seam_lock_owner(mine), getpid());
        cr_expect_eq(seam_lock_unlock(mine), 0);
    }
    seam_lock_close(other);
    seam_lock_close(lock);
}

Test(lock, taking_it_twice_is_an_error_not_a_hang)
{
    for (size_t i = 0; i < 3; i++) {
        struct seam_lock *lock = new_lock(strategies[i]);
        struct seam_lock *other = once_more(lock, strategies[i]);
        int64_t later = seam_deadline_in_ns(INT64_C(1000000000) * TEST_HANG_S);
        cr_assert_eq(seam_lock_lock(lock), 0);
        for (int again = 0; again < 3; again++) {
            cr_expect_eq(seam_lock_lock(lock), -EDEADLK);
            cr_expect_eq(seam_lock_try_lock(lock), -EDEADLK);
            cr_expect_eq(seam_lock_lock_until(lock, later), -EDEADLK);
            cr_expect_eq(seam_lock_lock_until(lock, 0), -EDEADLK);
            cr_expect_eq(seam_lock_lock(other), -EDEADLK, "the same thread");
            cr_expect_eq(seam_lock_lock_until(other, later), -EDEADLK, "the same thread");
            cr_expect_eq(seam_lock_try_lock(other), -EDEADLK, "the same thread");
        }
        cr_expect_eq(seam_lock_lock_until(other, 0), -EDEADLK, "the same thread");
        cr_expect_eq(seam_lock_unlock(other), -EPERM, "not through this handle");
        cr_expect_eq(seam_lock_unlock(lock), 0, "the refusals have changed nothing");
        cr_expect_eq(seam_lock_lock(other), 0);
        cr_expect_eq(seam_lock_lock(lock), -EDEADLK);
        cr_expect_eq(seam_lock_unlock(other), 0);
        seam_lock_close(other);
        seam_lock_close(lock);
    }
}

Test(lock, two_locks_are_two)
{
    struct seam_lock *one = new_lock(SEAM_WAIT_ADAPTIVE), *two = new_lock(SEAM_WAIT_ADAPTIVE);
    cr_expect_eq(seam_lock_lock(one), 0);
    cr_expect_eq(seam_lock_lock(two), 0);
    cr_expect_eq(seam_lock_unlock(one), 0);
    cr_expect_eq(seam_lock_owner(two), getpid());
    cr_expect_eq(seam_lock_unlock(one), -EPERM);
    cr_expect_eq(seam_lock_unlock(two), 0);
    seam_lock_close(one);
    seam_lock_close(two);
}

Test(lock, only_who_has_it_gives_it_back)
{
    struct seam_lock *lock = new_lock(SEAM_WAIT_ADAPTIVE);
    cr_expect_eq(seam_lock_unlock(lock), -EPERM, "nobody has it");
    cr_assert_eq(seam_lock_lock(lock), 0);
    cr_expect_eq(seam_lock_unlock(lock), 0);
    cr_expect_eq(seam_lock_unlock(lock), -EPERM, "twice");
    seam_lock_close(lock);
}

/* ---- with another thread ---- */

/** A thread that holds a lock for as long as it is told to. */
struct holder {
    struct seam_lock *lock;
    sem_t taken, enough;
    pthread_t thread;
};

static void *hold(void *context)
{
    struct holder *holder = context;
    CHECK(seam_lock_lock(holder->lock) == 0, "lock");
    CHECK(sem_post(&holder->taken) == 0, "post");
    CHECK(sem_wait(&holder->enough) == 0, "wait");
    CHECK(seam_lock_unlock(holder->lock) == 0, "unlock");
    return NULL;
}

static void start(struct holder *holder, struct seam_lock *lock)
{
    holder->lock = lock;
    cr_assert_eq(sem_init(&holder->taken, 0, 0), 0);
    cr_assert_eq(sem_init(&holder->enough, 0, 0), 0);
    cr_assert_eq(pthread_create(&holder->thread, NULL, hold, holder), 0);
    cr_assert_eq(sem_wait(&holder->taken), 0);
}

Test(lock, who_comes_meanwhile_tries_waits_or_gives_up)
{
    for (size_t i = 0; i < 3; i++) {
        struct holder holder;
        struct seam_lock *lock = new_lock(strategies[i]);
        struct seam_lock *own = once_more(lock, strategies[i]);
        start(&holder, lock);
        cr_expect_eq(seam_lock_owner(own), getpid());
        cr_expect_eq(seam_lock_try_lock(own), -EAGAIN);
        const int64_t waits[] = {-1000000000, 0, 1000, 20000000};
        for (size_t k = 0; k < 4; k++) {
            int64_t deadline = seam_deadline_in_ns(waits[k]);
            cr_expect_eq(seam_lock_lock_until(own, deadline), -ETIMEDOUT);
            cr_expect_geq(seam_deadline_in_ns(0), deadline);
        }
        cr_expect_eq(seam_lock_lock_until(own, INT64_MIN), -ETIMEDOUT);
        cr_expect_eq(seam_lock_unlock(own), -EPERM);
        cr_expect_eq(seam_lock_unlock(lock), -EPERM, "another thread's");
        cr_expect_eq(seam_lock_owner(own), getpid(), "still");
        cr_assert_eq(sem_post(&holder.enough), 0);
        cr_expect_eq(seam_lock_lock(own), 0);
        cr_expect_eq(seam_lock_unlock(own), 0);
        cr_assert_eq(pthread_join(holder.thread, NULL), 0);
        seam_lock_close(own);
        seam_lock_close(lock);
    }
}

#define TURNS 3000

struct counter {
    struct seam_lock *lock;
    int *number; /* plain: that is what the lock is for */
    pthread_t thread;
};

static void *count(void *context)
{
    struct counter *counter = context;
    for (int i = 0; i < TURNS; i++) {
        CHECK(seam_lock_lock(counter->lock) == 0, "lock");
        int now = *(volatile int *)counter->number;
        if (i % 16 == 0) {
            (void)sched_yield(); /* the others get their chance to be let in wrongly */
        }
        *(volatile int *)counter->number = now + 1;
        CHECK(seam_lock_unlock(counter->lock) == 0, "unlock");
    }
    return NULL;
}

Test(lock, one_at_a_time, .timeout = 120)
{
    for (size_t i = 0; i < 3; i++) {
        struct counter counters[3];
        int number = 0;
        for (size_t k = 0; k < 3; k++) {
            counters[k].number = &number;
            counters[k].lock =
                k == 0 ? new_lock(strategies[i]) : once_more(counters[0].lock, strategies[i]);
        }
        for (size_t k = 0; k < 3; k++) {
            cr_assert_eq(pthread_create(&counters[k].thread, NULL, count, &counters[k]), 0);
        }
        for (size_t k = 0; k < 3; k++) {
            cr_assert_eq(pthread_join(counters[k].thread, NULL), 0);
        }
        cr_expect_eq(number, 3 * TURNS);
        for (size_t k = 0; k < 3; k++) {
            seam_lock_close(counters[k].lock);
        }
    }
}

static void *close_it(void *context)
{
    seam_lock_close(context);
    return NULL;
}

Test(lock, closing_gives_it_back)
{
    struct seam_lock *lock = new_lock(SEAM_WAIT_ADAPTIVE);
    struct seam_lock *holder = once_more(lock, SEAM_WAIT_ADAPTIVE);
    pthread_t thread;
    cr_assert_eq(seam_lock_lock(holder), 0);
    cr_expect_eq(seam_lock_lock(lock), -EDEADLK);
    seam_lock_close(holder);
    cr_expect_eq(seam_lock_lock(lock), 0, "nobody died");
    cr_expect_eq(seam_lock_unlock(lock), 0);
    holder = once_more(lock, SEAM_WAIT_ADAPTIVE);
    cr_assert_eq(seam_lock_lock(holder), 0);
    cr_assert_eq(pthread_create(&thread, NULL, close_it, holder), 0);
    cr_expect_eq(pthread_join(thread, NULL), 0);
    cr_expect_eq(seam_lock_lock(lock), 0, "closed by another thread");
    seam_lock_close(once_more(lock, SEAM_WAIT_ADAPTIVE));
    cr_expect_eq(seam_lock_owner(lock), getpid(), "closing what does not hold it changes nothing");
    cr_expect_eq(seam_lock_unlock(lock), 0);
    seam_lock_close(lock);
}

/* ---- for the length of a block ---- */

static int return_from_scope(struct seam_lock *lock, const struct seam_lock *watch)
{
    SEAM_LOCK_SCOPE(scope, lock);
    return scope.error != 0 ? scope.error : (int)seam_lock_owner(watch);
}

Test(lock, a_scope_ends_however_it_is_left)
{
    struct seam_lock *lock = new_lock(SEAM_WAIT_ADAPTIVE);
    struct seam_lock *watch = once_more(lock, SEAM_WAIT_ADAPTIVE);
    {
        SEAM_LOCK_SCOPE(scope, lock);
        cr_expect_eq(scope.error, 0);
        cr_expect_eq(seam_lock_owner(watch), getpid());
    }
    cr_expect_eq(seam_lock_owner(watch), 0, "to the end");
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(seam_lock_owner(watch), 0, "by continue");
        SEAM_LOCK_SCOPE(scope, lock);
        cr_expect_eq(scope.error, 0);
        if (i == 2) {
            break;
        }
        if (i == 0) {
            continue;
        }
        cr_expect_eq(seam_lock_owner(watch), getpid());
    }
    cr_expect_eq(seam_lock_owner(watch), 0, "by break");
    cr_expect_eq(return_from_scope(lock, watch), getpid());
    cr_expect_eq(seam_lock_owner(watch), 0, "by return");
    {
        SEAM_LOCK_SCOPE(outer, lock);
        cr_expect_eq(outer.error, 0);
        cr_expect_eq(return_from_scope(lock, watch), -EDEADLK);
        cr_expect_eq(return_from_scope(watch, watch), -EDEADLK);
        cr_expect_eq(seam_lock_owner(watch), getpid(), "the inner one held nothing to give back");
    }
    cr_expect_eq(seam_lock_lock(watch), 0);
    seam_lock_close(watch);
    seam_lock_close(lock);
}
