/* SPDX-License-Identifier: MIT */
/* What the sending calls have in common, and how a handle becomes a writer and stops being one. */
#ifndef SEAM_CHANNEL_WRITER_H
#define SEAM_CHANNEL_WRITER_H

#include "channel/handle.h"

/** Takes the lease and the tail. @return 0; -EBUSY a live writer has it; -EUSERS so have all lanes
 */
int seam_writer_open(struct seam_channel *channel);

/** Leaves in order: readers learn that nothing more will come. */
void seam_writer_close(struct seam_channel *channel);

/** Begins a turn of writing. With others about, the tail may have moved. @return 0 or -errno */
int seam_writer_enter(struct seam_channel *channel, int64_t deadline_ns);

/** The ordinary case: nothing stands before it, and the ring is prepared. Calls nobody. */
static inline bool seam_can_send_at_once(const struct seam_channel *channel, size_t size,
                                         uint64_t *ret_next)
{
    *ret_next = seam_record_end(channel->tail.position, size);
    return likely(channel->fast_send_key == seam_fork_generation) &&
           likely(size <= channel->log.max_message) &&
           likely(!seam_before(channel->tail.checked, *ret_next + SEAM_HEADER_BYTES));
}

/** Nothing is reserved: from now on the next send may go straight ahead, if there is no lock. */
static inline void seam_end_reservation(struct seam_channel *channel)
{
    channel->reserved = false;
    if (likely(channel->write_guard == NULL)) {
        channel->fast_send_key = channel->writer_key;
    } else {
        seam_mutex_leave(channel->write_guard);
    }
}

#endif
