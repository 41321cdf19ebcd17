/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>

#include "memory/atomic.h"

static inline int send_one(struct calls *calls, size_t size)
{
    payload_write(calls->out, size, ++calls->sent);
    return seam_channel_send(calls->writer, calls->out, size);
}

static inline int look(struct calls *calls, size_t size)
{
    ssize_t got = seam_channel_try_recv_latest(calls->reader, calls->in, size);
    calls->tries++;
    if (got < 0) {
        return got == -EAGAIN ? 0 : (int)got;
    }
    uint64_t sequence = payload_sequence(calls->in, size);
    if ((size_t)got != size || sequence <= calls->seen || !payload_is(calls->in, size, sequence)) {
        return -EBADMSG;
    }
    calls->seen = sequence;
    calls->reads++;
    return 1;
}

int calls_send(struct calls *calls, size_t count)
{
    const size_t size = calls->size;
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++) {
        error = send_one(calls, size);
    }
    return error;
}

int calls_look(struct calls *calls)
{
    return look(calls, calls->size);
}

int calls_find_nothing(struct calls *calls, size_t count)
{
    const size_t size = calls->size;
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        result = look(calls, size);
    }
    return result > 0 ? -EBADMSG : result;
}

int calls_send_and_read(struct calls *calls, size_t count)
{
    const size_t size = calls->size;
    for (size_t i = 0; i < count; i++) {
        int result = send_one(calls, size);
        if (result != 0) {
            return result;
        }
        result = look(calls, size);
        if (result != 1) {
            return result == 0 ? -EBADMSG : result;
        }
    }
    return 0;
}

int calls_read(struct calls *calls, size_t count, _Atomic uint32_t *broken, uint32_t whole)
{
    const size_t size = calls->size;
    for (size_t i = 0; i < count;) {
        int result = look(calls, size);
        if (result < 0) {
            return result;
        }
        /* Relaxed: only a sign that nobody writes any more. */
        if (result == 0 && load_relaxed(broken) != whole) {
            return -ECHILD;
        }
        i += (size_t)result;
    }
    return 0;
}
