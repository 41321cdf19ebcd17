/* SPDX-License-Identifier: MIT */
/* Channels of every kind, each with two readers, one of which holds writers up, if any does. */
#include "scene.h"

#include <string.h>

#include "../../support.h"
#include "channel/lanes.h"
#include "operations.h"

/* Headers that are damaged, from the reader's cursor on. */
#define HEADERS 6U

static struct seam_channel_options options_of(const struct scene *scene, enum seam_role role)
{
    const struct scene_plot *plot = scene->plot;
    return (struct seam_channel_options){
        .role = role,
        .policy = plot->policy,
        .mode = plot->mode,
        .writers = plot->writers,
        .many_writers = plot->many_writers,
        .max_message = SCENE_MESSAGE,
        .capacity = 4096,
        .max_readers = 4,
    };
}

static const char *keeper_of(const struct scene *scene)
{
    return scene->plot->policy == SEAM_LOSSLESS ? "keeper" : NULL;
}

static void create(struct scene *scene)
{
    struct seam_channel *channel;
    struct seam_channel_options options = options_of(scene, SEAM_WRITER);
    options.cursor = keeper_of(scene);
    int error = seam_channel_create(scene->name, &options, &channel);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
    seam_channel_close(channel);
}

static struct seam_channel *open_as(struct scene *scene, enum seam_role role, const char *cursor)
{
    struct seam_channel *channel;
    struct seam_channel_options options = options_of(scene, role);
    options.cursor = cursor;
    int error = seam_channel_open(scene->name, &options, &channel);
    CHECK(error == 0, "%s: %s: %s", scene->name, seam_error_detail(), strerror(-error));
    return channel;
}

static void open_all(struct scene *scene)
{
    if ((scene->who & SCENE_READS) != 0) {
        scene->reader = open_as(scene, SEAM_READER, keeper_of(scene));
        scene->guest = open_as(scene, SEAM_READER, NULL);
    }
    if ((scene->who & SCENE_WRITES) != 0) {
        scene->writer = open_as(scene, SEAM_WRITER, NULL);
        scene->region = &scene->writer->region;
        if (scene->plot->writers > 1 || scene->plot->many_writers) {
            scene->rival = open_as(scene, SEAM_WRITER, NULL);
        }
    }
}

static void close_all(struct scene *scene)
{
    seam_channel_close(scene->guest);
    seam_channel_close(scene->reader);
    seam_channel_close(scene->rival);
    seam_channel_close(scene->writer);
}

/* ---- the state ---- */

static int send_one(struct scene *scene, uint64_t number)
{
    static const size_t sizes[] = {8, 8, 8, 16, 24, 0, 60, 200, 700, 13, 96, 33};
    size_t size = sizes[number % (sizeof(sizes) / sizeof(sizes[0]))];
    const uint8_t *data = scene_input(scene, 4096);
    struct seam_channel *by =
        number % 3 == 2 && scene->rival != NULL ? scene->rival : scene->writer;
    return seam_channel_try_send(by, data + number % 64, size);
}

/** @return how many of @p most messages came */
static int receive(struct scene *scene, struct seam_channel *channel, int most)
{
    int count = 0;
    void *buffer = scene_output(scene, SCENE_MESSAGE);
    while (count < most && seam_channel_recv_until(channel, buffer, SCENE_MESSAGE, 0) >= 0) {
        count++;
    }
    return count;
}

static void receive_all(struct scene *scene)
{
    (void)receive(scene, scene->reader, 1000);
    (void)receive(scene, scene->guest, 1000);
}

static void name_lane(struct scene *scene, unsigned lane)
{
    struct seam_log_head *head = seam_region_head(scene->region, lane);
    size_t readers = scene->region->stamp.max_readers;
    scene_name(scene, "prepared", &head->prepared, 8, 1);
    scene_name(scene, "newest, previous", &head->newest, 8, 3);
    scene_name(scene, "epoch, ended, writer_pid", &head->epoch, 4, 3);
    scene_name(scene, "opened", &head->opened, 8, 1);
    scene_name(scene, "waypoints", head->waypoints, 8, (size_t)2 * SEAM_WAYPOINTS);
    scene_name_lock(scene, "write lock", &head->write_lock);
    scene_name(scene, "published bytes", &head->published_bytes, 8, 1);
    scene_name(scene, "slots", seam_lane_slots(scene->writer, lane), 8, readers * 8);
    scene_keep(scene, head, scene->region->log->stride - scene->region->stamp.capacity);
}

/** The headers of the records from the cursor on, and what is at the tail. */
static void name_headers(struct scene *scene)
{
    const struct seam_channel *reader = scene->reader;
    uint64_t at = seam_shares_cursor(reader) ? scene->guest->next.position : reader->next.position;
    for (unsigned i = 0; i < HEADERS; i++) {
        uint64_t header;
        /* By the mapping that can be written. */
        uint8_t *word =
            scene->region->log->base + (seam_log_at(&reader->log, at) - reader->region.log->base);
        scene_name(scene, "header", word, 8, 1);
        memcpy(&header, word, sizeof(header));
        if (header == 0) {
            break;
        }
        at = seam_record_end(at, (uint32_t)header - UINT64_C(1));
    }
    scene_name(scene, "word at the tail",
               seam_log_at(&scene->writer->log, scene->writer->tail.position), 8, 2);
}

static void add_nasty(struct scene *scene)
{
    const struct seam_tail *tail = &scene->writer->tail;
    const struct seam_record *next = &scene->reader->next;
    const uint64_t sizes[] = {0, SCENE_MESSAGE + 1, SCENE_MESSAGE + 2, UINT32_MAX};
    scene_add_nasty(scene, tail->position);
    scene_add_nasty(scene, tail->position - 4096);
    scene_add_nasty(scene, tail->position + 4096);
    scene_add_nasty(scene, tail->prepared);
    scene_add_nasty(scene, next->position);
    scene_add_nasty(scene, tail->sequence);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        scene_add_nasty(scene, next->sequence << 32 | sizes[i]);
    }
}

static void keep_handle(struct scene *scene, struct seam_channel *channel)
{
    if (channel != NULL) {
        scene_keep_handle(scene, channel, sizeof(*channel), &channel->region.lease);
        if (channel->lanes != NULL) {
            scene_keep(scene, channel->lanes,
                       sizeof(*channel->lanes) +
                           channel->lanes->count * sizeof(channel->lanes->lane[0]));
        }
    }
}

static void act(struct scene *scene)
{
    uint64_t number = 0;
    for (; number < 60; number++) { /* more than once around */
        CHECK(send_one(scene, number) == 0, "send %d", (int)number);
        receive_all(scene);
    }
    for (; number < 70; number++) {
        CHECK(send_one(scene, number) == 0, "send %d", (int)number);
    }
    (void)receive(scene, scene->reader, 2);
    if (scene->state == SCENE_DRAINED) {
        receive_all(scene);
    } else if (scene->state == SCENE_FULL) {
        for (int error = 0; error == 0 && number < 1000; number++) {
            error = send_one(scene, number);
        }
    }
    if (seam_shares_cursor(scene->reader)) { /* a handle that knows where the cursor is */
        memcpy(&scene->guest->next.position, (void *)&scene->reader->slots[0].cursor, 8);
    }
    struct seam_desk *desk = scene->writer->desk;
    scene_name_stamp(scene, &scene->writer->log.head->stamp);
    scene_name_desk(scene, desk);
    for (unsigned i = 0; i < seam_lane_count(scene->writer); i++) {
        name_lane(scene, i);
    }
    name_headers(scene);
    add_nasty(scene);
    scene_keep(scene, desk, scene->region->stamp.desk_bytes);
    keep_handle(scene, scene->writer);
    keep_handle(scene, scene->rival);
    keep_handle(scene, scene->reader);
    keep_handle(scene, scene->guest);
}

static uint64_t hash_all(struct scene *scene)
{
    uint64_t hash = 0;
    ssize_t size;
    uint8_t *buffer = scene_output(scene, SCENE_MESSAGE);
    while ((size = seam_channel_recv_until(scene->reader, buffer, SCENE_MESSAGE, 0)) >= 0) {
        hash = scene_hash(hash, buffer, (size_t)size);
    }
    return scene_hash(hash, &size, sizeof(size));
}

#define CHANNEL                                                                                    \
    .kind = SEAM_KIND_CHANNEL, .create = create, .open = open_all, .act = act, .close = close_all, \
    .read = hash_all, .operations = operate_channel, .states = SCENE_STATES

const struct scene_plot scene_channel_plots[6] = {
    {CHANNEL, .name = "lossless", .policy = SEAM_LOSSLESS, .mode = SEAM_LOCK_FREE},
    {CHANNEL, .name = "overwrite", .policy = SEAM_OVERWRITE, .mode = SEAM_LOCK_FREE},
    {CHANNEL, .name = "work", .policy = SEAM_WORK_QUEUE, .mode = SEAM_LOCK_FREE},
    {CHANNEL, .name = "lanes", .policy = SEAM_LOSSLESS, .mode = SEAM_LOCK_FREE, .writers = 2},
    {CHANNEL, .name = "writers", .policy = SEAM_LOSSLESS, .mode = SEAM_LOCK_FREE,
     .many_writers = true, .in_turns = true},
    {CHANNEL, .name = "locked", .policy = SEAM_LOSSLESS, .mode = SEAM_LOCKED, .in_turns = true},
};
