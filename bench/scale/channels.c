/* SPDX-License-Identifier: MIT */
/* What a channel costs where there are many: time to come and go, memory, file descriptors. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../clock.h"
#include "../failure.h"
#include "scale.h"

/** Open file descriptors of this process. */
static double count_descriptors(void)
{
    double count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return 0;
    }
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/** Three descriptors for each of @p amount handles, and more: as far as this process may. */
static void raise_limit(unsigned amount)
{
    const rlim_t wanted = (rlim_t)amount * 3 + 100;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        limit.rlim_max = limit.rlim_max < wanted ? wanted : limit.rlim_max; /* root may */
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/** Makes them all. @return 0 or -errno */
static int create_all(struct scale_channels *row, struct seam_channel **writers)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 64};
    double descriptors = count_descriptors();
    int64_t before = now_ns();
    for (unsigned i = 0; i < row->amount; i++) {
        int error = seam_channel_create(NULL, &options, &writers[i]);
        if (error != 0) {
            return error;
        }
    }
    row->create_us = (double)(now_ns() - before) / row->amount / 1e3;
    row->descriptors = (count_descriptors() - descriptors) / row->amount;
    return 0;
}

/** Opens each once more, sends a message through it and closes it again. */
static int use_all(struct scale_channels *row, struct seam_channel *const *writers)
{
    int64_t opening = 0, sending = 0;
    for (unsigned i = 0; i < row->amount; i++) {
        struct seam_channel *reader;
        char byte;
        int64_t before = now_ns();
        int error = seam_channel_reopen(writers[i], NULL, &reader);
        int64_t opened = now_ns();
        if (error != 0) {
            return error;
        }
        error = seam_channel_send(writers[i], "x", 1);
        if (error == 0 && seam_channel_recv(reader, &byte, 1) != 1) {
            error = -EBADMSG;
        }
        sending += now_ns() - opened;
        opening += opened - before;
        seam_channel_close(reader);
        if (error != 0) {
            return error;
        }
    }
    row->open_us = (double)opening / row->amount / 1e3;
    row->send_us = (double)sending / row->amount / 1e3;
    return 0;
}

static int measure_channels(struct scale_channels *row, struct seam_channel **writers)
{
    struct seam_channel_info info;
    int error = create_all(row, writers);
    error = error == 0 ? use_all(row, writers) : error;
    error = error == 0 ? seam_channel_info(writers[0], &info) : error;
    int64_t before = now_ns();
    for (unsigned i = 0; i < row->amount; i++) {
        seam_channel_close(writers[i]);
    }
    row->close_us = (double)(now_ns() - before) / row->amount / 1e3;
    if (error == 0) {
        row->kib = (double)info.memory_bytes / 1024;
        row->measured = true;
    }
    return error;
}

void scale_run_channels(struct shim_state *state, void *context)
{
    struct scale_channels *row = context;
    struct seam_channel **writers = calloc(row->amount, sizeof(struct seam_channel *));
    raise_limit(row->amount + 1);
    while (shim_repeat(state, row->amount)) {
        int error = writers != NULL ? measure_channels(row, writers) : -ENOMEM;
        if (error != 0) {
            fail(state, error);
            continue;
        }
        shim_set_time(state, row->create_us * row->amount * 1e-6);
        shim_counter(state, "create_us", row->create_us);
        shim_counter(state, "open_us", row->open_us);
        shim_counter(state, "send_us", row->send_us);
        shim_counter(state, "close_us", row->close_us);
        shim_counter(state, "kib", row->kib);
        shim_counter(state, "descriptors", row->descriptors);
    }
    free((void *)writers);
}
