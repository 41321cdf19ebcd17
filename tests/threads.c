/* SPDX-License-Identifier: MIT */
/*
 * Writers and readers as threads on one and the same mapping, for ThreadSanitizer: it sees races
 * only between threads and only at equal addresses, while every handle maps the region anew.
 */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "channel/lanes.h"

#define COUNT 20000
#define MOST 1000U

struct end {
    pthread_t thread;
    struct seam_channel *channel;
    bool latest;
    bool in_place; /* then the sanitizer sees whether the headers order the messages */
};

/** Lets @p channel look through the mapping of @p first. */
static void share_mapping(struct seam_channel *channel, const struct seam_channel *first)
{
    struct seam_region *region = &channel->region;
    seam_mapping_release(region->log);
    region->log = seam_mapping_share(first->region.log);
    channel->desk = first->desk;
    for (unsigned i = 0; channel->lanes != NULL && i < channel->lanes->count; i++) {
        seam_lane_view(channel, i);
        channel->lanes->lane[i].log = channel->log;
        channel->lanes->lane[i].slots = channel->slots;
    }
    seam_lane_view(channel, channel->lanes != NULL ? channel->lanes->current : channel->lane);
    if (channel->slot != NULL) {
        channel->slot = &channel->slots[channel->slot_index];
    }
    if (channel->write_guard != NULL) {
        channel->mutex.line =
            channel->read_guard != NULL ? &first->desk->lock : &first->log.head->write_lock;
        channel->mutex.fences = &first->desk->fences;
    }
}

static void *write_some(void *context)
{
    struct end *end = context;
    uint8_t buffer[MOST];
    for (uint64_t i = 0; i < COUNT; i++) {
        size_t size = test_message_size(i, MOST);
        if (end->in_place) {
            void *room;
            CHECK(seam_channel_reserve(end->channel, size, &room) == 0, "reserve");
            test_message_fill(room, size, i);
            CHECK(seam_channel_commit(end->channel, size) == 0, "commit");
            continue;
        }
        test_message_fill(buffer, size, i);
        CHECK(seam_channel_send(end->channel, buffer, size) == 0, "send");
    }
    return NULL;
}

static void *read_all(void *context)
{
    struct end *end = context;
    uint8_t buffer[MOST];
    for (;;) {
        ssize_t size = end->in_place ? test_recv_in_place(end->channel, buffer)
                       : end->latest ? seam_channel_recv_latest(end->channel, buffer, MOST)
                                     : seam_channel_recv(end->channel, buffer, MOST);
        if (size == -EPIPE) {
            return NULL;
        }
        CHECK(size >= 0 || size == -EOVERFLOW, "recv: %s", strerror((int)-size));
        CHECK(size < 0 || test_message_is(buffer, (size_t)size, test_message_number(buffer)),
              "bytes");
    }
}

static struct seam_channel_options options_for(const char *what)
{
    struct seam_channel_options options = {.max_message = MOST, .capacity = 16384};
    if (strcmp(what, "overwrite") == 0 || strcmp(what, "latest") == 0) {
        options.policy = SEAM_OVERWRITE;
    } else if (strcmp(what, "work") == 0) {
        options.policy = SEAM_WORK_QUEUE;
    } else if (strcmp(what, "writers") == 0) {
        options.many_writers = true;
    } else if (strcmp(what, "lanes") == 0) {
        options.writers = 2;
    } else if (strcmp(what, "locked") == 0) {
        options.mode = SEAM_LOCKED;
    }
    return options;
}

int main(int argc, char **argv)
{
    struct end writers[2] = {0}, readers[2] = {0};
    CHECK(argc == 2, "usage: threads WHAT");
    test_begin();
    struct seam_channel_options options = options_for(argv[1]);
    int writer_count = options.many_writers || options.writers > 1 ? 2 : 1;
    writers[0].in_place = strcmp(argv[1], "in-place") == 0;
    options.role = SEAM_WRITER;
    writers[0].channel = test_create(&options);
    for (int i = 0; i < 2; i++) {
        readers[i].channel = test_reopen(writers[0].channel, SEAM_READER);
        readers[i].latest = strcmp(argv[1], "latest") == 0;
        readers[i].in_place = writers[0].in_place;
        share_mapping(readers[i].channel, writers[0].channel);
    }
    for (int i = 1; i < writer_count; i++) {
        writers[i].channel = test_reopen(writers[0].channel, SEAM_WRITER);
        share_mapping(writers[i].channel, writers[0].channel);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]) == 0, "thread");
    }
    for (int i = 0; i < writer_count; i++) {
        CHECK(pthread_create(&writers[i].thread, NULL, write_some, &writers[i]) == 0, "thread");
    }
    for (int i = 0; i < writer_count; i++) {
        CHECK(pthread_join(writers[i].thread, NULL) == 0, "join");
    }
    /* Closed last to first, and only now: the first one's mapping is what all look through. */
    for (int i = writer_count - 1; i > 0; i--) {
        seam_channel_close(writers[i].channel);
    }
    CHECK(writers[0].channel->tail.position != 0, "something was written");
    seam_channel_close(test_reopen(writers[0].channel, SEAM_OBSERVER));
    store_release(&writers[0].channel->log.head->ended,
                  load_relaxed(&writers[0].channel->log.head->epoch)); /* E1, pairs with E2 */
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_join(readers[i].thread, NULL) == 0, "join");
        seam_channel_close(readers[i].channel);
    }
    seam_channel_close(writers[0].channel);
    test_end();
    return 0;
}
