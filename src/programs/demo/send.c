/* SPDX-License-Identifier: MIT */
#include "demo/send.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "demo/lines.h"
#include "signals.h"

bool demo_strings_fit(const struct demo_options *options, size_t limit)
{
    for (int i = 0; i < options->word_count; i++) {
        size_t size = strlen(options->words[i]);
        if (size > limit && !demo_is_stdin(options, i)) {
            demo_too_long_error(options, "string", size, limit);
            return false;
        }
    }
    return true;
}

static void say_waiting(const struct demo_options *options)
{
    if (options->name != NULL) {
        demo_error("waiting until a reader takes the messages: channel-demo read %s",
                   options->name);
    }
}

static enum demo_status send_one(const struct demo_options *options, struct seam_channel *channel,
                                 const char *data, size_t size)
{
    struct demo_patience patience = {0};
    int error;
    do {
        if (signals_caught() != 0) {
            return DEMO_FAILED;
        }
        error = seam_channel_send_until(channel, data, size, seam_deadline_in_ns(DEMO_SLICE_NS));
        if (error == -ETIMEDOUT && demo_patience_ends(&patience)) {
            say_waiting(options);
        }
    } while (error == -ETIMEDOUT);
    if (error != 0) {
        demo_error("cannot send a message of %zu bytes: %s", size, strerror(-error));
        return DEMO_FAILED;
    }
    demo_note(options, "writer: sent %zu bytes", size);
    return DEMO_OK;
}

static enum demo_status send_lines_of(const struct demo_options *options,
                                      struct seam_channel *channel, struct demo_lines *lines)
{
    for (;;) {
        int found = demo_lines_next(lines);
        if (found == 0) {
            return DEMO_OK;
        }
        if (found == -EMSGSIZE) {
            demo_too_long_error(options, "line", lines->size, lines->limit);
        } else if (found < 0 && found != -EINTR) {
            demo_error("cannot read standard input: %s", strerror(-found));
        }
        if (found < 0 || send_one(options, channel, lines->line, lines->size) != DEMO_OK) {
            return DEMO_FAILED;
        }
    }
}

static enum demo_status send_stdin(const struct demo_options *options, struct seam_channel *channel)
{
    struct seam_channel_info info;
    struct demo_lines *lines = calloc(1, sizeof(*lines));
    if (lines == NULL || seam_channel_info(channel, &info) != 0) {
        demo_error("no memory for the lines of standard input");
        free(lines);
        return DEMO_FAILED;
    }
    lines->limit = info.max_message;
    enum demo_status status = send_lines_of(options, channel, lines);
    demo_lines_free(lines);
    free(lines);
    return status;
}

enum demo_status demo_send_strings(const struct demo_options *options, struct seam_channel *channel)
{
    enum demo_status status = DEMO_OK;
    for (int i = 0; status == DEMO_OK && i < options->word_count; i++) {
        const char *word = options->words[i];
        status = demo_is_stdin(options, i) ? send_stdin(options, channel)
                                           : send_one(options, channel, word, strlen(word));
    }
    return status;
}

enum demo_status demo_send_wait(const struct demo_options *options, struct seam_channel *channel)
{
    struct demo_patience patience = {0};
    int error;
    do {
        if (signals_caught() != 0) {
            return DEMO_FAILED;
        }
        error = seam_channel_drain_until(channel, seam_deadline_in_ns(DEMO_SLICE_NS));
        if (error == -ETIMEDOUT && demo_patience_ends(&patience)) {
            say_waiting(options);
        }
    } while (error == -ETIMEDOUT);
    if (error != 0) {
        demo_error("cannot wait for the reader: %s", strerror(-error));
        return DEMO_FAILED;
    }
    return DEMO_OK;
}
