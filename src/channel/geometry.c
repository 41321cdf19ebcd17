/* SPDX-License-Identifier: MIT */
#include "channel/geometry.h"

#include <errno.h>
#include <string.h>

#include "channel/log.h"
#include "channel/test_hooks.h"
#include "region/error.h"

#define DEFAULT_MAX_MESSAGE 4096U
/* Enough to stream in, little enough for the caches; see bench/throughput, by size of the ring. */
#define DEFAULT_CAPACITY (UINT64_C(512) << 10)
#define DEFAULT_CAPACITY_MOST (UINT64_C(4) << 20)
#define DEFAULT_RECORDS 32U
#define CAPACITY_MOST (UINT64_C(16) << 30)
#define DEFAULT_READERS 16U
/* Records that must fit: the newest stays whole while others are written. */
#define RECORDS_AT_LEAST 4U

uint64_t seam_test_first_position = 0;
uint64_t seam_test_first_sequence = 1;

int seam_check_cursor_name(const char *name)
{
    size_t length = strnlen(name, SEAM_CURSOR_NAME_BYTES);
    return length > 0 && length < SEAM_CURSOR_NAME_BYTES ? 0 : seam_fail(EINVAL, "cursor");
}

int seam_check_options(const struct seam_channel_options *o)
{
    for (size_t i = 0; i < sizeof(o->reserved) / sizeof(o->reserved[0]); i++) {
        if (o->reserved[i] != 0) {
            return seam_fail(EINVAL, "reserved");
        }
    }
    if ((unsigned)o->role > SEAM_OBSERVER) {
        return seam_fail(EINVAL, "role");
    }
    if ((unsigned)o->policy > SEAM_WORK_QUEUE) {
        return seam_fail(EINVAL, "policy");
    }
    if ((unsigned)o->mode > SEAM_LOCKED) {
        return seam_fail(EINVAL, "mode");
    }
    if (o->writers > SEAM_LANES_MAX || (o->writers > 1 && o->many_writers)) {
        return seam_fail(EINVAL, "writers");
    }
    if ((unsigned)o->start > SEAM_FROM_NEXT) {
        return seam_fail(EINVAL, "start");
    }
    if ((unsigned)o->wait > SEAM_WAIT_SLEEP) {
        return seam_fail(EINVAL, "wait");
    }
    return o->cursor != NULL ? seam_check_cursor_name(o->cursor) : 0;
}

static uint64_t power_of_two_from(uint64_t least)
{
    uint64_t power = 4096;
    while (power < least) {
        power *= 2;
    }
    return power;
}

static uint64_t default_capacity(uint64_t max_message)
{
    uint64_t capacity = DEFAULT_RECORDS * seam_record_room(max_message);
    capacity = capacity < DEFAULT_CAPACITY ? DEFAULT_CAPACITY : capacity;
    return capacity < DEFAULT_CAPACITY_MOST ? capacity : DEFAULT_CAPACITY_MOST;
}

int seam_choose_geometry(const struct seam_channel_options *o, struct seam_stamp *stamp)
{
    uint64_t page = stamp->page_bytes;
    uint64_t max_message = o->max_message != 0 ? o->max_message : DEFAULT_MAX_MESSAGE;
    uint64_t readers = o->max_readers != 0 ? o->max_readers : DEFAULT_READERS;
    /* In locked mode writers take turns; so they do where each is to have a lane otherwise. */
    uint64_t lanes = o->writers > 1 && stamp->mode == SEAM_LOCK_FREE ? o->writers : 1;
    if (max_message > CAPACITY_MOST / RECORDS_AT_LEAST - seam_record_room(0)) {
        return seam_fail(EINVAL, "max_message");
    }
    if (o->capacity > CAPACITY_MOST) {
        return seam_fail(EINVAL, "capacity");
    }
    if (readers > SEAM_READERS_MAX) {
        return seam_fail(EINVAL, "max_readers");
    }
    uint64_t least = RECORDS_AT_LEAST * seam_record_room(max_message);
    uint64_t wanted = o->capacity != 0 ? o->capacity : default_capacity(max_message);
    wanted = wanted < least ? least : wanted;
    uint64_t desk = sizeof(struct seam_desk) + lanes * readers * sizeof(struct seam_slot);
    stamp->capacity = power_of_two_from(wanted < page ? page : wanted);
    if (stamp->capacity > CAPACITY_MOST / lanes) {
        return seam_fail(EINVAL, "capacity");
    }
    stamp->max_message = max_message;
    stamp->max_readers = readers;
    stamp->lanes = lanes;
    stamp->log_bytes = lanes * (page + stamp->capacity);
    stamp->desk_bytes = (desk + page - 1) / page * page;
    stamp->first_position = seam_test_first_position;
    stamp->first_sequence = seam_test_first_sequence;
    return 0;
}

int seam_check_geometry(const struct seam_stamp *s)
{
    if (s->policy < SEAM_LOSSLESS || s->policy > SEAM_WORK_QUEUE) {
        return seam_fail(EPROTO, "policy");
    }
    bool takes_turns = s->mode == SEAM_LOCKED || s->many_writers != 0;
    if (s->mode < SEAM_LOCK_FREE || s->mode > SEAM_LOCKED || s->many_writers > 1 ||
        s->one_way > 1 || (s->lanes > 1 && takes_turns)) {
        return seam_fail(EPROTO, "mode");
    }
    if (s->capacity < 4096 || s->capacity > CAPACITY_MOST ||
        (s->capacity & (s->capacity - 1)) != 0 ||
        s->log_bytes != s->lanes * (s->page_bytes + s->capacity)) {
        return seam_fail(EPROTO, "capacity");
    }
    if (s->max_message > s->capacity / RECORDS_AT_LEAST - seam_record_room(0)) {
        return seam_fail(EPROTO, "max_message");
    }
    if (s->max_readers == 0 || s->max_readers > SEAM_READERS_MAX ||
        s->desk_bytes <
            sizeof(struct seam_desk) + s->lanes * s->max_readers * sizeof(struct seam_slot)) {
        return seam_fail(EPROTO, "max_readers");
    }
    return s->first_position % SEAM_HEADER_BYTES == 0 ? 0 : seam_fail(EPROTO, "first position");
}

int seam_check_wanted(const struct seam_channel_options *o, const struct seam_stamp *s)
{
    if (o->policy != SEAM_POLICY_DEFAULT && (uint32_t)o->policy != s->policy) {
        return seam_fail(EPROTO, "policy");
    }
    if (o->mode != SEAM_MODE_DEFAULT && (uint32_t)o->mode != s->mode) {
        return seam_fail(EPROTO, "mode");
    }
    return o->max_message <= s->max_message ? 0 : seam_fail(EMSGSIZE, "max_message");
}

int seam_check_combination(const struct seam_channel_options *o, enum seam_role role,
                           uint32_t policy)
{
    if (o->cursor != NULL && !seam_policy_has_cursors(policy)) {
        return seam_fail(EINVAL, "cursor");
    }
    if (o->overwrite && (seam_policy_shares_cursor(policy) || role != SEAM_WRITER)) {
        return seam_fail(EINVAL, "overwrite");
    }
    if (o->acknowledge && (!seam_policy_has_cursors(policy) || role != SEAM_READER)) {
        return seam_fail(EINVAL, "acknowledge");
    }
    return 0;
}
