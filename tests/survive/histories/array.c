/* SPDX-License-Identifier: MIT */
/*
 * Histories of a locked array as a whole. Its first element is the version, which each transaction
 * moves on by one; what else a transaction changes follows from its version. So a snapshot shows by
 * itself whether it is all of some version and nothing else, and the versions are a register.
 */
#include <inttypes.h>
#include <string.h>

#include "histories.h"
#include "support.h"

#define LENGTH 8U

/** Whether the transaction that makes @p version changes element @p index. */
static bool changes(uint64_t version, unsigned index)
{
    /* Every fourth one changes the version only, which needs no transaction. */
    return version % 4 != 0 && (test_mix(version) >> index & 1) != 0;
}

static uint64_t element_of(uint64_t version, unsigned index)
{
    if (index == 0) {
        return version;
    }
    while (version > 0 && !changes(version, index)) {
        version--;
    }
    return version == 0 ? 0 : test_mix(version) + index;
}

static void note_read(struct actor *me, uint64_t version, uint32_t start, uint32_t end)
{
    note(me, EVENT_READ, version, start, end);
}

static void look(const struct seam_array *array, struct actor *me)
{
    uint64_t version;
    uint32_t start = start_of_operation(me);
    int error = seam_array_get(array, 0, &version);
    uint32_t end = end_of_operation(me);
    CHECK(error == 0, "get: %s", strerror(-error));
    note_read(me, version, start, end);
}

static void look_at_all(const struct seam_array *array, struct actor *me)
{
    uint64_t found[LENGTH];
    uint32_t start = start_of_operation(me);
    int error = roll(me, 4) == 0 ? seam_array_copy_out(array, 0, LENGTH, found)
                                 : seam_array_snapshot(array, 0, LENGTH, found);
    uint32_t end = end_of_operation(me);
    CHECK(error == 0, "snapshot: %s", strerror(-error));
    note_read(me, found[0], start, end);
    for (unsigned i = 0; i < LENGTH; i++) {
        CHECK(found[i] == element_of(found[0], i), "element %u is not of version %" PRIu64, i,
              found[0]);
    }
}

static void note_change(struct actor *me, uint64_t version, uint32_t start)
{
    struct event *event = note(me, EVENT_SWAP, version, start, end_of_operation(me));
    event->other = version - 1;
}

/** A version that nothing else belongs to. */
static void change_one(struct seam_array *array, struct actor *me, uint64_t version)
{
    uint64_t found = version - 1;
    uint32_t start = start_of_operation(me);
    int done = seam_array_compare_exchange(array, 0, &found, &version);
    if (done == 1) {
        note_change(me, version, start);
        return;
    }
    CHECK(done == 0 && found != version - 1, "compare and exchange: %d", done);
    note_read(me, found, start, end_of_operation(me));
}

static void change_several(struct seam_array *array, struct actor *me)
{
    uint64_t now[LENGTH];
    bool abort = roll(me, 8) == 0;
    uint32_t start = start_of_operation(me);
    CHECK(seam_array_begin(array) == 0 && seam_array_snapshot(array, 0, LENGTH, now) == 0, "begin");
    const uint64_t version = now[0] + 1;
    for (unsigned i = LENGTH; i-- > 0;) {
        CHECK(now[i] == element_of(now[0], i), "begun with %" PRIx64 " at %u", now[i], i);
        uint64_t element = abort ? ~version : element_of(version, i);
        if (abort || i == 0 || changes(version, i)) {
            CHECK(seam_array_set(array, i, &element) == 0, "set");
        }
    }
    if (abort) {
        CHECK(seam_array_abort(array) == 0, "abort");
        note_read(me, version - 1, start, end_of_operation(me));
    } else {
        CHECK(seam_array_commit(array) == 0, "commit");
        note_change(me, version, start);
    }
}

static void create(struct round *round)
{
    const struct seam_array_options options = {
        .type = SEAM_UINT64, .length = LENGTH, .mode = SEAM_LOCKED};
    CHECK(seam_array_create(NULL, &options, &round->array) == 0, "create: %s", seam_error_detail());
}

static void act(const struct round *round, struct actor *me)
{
    struct seam_array *array;
    CHECK(seam_array_reopen(round->array, NULL, &array) == 0, "reopen: %s", seam_error_detail());
    wait_for_all(me);
    for (uint32_t i = 0; i < round->quota; i++) {
        uint32_t count = me->history->count;
        uint64_t next = 1 + (count > 0 ? me->history->events[count - 1].value : 0);
        if (roll(me, 3) != 0) {
            if (roll(me, 2) == 0) {
                look(array, me);
            } else {
                look_at_all(array, me);
            }
        } else if (next % 4 == 0) {
            change_one(array, me, next);
        } else {
            change_several(array, me);
        }
        breathe(me, 30);
    }
    seam_array_close(array);
}

static bool check(const struct round *round, struct verdict *verdict)
{
    struct actor last = {.stage = round->stage, .history = &round->stage->histories[0]};
    look_at_all(round->array, &last);
    seam_array_close(round->array);
    return check_registers(round->stage, 1, verdict);
}

const struct game array_games[] = {
    {"transactions", 4, 1U << SEAM_LOCKED, create, act, check},
    {0},
};
