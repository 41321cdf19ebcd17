/* SPDX-License-Identifier: MIT */
/*
 * What one side pays that waits for nobody: publishing, and reading the newest value, while the
 * other side is idle or busy. All on overwriting channels.
 */
#ifndef SEAM_BENCH_ONESIDED_H
#define SEAM_BENCH_ONESIDED_H

#include <stdbool.h>

#include "plan.h"
#include "shim.h"

enum onesided_kind {
    PUBLISH_IDLE, /* send; the other process has the channel open and sleeps */
    PUBLISH_BUSY, /* send; the other process asks for the newest message all the time */
    LATEST_NONE,  /* ask for the newest message where there is none that is new */
    LATEST_OWN,   /* send a message and take it back, in one process */
    LATEST_BUSY,  /* take the newest; the other process sends as fast as it can */
};

struct onesided_result {
    bool measured;
    double ns, ns_q1, ns_q3; /* each call, or each message read; over the blocks */
    double writes_per_s, reads_per_s, calls_per_s;
    double retries_per_million; /* copies thrown away for a million messages read */
};

/** One benchmark: what it measures, and what came out. */
struct onesided {
    const struct plan *plan;
    enum onesided_kind kind;
    enum seam_mode mode;
    size_t size;
    struct onesided_result result;
};

/** For names: "publish/idle" and so on. */
const char *onesided_name(enum onesided_kind kind);

/** A shim_function; @p context is a struct onesided. */
void onesided_run(struct shim_state *state, void *context);

#endif
