/* SPDX-License-Identifier: MIT */
/*
 * What people write themselves: a ring under a process-shared mutex, with a condition to sleep
 * on or polled; and a ring of fixed slots between two, with indices that each side keeps a copy of.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

/* ---- under a mutex ---- */

struct guarded {
    pthread_mutex_t mutex;
    pthread_cond_t filled, drained;
    uint64_t sent, received;
    _Alignas(64) unsigned char slots[];
};

struct locked_link {
    struct peer_link wish;
    struct guarded *ring;
    size_t bytes, slot, count;
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_locked(void *context, const struct peer_link *wish)
{
    struct locked_link *link = context;
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    link->wish = *wish;
    link->slot = (wish->size + 63) & ~(size_t)63;
    link->count = slots_for(wish->ring_bytes, link->slot, 4);
    link->bytes = sizeof(struct guarded) + link->count * link->slot;
    link->ring = shared_new(link->bytes);
    if (link->ring == NULL) {
        return -ENOMEM;
    }
    (void)pthread_mutexattr_init(&mutex);
    (void)pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    (void)pthread_condattr_init(&condition);
    (void)pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    (void)pthread_mutex_init(&link->ring->mutex, &mutex);
    (void)pthread_cond_init(&link->ring->filled, &condition);
    (void)pthread_cond_init(&link->ring->drained, &condition);
    return 0;
}

/** With the mutex; lets it go while there is nothing to do. */
static void wait_for(struct locked_link *link, pthread_cond_t *condition)
{
    if (link->wish.wait == PEER_SLEEP) {
        (void)pthread_cond_wait(condition, &link->ring->mutex);
    } else {
        (void)pthread_mutex_unlock(&link->ring->mutex);
        spin_once();
        (void)pthread_mutex_lock(&link->ring->mutex);
    }
}

static unsigned char *slot_of(struct locked_link *link, uint64_t number)
{
    return link->ring->slots + (number & (link->count - 1)) * link->slot;
}

static int send_locked(void *context, uint64_t first, uint64_t count)
{
    struct locked_link *link = context;
    struct guarded *ring = link->ring;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        (void)pthread_mutex_lock(&ring->mutex);
        while (ring->sent - ring->received == link->count) {
            wait_for(link, &ring->drained);
        }
        memcpy(slot_of(link, ring->sent), link->buffer, link->wish.size);
        ring->sent++;
        (void)pthread_mutex_unlock(&ring->mutex);
        if (link->wish.wait == PEER_SLEEP) {
            (void)pthread_cond_signal(&ring->filled);
        }
    }
    return 0;
}

static int recv_locked(void *context, uint64_t first, uint64_t count)
{
    struct locked_link *link = context;
    struct guarded *ring = link->ring;
    for (uint64_t i = 0; i < count; i++) {
        (void)pthread_mutex_lock(&ring->mutex);
        while (ring->sent == ring->received) {
            wait_for(link, &ring->filled);
        }
        memcpy(link->buffer, slot_of(link, ring->received), link->wish.size);
        ring->received++;
        (void)pthread_mutex_unlock(&ring->mutex);
        if (link->wish.wait == PEER_SLEEP) {
            (void)pthread_cond_signal(&ring->drained);
        }
        if (!payload_is(link->buffer, link->wish.size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_locked(void *context)
{
    struct locked_link *link = context;
    shared_free(link->ring, link->bytes);
}

const struct peer peer_condition = {
    .name = "condition",
    .title = "mutex and condition",
    .config = "process-shared, ring of slots",
    .sleeps = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct locked_link),
    .open = open_locked,
    .send = send_locked,
    .recv = recv_locked,
    .close = close_locked,
};

const struct peer peer_mutex = {
    .name = "mutex",
    .title = "mutex, polled",
    .config = "process-shared, ring of slots",
    .spins = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct locked_link),
    .open = open_locked,
    .send = send_locked,
    .recv = recv_locked,
    .close = close_locked,
};

/* ---- slots and indices ---- */

struct slots {
    _Alignas(128) _Atomic uint64_t head; /* sent */
    _Alignas(128) _Atomic uint64_t tail; /* received */
    _Alignas(128) unsigned char slots[];
};

struct slots_link {
    struct peer_link wish;
    struct slots *ring;
    size_t bytes, slot, count;
    uint64_t own, other; /* this side's index; what it knows of the other's */
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_slots(void *context, const struct peer_link *wish)
{
    struct slots_link *link = context;
    link->wish = *wish;
    link->slot = wish->size <= 16 ? 8 * ((wish->size + 7) / 8) : (wish->size + 63) & ~(size_t)63;
    link->count = slots_for(wish->ring_bytes, link->slot, 4);
    link->bytes = sizeof(struct slots) + link->count * link->slot;
    link->ring = shared_new(link->bytes);
    return link->ring != NULL ? 0 : -ENOMEM;
}

static int send_slots(void *context, uint64_t first, uint64_t count)
{
    struct slots_link *link = context;
    struct slots *ring = link->ring;
    const size_t size = link->wish.size, every = link->wish.bursts ? PEER_BURST : 1;
    for (uint64_t i = 0; i < count; i++) {
        while (link->own - link->other == link->count) {
            /* Not to leave the receiver without what a burst has already. */
            atomic_store_explicit(&ring->head, link->own, memory_order_release);
            link->other = atomic_load_explicit(&ring->tail, memory_order_acquire);
            spin_once();
        }
        unsigned char *slot = ring->slots + (link->own & (link->count - 1)) * link->slot;
        if (size == 8) {
            payload_write(slot, 8, first + i);
        } else {
            payload_write(link->buffer, size, first + i);
            memcpy(slot, link->buffer, size);
        }
        link->own++;
        if (link->own % every == 0 || i + 1 == count) {
            atomic_store_explicit(&ring->head, link->own, memory_order_release);
        }
    }
    return 0;
}

static int recv_slots(void *context, uint64_t first, uint64_t count)
{
    struct slots_link *link = context;
    struct slots *ring = link->ring;
    const size_t size = link->wish.size, every = link->wish.bursts ? PEER_BURST : 1;
    for (uint64_t i = 0; i < count; i++) {
        while (link->own == link->other) {
            atomic_store_explicit(&ring->tail, link->own, memory_order_release);
            link->other = atomic_load_explicit(&ring->head, memory_order_acquire);
            spin_once();
        }
        const unsigned char *slot = ring->slots + (link->own & (link->count - 1)) * link->slot;
        if (size != 8) {
            memcpy(link->buffer, slot, size);
            slot = link->buffer;
        }
        if (!payload_is(slot, size, first + i)) {
            return -EBADMSG;
        }
        link->own++;
        if (link->own % every == 0 || i + 1 == count) {
            atomic_store_explicit(&ring->tail, link->own, memory_order_release);
        }
    }
    return 0;
}

static void close_slots(void *context)
{
    struct slots_link *link = context;
    shared_free(link->ring, link->bytes);
}

const struct peer peer_slots = {
    .name = "slots",
    .title = "ring of fixed slots, by hand",
    .config = "two processes, cached indices, inlined; 8 bytes: no copy",
    .spins = true,
    .bursts = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct slots_link),
    .open = open_slots,
    .send = send_slots,
    .recv = recv_slots,
    .close = close_slots,
};
