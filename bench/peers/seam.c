/* SPDX-License-Identifier: MIT */
/* seam itself, by its public interface. */
#include <errno.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "seam/seam.h"

struct link {
    struct peer_link wish;
    size_t burst; /* messages at once */
    struct seam_channel *created, *writer, *reader;
    struct iovec messages[PEER_BURST];
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_mode(struct link *link, const struct peer_link *wish, enum seam_mode mode)
{
    const struct seam_channel_options options = {
        .role = SEAM_OBSERVER, /* which end is whose shows when they attach */
        .mode = mode,
        .max_message = wish->size,
        .capacity = wish->ring_bytes,
        .wait = wish->wait == PEER_SPIN ? SEAM_WAIT_SPIN : SEAM_WAIT_SLEEP,
    };
    link->wish = *wish;
    return seam_channel_create(NULL, &options, &link->created);
}

static int open_lock_free(void *context, const struct peer_link *wish)
{
    return open_mode(context, wish, SEAM_LOCK_FREE);
}

static int open_locked(void *context, const struct peer_link *wish)
{
    return open_mode(context, wish, SEAM_LOCKED);
}

/** The messages of a burst lie side by side, and where they lie does not change. */
static void prepare_bursts(struct link *link)
{
    const size_t slot = (link->wish.size + 7) & ~(size_t)7;
    const size_t most = sizeof(link->buffer) / slot;
    link->burst = most < PEER_BURST ? most : PEER_BURST;
    for (size_t i = 0; i < link->burst; i++) {
        link->messages[i] =
            (struct iovec){.iov_base = link->buffer + i * slot, .iov_len = link->wish.size};
    }
}

static int attach(void *context, enum peer_end end)
{
    struct link *link = context;
    const struct seam_channel_options options = {
        .role = end == PEER_SENDER ? SEAM_WRITER : SEAM_READER,
        .wait = link->wish.wait == PEER_SPIN ? SEAM_WAIT_SPIN : SEAM_WAIT_SLEEP,
    };
    prepare_bursts(link);
    return seam_channel_reopen(link->created, &options,
                               end == PEER_SENDER ? &link->writer : &link->reader);
}

static inline int send_bursts(struct link *link, uint64_t first, uint64_t count, size_t size)
{
    for (uint64_t done = 0; done < count;) {
        size_t n = count - done < link->burst ? (size_t)(count - done) : link->burst;
        for (size_t i = 0; i < n; i++) {
            payload_write(link->buffer + i * ((size + 7) & ~(size_t)7), size, first + done + i);
        }
        ssize_t sent = seam_channel_send_batch(link->writer, link->messages, n);
        if (sent != (ssize_t)n) {
            return sent < 0 ? (int)sent : -EBADMSG;
        }
        done += n;
    }
    return 0;
}

static inline int send_each(struct link *link, uint64_t first, uint64_t count, size_t size)
{
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, size, first + i);
        int error = seam_channel_send(link->writer, link->buffer, size);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static inline int recv_bursts(struct link *link, uint64_t first, uint64_t count, size_t size)
{
    for (uint64_t done = 0; done < count;) {
        size_t most = count - done < PEER_BURST ? (size_t)(count - done) : PEER_BURST;
        ssize_t got = seam_channel_recv_batch(link->reader, link->messages, most, link->buffer,
                                              sizeof(link->buffer));
        for (ssize_t i = 0; i < got; i++, done++) {
            if (link->messages[i].iov_len != size ||
                !payload_is(link->messages[i].iov_base, size, first + done)) {
                return -EBADMSG;
            }
        }
        if (got <= 0) {
            return (int)got;
        }
    }
    return 0;
}

static inline int recv_each(struct link *link, uint64_t first, uint64_t count, size_t size)
{
    for (uint64_t i = 0; i < count; i++) {
        ssize_t got = seam_channel_recv(link->reader, link->buffer, sizeof(link->buffer));
        if (got != (ssize_t)size) {
            return got < 0 ? (int)got : -EBADMSG;
        }
        if (!payload_is(link->buffer, size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

/* Numbers have a copy of their own of each loop, as with the peers that are inlined. */

static int send(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    size_t size = link->wish.size;
    if (link->wish.bursts) {
        return size == 8 ? send_bursts(link, first, count, 8)
                         : send_bursts(link, first, count, size);
    }
    return size == 8 ? send_each(link, first, count, 8) : send_each(link, first, count, size);
}

static int recv(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    size_t size = link->wish.size;
    if (link->wish.bursts) {
        return size == 8 ? recv_bursts(link, first, count, 8)
                         : recv_bursts(link, first, count, size);
    }
    return size == 8 ? recv_each(link, first, count, 8) : recv_each(link, first, count, size);
}

static void close_link(void *context)
{
    struct link *link = context;
    seam_channel_close(link->reader);
    seam_channel_close(link->writer);
    seam_channel_close(link->created);
}

const struct peer peer_seam = {
    .name = "seam",
    .title = "seam",
    .config = "lossless channel, send and recv; bursts: batches",
    .spins = true,
    .sleeps = true,
    .bursts = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_lock_free,
    .attach = attach,
    .send = send,
    .recv = recv,
    .close = close_link,
};

const struct peer peer_seam_locked = {
    .name = "seam-locked",
    .title = "seam, locked mode",
    .config = "the same under one lock",
    .spins = true,
    .sleeps = true,
    .bursts = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct link),
    .open = open_locked,
    .attach = attach,
    .send = send,
    .recv = recv,
    .close = close_link,
};

/* ---- the newest value ---- */

struct latest {
    struct seam_channel *writer, *reader;
    uint64_t version; /* that was read last */
    unsigned char out[PEER_LATEST_BYTES + 28], in[PEER_LATEST_BYTES + 28];
};

static int open_latest(void *context)
{
    struct latest *latest = context;
    const struct seam_channel_options options = {.policy = SEAM_OVERWRITE,
                                                 .max_message = PEER_LATEST_BYTES};
    int error = seam_channel_create(NULL, &options, &latest->writer);
    return error == 0 ? seam_channel_reopen(latest->writer, NULL, &latest->reader) : error;
}

static int write_latest(void *context, uint64_t first, uint64_t count)
{
    struct latest *latest = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(latest->out, PEER_LATEST_BYTES, first + i);
        int error = seam_channel_send(latest->writer, latest->out, PEER_LATEST_BYTES);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int read_latest(void *context, uint64_t *ret_version)
{
    struct latest *latest = context;
    ssize_t got = seam_channel_try_recv_latest(latest->reader, latest->in, sizeof(latest->in));
    if (got == -EAGAIN) { /* nothing newer: the last one is the newest */
        *ret_version = latest->version;
        return latest->version != 0;
    }
    if (got != PEER_LATEST_BYTES) {
        return got < 0 ? (int)got : -EBADMSG;
    }
    latest->version = payload_sequence(latest->in, PEER_LATEST_BYTES);
    *ret_version = latest->version;
    return payload_is(latest->in, PEER_LATEST_BYTES, latest->version) ? 1 : -EBADMSG;
}

static void close_latest(void *context)
{
    struct latest *latest = context;
    seam_channel_close(latest->reader);
    seam_channel_close(latest->writer);
}

const struct latest_peer latest_seam = {
    .name = "seam",
    .title = "seam",
    .config = "overwriting channel, try_recv_latest; nothing newer counts as read again",
    .context_bytes = sizeof(struct latest),
    .open = open_latest,
    .write = write_latest,
    .read = read_latest,
    .close = close_latest,
};
