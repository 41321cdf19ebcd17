/* SPDX-License-Identifier: MIT */
/* Locks and locked objects whose owners die, hand over, or never let anybody else come. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "memory/cell.h"
#include "objects/list.h"
#include "support.h"

static struct seam_lock *new_lock(enum seam_wait wait)
{
    struct seam_lock *lock;
    const struct seam_lock_options options = {.wait = wait};
    int error = seam_lock_create(NULL, &options, &lock);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return lock;
}

static struct seam_lock *reopen_lock(const struct seam_lock *other, enum seam_wait wait)
{
    struct seam_lock *lock;
    const struct seam_lock_options options = {.wait = wait};
    int error = seam_lock_reopen(other, &options, &lock);
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return lock;
}

/* ---- an owner that died is found by whoever comes, in whatever way ---- */

static int lock_and_die(void *context)
{
    struct seam_lock *own = reopen_lock(context, SEAM_WAIT_ADAPTIVE);
    CHECK(seam_lock_lock(own) == 0, "lock");
    return 0; /* without giving it back */
}

static void case_dead(void)
{
    for (int wait = SEAM_WAIT_ADAPTIVE; wait <= SEAM_WAIT_SLEEP; wait++) {
        struct seam_lock *lock = new_lock((enum seam_wait)wait);
        for (int way = 0; way < 4; way++) {
            CHECK(test_join(test_spawn(lock_and_die, lock)), "child");
            CHECK(seam_lock_owner(lock) > 0, "nobody knows yet");
            int64_t soon = seam_deadline_in_ns(1000);
            int error = way == 0   ? seam_lock_lock(lock)
                        : way == 1 ? seam_lock_try_lock(lock)
                        : way == 2 ? seam_lock_lock_until(lock, 0)
                                   : seam_lock_lock_until(lock, soon);
            CHECK(error == -EOWNERDEAD, "way %d: %s", way, strerror(-error));
            CHECK(seam_lock_lock(lock) == -EDEADLK, "held");
            CHECK(seam_lock_unlock(lock) == 0, "unlock");
            CHECK(seam_lock_lock(lock) == 0, "and all is well");
            CHECK(seam_lock_unlock(lock) == 0, "unlock");
        }
        seam_lock_close(lock);
    }
}

/* ---- a thread that waits for itself, and one that ended ---- */

static void *lock_and_end(void *lock)
{
    CHECK(seam_lock_lock(lock) == 0, "lock");
    return NULL;
}

static void *use_what_is_not_mine(void *lock)
{
    struct seam_lock *other = reopen_lock(lock, SEAM_WAIT_ADAPTIVE);
    CHECK(seam_lock_unlock(lock) == -EPERM, "another thread's");
    CHECK(seam_lock_try_lock(other) == -EAGAIN, "nobody's that is dead, nor mine");
    CHECK(seam_lock_lock_until(other, seam_deadline_in_ns(1000000)) == -ETIMEDOUT, "until");
    seam_lock_close(other);
    return NULL;
}

static void case_thread(void)
{
    pthread_t thread;
    struct seam_lock *lock = new_lock(SEAM_WAIT_ADAPTIVE);
    struct seam_lock *other = reopen_lock(lock, SEAM_WAIT_ADAPTIVE);
    CHECK(seam_lock_lock(lock) == 0, "lock");
    CHECK(seam_lock_lock(other) == -EDEADLK, "it would wait for itself");
    CHECK(seam_lock_try_lock(other) == -EDEADLK, "likewise");
    CHECK(seam_lock_lock_until(other, 0) == -EDEADLK, "likewise");
    CHECK(seam_lock_unlock(other) == -EPERM, "not through this handle");
    CHECK(seam_lock_unlock(lock) == 0, "unlock");
    CHECK(pthread_create(&thread, NULL, lock_and_end, lock) == 0, "thread");
    CHECK(pthread_join(thread, NULL) == 0, "join");
    /* The next thread may get the place in memory of the one that ended. */
    CHECK(pthread_create(&thread, NULL, use_what_is_not_mine, lock) == 0, "thread");
    CHECK(pthread_join(thread, NULL) == 0, "join");
    seam_lock_close(lock);
    CHECK(seam_lock_try_lock(other) == 0, "closing the handle gave it back");
    seam_lock_close(other);
}

/* ---- who sleeps is woken ---- */

#define TURNS 60

struct turns {
    struct seam_lock *lock;
    _Atomic uint32_t *turn; /* of the two */
};

/** Takes the lock when it is this one's turn, holds it while the other falls asleep. */
static void take_turns(struct seam_lock *lock, _Atomic uint32_t *turn, uint32_t mine)
{
    for (uint32_t done = 0; done < TURNS;) {
        CHECK(seam_lock_lock(lock) == 0, "lock");
        if (load_relaxed(turn) % 2 == mine) { /* the lock orders this */
            add_relaxed(turn, 1);
            done++;
        }
        (void)usleep(2000);
        CHECK(seam_lock_unlock(lock) == 0, "unlock");
    }
}

static int play_turns(void *context)
{
    const struct turns *turns = context;
    struct seam_lock *own = reopen_lock(turns->lock, SEAM_WAIT_SLEEP);
    take_turns(own, turns->turn, 1);
    seam_lock_close(own);
    return 0;
}

/**
 * Each turn ends with the other one asleep, or about to be. Without wake-ups each would last for a
 * slice of a tenth of a second: six seconds or more in all in place of some tenths.
 */
static void case_woken(void)
{
    struct turns turns = {
        .lock = new_lock(SEAM_WAIT_SLEEP),
        .turn = test_shared(sizeof(*turns.turn)),
    };
    int64_t begin_ns = seam_deadline_in_ns(0);
    pid_t child = test_spawn(play_turns, &turns);
    take_turns(turns.lock, turns.turn, 0);
    CHECK(test_join(child), "child");
    int64_t lasted_ns = seam_deadline_in_ns(0) - begin_ns;
    CHECK(lasted_ns < TURNS * INT64_C(90000000), "%lld ms", (long long)lasted_ns / 1000000);
    seam_lock_close(turns.lock);
}

/* ---- a writer that never rests ---- */

/* The sanitizer makes copying a hundred times slower. */
#if defined(SEAM_TSAN)
#define BIG (UINT64_C(1) << 16)
#else
#define BIG (UINT64_C(1) << 20)
#endif
#define BIG_COUNT 64

static int set_for_ever(void *context)
{
    struct seam_list *list;
    CHECK(seam_list_reopen(context, NULL, &list) == 0, "reopen");
    for (int64_t i = 0;; i++) {
        CHECK(seam_list_set_int64(list, 0, i) == 0, "set");
    }
}

/** A snapshot takes a thousand times as long as a change: it comes about all the same. */
static void case_hot_writer(void)
{
    const struct seam_list_options options = {
        .mode = SEAM_LOCKED, .capacity = BIG_COUNT, .element_bytes = BIG};
    struct seam_list *list;
    struct seam_snapshot *snapshot = NULL;
    void *element = calloc(1, BIG);
    CHECK(seam_list_create(NULL, &options, &list) == 0, "create: %s", seam_error_detail());
    for (int i = 0; i < BIG_COUNT; i++) {
        CHECK(seam_list_append(list, element, BIG) == i, "append");
    }
    pid_t writer = test_spawn(set_for_ever, list);
    int64_t first = 0;
    while (seam_list_get_int64(list, 0, &first) != 0 || first == 0) {
    }
    CHECK(seam_list_get(list, 5, element, BIG) == BIG, "get");
    CHECK(seam_list_snapshot(list, &snapshot) == 0, "snapshot");
    CHECK(seam_snapshot_length(snapshot) == BIG_COUNT, "length");
    CHECK(kill(writer, SIGKILL) == 0 && !test_join(writer), "kill");
    CHECK(seam_list_set_int64(list, 0, 1) == 0, "after a dead writer");
    seam_snapshot_free(snapshot);
    free(element);
    seam_list_close(list);
}

/* ---- an append that died before it counted its element ---- */

static void case_uncounted(void)
{
    const struct seam_list_options options = {.capacity = 3};
    struct seam_list *list;
    int64_t number = 0;
    CHECK(seam_list_create(NULL, &options, &list) == 0, "create: %s", seam_error_detail());
    CHECK(seam_list_append_int64(list, 5) == 0, "append");
    CHECK(fill_cell(&list->cells[1], 6), "as it is left");
    CHECK(!fill_cell(&list->cells[1], 7), "filled once only");
    CHECK(seam_list_length(list) == 2, "it is there");
    CHECK(seam_list_get_int64(list, SEAM_LAST, &number) == 0 && number == 6, "get");
    CHECK(seam_list_set_int64(list, 1, 8) == 0, "set");
    CHECK(seam_list_append_int64(list, 9) == 2, "the next one goes behind it");
    CHECK(seam_list_append_int64(list, 10) == -ENOSPC, "full");
    CHECK(seam_list_get_int64(list, 1, &number) == 0 && number == 8, "get");
    CHECK(seam_list_length(list) == 3, "length");
    seam_list_close(list);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        {"dead", case_dead},           {"thread", case_thread},
        {"woken", case_woken},         {"hot-writer", case_hot_writer},
        {"uncounted", case_uncounted},
    };
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
