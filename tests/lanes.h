/* SPDX-License-Identifier: MIT */
/* Channels whose writers have lanes, for the tests of these. */
#ifndef SEAM_TESTS_LANES_H
#define SEAM_TESTS_LANES_H

#include "unit.h"

#define WRITERS 3

static inline struct seam_channel_options three(enum seam_policy policy)
{
    return (struct seam_channel_options){
        .writers = WRITERS, .policy = policy, .capacity = 4096, .max_message = 128};
}

/** A channel with all its writers. */
struct trio {
    struct seam_channel *writer[WRITERS];
};

static inline struct trio trio_of(const struct seam_channel_options *options)
{
    const struct seam_channel_options to_write = {.role = SEAM_WRITER};
    struct trio trio = {{must_create(NULL, options)}};
    for (int i = 1; i < WRITERS; i++) {
        trio.writer[i] = must_reopen(trio.writer[0], &to_write);
    }
    return trio;
}

static inline void close_trio(struct trio *trio)
{
    for (int i = WRITERS; i-- > 0;) {
        seam_channel_close(trio->writer[i]);
    }
}

#endif
