/* SPDX-License-Identifier: MIT */
/* A newest value as people write it: a sequence counter around it, as the kernel's; a mutex. */
#include <pthread.h>
#include <stdatomic.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

#define WORDS ((PEER_LATEST_BYTES + 7) / 8)

struct value {
    _Alignas(128) _Atomic uint64_t sequence;
    _Atomic uint64_t words[WORDS];
    _Alignas(128) pthread_mutex_t mutex;
    unsigned char bytes[8 * WORDS];
    _Alignas(128) unsigned char out[8 * WORDS];
    _Alignas(128) unsigned char in[8 * WORDS];
};

static int open_value(void *context)
{
    struct value *value = context;
    return -pthread_mutex_init(&value->mutex, NULL);
}

static int write_counted(void *context, uint64_t first, uint64_t count)
{
    struct value *value = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(value->out, PEER_LATEST_BYTES, first + i);
        uint64_t sequence = atomic_load_explicit(&value->sequence, memory_order_relaxed);
        atomic_store_explicit(&value->sequence, sequence + 1, memory_order_relaxed);
        atomic_thread_fence(memory_order_release);
        for (size_t w = 0; w < WORDS; w++) {
            uint64_t word;
            memcpy(&word, value->out + 8 * w, 8);
            atomic_store_explicit(&value->words[w], word, memory_order_relaxed);
        }
        atomic_store_explicit(&value->sequence, sequence + 2, memory_order_release);
    }
    return 0;
}

static int whole(const struct value *value, uint64_t *ret_version)
{
    *ret_version = payload_sequence(value->in, PEER_LATEST_BYTES);
    return payload_is(value->in, PEER_LATEST_BYTES, *ret_version) ? 1 : -EBADMSG;
}

static int read_counted(void *context, uint64_t *ret_version)
{
    struct value *value = context;
    uint64_t before = atomic_load_explicit(&value->sequence, memory_order_acquire);
    if ((before & 1) != 0) {
        return 0;
    }
    for (size_t w = 0; w < WORDS; w++) {
        uint64_t word = atomic_load_explicit(&value->words[w], memory_order_relaxed);
        memcpy(value->in + 8 * w, &word, 8);
    }
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(&value->sequence, memory_order_relaxed) != before) {
        return 0;
    }
    return whole(value, ret_version);
}

static int write_locked(void *context, uint64_t first, uint64_t count)
{
    struct value *value = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(value->out, PEER_LATEST_BYTES, first + i);
        (void)pthread_mutex_lock(&value->mutex);
        memcpy(value->bytes, value->out, PEER_LATEST_BYTES);
        (void)pthread_mutex_unlock(&value->mutex);
    }
    return 0;
}

static int read_locked(void *context, uint64_t *ret_version)
{
    struct value *value = context;
    (void)pthread_mutex_lock(&value->mutex);
    memcpy(value->in, value->bytes, PEER_LATEST_BYTES);
    (void)pthread_mutex_unlock(&value->mutex);
    return whole(value, ret_version);
}

static void close_value(void *context)
{
    struct value *value = context;
    (void)pthread_mutex_destroy(&value->mutex);
}

const struct latest_peer latest_seqcount = {
    .name = "seqcount",
    .title = "sequence counter, by hand",
    .config = "as the kernel's seqcount",
    .context_bytes = sizeof(struct value),
    .open = open_value,
    .write = write_counted,
    .read = read_counted,
    .close = close_value,
};

const struct latest_peer latest_mutex = {
    .name = "mutex",
    .title = "pthread mutex",
    .config = "one copy under the mutex",
    .context_bytes = sizeof(struct value),
    .open = open_value,
    .write = write_locked,
    .read = read_locked,
    .close = close_value,
};
