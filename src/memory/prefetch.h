/* SPDX-License-Identifier: MIT */
/* Asking for cache lines before they are written, while there is nothing else to do. */
#ifndef SEAM_MEMORY_PREFETCH_H
#define SEAM_MEMORY_PREFETCH_H

#include "memory/atomic.h"

/**
 * What this thread will write next, as far as known: while it waits, it asks for these cache lines.
 * Only an address for prefetching, which never faults, so it may be long unmapped.
 */
struct seam_lines {
    const uint8_t *at;
    uint64_t bytes;
};
extern _Thread_local struct seam_lines seam_next_lines __attribute__((tls_model("initial-exec")));

/** Asks for the first lines of what is written next. */
static inline void seam_own_next_lines(void)
{
    const uint64_t most = 2048;
    struct seam_lines next = seam_next_lines;
    uint64_t bytes = 64 + (next.bytes < most ? next.bytes : most);
    for (uint64_t i = 0; i < bytes; i += 64) {
        prefetch_own(next.at + i);
    }
}

/** Asks for a few lines of what is written next, and goes on behind them the next time. */
void seam_own_few_lines(void);

/**
 * Between two looks of a wait: a long message's lines take as long to come as its copy takes, so
 * they are asked for while there is nothing else to do.
 */
static inline void seam_own_more_lines(void)
{
    if (unlikely(seam_next_lines.bytes > 0)) {
        seam_own_few_lines();
    }
}

#endif
