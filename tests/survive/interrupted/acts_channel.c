/* SPDX-License-Identifier: MIT */
#include "acts_channel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define RING_BYTES 4096U

struct seam_channel_options act_options(const struct act_scene *scene, enum seam_role role)
{
    struct seam_channel_options options = scene->act->options;
    options.role = role;
    options.mode = scene->mode;
    options.capacity = RING_BYTES;
    options.max_message = ACT_MOST;
    options.max_readers = ACT_READERS;
    options.wait = SEAM_WAIT_SLEEP;
    options.follow = true;
    return options;
}

static bool is_lossless(const struct act_scene *scene)
{
    return scene->act->options.policy == SEAM_LOSSLESS;
}

struct seam_channel *act_open(const struct act_scene *scene, enum seam_role role)
{
    struct seam_channel *channel;
    struct seam_channel_options options = act_options(scene, role);
    options.cursor = role == SEAM_READER && is_lossless(scene) ? ACT_CURSOR : NULL;
    int error = seam_channel_open(ACT_NAME, &options, &channel);
    CHECK(error == 0, "%s: open: %s: %s", scene->act->name, seam_error_detail(), strerror(-error));
    return channel;
}

struct seam_channel *act_open_for_news(const struct act_scene *scene)
{
    struct seam_channel *channel;
    struct seam_channel_options options = act_options(scene, SEAM_OBSERVER);
    options.start = SEAM_FROM_NEXT;
    CHECK(seam_channel_open(ACT_NAME, &options, &channel) == 0, "%s", seam_error_detail());
    return channel;
}

int act_send(struct seam_channel *channel, uint64_t number, int64_t deadline_ns)
{
    uint8_t buffer[ACT_MOST];
    size_t size = test_message_size(number, ACT_MOST);
    test_message_fill(buffer, size, number);
    return seam_channel_send_until(channel, buffer, size, deadline_ns);
}

static void must_send(const struct act_scene *scene, struct seam_channel *channel, uint64_t number)
{
    int error = act_send(channel, number, seam_deadline_in_ns(ACT_HANG_NS));
    CHECK(error == 0, "%s: send %" PRIu64 ": %s", scene->act->name, number, strerror(-error));
}

uint64_t act_recv(struct seam_channel *channel)
{
    uint8_t buffer[ACT_MOST];
    ssize_t size;
    do {
        size = seam_channel_try_recv(channel, buffer, sizeof(buffer));
    } while (size == -EOVERFLOW);
    if (size == -EAGAIN) {
        return 0;
    }
    CHECK(size >= 8, "recv: %s", strerror((int)-size));
    uint64_t number = test_message_number(buffer);
    CHECK((size_t)size == test_message_size(number, ACT_MOST), "%zd bytes", size);
    CHECK(test_message_is(buffer, (size_t)size, number), "bytes of %" PRIu64, number);
    return number;
}

/* ---- before ---- */

void act_channel_before(struct act_scene *scene)
{
    struct seam_channel *channel;
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    options.cursor = is_lossless(scene) ? ACT_CURSOR : NULL;
    int error = seam_channel_create(ACT_NAME, &options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    for (scene->sent = 0; scene->sent < ACT_SENT; scene->sent++) {
        must_send(scene, channel, scene->sent + 1);
    }
    seam_channel_close(channel);
}

static int send_half(void *context)
{
    const struct act_scene *scene = context;
    struct seam_channel *channel = act_open(scene, SEAM_WRITER);
    void *data;
    CHECK(seam_channel_reserve(channel, ACT_MOST, &data) == 0, "reserve");
    memset(data, 0xee, ACT_MOST);
    return 0; /* and is gone, without a word to anybody */
}

void act_channel_before_half_sent(struct act_scene *scene)
{
    act_channel_before(scene);
    CHECK(test_join(test_spawn(send_half, scene)), "child");
}

/* ---- in the process that performs ---- */

void act_enter_writer(struct act_scene *scene)
{
    scene->channel = act_open(scene, SEAM_WRITER);
}

void act_enter_reader(struct act_scene *scene)
{
    scene->channel = act_open(scene, SEAM_READER);
}

void act_channel_leave(struct act_scene *scene)
{
    seam_channel_close(scene->channel);
    scene->channel = NULL;
}

/* ---- meanwhile ---- */

/** Reads all there is as one for whom nobody waits. */
static void observe(struct act_scene *scene)
{
    uint64_t last = 0, number;
    uint8_t buffer[ACT_MOST];
    struct seam_channel *observer = act_open(scene, SEAM_OBSERVER);
    while ((number = act_recv(observer)) != 0) {
        CHECK(last == 0 || number == last + 1, "%" PRIu64 " after %" PRIu64, number, last);
        last = number;
    }
    CHECK(last >= scene->sent && last >= scene->seen, "the last is %" PRIu64, last);
    scene->seen = last;
    seam_channel_close(observer);
    if (scene->act->options.policy != SEAM_WORK_QUEUE) {
        observer = act_open(scene, SEAM_OBSERVER);
        CHECK(seam_channel_try_recv_latest(observer, buffer, sizeof(buffer)) >= 8, "latest");
        number = test_message_number(buffer);
        CHECK(number >= last, "the newest is %" PRIu64 " of %" PRIu64, number, last);
        seam_channel_close(observer);
    }
}

void act_meanwhile_writer(struct act_scene *scene)
{
    struct seam_channel *channel;
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    if (scene->mode == SEAM_LOCKED) {
        return; /* whoever has the lock stops all */
    }
    observe(scene);
    if (options.many_writers) {
        return; /* they take turns under a lock */
    }
    int error = seam_channel_open(ACT_NAME, &options, &channel);
    if (error == 0) { /* it has not come in yet, or there is room for more */
        seam_channel_close(channel);
    } else {
        CHECK(error == -EBUSY || error == -EUSERS, "open: %s", strerror(-error));
    }
}

void act_meanwhile_reader(struct act_scene *scene)
{
    if (scene->mode == SEAM_LOCKED) {
        return;
    }
    struct seam_channel *writer = act_open(scene, SEAM_WRITER);
    int error = act_send(writer, scene->sent + 1, INT64_MIN);
    CHECK(error == 0 || error == -ETIMEDOUT, "send: %s", strerror(-error));
    scene->sent += error == 0;
    seam_channel_close(writer);
    observe(scene);
}

/* ---- after ---- */

/** Reads all that was sent before and in the act. @return the last number */
static uint64_t read_all(const struct act_scene *scene, struct seam_channel *reader)
{
    const struct act *act = scene->act;
    uint64_t number = act_recv(reader), first = number != 0 ? number : scene->sent + 1;
    uint64_t least = 1 + (scene->report->performed ? act->takes : 0);
    uint64_t most = act->takes == ACT_SENT ? scene->sent + 1 : 1 + act->takes;
    CHECK(act->options.policy == SEAM_OVERWRITE || (first >= least && first <= most),
          "%s: begins with %" PRIu64, act->name, first);
    uint64_t last = first - 1;
    for (; number != 0; number = act_recv(reader)) {
        CHECK(number == last + 1, "%s: %" PRIu64 " after %" PRIu64, act->name, number, last);
        last = number;
    }
    CHECK(last >= scene->sent + (act_succeeded(scene) ? act->sends : 0) &&
              last <= scene->sent + act->sends,
          "%s: ends with %" PRIu64 " of %" PRIu64, act->name, last, scene->sent);
    return last;
}

/** Sends more than a ring holds, so that whoever is waited for in vain would show. */
static void go_round(const struct act_scene *scene, struct seam_channel *writer,
                     struct seam_channel *reader, uint64_t last)
{
    for (size_t bytes = 0; bytes < RING_BYTES; bytes += test_message_size(last, ACT_MOST)) {
        last++;
        must_send(scene, writer, last);
        uint64_t number = act_recv(reader);
        CHECK(number == last, "%s: %" PRIu64 " in place of %" PRIu64, scene->act->name, number,
              last);
    }
    CHECK(act_recv(reader) == 0, "more than was sent");
}

static void expect_free_slots(const struct act_scene *scene)
{
    struct seam_channel *readers[ACT_READERS + 1];
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    unsigned free_slots = ACT_READERS - 1, count = 0;
    int error = 0;
    if (!is_lossless(scene)) {
        return; /* its readers have no slots of their own */
    }
    while (count <= ACT_READERS) {
        error = seam_channel_open(ACT_NAME, &options, &readers[count]);
        if (error != 0) {
            break;
        }
        count++;
    }
    CHECK(count == free_slots && error == -EUSERS, "%s: %u slots are free, then: %s",
          scene->act->name, count, strerror(-error));
    while (count > 0) {
        seam_channel_close(readers[--count]);
    }
}

static void expect_free_lanes(const struct act_scene *scene)
{
    struct seam_channel *writers[4];
    unsigned count = 0;
    for (; count < scene->act->options.writers; count++) {
        writers[count] = act_open(scene, SEAM_WRITER);
    }
    while (count > 0) {
        seam_channel_close(writers[--count]);
    }
}

void act_channel_after(struct act_scene *scene)
{
    struct seam_channel *reader = act_open(scene, SEAM_READER);
    uint64_t last = read_all(scene, reader);
    struct seam_channel *writer = act_open(scene, SEAM_WRITER);
    go_round(scene, writer, reader, last);
    seam_channel_close(writer);
    expect_free_lanes(scene);
    expect_free_slots(scene);
    seam_channel_close(reader);
    CHECK(seam_channel_unlink(ACT_NAME, NULL) == 0, "unlink: %s", seam_error_detail());
}
