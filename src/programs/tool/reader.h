/* SPDX-License-Identifier: MIT */
/*
 * A reader of a channel until its writer ends. Who comes while there is no writer waits for the
 * next one, and for its end.
 */
#ifndef TOOL_READER_H
#define TOOL_READER_H

#include <sys/uio.h>

#include "tool/tool.h"

#define READER_BATCH_MOST 256U

/** Zero it, set name, options and latest; open it. */
struct reader {
    const char *name;
    struct seam_channel_options options;
    bool latest; /**< only the newest message, whenever there is a newer one */

    struct seam_channel *channel;
    bool waits_for_next; /* it came while there was no writer, and ends when one has ended */
    uint64_t writers;    /* that there had been then */
    uint64_t received, lost;
    uint8_t *buffer;
    size_t room;
    struct iovec messages[READER_BATCH_MOST];
};

/** @return TOOL_OK; TOOL_FAILED after telling the user */
enum tool_status reader_open(struct reader *reader);

/**
 * Waits for messages for a slice of time at most.
 * @param most     how many, of READER_BATCH_MOST
 * @param ret_end  set where there won't be any more: how it ended; the user has been told
 * @return how many there are in reader->messages; 0: none yet; -1: none any more
 */
ssize_t reader_next(struct reader *reader, size_t most, enum tool_status *ret_end);

/** Bytes of the first @p count messages in reader->messages. */
uint64_t reader_bytes(const struct reader *reader, ssize_t count);

/**
 * To be called when the messages have been used: only then does a durable cursor leave them behind,
 * so that the next reader gets them again if this one is killed before.
 */
void reader_done(struct reader *reader);

void reader_close(struct reader *reader);

#endif
