/* SPDX-License-Identifier: MIT */
/* Concurrency Kit: ck_ring between two, with elements of the message's size; ck_sequence. */
#include <ck_ring.h>
#include <ck_sequence.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

struct shared {
    ck_ring_t ring;
    _Alignas(64) unsigned char elements[];
};

struct link {
    struct peer_link wish;
    struct shared *shared;
    size_t bytes;
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_ring(void *context, const struct peer_link *wish)
{
    struct link *link = context;
    size_t count = slots_for(wish->ring_bytes, wish->size, 4);
    link->wish = *wish;
    link->bytes = sizeof(struct shared) + count * wish->size;
    link->shared = shared_new(link->bytes);
    if (link->shared == NULL) {
        return -ENOMEM;
    }
    ck_ring_init(&link->shared->ring, (unsigned)count);
    return 0;
}

/* The size is a constant in each call, as it is for who uses CK_RING_PROTOTYPE with a type. */
static inline int send_all(struct link *link, uint64_t first, uint64_t count, unsigned size)
{
    struct shared *shared = link->shared;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, size, first + i);
        while (!_ck_ring_enqueue_sp(&shared->ring, shared->elements, link->buffer, size, NULL)) {
            spin_once();
        }
    }
    return 0;
}

static inline int recv_all(struct link *link, uint64_t first, uint64_t count, unsigned size)
{
    struct shared *shared = link->shared;
    for (uint64_t i = 0; i < count; i++) {
        while (!_ck_ring_dequeue_sc(&shared->ring, shared->elements, link->buffer, size)) {
            spin_once();
        }
        if (!payload_is(link->buffer, size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static int send_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    switch (link->wish.size) {
    case 8:
        return send_all(link, first, count, 8);
    case 48:
        return send_all(link, first, count, 48);
    case 100:
        return send_all(link, first, count, 100);
    case 1024:
        return send_all(link, first, count, 1024);
    default:
        return send_all(link, first, count, (unsigned)link->wish.size);
    }
}

static int recv_ring(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    switch (link->wish.size) {
    case 8:
        return recv_all(link, first, count, 8);
    case 48:
        return recv_all(link, first, count, 48);
    case 100:
        return recv_all(link, first, count, 100);
    case 1024:
        return recv_all(link, first, count, 1024);
    default:
        return recv_all(link, first, count, (unsigned)link->wish.size);
    }
}

static void close_ring(void *context)
{
    struct link *link = context;
    shared_free(link->shared, link->bytes);
}

const struct peer peer_ck = {
    .name = "ck",
    .title = "ck_ring",
    .config = "spsc, elements of the message's size, inlined",
    .spins = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_ring,
    .send = send_ring,
    .recv = recv_ring,
    .close = close_ring,
};

struct sequence {
    _Alignas(128) ck_sequence_t sequence;
    unsigned char value[PEER_LATEST_BYTES + 28];
    _Alignas(128) unsigned char out[PEER_LATEST_BYTES + 28];
    _Alignas(128) unsigned char in[PEER_LATEST_BYTES + 28];
};

static int open_sequence(void *context)
{
    struct sequence *sequence = context;
    ck_sequence_init(&sequence->sequence);
    return 0;
}

static int write_sequence(void *context, uint64_t first, uint64_t count)
{
    struct sequence *sequence = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(sequence->out, PEER_LATEST_BYTES, first + i);
        ck_sequence_write_begin(&sequence->sequence);
        memcpy(sequence->value, sequence->out, PEER_LATEST_BYTES);
        ck_sequence_write_end(&sequence->sequence);
    }
    return 0;
}

static int read_sequence(void *context, uint64_t *ret_version)
{
    struct sequence *sequence = context;
    unsigned version = ck_pr_load_uint(&sequence->sequence.sequence);
    if ((version & 1) != 0) { /* ck_sequence_read_begin would wait here without a bound */
        return 0;
    }
    ck_pr_fence_load();
    memcpy(sequence->in, sequence->value, PEER_LATEST_BYTES);
    if (ck_sequence_read_retry(&sequence->sequence, version)) {
        return 0;
    }
    *ret_version = payload_sequence(sequence->in, PEER_LATEST_BYTES);
    return payload_is(sequence->in, PEER_LATEST_BYTES, *ret_version) ? 1 : -EBADMSG;
}

static void close_sequence(void *context)
{
    (void)context;
}

const struct latest_peer latest_ck = {
    .name = "ck",
    .title = "ck_sequence",
    .config = "one copy",
    .context_bytes = sizeof(struct sequence),
    .open = open_sequence,
    .write = write_sequence,
    .read = read_sequence,
    .close = close_sequence,
};
