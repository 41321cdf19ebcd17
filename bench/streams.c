/* SPDX-License-Identifier: MIT */
#include "streams.h"

#include <errno.h>
#include <stdlib.h>

#include "payload.h"

/* Bytes that a batch may have. */
#define BATCH_BYTES (1U << 20)

struct stream_kind stream_kind;

struct stream {
    struct stream_kind kind;
    size_t size, slot, most; /* bytes of a message, and with its padding; messages in a batch */
    struct seam_channel *created, *writer, *reader;
    struct iovec messages[PEER_BURST];
    unsigned char *buffer;
};

static int open_stream(void *context, const struct peer_link *wish)
{
    struct stream *stream = context;
    const struct seam_channel_options options = {
        .role = SEAM_OBSERVER, /* which end is whose shows when they attach */
        .policy = stream_kind.policy,
        .mode = stream_kind.mode,
        .max_message = wish->size,
        .capacity = wish->ring_bytes,
        .wait = SEAM_WAIT_SPIN,
        .region.huge_pages = stream_kind.untouched,
    };
    stream->kind = stream_kind;
    stream->size = wish->size;
    stream->slot = (wish->size + 63) & ~(size_t)63;
    stream->most = BATCH_BYTES / stream->slot;
    stream->most = stream->most < 1 ? 1 : stream->most > PEER_BURST ? PEER_BURST : stream->most;
    stream->buffer = aligned_alloc(64, stream->slot * stream->most);
    if (stream->buffer == NULL) {
        return -ENOMEM;
    }
    memset(stream->buffer, 0, stream->slot * stream->most);
    return seam_channel_create(NULL, &options, &stream->created);
}

static int attach(void *context, enum peer_end end)
{
    struct stream *stream = context;
    const struct seam_channel_options options = {
        .role = end == PEER_SENDER ? SEAM_WRITER : SEAM_READER,
        .wait = SEAM_WAIT_SPIN,
        .region.huge_pages = stream->kind.untouched,
    };
    return seam_channel_reopen(stream->created, &options,
                               end == PEER_SENDER ? &stream->writer : &stream->reader);
}

static int send_one(struct stream *stream, uint64_t number)
{
    void *place = stream->buffer;
    int error = 0;
    if (stream->kind.calls == STREAM_IN_PLACE) {
        error = seam_channel_reserve(stream->writer, stream->size, &place);
    }
    if (error != 0) {
        return error;
    }
    payload_write(place, stream->kind.untouched ? 8 : stream->size, number);
    return stream->kind.calls == STREAM_IN_PLACE
               ? seam_channel_commit(stream->writer, stream->size)
               : seam_channel_send(stream->writer, place, stream->size);
}

static int send_batch(struct stream *stream, uint64_t first, uint64_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char *message = stream->buffer + i * stream->slot;
        payload_write(message, stream->size, first + i);
        stream->messages[i] = (struct iovec){.iov_base = message, .iov_len = stream->size};
    }
    ssize_t sent = seam_channel_send_batch(stream->writer, stream->messages, count);
    return sent == (ssize_t)count ? 0 : sent < 0 ? (int)sent : -EBADMSG;
}

static int send(void *context, uint64_t first, uint64_t count)
{
    struct stream *stream = context;
    int error = 0;
    for (uint64_t done = 0, n = 1; done < count && error == 0; done += n) {
        if (stream->kind.calls == STREAM_BATCH) {
            n = count - done < stream->most ? count - done : stream->most;
            error = send_batch(stream, first + done, n);
        } else {
            error = send_one(stream, first + done);
        }
    }
    return error;
}

/** Checks a message. What was overtaken is missing; otherwise each comes once, in order. */
static int check(const struct stream *stream, const void *data, ssize_t size, uint64_t *next)
{
    if (size != (ssize_t)stream->size) {
        return size < 0 ? (int)size : -EBADMSG;
    }
    size_t written = stream->kind.untouched ? 8 : stream->size;
    uint64_t number = payload_sequence(data, written);
    bool right = stream->kind.policy == SEAM_OVERWRITE ? number >= *next : number == *next;
    if (!right || !payload_is(data, written, number)) {
        return -EBADMSG;
    }
    *next = number + 1;
    return 0;
}

static int recv_one(struct stream *stream, uint64_t *next)
{
    if (stream->kind.calls != STREAM_IN_PLACE || stream->kind.policy == SEAM_WORK_QUEUE) {
        ssize_t size = seam_channel_recv(stream->reader, stream->buffer, stream->size);
        return check(stream, stream->buffer, size, next);
    }
    const void *data;
    uint64_t after = *next;
    ssize_t size = seam_channel_peek(stream->reader, &data);
    int error = check(stream, data, size, &after);
    int released = size >= 0 ? seam_channel_release(stream->reader) : 0;
    if (released != 0) {
        return released; /* overtaken while it was looked at: nothing was read */
    }
    *next = after;
    return error;
}

static int recv_batch(struct stream *stream, uint64_t *next, uint64_t most)
{
    most = most < stream->most ? most : stream->most;
    ssize_t got = seam_channel_recv_batch(stream->reader, stream->messages, (size_t)most,
                                          stream->buffer, stream->slot * stream->most);
    int error = got < 0 ? (int)got : 0;
    for (ssize_t i = 0; i < got && error == 0; i++) {
        const struct iovec *message = &stream->messages[i];
        error = check(stream, message->iov_base, (ssize_t)message->iov_len, next);
    }
    return error;
}

static int recv(void *context, uint64_t first, uint64_t count)
{
    struct stream *stream = context;
    uint64_t next = first;
    while (next < first + count) {
        int error = stream->kind.calls == STREAM_BATCH
                        ? recv_batch(stream, &next, first + count - next)
                        : recv_one(stream, &next);
        if (error != 0 && error != -EOVERFLOW) {
            return error;
        }
    }
    return 0;
}

static void close_stream(void *context)
{
    struct stream *stream = context;
    seam_channel_close(stream->reader);
    seam_channel_close(stream->writer);
    seam_channel_close(stream->created);
    free(stream->buffer);
}

const struct peer peer_stream = {
    .name = "stream",
    .title = "seam",
    .config = "",
    .spins = true,
    .has_ring_size = true,
    .context_bytes = sizeof(struct stream),
    .open = open_stream,
    .attach = attach,
    .send = send,
    .recv = recv,
    .close = close_stream,
};
