/* SPDX-License-Identifier: MIT */
/* The games on a value, under a lock, and on an array. */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "objects.h"

/* ---- value: an integer and a double, always changed by one ---- */

struct values {
    struct seam_value *whole, *real;
};

static struct seam_value *reopen_value(const struct seam_value *other, enum seam_access access)
{
    struct seam_value *value;
    const struct seam_value_options options = {.access = access};
    game_must(seam_value_reopen(other, &options, &value), "reopen");
    return value;
}

static void create_values(struct game *game)
{
    static struct values values;
    const struct seam_value_options real = {.type = SEAM_DOUBLE};
    game_must(seam_value_create(NULL, NULL, &values.whole), "create");
    game_must(seam_value_create(NULL, &real, &values.real), "create");
    game->object = &values;
}

static int play_values(void *context)
{
    const struct game *game = context;
    const struct values *values = game->object;
    struct seam_value *whole = reopen_value(values->whole, SEAM_READ_WRITE);
    struct seam_value *real = reopen_value(values->real, SEAM_READ_WRITE);
    game_begin_life(game);
    while (game_goes_on(game)) {
        uint64_t i = game_begin(game);
        if (i % 3 == 0) {
            game_must(seam_value_sub(whole, -1, NULL), "sub");
        } else if (i % 3 == 1) {
            int64_t now;
            game_must(seam_value_load(whole, &now), "load");
            int done;
            while ((done = seam_value_compare_exchange(whole, &now, now + 1)) == 0) {
            }
            CHECK(done == 1, "compare_exchange");
        } else {
            game_must(seam_value_add(whole, 1, NULL), "add");
        }
        game_done(game);
        game_must(seam_value_add_double(real, 0.5, NULL), "add");
        game_must(seam_value_sub_double(real, 0.5, NULL), "sub");
    }
    seam_value_close(whole);
    seam_value_close(real);
    return 0;
}

/** Waits for changes; the number only grows. */
static int watch_values(void *context)
{
    const struct game *game = context;
    const struct values *values = game->object;
    struct seam_value *whole = reopen_value(values->whole, SEAM_READ_ONLY);
    int64_t last = 0;
    CHECK(seam_value_store(whole, 1) == -EACCES, "may only read");
    while (!atomic_load(&game->record->stop)) {
        int64_t now = last;
        int error = seam_value_wait_until(whole, last, &now, seam_deadline_in_ns(20000000));
        CHECK(error == 0 || error == -ETIMEDOUT, "wait: %s", strerror(-error));
        CHECK(error == 0 ? now > last : now == last, "%" PRId64 " after %" PRId64, now, last);
        last = now;
        atomic_fetch_add(&game->record->looks, 1);
    }
    seam_value_close(whole);
    return 0;
}

static void check_values(struct game *game)
{
    struct values *values = game->object;
    int64_t whole;
    double real;
    game_must(seam_value_load(values->whole, &whole), "load");
    game_must(seam_value_load_double(values->real, &real), "load");
    game_check_total(game, (uint64_t)whole);
    /* A player that dies between its two changes of the double leaves a half. */
    CHECK(real >= 0 && real <= 0.5 * (double)game->kills, "%f after %" PRIu64 " kills", real,
          game->kills);
    seam_value_close(values->whole);
    seam_value_close(values->real);
}

const struct part value_game = {"value", create_values, play_values, watch_values, check_values};

/* ---- lock: two plain numbers that are equal whenever the lock is free ---- */

static void create_lock(struct game *game)
{
    struct seam_lock *lock;
    game_must(seam_lock_create(NULL, NULL, &lock), "create");
    game->object = lock;
}

/** Takes the lock in one of its ways. @return 0 or -EOWNERDEAD */
static int take(struct seam_lock *lock, uint64_t i)
{
    int error;
    do {
        error = i % 3 == 0   ? seam_lock_lock(lock)
                : i % 3 == 1 ? seam_lock_try_lock(lock)
                             : seam_lock_lock_until(lock, seam_deadline_in_ns(1000000));
        if (error == -EAGAIN) {
            (void)sched_yield();
        }
    } while (error == -EAGAIN || error == -ETIMEDOUT);
    CHECK(error == 0 || error == -EOWNERDEAD, "lock: %s", strerror(-error));
    return error;
}

static int play_lock(void *context)
{
    const struct game *game = context;
    volatile uint64_t *board = game->record->board;
    struct seam_lock *lock;
    game_must(seam_lock_reopen(game->object, NULL, &lock), "reopen");
    game_begin_life(game);
    while (game_goes_on(game)) {
        uint64_t i = game_begin(game);
        if (take(lock, i) == -EOWNERDEAD) {
            CHECK(board[0] - board[1] <= 1, "more than one was inside");
            board[1] = board[0];
        }
        CHECK(board[0] == board[1], "somebody is inside");
        CHECK(seam_lock_owner(lock) == getpid(), "owner");
        board[0] = board[0] + 1;
        board[1] = board[1] + 1;
        game_must(seam_lock_unlock(lock), "unlock");
        game_done(game);
    }
    seam_lock_close(lock);
    return 0;
}

static int watch_lock(void *context)
{
    const struct game *game = context;
    struct seam_lock *lock;
    game_must(seam_lock_reopen(game->object, NULL, &lock), "reopen");
    while (!atomic_load(&game->record->stop)) {
        CHECK(seam_lock_owner(lock) >= 0, "owner");
        CHECK(seam_lock_unlock(lock) == -EPERM, "not held");
        atomic_fetch_add(&game->record->looks, 1);
        (void)usleep(100);
    }
    seam_lock_close(lock);
    return 0;
}

static void check_lock(struct game *game)
{
    (void)take(game->object, 0); /* a life that ended inside may have been the last */
    game_check_total(game, game->record->board[0]);
    seam_lock_close(game->object);
}

const struct part lock_game = {"lock", create_lock, play_lock, watch_lock, check_lock};

/* ---- array: accounts between which money moves, and a count of each player's transfers ---- */

#define ACCOUNTS 16
#define CELLS (ACCOUNTS + PLAYERS)
#define MONEY 16000

static struct seam_array *reopen_array(const struct game *game, enum seam_access access)
{
    struct seam_array *array;
    const struct seam_array_options options = {
        .type = SEAM_INT64, .length = CELLS, .access = access};
    game_must(seam_array_reopen(game->object, &options, &array), "reopen");
    return array;
}

static void create_array(struct game *game)
{
    struct seam_array *array;
    const int64_t each = MONEY / ACCOUNTS;
    const struct seam_array_options options = {.length = CELLS, .mode = game->mode};
    game_must(seam_array_create(NULL, &options, &array), "create");
    game_must(seam_array_fill(array, 0, ACCOUNTS, &each), "fill");
    game->object = array;
}

static int64_t get(const struct seam_array *array, size_t index)
{
    int64_t number;
    game_must(seam_array_get(array, index, &number), "get");
    return number;
}

/** One transfer and its count, all or nothing; now and then one that is taken back. */
static void transfer(struct seam_array *array, uint64_t dice, size_t count_at)
{
    size_t from = dice % ACCOUNTS, to = (dice >> 8) % ACCOUNTS;
    int64_t amount = (int64_t)(dice >> 16) % 100, less = -amount;
    const int64_t one = 1;
    if ((dice >> 32) % 8 == 0) {
        const int64_t nonsense[ACCOUNTS] = {-1};
        game_must(seam_array_begin(array), "begin");
        game_must(seam_array_copy_in(array, 0, ACCOUNTS, nonsense), "copy_in");
        game_must(seam_array_set(array, count_at, nonsense), "set");
        game_must(seam_array_abort(array), "abort");
    }
    game_must(seam_array_begin(array), "begin");
    game_must(seam_array_add(array, from, &less, NULL), "add");
    game_must(seam_array_add(array, to, &amount, NULL), "add");
    game_must(seam_array_add(array, count_at, &one, NULL), "add");
    game_must(seam_array_commit(array), "commit");
}

static int play_array(void *context)
{
    const struct game *game = context;
    const int64_t one = 1;
    size_t count_at = (size_t)(ACCOUNTS + game->place);
    struct seam_array *array = reopen_array(game, SEAM_READ_WRITE);
    uint64_t known = atomic_load(&game->record->players[game->place].done);
    uint64_t counted = (uint64_t)get(array, count_at);
    uint64_t lost = game->record->board[game->place]; /* begun by a predecessor, but not made */
    CHECK(counted + lost == known || counted + lost == known + 1,
          "%" PRIu64 " counted, %" PRIu64 " known, %" PRIu64 " lost", counted, known, lost);
    game_begin_life(game);
    game->record->board[game->place] =
        atomic_load(&game->record->players[game->place].done) - counted;
    while (game_goes_on(game)) {
        uint64_t dice = test_mix(game_begin(game) * PLAYERS + (uint64_t)game->place);
        if (game->mode == SEAM_LOCKED) {
            transfer(array, dice, count_at);
        } else {
            game_must(seam_array_add(array, count_at, &one, NULL), "add");
        }
        game_done(game);
    }
    seam_array_close(array);
    return 0;
}

static int watch_array(void *context)
{
    const struct game *game = context;
    struct seam_array *array = reopen_array(game, SEAM_READ_ONLY);
    int64_t before[CELLS] = {0}, now[CELLS];
    while (!atomic_load(&game->record->stop)) {
        int64_t sum = 0;
        game_must(seam_array_copy_out(array, 0, CELLS, now), "copy_out");
        for (int i = 0; i < CELLS; i++) {
            sum += i < ACCOUNTS ? now[i] : 0;
            CHECK(i < ACCOUNTS || now[i] >= before[i], "a count went back");
        }
        CHECK(sum == MONEY, "torn: %" PRId64, sum);
        memcpy(before, now, sizeof(now));
        atomic_fetch_add(&game->record->looks, 1);
    }
    seam_array_close(array);
    return 0;
}

static void check_array(struct game *game)
{
    uint64_t total = 0;
    for (int i = 0; i < PLAYERS; i++) {
        total += (uint64_t)get(game->object, (size_t)(ACCOUNTS + i));
    }
    game_check_total(game, total);
    seam_array_close(game->object);
}

const struct part array_game = {"array", create_array, play_array, watch_array, check_array};
