/* SPDX-License-Identifier: MIT */
/* The lock itself: holders that died, ids, and nonsense in its line. */
#include "unit.h"

#include <pthread.h>

#include "objects/object.h"

TestSuite(mutex, .init = test_begin, .fini = test_end);

#define ID_MOST ((UINT32_C(1) << 30) - 1)

static const enum seam_wait strategies[] = {SEAM_WAIT_ADAPTIVE, SEAM_WAIT_SPIN, SEAM_WAIT_SLEEP};

static struct seam_lock *new_lock(const struct seam_lock *other, enum seam_wait wait)
{
    const struct seam_lock_options options = {.wait = wait};
    struct seam_lock *lock = NULL;
    int error = other == NULL ? seam_lock_create(NULL, &options, &lock)
                              : seam_lock_reopen(other, &options, &lock);
    cr_assert_eq(error, 0, "%s: %s", seam_error_detail(), strerror(-error));
    return lock;
}

/** A lock's handle is nothing but its base. */
static struct seam_mutex *mutex_of(struct seam_lock *lock)
{
    return &((struct seam_object *)(void *)lock)->mutex;
}

/** Ends a holder's lease, as the kernel does when it is killed, and its handle. */
static void die(struct seam_lock *holder)
{
    struct seam_mutex *mutex = mutex_of(holder);
    seam_lease_drop(mutex->lease, SEAM_LEASE_HOLDER + (int)mutex->id);
    store_relaxed(&mutex->thread, 0); /* then close does not give the lock back */
    seam_lock_close(holder);
}

static int take(struct seam_lock *lock, int how)
{
    return how == 0   ? seam_lock_lock(lock)
           : how == 1 ? seam_lock_try_lock(lock)
                      : seam_lock_lock_until(lock, seam_deadline_in_ns(INT64_C(100000000000)));
}

Test(mutex, the_next_one_is_told_that_the_holder_died)
{
    for (size_t i = 0; i < 3; i++) {
        struct seam_lock *lock = new_lock(NULL, strategies[i]);
        for (int how = 0; how < 3; how++) {
            struct seam_lock *holder = new_lock(lock, strategies[i]);
            cr_assert_eq(seam_lock_lock(holder), 0);
            die(holder);
            cr_expect_eq(seam_lock_owner(lock), getpid(), "the last known");
            cr_expect_eq(take(lock, how), -EOWNERDEAD);
            cr_expect_eq(seam_lock_lock(lock), -EDEADLK, "it is held");
            cr_expect_eq(seam_lock_unlock(lock), 0);
            cr_expect_eq(seam_lock_owner(lock), 0);
            cr_expect_eq(take(lock, how), 0, "told once");
            cr_expect_eq(seam_lock_unlock(lock), 0);
        }
        seam_lock_close(lock);
    }
}

Test(mutex, a_scope_holds_what_a_dead_one_left)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    struct seam_lock *holder = new_lock(lock, SEAM_WAIT_ADAPTIVE);
    cr_assert_eq(seam_lock_lock(holder), 0);
    die(holder);
    {
        SEAM_LOCK_SCOPE(scope, lock);
        cr_expect_eq(scope.error, -EOWNERDEAD);
    }
    cr_expect_eq(seam_lock_owner(lock), 0);
    cr_expect_eq(seam_lock_try_lock(lock), 0);
    seam_lock_close(lock);
}

struct waiter {
    struct seam_lock *lock;
    int result;
    pthread_t thread;
};

static void *wait_for_turn(void *context)
{
    struct waiter *waiter = context;
    waiter->result = seam_lock_lock(waiter->lock);
    CHECK(waiter->result != -EDEADLK && seam_lock_unlock(waiter->lock) == 0, "turn");
    return NULL;
}

/** Three wait, the holder dies: one of them is told, and all get their turn. */
Test(mutex, of_those_who_wait_one_is_told, .timeout = 120)
{
    for (size_t i = 0; i < 3; i++) {
        struct seam_lock *holder = new_lock(NULL, strategies[i]);
        struct waiter waiters[3];
        int told = 0;
        cr_assert_eq(seam_lock_lock(holder), 0);
        for (size_t k = 0; k < 3; k++) {
            waiters[k].lock = new_lock(holder, strategies[i]);
            cr_assert_eq(pthread_create(&waiters[k].thread, NULL, wait_for_turn, &waiters[k]), 0);
        }
        while (load_relaxed(&mutex_of(holder)->line->wanted) == 0) {
            (void)usleep(1000); /* until one of them has begun to wait */
        }
        die(holder);
        for (size_t k = 0; k < 3; k++) {
            cr_assert_eq(pthread_join(waiters[k].thread, NULL), 0);
            cr_expect(waiters[k].result == 0 || waiters[k].result == -EOWNERDEAD);
            told += waiters[k].result == -EOWNERDEAD;
        }
        cr_expect_eq(told, 1);
        for (size_t k = 0; k < 3; k++) {
            seam_lock_close(waiters[k].lock);
        }
    }
}

/* ---- nonsense in shared memory ---- */

Test(mutex, a_holder_that_nobody_is_has_died)
{
    for (size_t i = 0; i < 3; i++) {
        struct seam_lock *lock = new_lock(NULL, strategies[i]);
        struct seam_mutex_line *line = mutex_of(lock)->line;
        const uint32_t id = mutex_of(lock)->id;
        const uint32_t nobody[] = {id + 1,
                                   1000,
                                   ID_MOST,
                                   ID_MOST + 1,
                                   UINT32_C(1) << 31,
                                   UINT32_MAX,
                                   INT32_MAX,
                                   id | UINT32_C(1) << 30,
                                   id | UINT32_C(1) << 31};
        for (size_t k = 0; k < sizeof(nobody) / sizeof(nobody[0]); k++) {
            for (int how = 0; how < 3; how++) {
                store_relaxed(&line->holder, nobody[k]);
                store_relaxed(&line->wanted, how == 1 ? 1 : UINT32_MAX);
                store_relaxed(&line->pid, UINT32_MAX);
                cr_expect_geq(seam_lock_owner(lock), 0, "a pid, whatever it is");
                cr_expect_eq(take(lock, how), -EOWNERDEAD, "%x", nobody[k]);
                cr_expect_eq(seam_lock_owner(lock), getpid());
                cr_expect_eq(seam_lock_unlock(lock), 0);
                cr_expect_eq(take(lock, how), 0);
                cr_expect_eq(seam_lock_unlock(lock), 0);
            }
        }
        store_relaxed(&line->holder, id);
        cr_expect_eq(seam_lock_lock(lock), -EDEADLK, "not a hang");
        cr_expect_eq(seam_lock_unlock(lock), -EPERM);
        store_relaxed(&line->holder, 0);
        cr_assert_eq(seam_lock_lock(lock), 0);
        store_relaxed(&line->holder, UINT32_MAX);
        cr_expect_eq(seam_lock_unlock(lock), 0, "whatever is in there");
        cr_expect_eq(seam_lock_owner(lock), 0);
        seam_lock_close(lock);
    }
}

Test(mutex, who_lives_is_not_robbed)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    struct seam_lock *other = new_lock(lock, SEAM_WAIT_ADAPTIVE);
    struct seam_mutex_line *line = mutex_of(lock)->line;
    for (uint32_t high = 0; high < 4; high++) {
        store_relaxed(&line->holder, mutex_of(other)->id | high << 30);
        cr_expect_eq(seam_lock_try_lock(lock), -EAGAIN);
        cr_expect_eq(seam_lock_lock_until(lock, seam_deadline_in_ns(5000000)), -ETIMEDOUT);
    }
    seam_lock_close(other);
    cr_expect_eq(seam_lock_lock(lock), -EOWNERDEAD);
    cr_expect_eq(seam_lock_unlock(lock), 0);
    seam_lock_close(lock);
}

/* ---- ids ---- */

Test(mutex, every_handle_has_an_id_of_its_own_even_where_they_wrap_around)
{
    struct seam_lock *handles[8] = {new_lock(NULL, SEAM_WAIT_ADAPTIVE)};
    struct seam_mutex_line *line = mutex_of(handles[0])->line;
    cr_expect_neq(mutex_of(handles[0])->id, 0);
    for (int round = 0; round < 3; round++) {
        store_relaxed(&line->last_id, round == 0 ? ID_MOST - 3 : round == 1 ? UINT32_MAX - 3 : 0);
        for (size_t i = 1; i < 8; i++) {
            cr_assert_eq(seam_lock_lock(handles[0]), 0); /* 0, nobody, is no id, either */
            handles[i] = new_lock(handles[0], SEAM_WAIT_ADAPTIVE);
            cr_assert_eq(seam_lock_unlock(handles[0]), 0);
            uint32_t id = mutex_of(handles[i])->id;
            cr_expect(id > 0 && id <= ID_MOST, "%x", id);
            for (size_t k = 0; k < i; k++) {
                cr_expect_neq(id, mutex_of(handles[k])->id);
            }
            cr_expect_eq(seam_lock_lock(handles[i]), 0);
            cr_expect_eq(seam_lock_unlock(handles[i]), 0);
        }
        for (size_t i = 1; i < 8; i++) {
            seam_lock_close(handles[i]);
        }
    }
    seam_lock_close(handles[0]);
}

Test(mutex, nobody_gets_the_id_of_a_dead_holder)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    struct seam_mutex_line *line = mutex_of(lock)->line;
    uint32_t dead = load_relaxed(&line->last_id) + 1;
    store_relaxed(&line->holder, dead);
    struct seam_lock *other = new_lock(lock, SEAM_WAIT_ADAPTIVE);
    cr_expect_neq(mutex_of(other)->id, dead);
    cr_expect_eq(seam_lock_lock(other), -EOWNERDEAD, "else this would be a deadlock");
    seam_lock_close(other);
    cr_expect_eq(seam_lock_lock(lock), 0);
    seam_lock_close(lock);
}

Test(mutex, without_a_free_id_there_is_no_handle)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE), *other = NULL;
    const struct seam_mutex *mutex = mutex_of(lock);
    for (uint32_t i = 1; i <= 2000; i++) {
        int id = (int)((mutex->id + i) & ID_MOST);
        cr_assert_eq(seam_lease_take(mutex->lease, SEAM_LEASE_HOLDER + id, true), 0);
    }
    cr_expect_eq(seam_lock_reopen(lock, NULL, &other), -EUSERS);
    cr_expect_str_eq(seam_error_detail(), "lock id");
    cr_expect_null(other);
    for (uint32_t i = 1; i <= 2000; i++) {
        seam_lease_drop(mutex->lease, SEAM_LEASE_HOLDER + (int)((mutex->id + i) & ID_MOST));
    }
    cr_expect_eq(seam_lock_reopen(lock, NULL, &other), 0);
    seam_lock_close(other);
    seam_lock_close(lock);
}

Test(mutex, a_lease_that_the_kernel_refuses_is_told)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    const struct seam_mutex *other = mutex_of(lock);
    struct seam_lease_fd closed = {.fd = -1};
    const struct seam_mutex_place place = {.line = other->line,
                                           .fences = other->fences,
                                           .lease = &closed,
                                           .generation = other->generation,
                                           .wait = SEAM_WAIT_ADAPTIVE,
                                           .tries = other->tries};
    struct seam_mutex mutex;
    cr_expect_eq(seam_mutex_open(&mutex, &place), -EBADF);
    cr_expect_str_eq(seam_error_detail(), "fcntl(F_OFD_SETLK)");
    seam_lock_close(lock);
}

/** Given back between the first attempt and the slow way. */
Test(mutex, a_lock_that_has_become_free_is_taken)
{
    struct seam_lock *lock = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    mutex_of(lock)->tries = 100;
    cr_expect_eq(seam_mutex_recheck(mutex_of(lock), true), 0);
    cr_expect_eq(seam_mutex_enter_slowly(mutex_of(lock), SEAM_NEVER_WAIT), 0);
    cr_expect_eq(seam_lock_unlock(lock), 0);
    seam_lock_close(lock);
}

static void *lock_for_good(void *lock)
{
    CHECK(seam_lock_lock(lock) == 0, "lock");
    return NULL;
}

/** This thread has a lock by the same id that another thread has another lock by. */
Test(mutex, ids_say_nothing_about_other_locks)
{
    pthread_t thread;
    struct seam_lock *ours = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    struct seam_lock *theirs = new_lock(NULL, SEAM_WAIT_ADAPTIVE);
    struct seam_lock *other = new_lock(theirs, SEAM_WAIT_ADAPTIVE);
    cr_assert_eq(mutex_of(ours)->id, mutex_of(theirs)->id);
    cr_assert_eq(seam_lock_lock(ours), 0);
    cr_assert_eq(pthread_create(&thread, NULL, lock_for_good, theirs), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_expect_eq(seam_lock_try_lock(other), -EAGAIN, "which is no deadlock");
    seam_lock_close(other);
    seam_lock_close(theirs);
    seam_lock_close(ours);
}
