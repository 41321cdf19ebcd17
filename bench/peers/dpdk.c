/* SPDX-License-Identifier: MIT */
/* DPDK's rte_ring for one producer and one consumer, without the rest of DPDK around it. */
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

struct link {
    struct peer_link wish;
    struct rte_ring *ring;
    size_t bytes;
    unsigned burst; /* messages at once */
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_ring(void *context, const struct peer_link *wish)
{
    struct link *link = context;
    unsigned count = (unsigned)slots_for(wish->ring_bytes, wish->size, 4);
    ssize_t bytes = rte_ring_get_memsize_elem((unsigned)wish->size, count);
    if (bytes < 0) {
        return -EMSGSIZE;
    }
    link->wish = *wish;
    link->burst = wish->bursts ? PEER_BURST / 2 : 1;
    link->bytes = (size_t)bytes;
    link->ring = shared_new(link->bytes);
    if (link->ring == NULL) {
        return -ENOMEM;
    }
    return rte_ring_init(link->ring, "bench", count, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static inline int send_all(struct link *link, uint64_t first, uint64_t count, unsigned size)
{
    for (uint64_t done = 0; done < count;) {
        unsigned n = count - done < link->burst ? (unsigned)(count - done) : link->burst, sent = 0;
        for (unsigned i = 0; i < n; i++) {
            payload_write(link->buffer + (size_t)i * size, size, first + done + i);
        }
        for (;;) {
            sent += rte_ring_sp_enqueue_burst_elem(link->ring, link->buffer + (size_t)sent * size,
                                                   size, n - sent, NULL);
            if (sent == n) {
                break;
            }
            spin_once();
        }
        done += n;
    }
    return 0;
}

static inline int recv_all(struct link *link, uint64_t first, uint64_t count, unsigned size)
{
    for (uint64_t done = 0; done < count;) {
        unsigned most = count - done < link->burst ? (unsigned)(count - done) : link->burst;
        unsigned got = rte_ring_sc_dequeue_burst_elem(link->ring, link->buffer, size, most, NULL);
        if (got == 0) {
            spin_once();
        }
        for (unsigned i = 0; i < got; i++, done++) {
            if (!payload_is(link->buffer + (size_t)i * size, size, first + done)) {
                return -EBADMSG;
            }
        }
    }
    return 0;
}

static int send_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    /* A constant where the library has a copy of its own for that size. */
    return link->wish.size == 8 ? send_all(link, first, count, 8)
                                : send_all(link, first, count, (unsigned)link->wish.size);
}

static int recv_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    return link->wish.size == 8 ? recv_all(link, first, count, 8)
                                : recv_all(link, first, count, (unsigned)link->wish.size);
}

static void close_ring(void *context)
{
    struct link *link = context;
    shared_free(link->ring, link->bytes);
}

const struct peer peer_dpdk = {
    .name = "dpdk",
    .title = "DPDK rte_ring",
    .config = "SP/SC elements; bursts of 32, inlined",
    .spins = true,
    .bursts = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_ring,
    .send = send_ring,
    .recv = recv_ring,
    .close = close_ring,
};
