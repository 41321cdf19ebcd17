/* SPDX-License-Identifier: MIT */
/* Channels are opened, succeeded to and closed, whatever stands in their memory. */
#include <string.h>

#include "../../support.h"
#include "operations.h"

static void use(struct scene *scene, struct seam_channel *channel, enum seam_role role)
{
    struct seam_channel_info info;
    /* Whatever the stamp says: the file has these sizes, and four messages must fit. */
    CHECK(seam_channel_info(channel, &info) == 0 && info.capacity == 4096 &&
              info.max_message < info.capacity / 4,
          "%zu of %zu", info.max_message, info.capacity);
    if (role == SEAM_WRITER) {
        operate_send_each(scene, channel);
    } else {
        operate_receive_some(scene, channel);
    }
    seam_channel_close(channel);
}

static void open_as(struct scene *scene, enum seam_role role, enum seam_start start,
                    const char *cursor)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {.role = role, .start = start, .cursor = cursor};
    if (seam_channel_open(scene->name, &options, &channel) == 0) {
        use(scene, channel, role);
    }
}

void operate_open_reader(struct scene *scene)
{
    open_as(scene, SEAM_READER, SEAM_FROM_OLDEST, NULL);
}

void operate_open_observer(struct scene *scene)
{
    open_as(scene, SEAM_OBSERVER, SEAM_FROM_NEXT, NULL);
}

void operate_open_late(struct scene *scene)
{
    open_as(scene, SEAM_READER, SEAM_FROM_NEXT,
            scene->plot->policy == SEAM_LOSSLESS ? "late" : NULL);
}

void operate_open_writer(struct scene *scene)
{
    open_as(scene, SEAM_WRITER, SEAM_FROM_OLDEST, NULL);
}

/** As if the writer, or the reader, had died. */
void operate_resign(struct scene *scene)
{
    const struct seam_channel *writer = scene->writer, *reader = scene->reader;
    seam_lease_drop(&writer->region.lease, SEAM_LEASE_WRITER);
    seam_lease_drop(&writer->region.lease, SEAM_LEASE_LANE + (int)writer->lane);
    if (reader->slot != NULL) {
        seam_lease_drop(&reader->region.lease, SEAM_LEASE_SLOT + reader->slot_index);
    }
}

/** Whatever is damaged, they know that no writer is left, and that they should not wait for one. */
void operate_bereave(struct scene *scene)
{
    operate_resign(scene);
    scene->reader->waiter.strategy = scene->guest->waiter.strategy = SEAM_WAIT_SLEEP;
}

static void end_all_lanes(struct scene *scene)
{
    const uint32_t epoch = 5;
    for (unsigned i = 0; i < scene->region->stamp.lanes; i++) {
        struct seam_log_head *head = seam_region_head(scene->region, i);
        memcpy((void *)&head->epoch, &epoch, sizeof(epoch));
        memcpy((void *)&head->ended, &epoch, sizeof(epoch));
    }
}

/** Calls without a deadline come back all the same. */
void operate_receive_last(struct scene *scene)
{
    const void *data;
    void *buffer = scene_output(scene, SCENE_MESSAGE);
    struct iovec *messages = scene_messages(scene, 4);
    ssize_t results[4] = {0};
    end_all_lanes(scene);
    for (int i = 0; i < 30 && results[0] + results[2] + results[3] != -3 * (ssize_t)EPIPE; i++) {
        results[0] = seam_channel_recv_latest(scene->guest, buffer, SCENE_MESSAGE);
        results[1] = seam_channel_peek(scene->reader, &data);
        (void)!seam_channel_release(scene->reader);
        results[2] = seam_channel_recv_batch(scene->reader, messages, 4, buffer, SCENE_MESSAGE);
        results[3] = seam_channel_recv(scene->reader, buffer, SCENE_MESSAGE);
    }
    for (int i = 0; i < 4; i++) {
        CHECK(results[i] <= (ssize_t)SCENE_MESSAGE && results[i] != -ETIMEDOUT, "%zd", results[i]);
    }
}

void operate_succeed(struct scene *scene)
{
    operate_open_writer(scene);
    open_as(scene, SEAM_READER, SEAM_FROM_OLDEST,
            scene->plot->policy == SEAM_LOSSLESS ? "keeper" : NULL);
    (void)!seam_channel_forget(scene->guest, "keeper");
}

void operate_return_to_office(struct scene *scene)
{
    const struct seam_channel *writer = scene->writer, *reader = scene->reader;
    const struct scene_plot *plot = scene->plot;
    int error = seam_lease_take(&writer->region.lease, SEAM_LEASE_WRITER,
                                !plot->many_writers && plot->writers < 2);
    CHECK(error == 0, "%s", strerror(-error));
    CHECK(plot->writers < 2 || seam_lease_take(&writer->region.lease,
                                               SEAM_LEASE_LANE + (int)writer->lane, true) == 0,
          "lane");
    CHECK(reader->slot == NULL || seam_lease_take(&reader->region.lease,
                                                  SEAM_LEASE_SLOT + reader->slot_index, true) == 0,
          "slot");
}

void operate_open_extra(struct scene *scene)
{
    const struct seam_channel_options options = {.role = scene->rival == NULL ? SEAM_READER
                                                                              : SEAM_WRITER};
    if (scene->rival != NULL && scene->plot->writers == 2) { /* both lanes are taken */
        seam_lease_drop(&scene->rival->region.lease, SEAM_LEASE_LANE + (int)scene->rival->lane);
    }
    int error = seam_channel_reopen(scene->writer, &options, &scene->extra);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
}

void operate_close_extra(struct scene *scene)
{
    seam_channel_close(scene->extra);
    scene->extra = NULL;
}

void operate_close_extra_after(struct scene *scene)
{
    operate_close_extra(scene);
    if (scene->rival != NULL && scene->plot->writers == 2) {
        CHECK(seam_lease_take(&scene->rival->region.lease,
                              SEAM_LEASE_LANE + (int)scene->rival->lane, true) == 0,
              "lane");
    }
}
