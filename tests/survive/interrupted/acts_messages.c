/* SPDX-License-Identifier: MIT */
/* Sending and receiving. */
#include <errno.h>
#include <string.h>

#include "acts_channel.h"

#define BATCH 3U
#define SHORTLY_NS INT64_C(200000)

/* ---- sending ---- */

static int send_one(struct act_scene *scene)
{
    return act_send(scene->channel, scene->sent + 1, seam_deadline_in_ns(ACT_HANG_NS));
}

static int reserve_and_commit(struct act_scene *scene)
{
    void *data;
    uint64_t number = scene->sent + 1;
    size_t size = test_message_size(number, ACT_MOST);
    int error = seam_channel_reserve(scene->channel, ACT_MOST, &data);
    if (error == 0) {
        test_message_fill(data, size, number);
        error = seam_channel_commit(scene->channel, size);
    }
    return error;
}

static int reserve_and_cancel(struct act_scene *scene)
{
    void *data;
    int error = seam_channel_reserve(scene->channel, ACT_MOST, &data);
    if (error == 0) {
        memset(data, 0xee, ACT_MOST);
        error = seam_channel_cancel(scene->channel);
    }
    return error;
}

static int send_batch(struct act_scene *scene)
{
    uint8_t buffers[BATCH][ACT_MOST];
    struct iovec messages[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        uint64_t number = scene->sent + 1 + i;
        messages[i].iov_base = buffers[i];
        messages[i].iov_len = test_message_size(number, ACT_MOST);
        test_message_fill(buffers[i], messages[i].iov_len, number);
    }
    ssize_t count = seam_channel_send_batch(scene->channel, messages, BATCH);
    return count == BATCH ? 0 : count < 0 ? (int)count : -EIO;
}

/** Somebody sleeps, or so it looks: the one who waits has gone meanwhile. */
static void before_with_sleeper(struct act_scene *scene)
{
    uint8_t buffer[ACT_MOST];
    act_channel_before(scene);
    struct seam_channel *observer = act_open_for_news(scene);
    ssize_t size =
        seam_channel_recv_until(observer, buffer, sizeof(buffer), seam_deadline_in_ns(SHORTLY_NS));
    CHECK(size == -ETIMEDOUT, "recv: %zd", size);
    seam_channel_close(observer);
}

static void before_full(struct act_scene *scene)
{
    act_channel_before(scene);
    struct seam_channel *writer = act_open(scene, SEAM_WRITER);
    while (act_send(writer, scene->sent + 1, INT64_MIN) == 0) {
        scene->sent++;
    }
    seam_channel_close(writer);
}

static int send_in_vain(struct act_scene *scene)
{
    return act_send(scene->channel, scene->sent + 1, seam_deadline_in_ns(SHORTLY_NS));
}

static int drain(struct act_scene *scene)
{
    return seam_channel_drain_until(scene->channel, seam_deadline_in_ns(SHORTLY_NS));
}

#define SENDING                                                            \
    .locked = true, .enter = act_enter_writer, .leave = act_channel_leave, \
    .meanwhile = act_meanwhile_writer, .after = act_channel_after

static const struct act sending[] = {
    {"send",
     {.policy = SEAM_LOSSLESS},
     .sends = 1,
     .before = act_channel_before,
     .perform = send_one,
     SENDING},
    {"send, overwriting",
     {.policy = SEAM_OVERWRITE},
     .sends = 1,
     .before = act_channel_before,
     .perform = send_one,
     SENDING},
    {"send to workers",
     {.policy = SEAM_WORK_QUEUE},
     .sends = 1,
     .before = act_channel_before,
     .perform = send_one,
     SENDING},
    {"send, one of many",
     {.policy = SEAM_LOSSLESS, .many_writers = true},
     .sends = 1,
     .before = act_channel_before,
     .perform = send_one,
     SENDING},
    {"send in a lane",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .sends = 1,
     .before = act_channel_before,
     .perform = send_one,
     SENDING},
    {"send and wake",
     {.policy = SEAM_LOSSLESS},
     .sends = 1,
     .before = before_with_sleeper,
     .perform = send_one,
     SENDING},
    {"send where it is full",
     {.policy = SEAM_LOSSLESS},
     .expected = -ETIMEDOUT,
     .before = before_full,
     .perform = send_in_vain,
     SENDING},
    {"reserve, commit",
     {.policy = SEAM_LOSSLESS},
     .sends = 1,
     .before = act_channel_before,
     .perform = reserve_and_commit,
     SENDING},
    {"reserve, commit, one of many",
     {.policy = SEAM_LOSSLESS, .many_writers = true},
     .sends = 1,
     .before = act_channel_before,
     .perform = reserve_and_commit,
     SENDING},
    {"reserve, cancel",
     {.policy = SEAM_LOSSLESS},
     .before = act_channel_before,
     .perform = reserve_and_cancel,
     SENDING},
    {"send a batch",
     {.policy = SEAM_LOSSLESS},
     .sends = BATCH,
     .before = act_channel_before,
     .perform = send_batch,
     SENDING},
    {"drain",
     {.policy = SEAM_LOSSLESS},
     .expected = -ETIMEDOUT,
     .before = act_channel_before,
     .perform = drain,
     SENDING},
};
const struct act_group acts_sending = {"sending", sending, sizeof(sending) / sizeof(sending[0])};

/* ---- receiving ---- */

static int recv_one(struct act_scene *scene)
{
    uint8_t buffer[ACT_MOST];
    ssize_t size = seam_channel_recv(scene->channel, buffer, sizeof(buffer));
    return size < 0 ? (int)size : test_message_number(buffer) == 1 ? 0 : -EIO;
}

static int wait_in_vain(struct act_scene *scene)
{
    struct seam_waitable thing;
    int error = seam_channel_readable(scene->channel, &thing);
    return error != 0 ? error : seam_wait_any(&thing, 1, seam_deadline_in_ns(SHORTLY_NS));
}

static int recv_latest(struct act_scene *scene)
{
    uint8_t buffer[ACT_MOST];
    ssize_t size = seam_channel_recv_latest(scene->channel, buffer, sizeof(buffer));
    return size < 0 ? (int)size : test_message_number(buffer) >= scene->sent ? 0 : -EIO;
}

static int recv_batch(struct act_scene *scene)
{
    uint64_t buffer[1024];
    struct iovec messages[2];
    ssize_t count = seam_channel_recv_batch(scene->channel, messages, 2, buffer, sizeof(buffer));
    return count == 2 ? 0 : count < 0 ? (int)count : -EIO;
}

static void enter_careful_reader(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    options.cursor = ACT_CURSOR;
    options.acknowledge = true;
    int error = seam_channel_open(ACT_NAME, &options, &scene->channel);
    CHECK(error == 0, "open: %s: %s", seam_error_detail(), strerror(-error));
}

static int recv_and_acknowledge(struct act_scene *scene)
{
    int error = recv_batch(scene);
    return error == 0 ? seam_channel_acknowledge(scene->channel) : error;
}

static int peek_and_release(struct act_scene *scene)
{
    const void *data;
    ssize_t size = seam_channel_peek(scene->channel, &data);
    if (size < 0) {
        return (int)size;
    }
    return test_message_is(data, (size_t)size, 1) ? seam_channel_release(scene->channel) : -EIO;
}

static int recv_in_vain(struct act_scene *scene)
{
    uint8_t buffer[ACT_MOST];
    ssize_t size = seam_channel_recv_until(scene->channel, buffer, sizeof(buffer),
                                           seam_deadline_in_ns(SHORTLY_NS));
    return size < 0 ? (int)size : -ETIMEDOUT; /* or somebody has sent meanwhile */
}

static void enter_for_news(struct act_scene *scene)
{
    scene->channel = act_open_for_news(scene);
}

/** A writer waits for room, or so it looks. */
static void before_with_waiting_writer(struct act_scene *scene)
{
    before_full(scene);
    struct seam_channel *writer = act_open(scene, SEAM_WRITER);
    int error = act_send(writer, scene->sent + 1, seam_deadline_in_ns(SHORTLY_NS));
    CHECK(error == -ETIMEDOUT, "send: %d", error);
    seam_channel_close(writer);
}

#define RECEIVING                                                                  \
    .locked = true, .leave = act_channel_leave, .meanwhile = act_meanwhile_reader, \
    .after = act_channel_after

static const struct act receiving[] = {
    {"recv",
     {.policy = SEAM_LOSSLESS},
     .takes = 1,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_one,
     RECEIVING},
    {"recv, overwritten",
     {.policy = SEAM_OVERWRITE},
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_one,
     RECEIVING},
    {"recv as a worker",
     {.policy = SEAM_WORK_QUEUE},
     .takes = 1,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_one,
     RECEIVING},
    {"recv from lanes",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .takes = 1,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_one,
     RECEIVING},
    {"recv and wake",
     {.policy = SEAM_LOSSLESS},
     .takes = 1,
     .before = before_with_waiting_writer,
     .enter = act_enter_reader,
     .perform = recv_one,
     RECEIVING},
    {"recv where nothing is",
     {.policy = SEAM_LOSSLESS},
     .expected = -ETIMEDOUT,
     .before = act_channel_before,
     .enter = enter_for_news,
     .perform = recv_in_vain,
     RECEIVING},
    {"wait where nothing is",
     {.policy = SEAM_LOSSLESS},
     .expected = -ETIMEDOUT,
     .overtaken = 1,
     .before = act_channel_before,
     .enter = enter_for_news,
     .perform = wait_in_vain,
     RECEIVING},
    {"recv the latest",
     {.policy = SEAM_OVERWRITE},
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_latest,
     RECEIVING},
    {"recv the latest, waited for",
     {.policy = SEAM_LOSSLESS},
     .takes = ACT_SENT,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_latest,
     RECEIVING},
    {"recv a batch",
     {.policy = SEAM_LOSSLESS},
     .takes = 2,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = recv_batch,
     RECEIVING},
    {"acknowledge",
     {.policy = SEAM_LOSSLESS},
     .takes = 2,
     .before = act_channel_before,
     .enter = enter_careful_reader,
     .perform = recv_and_acknowledge,
     RECEIVING},
    {"acknowledge in lanes",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .takes = 2,
     .before = act_channel_before,
     .enter = enter_careful_reader,
     .perform = recv_and_acknowledge,
     RECEIVING},
    {"peek, release",
     {.policy = SEAM_LOSSLESS},
     .takes = 1,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = peek_and_release,
     RECEIVING},
};
const struct act_group acts_receiving = {"receiving", receiving,
                                         sizeof(receiving) / sizeof(receiving[0])};
