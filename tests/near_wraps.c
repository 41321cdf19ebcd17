/* SPDX-License-Identifier: MIT */
/*
 * Part of every test: with SEAM_NEAR_WRAPS in the environment, whatever is created has its counters
 * about to wrap. `meson test --setup wraps` runs the whole suite so.
 */
#include <stdlib.h>

#include "channel/test_hooks.h"
#include "memory/atomic.h"
#include "region/region.h"
#include "region/test_hooks.h"

/* Steps to go: less than what most tests make, more than what only opening does. */
#define STEPS UINT64_C(20)

/* Lock ids have 30 bits. */
#define LAST_ID ((UINT32_C(1) << 30) - (uint32_t)STEPS)

static void age_flag(_Atomic uint32_t *flag)
{
    store_relaxed(flag, UINT32_MAX - 1 - 2 * (uint32_t)STEPS); /* its lowest bit is not raised */
}

static void age_lock(struct seam_mutex_line *line)
{
    store_relaxed(&line->last_id, LAST_ID);
    age_flag(&line->wanted);
}

static void age(struct seam_region *region)
{
    if (!region->log->writable) {
        /* The creator is a reader; the log's counters begin as they do. */
    } else if (region->stamp.kind == SEAM_KIND_CHANNEL) {
        age_lock(&((struct seam_log_head *)seam_region_object(region))->write_lock);
    } else {
        age_lock(&seam_region_object(region)->lock);
        store_relaxed(&seam_region_object(region)->sequence, UINT64_MAX - 1 - 2 * STEPS);
    }
    age_lock(&region->desk->lock);
    age_flag(&region->desk->data_wanted);
    age_flag(&region->desk->space_wanted);
}

__attribute__((constructor)) static void age_all(void)
{
    if (getenv("SEAM_NEAR_WRAPS") != NULL) {
        seam_test_created = age;
        seam_test_first_position = UINT64_MAX - 8191;
        seam_test_first_sequence = UINT32_MAX - STEPS;
    }
}
