/* SPDX-License-Identifier: MIT */
/*
 * liburcu: its wait-free queue, whose nodes lie in memory that both processes have at the same
 * address, taken in turn; and RCU for a newest value between threads.
 */
#define _LGPL_SOURCE
#define URCU_INLINE_SMALL_FUNCTIONS
#include <stdatomic.h>
#include <urcu/urcu-memb.h>
#include <urcu/wfcqueue.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

struct shared {
    _Alignas(128) struct cds_wfcq_head head;
    _Alignas(128) struct cds_wfcq_tail tail;
    _Alignas(128) _Atomic uint64_t received; /* nodes before this may be used again */
    _Alignas(128) unsigned char nodes[];
};

struct link {
    struct peer_link wish;
    struct shared *shared;
    size_t bytes, stride, count;
    uint64_t own, other;
};

static int open_queue(void *context, const struct peer_link *wish)
{
    struct link *link = context;
    link->wish = *wish;
    link->stride = (sizeof(struct cds_wfcq_node) + wish->size + 63) & ~(size_t)63;
    link->count = slots_for(wish->ring_bytes, link->stride, 4);
    link->bytes = sizeof(struct shared) + link->count * link->stride;
    link->shared = shared_new(link->bytes);
    if (link->shared == NULL) {
        return -ENOMEM;
    }
    cds_wfcq_init(&link->shared->head, &link->shared->tail);
    return 0;
}

static int send_queue(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    struct shared *shared = link->shared;
    for (uint64_t i = 0; i < count; i++) {
        while (link->own - link->other == link->count) {
            link->other = atomic_load_explicit(&shared->received, memory_order_acquire);
            spin_once();
        }
        unsigned char *at = shared->nodes + (link->own & (link->count - 1)) * link->stride;
        struct cds_wfcq_node *node = (struct cds_wfcq_node *)(void *)at;
        payload_write(at + sizeof(*node), link->wish.size, first + i);
        cds_wfcq_node_init(node);
        (void)cds_wfcq_enqueue(&shared->head, &shared->tail, node);
        link->own++;
    }
    return 0;
}

static int recv_queue(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    struct shared *shared = link->shared;
    for (uint64_t i = 0; i < count; i++) {
        struct cds_wfcq_node *node;
        while ((node = __cds_wfcq_dequeue_nonblocking(&shared->head, &shared->tail)) == NULL ||
               node == CDS_WFCQ_WOULDBLOCK) {
            spin_once();
        }
        bool right = payload_is((const unsigned char *)(node + 1), link->wish.size, first + i);
        link->own++;
        atomic_store_explicit(&shared->received, link->own, memory_order_release);
        if (!right) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_queue(void *context)
{
    struct link *link = context;
    shared_free(link->shared, link->bytes);
}

const struct peer peer_urcu = {
    .name = "urcu",
    .title = "liburcu wfcqueue",
    .config = "nodes in turn, written in place",
    .spins = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_queue,
    .send = send_queue,
    .recv = recv_queue,
    .close = close_queue,
};

/* ---- RCU ---- */

/* After so many writes the writer waits until nobody can read the oldest any more. */
#define POOL 4096U

struct version {
    _Alignas(64) unsigned char bytes[PEER_LATEST_BYTES + 28];
};

struct latest {
    struct version *newest;
    uint64_t written;
    _Alignas(128) unsigned char in[PEER_LATEST_BYTES + 28];
    struct version pool[POOL];
};

static int open_latest(void *context)
{
    (void)context;
    return 0;
}

static void enter(void *context)
{
    (void)context;
    urcu_memb_register_thread();
}

static void leave(void *context)
{
    (void)context;
    urcu_memb_unregister_thread();
}

static int write_latest(void *context, uint64_t first, uint64_t count)
{
    struct latest *latest = context;
    for (uint64_t i = 0; i < count; i++) {
        if (latest->written % (POOL / 2) == 0) {
            urcu_memb_synchronize_rcu(); /* the half that comes next is nobody's */
        }
        struct version *version = &latest->pool[latest->written++ % POOL];
        payload_write(version->bytes, PEER_LATEST_BYTES, first + i);
        rcu_assign_pointer(latest->newest, version);
    }
    return 0;
}

static int read_latest(void *context, uint64_t *ret_version)
{
    struct latest *latest = context;
    urcu_memb_read_lock();
    const struct version *version = rcu_dereference(latest->newest);
    memcpy(latest->in, version->bytes, PEER_LATEST_BYTES);
    urcu_memb_read_unlock();
    *ret_version = payload_sequence(latest->in, PEER_LATEST_BYTES);
    return payload_is(latest->in, PEER_LATEST_BYTES, *ret_version) ? 1 : -EBADMSG;
}

static void close_latest(void *context)
{
    (void)context;
}

const struct latest_peer latest_urcu = {
    .name = "urcu",
    .title = "liburcu RCU",
    .config = "memb flavour, a pool of 4096 versions, one grace period for each half of it",
    .context_bytes = sizeof(struct latest),
    .open = open_latest,
    .enter = enter,
    .leave = leave,
    .write = write_latest,
    .read = read_latest,
    .close = close_latest,
};
