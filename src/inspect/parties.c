/* SPDX-License-Identifier: MIT */
/* Who is at a channel: its writers, and the cursors of its readers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/geometry.h"
#include "channel/log.h"
#include "inspect/view.h"
#include "region/error.h"
#include "seam/inspect.h"

/** A list that may be longer than there is room for. */
struct list {
    struct seam_party *parties;
    size_t most;
    size_t count;
};

static void add(struct list *list, const struct seam_party *party)
{
    if (list->count < list->most) {
        list->parties[list->count] = *party;
    }
    list->count++;
}

/** Where a lane ends, about. */
static struct seam_record tail_of(const struct seam_view *view, unsigned lane,
                                  const struct seam_log_head *head)
{
    const struct seam_stamp *stamp = &view->stamp;
    uint64_t position = load_relaxed(&head->newest);
    if (position == SEAM_NOWHERE) {
        return (struct seam_record){.position = stamp->first_position,
                                    .sequence = stamp->first_sequence};
    }
    uint64_t size = (uint32_t)seam_view_header(view, lane, position) - UINT64_C(1);
    uint64_t sequence = load_relaxed(&head->newest_sequence);
    if (size > stamp->max_message) { /* announced only (I4): it is where the log ends */
        return (struct seam_record){.position = position, .sequence = sequence};
    }
    return (struct seam_record){.position = seam_record_end(position, size),
                                .sequence = sequence + 1};
}

/** How far behind is somebody at @p cursor? Nonsense is not behind at all. */
static void add_lag(struct seam_party *party, const struct seam_record *tail,
                    const struct seam_view *view, uint64_t cursor, uint64_t sequence)
{
    uint64_t bytes = tail->position - cursor;
    if (bytes <= view->stamp.capacity) {
        uint64_t most = bytes / SEAM_HEADER_BYTES, messages = tail->sequence - sequence;
        party->lag_bytes += bytes;
        party->lag_messages += messages < most ? messages : most;
    }
}

/** A lane, as far as it is told about. */
struct lane {
    struct seam_record tail;
    pid_t writer;
    bool has_ended; /* its last writer has closed it, or there was none */
    struct seam_slot slots[SEAM_READERS_MAX];
};

static bool read_lane(const struct seam_view *view, unsigned number, struct lane *lane)
{
    struct seam_log_head head;
    if (!seam_view_read_head(view, number, &head) ||
        !seam_view_read_slots(view, number, lane->slots)) {
        return false;
    }
    lane->tail = tail_of(view, number, &head);
    lane->writer = (pid_t)(load_relaxed(&head.writer_pid) & INT32_MAX);
    lane->has_ended = load_relaxed(&head.epoch) == load_relaxed(&head.ended);
    return true;
}

static void add_writer(struct list *list, const struct seam_view *view, unsigned number,
                       const struct lane *lane)
{
    const int byte = view->stamp.lanes > 1 ? SEAM_LEASE_LANE + (int)number : (int)SEAM_LEASE_WRITER;
    const struct seam_party party = {.role = SEAM_WRITER,
                                     .is_alive = seam_view_is_held(view, byte),
                                     .pid = lane->writer,
                                     .lane = number};
    if (!lane->has_ended) {
        add(list, &party);
    }
}

/** The readers of a work queue are one to their writer. */
static void add_workers(struct list *list, const struct seam_view *view, const struct lane *lanes)
{
    struct seam_party party = {.role = SEAM_READER,
                               .is_alive = seam_view_is_held(view, SEAM_LEASE_PRESENCE)};
    for (unsigned i = 0; i < view->stamp.lanes; i++) {
        uint64_t cursor = load_relaxed(&lanes[i].slots[0].cursor);
        uint32_t low = (uint32_t)(seam_view_header(view, i, cursor) >> 32);
        add_lag(&party, &lanes[i].tail, view, cursor, seam_widen(lanes[i].tail.sequence, low));
    }
    add(list, &party);
}

static void add_reader(struct list *list, const struct seam_view *view, const struct lane *lanes,
                       unsigned index)
{
    const struct seam_slot *slot = &lanes[0].slots[index];
    struct seam_party party = {
        .role = SEAM_READER,
        .is_alive = seam_view_is_held(view, SEAM_LEASE_SLOT + (int)index),
        .pid = (pid_t)(load_relaxed(&slot->pid) & INT32_MAX),
    };
    if (load_relaxed(&slot->cursor) == SEAM_NOWHERE) {
        return;
    }
    if (load_relaxed(&slot->kind) == SEAM_SLOT_DURABLE) {
        memcpy(party.cursor, (const void *)slot->name, sizeof(party.cursor) - 1);
    }
    for (unsigned i = 0; i < view->stamp.lanes; i++) {
        slot = &lanes[i].slots[index];
        add_lag(&party, &lanes[i].tail, view, load_relaxed(&slot->cursor),
                load_relaxed(&slot->sequence));
    }
    add(list, &party);
}

static int add_all(struct list *list, const struct seam_view *view)
{
    const unsigned count = (unsigned)view->stamp.lanes;
    struct lane *lanes = calloc(count, sizeof(*lanes));
    if (lanes == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = 0;
    for (unsigned i = 0; i < count && error == 0; i++) {
        error = read_lane(view, i, &lanes[i]) ? 0 : seam_fail(EPROTO, "log size");
    }
    for (unsigned i = 0; i < count && error == 0; i++) {
        add_writer(list, view, i, &lanes[i]);
    }
    if (error == 0 && seam_policy_shares_cursor(view->stamp.policy)) {
        add_workers(list, view, lanes);
    } else if (error == 0 && seam_policy_has_cursors(view->stamp.policy)) {
        for (unsigned i = 0; i < view->stamp.max_readers; i++) {
            add_reader(list, view, lanes, i);
        }
    }
    free(lanes);
    return error;
}

ssize_t seam_channel_parties(const char *name, const struct seam_region_options *region,
                             struct seam_party *ret_parties, size_t most)
{
    struct list list = {.parties = ret_parties, .most = most};
    struct seam_view view;
    int error = seam_view_find(&view, name, seam_view_options(region));
    if (error != 0) {
        return error;
    }
    error = view.error != 0                        ? seam_fail(-view.error, view.detail)
            : view.stamp.kind != SEAM_KIND_CHANNEL ? seam_fail(EPROTO, "kind")
                                                   : seam_check_geometry(&view.stamp);
    if (error == 0) {
        error = add_all(&list, &view);
    }
    seam_view_close(&view);
    return error != 0 ? error : (ssize_t)list.count;
}
