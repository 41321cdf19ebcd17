/* SPDX-License-Identifier: MIT */
#include "batches.h"

#include <string.h>

#define MOST 48U

static struct {
    struct iovec messages[MOST];
    uint8_t buffers[MOST][BATCHES_MESSAGE];
    size_t count, next;
} out, in;

static uint8_t together[MOST * BATCHES_MESSAGE / 4]; /* not always enough for all */

void batches_flush(struct seam_channel *channel)
{
    if (out.count == 0) {
        return;
    }
    ssize_t sent = seam_channel_send_batch(channel, out.messages, out.count);
    CHECK(sent == (ssize_t)out.count, "send_batch: %zd of %zu", sent, out.count);
    out.count = 0;
}

uint8_t *batches_room(struct seam_channel *channel, uint64_t number, size_t size)
{
    if (out.count > test_mix(number) % MOST) { /* batches of all lengths */
        batches_flush(channel);
    }
    uint8_t *room = out.buffers[out.count];
    out.messages[out.count++] = (struct iovec){.iov_base = room, .iov_len = size};
    return room;
}

ssize_t batches_recv(struct seam_channel *channel, uint8_t *buffer)
{
    if (in.next == in.count) {
        size_t most = 1 + test_mix(in.count) % MOST;
        ssize_t got =
            seam_channel_recv_batch(channel, in.messages, most, together, sizeof(together));
        if (got < 0) {
            return got;
        }
        CHECK(got > 0 && (size_t)got <= most, "recv_batch: %zd of %zu", got, most);
        in.count = (size_t)got;
        in.next = 0;
    }
    const struct iovec *message = &in.messages[in.next++];
    const uint8_t *data = message->iov_base;
    CHECK(data >= together && data + message->iov_len <= together + sizeof(together), "outside");
    CHECK((data - together) % 8 == 0, "not aligned");
    memcpy(buffer, data, message->iov_len);
    return (ssize_t)message->iov_len;
}
