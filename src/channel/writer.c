/* SPDX-License-Identifier: MIT */
#include "channel/writer.h"

#include <unistd.h>

#include "channel/lanes.h"
#include "channel/writable.h"

#define LEAVE_PATIENCE_NS INT64_C(1000000000)

int seam_writer_enter(struct seam_channel *channel, int64_t deadline_ns)
{
    if (channel->reserved) {
        return -EALREADY;
    }
    int error = seam_guard_enter(channel->write_guard, deadline_ns);
    if (error == 0) {
        if (seam_log_recover(&channel->log, &channel->tail) != 0) {
            seam_guard_leave(channel->write_guard);
            return -EBADMSG; /* nobody writes meanwhile, so the log itself is wrong */
        }
    }
    return error;
}

int seam_channel_drain_until(struct seam_channel *channel, int64_t deadline_ns)
{
    if (channel->writer_key != seam_fork_generation) {
        return seam_handle_refuse(channel);
    }
    return seam_await_space(channel, SEAM_ALL_READ, deadline_ns);
}

int seam_writer_open(struct seam_channel *channel)
{
    const struct seam_stamp *stamp = &channel->region.stamp;
    int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_WRITER,
                                stamp->many_writers == 0 && stamp->lanes == 1);
    if (error == 0 && stamp->lanes > 1) {
        error = seam_lane_take(channel);
    }
    if (error != 0) {
        return error;
    }
    error = seam_writer_enter(channel, SEAM_FOREVER);
    if (error != 0) {
        return error;
    }
    struct seam_log_head *head = channel->log.head;
    channel->limit = channel->tail.prepared;
    /* Readers only compare it with `ended`, and with zero, which it passes over when it wraps. */
    if (add_relaxed(&head->epoch, 1) == UINT32_MAX) {
        add_relaxed(&head->epoch, 1);
    }
    store_relaxed(&head->writer_pid, (uint32_t)getpid());
    channel->writer_key = seam_fork_generation;
    seam_end_reservation(channel);
    return 0;
}

void seam_writer_close(struct seam_channel *channel)
{
    struct seam_log_head *head = channel->log.head;
    if (channel->reserved) {
        seam_end_reservation(channel);
    }
    channel->writer_key = channel->fast_send_key = 0;
    /* One writer leaves at a time, to find out who is last; a stopped one must not hold us up. */
    bool entered =
        seam_guard_enter(channel->write_guard, seam_deadline_in_ns(LEAVE_PATIENCE_NS)) == 0;
    bool alone = channel->region.stamp.lanes > 1; /* in its lane */
    if (alone || !seam_lease_held_by_others(&channel->region.lease, SEAM_LEASE_WRITER)) {
        /* E1, pairs with E2 in seam_last_writer: all that was sent is there when this is seen.
         */
        store_release(&head->ended, load_relaxed(&head->epoch));
    }
    seam_lease_drop(&channel->region.lease, SEAM_LEASE_WRITER);
    if (entered) {
        seam_guard_leave(channel->write_guard);
    }
    seam_announce_data(channel);
}
