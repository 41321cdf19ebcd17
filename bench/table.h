/* SPDX-License-Identifier: MIT */
/* What came out, for people: lock-free beside locked. */
#ifndef SEAM_BENCH_TABLE_H
#define SEAM_BENCH_TABLE_H

#include <stdio.h>

#include "onesided.h"
#include "roundtrip.h"

/** One row of the table: the same in both modes; what was not measured is left out. */
struct roundtrip_row {
    struct roundtrip lock_free, locked;
};

struct onesided_row {
    struct onesided lock_free, locked;
};

void table_roundtrips(FILE *to, const struct roundtrip_row *rows, size_t count);
void table_onesided(FILE *to, const struct onesided_row *rows, size_t count);

#endif
