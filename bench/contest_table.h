/* SPDX-License-Identifier: MIT */
/* What came out of contests, for people. */
#ifndef SEAM_BENCH_CONTEST_TABLE_H
#define SEAM_BENCH_CONTEST_TABLE_H

#include <stdio.h>

#include "contest.h"

/** Leaves out what was not measured. */
void contest_table(FILE *to, const struct contest *contests, size_t count);

#endif
