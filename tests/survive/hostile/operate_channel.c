/* SPDX-License-Identifier: MIT */
/* What may be done with a channel. Each checks what must hold whatever stands in the memory. */
#include <string.h>

#include "../../support.h"
#include "operations.h"
#include "scene.h"

/** Sending. */

void operate_send_each(struct scene *scene, struct seam_channel *channel)
{
    (void)!seam_channel_try_send(channel, scene_input(scene, 8), 8);
    (void)!seam_channel_send_until(channel, scene_input(scene, SCENE_MESSAGE), SCENE_MESSAGE, 0);
    (void)!seam_channel_send_until(channel, scene_input(scene, 77), 77, scene_soon());
}

static void send_plain(struct scene *scene)
{
    operate_send_each(scene, scene->writer);
    if (scene->rival != NULL) {
        operate_send_each(scene, scene->rival);
    }
}

static void send_batch(struct scene *scene)
{
    static const size_t sizes[] = {8, 8, 8, 8, 0, 24, 24, SCENE_MESSAGE, 100, 16, 16, 3};
    const size_t count = sizeof(sizes) / sizeof(sizes[0]);
    struct iovec *messages = scene_messages(scene, count);
    for (size_t i = 0; i < count; i++) {
        messages[i] = (struct iovec){scene_input(scene, sizes[i]), sizes[i]};
    }
    ssize_t sent = seam_channel_try_send_batch(scene->writer, messages, count);
    CHECK(sent <= (ssize_t)count, "%zd", sent);
    sent = seam_channel_send_batch_until(scene->writer, messages, count, scene_soon());
    CHECK(sent <= (ssize_t)count, "%zd", sent);
}

static void reserve(struct scene *scene)
{
    void *data;
    if (seam_channel_reserve_until(scene->writer, SCENE_MESSAGE, &data, 0) == 0) {
        memset(data, 'r', SCENE_MESSAGE);
        (void)!seam_channel_commit(scene->writer, 17);
    }
}

static void begin_reserve(struct scene *scene)
{
    void *data;
    if (seam_channel_try_reserve(scene->writer, 100, &data) == 0) {
        memset(data, 'R', 100);
    }
}

static void commit(struct scene *scene)
{
    (void)!seam_channel_commit(scene->writer, 100);
}

static void cancel(struct scene *scene)
{
    (void)!seam_channel_cancel(scene->writer);
}

static void drain(struct scene *scene)
{
    (void)!seam_channel_drain_until(scene->writer, scene_soon());
}

/** Waiting for any of several. */

static void wait_for(struct seam_waitable *thing)
{
    struct seam_futex futex;
    (void)!seam_wait_any(thing, 1, 0);
    (void)!seam_wait_any(thing, 1, scene_soon());
    if (seam_wait_prepare(thing, &futex) == 0) {
        CHECK(futex.word != NULL, "no word");
    }
}

static void writable(struct scene *scene)
{
    struct seam_waitable thing;
    if (seam_channel_writable(scene->writer, SCENE_MESSAGE, &thing) == 0) {
        wait_for(&thing);
    }
}

static void readable(struct scene *scene)
{
    struct seam_waitable things[2];
    if (seam_channel_readable(scene->reader, &things[0]) == 0 &&
        seam_channel_readable(scene->guest, &things[1]) == 0) {
        wait_for(&things[1]);
        (void)!seam_wait_any(things, 2, 0);
    }
}

static void notify(struct scene *scene)
{
    struct seam_waitable thing;
    struct seam_notifier *notifier;
    if (seam_channel_readable(scene->reader, &thing) == 0 &&
        seam_notifier_create(&thing, 1, &notifier) == 0) {
        (void)seam_notifier_rearm(notifier);
        seam_notifier_close(notifier);
    }
}

/** Receiving. */

static void check_size(ssize_t size, size_t most)
{
    CHECK(size <= (ssize_t)most && size > -4096, "%zd of %zu", size, most);
}

void operate_receive_some(struct scene *scene, struct seam_channel *channel)
{
    for (int i = 0; i < 12; i++) {
        check_size(
            seam_channel_try_recv(channel, scene_output(scene, SCENE_MESSAGE), SCENE_MESSAGE),
            SCENE_MESSAGE);
    }
    check_size(seam_channel_recv_until(channel, scene_output(scene, 11), 11, 0), 11);
    check_size(seam_channel_recv_until(channel, scene_output(scene, SCENE_MESSAGE), SCENE_MESSAGE,
                                       scene_soon()),
               SCENE_MESSAGE);
}

static void receive(struct scene *scene)
{
    operate_receive_some(scene, scene->reader);
    operate_receive_some(scene, scene->guest);
}

static void check_batch(ssize_t count, const struct iovec *messages, size_t most,
                        const uint8_t *buffer, size_t bytes)
{
    check_size(count, most);
    for (ssize_t i = 0; i < count; i++) {
        const uint8_t *at = messages[i].iov_base;
        CHECK(at >= buffer && at <= buffer + bytes &&
                  messages[i].iov_len <= (size_t)(buffer + bytes - at),
              "message %zd", i);
    }
}

static void receive_batches(struct scene *scene)
{
    const size_t rooms[] = {8192, 40, 0, 1000};
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        const size_t most = i % 2 == 0 ? 600 : 3;
        struct iovec *messages = scene_messages(scene, most);
        void *buffer = scene_output(scene, rooms[i]);
        struct seam_channel *channel = i == 3 ? scene->guest : scene->reader;
        check_batch(seam_channel_try_recv_batch(channel, messages, most, buffer, rooms[i]),
                    messages, most, buffer, rooms[i]);
        check_batch(seam_channel_recv_batch_until(channel, messages, most, buffer, rooms[i], 0),
                    messages, most, buffer, rooms[i]);
    }
}

static void receive_latest(struct scene *scene)
{
    void *buffer = scene_output(scene, SCENE_MESSAGE);
    struct seam_channel *channels[] = {scene->reader, scene->guest};
    for (int i = 0; i < 2; i++) {
        check_size(seam_channel_try_recv_latest(channels[i], buffer, SCENE_MESSAGE), SCENE_MESSAGE);
        check_size(seam_channel_recv_latest_until(channels[i], buffer, SCENE_MESSAGE, 0),
                   SCENE_MESSAGE);
        check_size(seam_channel_recv_latest_until(channels[i], scene_output(scene, 3), 3, 0), 3);
    }
}

static void begin_peek(struct scene *scene)
{
    const void *data = NULL;
    ssize_t size = seam_channel_try_peek(scene->reader, &data);
    check_size(size, SCENE_MESSAGE);
    scene->shown = size > 0 ? (size_t)size : 0;
    scene->shown_at = data;
}

static void release(struct scene *scene)
{
    /* What it reads is of no matter, only that it may. */
    volatile uint64_t hash = scene_hash(0, scene->shown_at, scene->shown);
    (void)hash;
    (void)!seam_channel_release(scene->reader);
}

static void peek(struct scene *scene)
{
    for (int i = 0; i < 3; i++) {
        begin_peek(scene);
        release(scene);
    }
}

/** About it. */

static void ask(struct scene *scene)
{
    struct seam_channel_stats stats;
    struct seam_channel_info info;
    const struct seam_channel *channel = scene->reader != NULL ? scene->reader : scene->writer;
    CHECK(seam_channel_stats(channel, &stats) == 0, "stats");
    CHECK(seam_channel_info(channel, &info) == 0 && info.max_message == SCENE_MESSAGE, "info");
    int writer = seam_channel_writer(channel);
    CHECK(writer >= SEAM_WRITER_NONE && writer <= SEAM_WRITER_DEAD, "writer: %d", writer);
}

static void forget(struct scene *scene)
{
    struct seam_channel *channel = scene->writer != NULL ? scene->writer : scene->reader;
    (void)!seam_channel_forget(channel, "keeper");
    (void)!seam_channel_forget(channel, "nobody");
}

const struct scene_operation operate_channel[] = {
    {"send", SCENE_WRITES, SCENE_SEND, NULL, send_plain, NULL, false},
    {"send_batch", SCENE_WRITES, SCENE_SEND, NULL, send_batch, NULL, false},
    {"reserve and commit", SCENE_WRITES, SCENE_SEND, NULL, reserve, NULL, false},
    {"commit", SCENE_WRITES, SCENE_SEND, begin_reserve, commit, NULL, false},
    {"cancel", SCENE_WRITES, SCENE_SEND, begin_reserve, cancel, NULL, false},
    {"drain", SCENE_WRITES, SCENE_SEND, NULL, drain, NULL, false},
    {"writable", SCENE_WRITES, SCENE_SEND, NULL, writable, NULL, false},
    {"recv", SCENE_READS, SCENE_RECV, NULL, receive, NULL, false},
    {"recv_batch", SCENE_READS, SCENE_RECV, NULL, receive_batches, NULL, false},
    {"recv_latest", SCENE_READS, SCENE_RECV, NULL, receive_latest, NULL, false},
    {"peek and release", SCENE_READS, SCENE_RECV, NULL, peek, NULL, true},
    {"release", SCENE_READS, SCENE_RECV, begin_peek, release, NULL, true},
    {"readable", SCENE_READS, SCENE_RECV, NULL, readable, NULL, false},
    {"notifier", SCENE_READS, SCENE_RECV, NULL, notify, NULL, false},
    {"stats, info, writer", SCENE_ANY, SCENE_RECV, NULL, ask, NULL, false},
    {"forget", SCENE_ANY, SCENE_JOIN, NULL, forget, NULL, false},
    {"open to read", SCENE_ANY, SCENE_OPEN, NULL, operate_open_reader, NULL, false},
    {"open to observe", SCENE_ANY, SCENE_OPEN, NULL, operate_open_observer, NULL, false},
    {"open a durable cursor", SCENE_ANY, SCENE_JOIN, NULL, operate_open_late, NULL, false},
    {"open to write", SCENE_ANY, SCENE_OPEN, NULL, operate_open_writer, NULL, true},
    {"succeed the dead", SCENE_ALL, SCENE_JOIN, operate_resign, operate_succeed,
     operate_return_to_office, true},
    {"receive all and -EPIPE", SCENE_ALL, SCENE_END, operate_bereave, operate_receive_last,
     operate_return_to_office, true},
    {"close", SCENE_ALL, SCENE_OPEN, operate_open_extra, operate_close_extra,
     operate_close_extra_after, false},
    {0},
};
