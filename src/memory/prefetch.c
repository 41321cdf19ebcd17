/* SPDX-License-Identifier: MIT */
#include "memory/prefetch.h"

/* Lines asked for between two looks: they are on their way while the CPU pauses. */
#define FEW_BYTES UINT64_C(512)
/* More of a long message could be out of the cache again before it is written. */
#define AHEAD_MOST (UINT64_C(64) << 10)

static const uint8_t no_line[128];
_Thread_local struct seam_lines seam_next_lines = {.at = no_line};

void seam_own_few_lines(void)
{
    struct seam_lines *next = &seam_next_lines;
    uint64_t left = next->bytes < AHEAD_MOST ? next->bytes : AHEAD_MOST;
    uint64_t bytes = left < FEW_BYTES ? left : FEW_BYTES;
    for (uint64_t i = 0; i < bytes; i += 64) {
        prefetch_own(next->at + i);
    }
    next->at += bytes;
    next->bytes = left - bytes;
}
