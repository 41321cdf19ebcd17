/* SPDX-License-Identifier: MIT */
/* The senders of the games with channels. */
#include "channel.h"

#include <errno.h>
#include <string.h>

#include "support.h"

static void note_sent(struct end *end, ssize_t count, uint32_t start)
{
    uint32_t ended = end_of_operation(end->me);
    bool latest = kind_of(end->round)->policy == SEAM_OVERWRITE;
    bool lanes = has_lanes(end->round), alone = lanes || kind_of(end->round)->senders == 1;
    unsigned index = end->me->index;
    for (ssize_t i = 0; i < count; i++) {
        uint64_t number = ++end->number;
        /* Nobody else's comes in between, where there is nobody else, nor within a batch. */
        enum event_kind kind = !latest ? EVENT_SEND : alone || i > 0 ? EVENT_SWAP : EVENT_WRITE;
        struct event *event = note(end->me, kind, message_of(index, number), start, ended);
        event->object = lanes ? (uint16_t)index : 0;
        event->other = number == 1 ? 0 : message_of(index, number - 1);
    }
    if (count <= 0) {
        CHECK(count == -EAGAIN, "send: %s", strerror((int)-count));
        note(end->me, EVENT_FULL, 0, start, ended)->unsure = is_unsure(end->round, true);
    }
}

static void fill(const struct end *end, void *data, uint64_t ahead)
{
    test_message_fill(data, end->size, message_of(end->me->index, end->number + ahead));
}

static void send_several(struct end *end, bool try)
{
    struct iovec messages[BATCH_MOST];
    size_t count = 1 + roll(end->me, BATCH_MOST);
    for (size_t i = 0; i < count; i++) {
        messages[i] = (struct iovec){end->buffer + i * MESSAGE_MOST, end->size};
        fill(end, messages[i].iov_base, i + 1);
    }
    uint32_t start = start_of_operation(end->me);
    ssize_t sent = try ? seam_channel_try_send_batch(end->channel, messages, count)
                       : seam_channel_send_batch(end->channel, messages, count);
    note_sent(end, sent, start);
}

static void send_in_place(struct end *end)
{
    void *data;
    uint32_t start = start_of_operation(end->me);
    int error = seam_channel_reserve(end->channel, end->size, &data);
    CHECK(error == 0, "reserve: %s", strerror(-error));
    fill(end, data, 1);
    CHECK(seam_channel_commit(end->channel, end->size) == 0, "commit");
    note_sent(end, 1, start);
}

static void send_one(struct end *end, bool try)
{
    fill(end, end->buffer, 1);
    uint32_t start = start_of_operation(end->me);
    int error = try ? seam_channel_try_send(end->channel, end->buffer, end->size)
                    : seam_channel_send(end->channel, end->buffer, end->size);
    note_sent(end, error == 0 ? 1 : error, start);
}

void send_all(struct end *end)
{
    struct stage *stage = end->me->stage;
    unsigned receivers = kind_of(end->round)->receivers;
    bool full = false;
    while (end->number < end->round->quota && atomic_load(&stage->done) < receivers) {
        /* After finding it full it waits, so that nothings do not fill the history. */
        bool try = !full && has_room(end->me, 2 * end->round->quota);
        switch (roll(end->me, 5)) {
        case 0:
            send_several(end, false);
            break;
        case 1:
            send_several(end, try);
            break;
        case 2:
            send_in_place(end);
            break;
        default:
            send_one(end, try);
            break;
        }
        full = end->me->history->events[end->me->history->count - 1].kind == EVENT_FULL;
        breathe(end->me, full ? 1 : 50);
    }
}
