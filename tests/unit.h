/* SPDX-License-Identifier: MIT */
/* What the Criterion tests share. Each test runs in a process and a directory of its own. */
#ifndef SEAM_TESTS_UNIT_H
#define SEAM_TESTS_UNIT_H

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "seam/seam.h"
#include "support.h"

static inline struct seam_channel *must_create(const char *name,
                                               const struct seam_channel_options *options)
{
    struct seam_channel *channel = NULL;
    int error = seam_channel_create(name, options, &channel);
    cr_assert_eq(error, 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

static inline struct seam_channel *must_open(const char *name,
                                             const struct seam_channel_options *options)
{
    struct seam_channel *channel = NULL;
    int error = seam_channel_open(name, options, &channel);
    cr_assert_eq(error, 0, "open: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

static inline struct seam_channel *must_reopen(const struct seam_channel *other,
                                               const struct seam_channel_options *options)
{
    struct seam_channel *channel = NULL;
    int error = seam_channel_reopen(other, options, &channel);
    cr_assert_eq(error, 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

static inline void must_send(struct seam_channel *channel, const char *text)
{
    int error = seam_channel_try_send(channel, text, strlen(text));
    cr_assert_eq(error, 0, "send %s: %s", text, strerror(-error));
}

/** Receives one message, which must be @p text. */
static inline void must_recv(struct seam_channel *channel, const char *text)
{
    char buffer[256];
    ssize_t size = seam_channel_try_recv(channel, buffer, sizeof(buffer));
    cr_assert_eq(size, (ssize_t)strlen(text), "recv %s: %zd", text, size);
    cr_assert_eq(memcmp(buffer, text, strlen(text)), 0, "%.*s is not %s", (int)size, buffer, text);
}

static inline struct seam_channel_stats stats_of(const struct seam_channel *channel)
{
    struct seam_channel_stats stats;
    cr_assert_eq(seam_channel_stats(channel, &stats), 0);
    return stats;
}

#endif
