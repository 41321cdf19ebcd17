/* SPDX-License-Identifier: MIT */
/* seam replay: the messages of a recording are sent again. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "tool/progress.h"
#include "tool/recording.h"
#include "tool/tool.h"

/** Waits until @p time_ns of the recording. @return whether to go on */
static bool wait_for_time(int64_t begun_ns, uint64_t time_ns)
{
    int64_t until_ns = begun_ns + (time_ns < INT64_MAX / 2 ? (int64_t)time_ns : INT64_MAX / 2);
    for (;;) {
        int64_t left_ns = until_ns - seam_deadline_in_ns(0);
        if (signals_caught() != 0 || left_ns <= 0) {
            return signals_caught() == 0;
        }
        (void)usleep((useconds_t)((left_ns < TOOL_SLICE_NS ? left_ns : TOOL_SLICE_NS) / 1000 + 1));
    }
}

static enum tool_status send_one(struct seam_channel *channel, const char *name, const void *data,
                                 size_t size)
{
    int error;
    do {
        if (signals_caught() != 0) {
            return TOOL_FAILED;
        }
        error = seam_channel_send_until(channel, data, size, seam_deadline_in_ns(TOOL_SLICE_NS));
    } while (error == -ETIMEDOUT);
    return error == 0 ? TOOL_OK : tool_name_error("send to", name, error);
}

/** Takes the next message of the file. @return its bytes; -1: there is none; -2: not the whole */
static ssize_t next_message(FILE *file, struct recording_entry *entry, void *buffer, size_t room)
{
    size_t got = fread(entry, 1, sizeof(*entry), file);
    if (got != sizeof(*entry)) {
        return got == 0 ? -1 : -2;
    }
    size_t size = ntohl(entry->size);
    return size > room || fread(buffer, 1, size, file) == size ? (ssize_t)size : -2;
}

static enum tool_status replay_one(struct seam_channel *channel, const char *name, const void *data,
                                   size_t size, size_t most)
{
    if (size > most) {
        tool_error("a message of %zu bytes is too long for \"%s\", which takes at most %zu", size,
                   name, most);
        return TOOL_FAILED;
    }
    return send_one(channel, name, data, size);
}

static enum tool_status replay(FILE *file, struct seam_channel *channel, const char *name,
                               const char *path, uint64_t bytes, bool fast)
{
    struct progress progress = {.verb = "replayed", .total_bytes = bytes};
    struct seam_channel_info info;
    struct recording_entry entry;
    enum tool_status status = TOOL_OK;
    ssize_t size = -1;
    (void)seam_channel_info(channel, &info);
    char *buffer = malloc(info.max_message + 1);
    if (buffer == NULL) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    const int64_t begun_ns = seam_deadline_in_ns(0);
    while (status == TOOL_OK &&
           (size = next_message(file, &entry, buffer, info.max_message)) >= 0) {
        status = fast || wait_for_time(begun_ns, be64toh(entry.time_ns))
                     ? replay_one(channel, name, buffer, (size_t)size, info.max_message)
                     : TOOL_FAILED; /* by a signal */
        progress_add(&progress, status == TOOL_OK, sizeof(entry) + (size_t)size);
    }
    progress_end(&progress);
    free(buffer);
    if (status == TOOL_OK && ferror(file) != 0) {
        return recording_error("read", path);
    }
    if (status == TOOL_OK && size == -2) {
        tool_error("\"%s\" ends in the midst of a message", path);
        return TOOL_FAILED;
    }
    return status;
}

static enum tool_status open_and_replay(FILE *file, const char *path, const char *name,
                                        const struct seam_region_options *region, bool fast)
{
    const struct seam_channel_options options = {.region = *region, .role = SEAM_WRITER};
    struct seam_channel *channel = NULL;
    char begin[RECORDING_MAGIC_BYTES];
    uint64_t bytes;
    (void)progress_is_file(fileno(file), &bytes);
    if (fread(begin, RECORDING_MAGIC_BYTES, 1, file) != 1 ||
        memcmp(begin, RECORDING_MAGIC, RECORDING_MAGIC_BYTES) != 0) {
        tool_error("\"%s\" is no recording", path);
        return TOOL_FAILED;
    }
    int error = seam_channel_open(name, &options, &channel);
    if (error != 0) {
        return tool_name_error("open", name, error);
    }
    enum tool_status status = replay(file, channel, name, path, bytes, fast);
    seam_channel_close(channel);
    return status;
}

static enum tool_status run_replay(int argc, char **argv)
{
    static const struct option options[] = {{"fast", no_argument, NULL, 1}, TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    bool fast = false;
    while (tool_next_option(&tool_replay, argc, argv, options, &arguments) != -1) {
        fast = true;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (argc - optind != 2) {
        return tool_usage_error(&tool_replay, "`replay` needs a FILE and a NAME");
    }
    const char *path = argv[optind];
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (file == NULL) {
        return recording_error("read", path);
    }
    enum tool_status status =
        open_and_replay(file, path, argv[optind + 1], &arguments.region, fast);
    if (file != stdin) {
        (void)fclose(file);
    }
    return status;
}

const struct tool_command tool_replay = {
    "replay",
    "[--fast] FILE NAME",
    "send the messages of a recording again, at their times; - is standard input",
    "      --fast        as fast as the channel takes them\n",
    run_replay,
    false};
