/* SPDX-License-Identifier: MIT */
/* Figures as a person would write them. */
#ifndef SEAM_BENCH_SHOW_H
#define SEAM_BENCH_SHOW_H

#include <stdbool.h>

#define SHOW_CELL 24

/** A time in the unit that fits; all of them show "-" for what was not measured. @return @p text */
const char *show_ns(char text[SHOW_CELL], bool measured, double ns);
const char *show_times(char text[SHOW_CELL], bool measured, double factor);
const char *show_rate(char text[SHOW_CELL], bool measured, double per_s);

#endif
