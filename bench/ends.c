/* SPDX-License-Identifier: MIT */
#include "ends.h"

#include <errno.h>
#include <stdbool.h>

#include "clock.h"

/** A user's channel for messages of this size; everything else is left at its default. */
static struct seam_channel_options options_of(const struct ends *ends, enum seam_role role)
{
    return (struct seam_channel_options){
        .max_message = ends->size,
        .role = role,
        .mode = ends->mode,
        .wait = ends->wait,
    };
}

int ends_create(struct ends *ends)
{
    struct seam_channel_options writer = options_of(ends, SEAM_WRITER);
    struct seam_channel_options reader = options_of(ends, SEAM_READER);
    int error = seam_channel_create(NULL, &writer, &ends->out);
    return error == 0 ? seam_channel_create(NULL, &reader, &ends->in) : error;
}

int ends_join(struct ends *ends)
{
    struct seam_channel_options writer = options_of(ends, SEAM_WRITER);
    struct seam_channel_options reader = options_of(ends, SEAM_READER);
    struct seam_channel *out, *in;
    int error = seam_channel_reopen(ends->in, &writer, &out);
    if (error == 0) {
        error = seam_channel_reopen(ends->out, &reader, &in);
    }
    if (error == 0) {
        ends->out = out; /* what was inherited ends with this process */
        ends->in = in;
    }
    return error;
}

void ends_close(struct ends *ends)
{
    seam_channel_close(ends->out);
    seam_channel_close(ends->in);
    ends->out = ends->in = NULL;
}

static inline int send_one(struct ends *ends, size_t size)
{
    payload_write(ends->sent, size, ends->sequence);
    return seam_channel_send(ends->out, ends->sent, size);
}

static inline int receive_one(struct ends *ends, size_t size)
{
    ssize_t got = seam_channel_recv(ends->in, ends->received, size);
    if (got < 0) {
        return (int)got;
    }
    bool right = (size_t)got == size && payload_is(ends->received, size, ends->sequence);
    return right ? 0 : -EBADMSG;
}

int ends_ping(struct ends *ends, size_t count, int64_t *ret_samples_ns)
{
    const size_t size = ends->size;
    int64_t before = now_ns();
    for (size_t i = 0; i < count; i++) {
        ends->sequence++;
        int error = send_one(ends, size);
        if (error == 0) {
            error = receive_one(ends, size);
        }
        if (error != 0) {
            return error;
        }
        int64_t now = now_ns();
        ret_samples_ns[i] = now - before;
        before = now;
    }
    return 0;
}

int ends_pong(struct ends *ends, uint64_t count)
{
    const size_t size = ends->size;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        ends->sequence++;
        error = receive_one(ends, size);
        if (error == 0) {
            error = send_one(ends, size);
        }
    }
    return error;
}
