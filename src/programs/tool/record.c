/* SPDX-License-Identifier: MIT */
/* seam record: messages go to a file, with their times. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>

#include "signals.h"
#include "tool/progress.h"
#include "tool/reader.h"
#include "tool/recording.h"
#include "tool/tool.h"

static bool write_entry(FILE *file, int64_t time_ns, const struct iovec *message)
{
    const struct recording_entry entry = {.time_ns = htobe64((uint64_t)time_ns),
                                          .size = htonl((uint32_t)message->iov_len)};
    return fwrite(&entry, sizeof(entry), 1, file) == 1 &&
           fwrite(message->iov_base, 1, message->iov_len, file) == message->iov_len;
}

static enum tool_status record(struct reader *reader, FILE *file, const char *path)
{
    struct progress progress = {.verb = "recorded"};
    enum tool_status end = TOOL_OK;
    int64_t first_ns = 0;
    bool ok = fwrite(RECORDING_MAGIC, RECORDING_MAGIC_BYTES, 1, file) == 1 && fflush(file) == 0;
    ssize_t count = 0;
    while (ok && count >= 0 && signals_caught() == 0) {
        count = reader_next(reader, READER_BATCH_MOST, &end);
        int64_t now_ns = seam_deadline_in_ns(0);
        first_ns = first_ns == 0 && count > 0 ? now_ns : first_ns;
        for (ssize_t i = 0; ok && i < count; i++) {
            ok = write_entry(file, now_ns - first_ns, &reader->messages[i]);
            progress_add(&progress, 1, reader->messages[i].iov_len);
        }
        ok = ok && fflush(file) == 0; /* killed now, all of it is there */
        reader_done(reader);
    }
    progress_end(&progress);
    return ok ? end : recording_error("write", path);
}

static enum tool_status run_record(int argc, char **argv)
{
    static const struct option options[] = {{"from-start", no_argument, NULL, 1},
                                            {"follow", no_argument, NULL, 2},
                                            {"durable", required_argument, NULL, 3},
                                            TOOL_USUAL_OPTIONS};
    static struct reader reader = {.options = {.role = SEAM_READER, .start = SEAM_FROM_NEXT}};
    struct tool_arguments arguments = {0};
    for (int option;
         (option = tool_next_option(&tool_record, argc, argv, options, &arguments)) != -1;) {
        if (option == 1) {
            reader.options.start = SEAM_FROM_OLDEST;
        } else if (option == 2) {
            reader.options.follow = true;
        } else {
            reader.options.cursor = optarg;
        }
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (argc - optind != 2) {
        return tool_usage_error(&tool_record, "`record` needs a NAME and a FILE");
    }
    reader.name = argv[optind];
    reader.options.region = arguments.region;
    const char *path = argv[optind + 1];
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return recording_error("write", path);
    }
    enum tool_status status = reader_open(&reader);
    if (status == TOOL_OK) {
        status = record(&reader, file, path);
        reader_close(&reader);
    }
    return fclose(file) == 0 || status != TOOL_OK ? status : recording_error("write", path);
}

const struct tool_command tool_record = {
    "record",
    "[OPTION]... NAME FILE",
    "keep messages in a file, with their times",
    "      --follow          go on when the writer ends\n"
    "      --from-start      from the oldest message that is still there\n"
    "      --durable=GROUP   go on where the last reader of this name stopped\n",
    run_record,
    false};
