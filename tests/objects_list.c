/* SPDX-License-Identifier: MIT */
/*
 * The game on a list. Every element is unique: its player, its number, and bytes that follow from
 * these. What becomes of each is marked in memory that outlives the players.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "objects.h"

#define LONGEST 200U
#define CAPACITY 64U                /* locked: full and empty now and then */
#define FREE_CAPACITY (1U << 20)    /* lock-free: nothing is ever taken out */
#define NUMBERS (UINT64_C(1) << 25) /* of each player; memory only as far as they are used */
#define SUM_AT 0U                   /* lock-free: an element that is only added to */

/** What the players know of one element. */
struct mark {
    _Atomic uint8_t appended; /* 0: no; 1: begun; 2: done */
    _Atomic uint8_t taken;    /* how often it was taken out */
};

static struct mark *mark_of(const struct game *game, uint64_t element)
{
    uint64_t player = element >> 40, number = element & (TOTAL_MOST - 1);
    CHECK(player >= 1 && player <= PLAYERS && number < NUMBERS, "element %" PRIx64, element);
    return (struct mark *)game->marks + (player - 1) * NUMBERS + number;
}

static uint64_t element_of(const struct game *game, uint64_t number)
{
    return (uint64_t)(game->place + 1) << 40 | number;
}

static struct seam_list *reopen(const struct game *game, enum seam_access access)
{
    struct seam_list *list;
    const struct seam_list_options options = {.access = access};
    game_must(seam_list_reopen(game->object, &options, &list), "reopen");
    return list;
}

static void create(struct game *game)
{
    struct seam_list *list;
    bool locked = game->mode == SEAM_LOCKED;
    const struct seam_list_options options = {
        .mode = game->mode,
        .capacity = locked ? CAPACITY : FREE_CAPACITY,
        .element_bytes = locked ? LONGEST : 8,
    };
    game_must(seam_list_create(NULL, &options, &list), "create");
    if (!locked) {
        CHECK(seam_list_append_int64(list, 0) == SUM_AT, "append");
    }
    game->object = list;
    game->marks = test_shared(PLAYERS * NUMBERS * sizeof(struct mark));
}

/** Elements whose append returned, and that neither were taken out nor are there. */
static uint64_t count_missing(const struct game *game)
{
    uint64_t missing = 0;
    for (uint64_t player = 0; player < PLAYERS; player++) {
        uint64_t began = atomic_load(&game->record->players[player].began);
        const struct mark *marks = (const struct mark *)game->marks + player * NUMBERS;
        for (uint64_t i = 0; i < began && i < NUMBERS; i++) {
            missing += atomic_load(&marks[i].appended) == 2 && atomic_load(&marks[i].taken) == 0;
        }
    }
    return missing;
}

/* ---- locked ---- */

/** @return the element, whose bytes must all be right */
static uint64_t check_element(const void *data, size_t size)
{
    CHECK(size >= 8, "%zu bytes", size);
    uint64_t element = test_message_number(data);
    CHECK(size == test_message_size(element, LONGEST) && test_message_is(data, size, element),
          "bytes of %" PRIx64, element);
    return element;
}

/** Takes one out, if there is any. */
static void take_out(const struct game *game, struct seam_list *list, uint64_t dice)
{
    uint8_t data[LONGEST];
    size_t index = dice % 4 == 0 ? SEAM_LAST : dice % CAPACITY;
    ssize_t size = seam_list_pop(list, index, data, sizeof(data));
    if (size == -ERANGE) {
        return;
    }
    CHECK(size >= 0, "pop: %s", strerror((int)-size));
    struct mark *mark = mark_of(game, check_element(data, (size_t)size));
    CHECK(atomic_fetch_add(&mark->taken, 1) == 0, "taken out twice");
}

/** Puts one in, at the end or in between. @return false: the list is full */
static bool put_in(const struct game *game, struct seam_list *list, uint64_t element, uint64_t dice)
{
    uint8_t data[LONGEST];
    size_t size = test_message_size(element, LONGEST);
    test_message_fill(data, size, element);
    ssize_t result = -ERANGE;
    atomic_store(&mark_of(game, element)->appended, 1);
    if (dice % 4 == 0) {
        result = seam_list_insert(list, (dice >> 8) % CAPACITY, data, size);
    }
    if (result == -ERANGE) {
        result = seam_list_append(list, data, size);
    }
    if (result == -ENOSPC) {
        atomic_store(&mark_of(game, element)->appended, 0);
        return false;
    }
    CHECK(result >= 0, "append: %s", strerror((int)-result));
    atomic_store(&mark_of(game, element)->appended, 2);
    return true;
}

/** Replaces an element by itself, as far as anybody can see. */
static ssize_t keep(void *element, size_t size, size_t most, void *context)
{
    (void)context;
    CHECK(most == LONGEST, "most");
    (void)check_element(element, size);
    return (ssize_t)size;
}

static void change(const struct game *game, struct seam_list *list, uint64_t number)
{
    uint64_t dice = test_mix(number * PLAYERS + (uint64_t)game->place);
    if (dice % 8 == 0) {
        int error = seam_list_update(list, (dice >> 8) % CAPACITY, keep, NULL);
        CHECK(error == 0 || error == -ERANGE, "update: %s", strerror(-error));
    }
    bool takes = number >= NUMBERS || dice % 2 == 0;
    if (takes || !put_in(game, list, element_of(game, number), dice >> 8)) {
        take_out(game, list, dice >> 8);
    }
}

/** No element is damaged or there twice. */
static void check_snapshot(const struct seam_snapshot *snapshot)
{
    size_t length = seam_snapshot_length(snapshot);
    uint64_t seen[CAPACITY];
    CHECK(length <= CAPACITY, "%zu elements", length);
    for (size_t i = 0; i < length; i++) {
        size_t size;
        const void *data = seam_snapshot_at(snapshot, i, &size);
        seen[i] = check_element(data, size);
        for (size_t j = 0; j < i; j++) {
            CHECK(seen[j] != seen[i], "%" PRIx64 " is there twice", seen[i]);
        }
    }
}

static void check_locked(const struct game *game, const struct seam_snapshot *snapshot)
{
    check_snapshot(snapshot);
    for (size_t i = 0; i < seam_snapshot_length(snapshot); i++) {
        size_t size;
        const void *data = seam_snapshot_at(snapshot, i, &size);
        struct mark *mark = mark_of(game, check_element(data, size));
        CHECK(atomic_load(&mark->appended) != 0, "an element from nowhere");
        CHECK(atomic_fetch_add(&mark->taken, 1) == 0, "taken out and there");
    }
    uint64_t missing = count_missing(game);
    /* Who is killed between taking out and marking takes one element along. */
    CHECK(missing <= game_total_doubtful(game), "%" PRIu64 " are missing", missing);
}

/* ---- lock-free ---- */

static void change_free(const struct game *game, struct seam_list *list, uint64_t number)
{
    uint64_t dice = test_mix(number * PLAYERS + (uint64_t)game->place);
    uint64_t element = element_of(game, number);
    game_must(seam_list_add_int64(list, SUM_AT, 1, NULL), "add");
    if (dice % 32 != 0 || number >= NUMBERS) {
        return;
    }
    atomic_store(&mark_of(game, element)->appended, 1);
    ssize_t result = seam_list_append(list, &element, sizeof(element));
    CHECK(result > 0 || result == -ENOSPC, "append: %s", strerror((int)-result));
    atomic_store(&mark_of(game, element)->appended, result > 0 ? 2 : 0);
}

/** Each element is there once, those of a player in order. */
static void check_free(const struct game *game, const struct seam_snapshot *snapshot)
{
    size_t length = seam_snapshot_length(snapshot), size;
    uint64_t last[PLAYERS + 1] = {0};
    int64_t sum;
    memcpy(&sum, seam_snapshot_at(snapshot, SUM_AT, &size), sizeof(sum));
    game_check_total(game, (uint64_t)sum);
    for (size_t i = 1; i < length; i++) {
        uint64_t element = test_message_number(seam_snapshot_at(snapshot, i, &size));
        struct mark *mark = mark_of(game, element);
        CHECK(atomic_load(&mark->appended) != 0, "an element from nowhere");
        CHECK(atomic_fetch_add(&mark->taken, 1) == 0, "%" PRIx64 " is there twice", element);
        CHECK(element > last[element >> 40], "out of order");
        last[element >> 40] = element;
    }
    CHECK(count_missing(game) == 0, "lost");
}

/** What was appended stays where it is: the old snapshot is the beginning of the new one. */
static void check_growth(const struct seam_snapshot *before, const struct seam_snapshot *now)
{
    size_t size;
    CHECK(seam_snapshot_length(now) >= seam_snapshot_length(before), "it shrank");
    for (size_t i = 1; i < seam_snapshot_length(before); i++) {
        CHECK(memcmp(seam_snapshot_at(before, i, &size), seam_snapshot_at(now, i, &size), 8) == 0,
              "element %zu is another one", i);
    }
}

/* ---- both ---- */

static int play(void *context)
{
    const struct game *game = context;
    struct seam_list *list = reopen(game, SEAM_READ_WRITE);
    game_begin_life(game);
    while (game_goes_on(game)) {
        uint64_t number = game_begin(game);
        if (game->mode == SEAM_LOCKED) {
            change(game, list, number);
        } else {
            change_free(game, list, number);
        }
        game_done(game);
    }
    seam_list_close(list);
    return 0;
}

static int watch(void *context)
{
    const struct game *game = context;
    struct seam_list *list = reopen(game, SEAM_READ_ONLY);
    struct seam_snapshot *snapshot = NULL, *before = NULL;
    CHECK(seam_list_append_int64(list, 1) == -EACCES, "may only read");
    while (!atomic_load(&game->record->stop)) {
        game_must(seam_list_snapshot(list, &snapshot), "snapshot");
        if (game->mode == SEAM_LOCKED) {
            check_snapshot(snapshot);
        } else {
            check_growth(before, snapshot);
        }
        struct seam_snapshot *older = before;
        before = snapshot;
        snapshot = older;
        atomic_fetch_add(&game->record->looks, 1);
    }
    seam_snapshot_free(snapshot);
    seam_snapshot_free(before);
    seam_list_close(list);
    return 0;
}

static void check(struct game *game)
{
    struct seam_snapshot *snapshot = NULL;
    /* A change of this handle repairs what the last one killed may have left. */
    CHECK(seam_list_set_int64(game->object, CAPACITY + FREE_CAPACITY, 0) == -ERANGE, "range");
    game_must(seam_list_snapshot(game->object, &snapshot), "snapshot");
    CHECK((size_t)seam_list_length(game->object) == seam_snapshot_length(snapshot), "length");
    if (game->mode == SEAM_LOCKED) {
        check_locked(game, snapshot);
    } else {
        check_free(game, snapshot);
    }
    seam_snapshot_free(snapshot);
    seam_list_close(game->object);
}

const struct part list_game = {"list", create, play, watch, check};
