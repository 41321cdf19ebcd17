/* SPDX-License-Identifier: MIT */
/* What a struct seam_channel holds. Private to the process; only src/channel sees it. */
#ifndef SEAM_CHANNEL_HANDLE_H
#define SEAM_CHANNEL_HANDLE_H

#include <errno.h>

#include "channel/log.h"
#include "region/region.h"
#include "seam/channel.h"
#include "wait/barrier.h"
#include "wait/mutex.h"
#include "wait/waiter.h"

/** The cursor by which a reader finds its next message. */
enum seam_cursor_kind {
    SEAM_CURSOR_PRIVATE, /* in the handle; no writer waits for it */
    SEAM_CURSOR_SLOT,    /* in the handle, and published in a slot of the table */
    SEAM_CURSOR_SHARED   /* the one of the work queue, for all readers */
};

/** A reader's place in one lane, while it looks at another. */
struct seam_lane {
    struct seam_log log;
    struct seam_slot *slots;
    struct seam_record next;
};

/** A reader's lanes. */
struct seam_lanes {
    unsigned count;
    unsigned current; /* its place is in the handle itself */
    uint64_t began;   /* how many messages had been received when its turn began */
    uint64_t waited;  /* and when there had to be waited last */
    struct seam_lane lane[];
};

struct seam_channel {
    /*
     * Keys: each is seam_fork_generation while it fits in this process, else 0.
     *
     *     writer_key     the handle may send       seam_writer_open to seam_writer_close
     *     reader_key     it may receive            seam_reader_open to seam_reader_close
     *     fast_send_key  and so without a look     while nothing is reserved and there is no lock
     *     fast_recv_key  at anything else before   seam_set_fast_recv_key; 0 while a lane's turn
     * may be over
     */
    uint64_t writer_key, reader_key;
    uint64_t fast_send_key, fast_recv_key;
    struct seam_log log;
    struct seam_slot *slots; /* the cursor table that belongs to it */
    struct seam_desk *desk;

    /* Writer. */
    unsigned lane;
    struct seam_tail tail;
    uint64_t limit;                 /* the ring may be written up to here; see I3 */
    struct seam_mutex *write_guard; /* around every write; NULL: the lease is enough */
    bool never_waits;               /* ignores cursors: overwrite */
    int64_t reap_at_ns;             /* when to look for dead readers again */
    uint64_t full_at;               /* number of the last message that found the ring full */
    bool reserved;                  /* between reserve and commit */
    uint64_t reserved_size;

    /* Reader. */
    struct seam_record next; /* where the next message will be; its size while it is peeked at */
    uint64_t last_bytes;     /* bytes of the last record */
    uint64_t waited_at;      /* sequence number of the last message that had to be waited for */
    enum seam_cursor_kind cursor_kind;
    struct seam_slot *slot; /* SEAM_CURSOR_SLOT */
    int slot_index;
    struct seam_lanes *lanes;      /* NULL: the only one */
    struct seam_mutex *read_guard; /* locked mode: around every read */
    bool peeked;                   /* between peek and release */
    bool follow;                   /* a writer that is gone is no reason to give up */
    bool writer_is_faster;         /* recv_latest passed over several messages last time */
    bool acknowledges; /* the cursor stays until it is told to; slot is NULL until then */

    struct seam_mutex mutex; /* what guards, where anything does */
    struct seam_waiter waiter;
    struct seam_channel_stats stats; /* this handle's own; the shared ones are in the log */
    struct seam_region region;
    enum seam_role role;
};

/* So many messages from one lane are enough, where others have some. */
#define SEAM_TURN 64U

/** A lossless writer looks at the cursors at least once in this fraction of the ring. */
#define SEAM_LOOK_EVERY 4U

/** Whether this reader takes its messages by the cursor that all readers share. */
static inline bool seam_shares_cursor(const struct seam_channel *channel)
{
    return channel->cursor_kind == SEAM_CURSOR_SHARED;
}

/** The cursor that the readers of a work queue share. */
static inline _Atomic uint64_t *seam_shared_cursor(const struct seam_channel *channel)
{
    return &channel->slots[0].cursor;
}

/** Why a call with the wrong key is refused. @return -EPERM or -EBADF */
int seam_handle_refuse(const struct seam_channel *channel);

/** Only where nothing has to be looked at before may a reader go straight ahead. */
static inline void seam_set_fast_recv_key(struct seam_channel *channel)
{
    bool plain = channel->read_guard == NULL && !seam_shares_cursor(channel) &&
                 channel->waiter.patience == 0;
    channel->fast_recv_key = plain ? channel->reader_key : 0;
}

/**
 * Takes the lock where there is one. The log is whole at every instruction, so a holder that died
 * left nothing to repair beyond what every writer does: look for the true tail.
 * @return 0; -EDEADLK, -EAGAIN, -ETIMEDOUT as seam_mutex_enter
 */
static inline int seam_guard_enter(struct seam_mutex *guard, int64_t deadline_ns)
{
    int error = guard != NULL ? seam_mutex_enter(guard, deadline_ns) : 0;
    return error == -EOWNERDEAD ? 0 : error;
}

static inline void seam_guard_leave(struct seam_mutex *guard)
{
    if (guard != NULL) {
        seam_mutex_leave(guard);
    }
}

/* Somebody sleeps, or somebody needs fences; a wake count in between doesn't matter. */
#define SEAM_DATA_ATTENTION (UINT64_C(0xffffffff00000000) | SEAM_WANTED)

/** The rest of announcing: fences, if that is wanted, and wakes. @return 0 */
int seam_announce_slowly(struct seam_channel *channel, _Atomic uint32_t *flag);

/** Tells sleeping readers that there is news. @return 0, for what a send ends with */
static inline int seam_announce_data(struct seam_channel *channel)
{
    struct seam_desk *desk = channel->desk;
    /* P2, pairs with S2 in seam_barrier_heavy: the news before the look at the flag */
    seam_barrier_light(false);
    if (unlikely((load_relaxed(&desk->data_wanted_and_fences) & SEAM_DATA_ATTENTION) != 0)) {
        return seam_announce_slowly(channel, &desk->data_wanted);
    }
    return 0;
}

/** Tells sleeping writers that a cursor has moved. */
static inline void seam_announce_space(struct seam_channel *channel)
{
    struct seam_desk *desk = channel->desk;
    /* P2, pairs with S2 in seam_barrier_heavy: as above, the other way round */
    seam_barrier_light(false);
    if (unlikely(load_relaxed(&desk->fences) != 0 || seam_is_wanted(&desk->space_wanted))) {
        (void)seam_announce_slowly(channel, &desk->space_wanted);
    }
}

#endif
