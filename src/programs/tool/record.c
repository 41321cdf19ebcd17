/* SPDX-License-Identifier: MIT */
/* seam record: messages go to a file, with their times. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/** Writes messages that have come at @p time_ns. @return whether all of them are in the file */
static bool write_all(FILE *file, const struct reader *reader, ssize_t count, int64_t time_ns)
{
    bool ok = true;
    for (ssize_t i = 0; ok && i < count; i++) {
        ok = write_entry(file, time_ns, &reader->messages[i]);
    }
    return ok && fflush(file) == 0; /* killed now, all of it is there */
}

/**
 * What could not be written whole is cut off: it comes again, to whoever reads on.
 * @param whole  bytes that are good; -1: not known, or a pipe, which can't be cut
 */
static enum tool_status fail(FILE *file, const char *path, off_t whole)
{
    enum tool_status status = recording_error("write", path);
    if (whole >= 0) {
        (void)!ftruncate(fileno(file), whole);
    }
    return status;
}

static enum tool_status record(struct reader *reader, FILE *file, const char *path)
{
    struct progress progress = {.verb = "recorded"};
    enum tool_status status = TOOL_OK;
    int64_t first_ns = 0;
    off_t whole = -1; /* bytes of the file that are good */
    ssize_t count = 0;
    bool ok = fwrite(RECORDING_MAGIC, RECORDING_MAGIC_BYTES, 1, file) == 1 && fflush(file) == 0;
    while (ok && signals_caught() == 0) {
        whole = ftello(file);
        count = reader_next(reader, READER_BATCH_MOST, &status);
        if (count < 0) {
            break;
        }
        int64_t now_ns = seam_deadline_in_ns(0);
        first_ns = first_ns == 0 && count > 0 ? now_ns : first_ns;
        ok = write_all(file, reader, count, now_ns - first_ns);
        if (ok) {
            reader_done(reader);
            progress_add(&progress, (uint64_t)count, reader_bytes(reader, count));
        }
    }
    progress_end(&progress);
    return ok ? status : fail(file, path, whole);
}

static enum tool_status open_and_record(struct reader *reader, const char *path)
{
    enum tool_status status = reader_open(reader);
    if (status != TOOL_OK) {
        return status;
    }
    /* What somebody has recorded once may be nowhere else. */
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wxe");
    if (file == NULL) {
        status = recording_error("write", path);
    } else {
        status = record(reader, file, path);
        if (file != stdout && fclose(file) != 0 && status == TOOL_OK) {
            status = recording_error("write", path);
        }
    }
    reader_close(reader);
    return status;
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
    return open_and_record(&reader, argv[optind + 1]);
}

const struct tool_command tool_record = {
    "record",
    "[OPTION]... NAME FILE",
    "keep messages in a new file, with their times; - is standard output",
    "      --follow          go on when the writer ends\n"
    "      --from-start      from the oldest message that is still there\n"
    "      --durable=GROUP   go on where the last reader of this name stopped\n",
    run_record,
    false};
