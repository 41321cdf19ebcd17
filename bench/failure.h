/* SPDX-License-Identifier: MIT */
#ifndef SEAM_BENCH_FAILURE_H
#define SEAM_BENCH_FAILURE_H

/* How a benchmark gives up. */
#include <stdio.h>
#include <string.h>

#include "seam/seam.h"
#include "shim.h"

/** @param error  -errno */
static inline void fail(struct shim_state *state, int error)
{
    const char *detail = seam_error_detail();
    char text[256];
    (void)snprintf(text, sizeof(text), "%s%s%s", strerror(-error), detail[0] != 0 ? ": " : "",
                   detail);
    shim_fail(state, text);
}

#endif
