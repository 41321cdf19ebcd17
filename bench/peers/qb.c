/* SPDX-License-Identifier: MIT */
/* libqb's ring buffer, without its semaphore. */
#include <qb/qbrb.h>
#include <stdio.h>
#include <unistd.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

struct link {
    struct peer_link wish;
    qb_ringbuffer_t *ring;
    char name[64];
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_ring(void *context, const struct peer_link *wish)
{
    static unsigned number;
    struct link *link = context;
    link->wish = *wish;
    (void)snprintf(link->name, sizeof(link->name), "seam-bench-%d-%u", (int)getpid(), number++);
    size_t bytes = wish->ring_bytes > 4 * wish->size ? wish->ring_bytes : 4 * wish->size;
    link->ring =
        qb_rb_open(link->name, bytes,
                   QB_RB_FLAG_CREATE | QB_RB_FLAG_SHARED_PROCESS | QB_RB_FLAG_NO_SEMAPHORE, 0);
    return link->ring != NULL ? 0 : -errno; /* the child inherits the mapping */
}

static int send_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    const ssize_t size = (ssize_t)link->wish.size;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        while (qb_rb_chunk_write(link->ring, link->buffer, link->wish.size) != size) {
            spin_once();
        }
    }
    return 0;
}

static int recv_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        ssize_t got;
        while ((got = qb_rb_chunk_read(link->ring, link->buffer, sizeof(link->buffer), 0)) <= 0) {
            spin_once();
        }
        if (got != (ssize_t)link->wish.size ||
            !payload_is(link->buffer, link->wish.size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_ring(void *context)
{
    struct link *link = context;
    if (link->ring != NULL) {
        qb_rb_close(link->ring);
    }
}

const struct peer peer_qb = {
    .name = "qb",
    .title = "libqb ring",
    .config = "shared by processes, no semaphore",
    .spins = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_ring,
    .send = send_ring,
    .recv = recv_ring,
    .close = close_ring,
};
