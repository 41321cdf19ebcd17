/* SPDX-License-Identifier: MIT */
/* Times by the million, in buckets that grow with them: each is at most an eighth wide. */
#ifndef TOOL_HISTOGRAM_H
#define TOOL_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_PARTS 8U /* of each power of two */
#define HISTOGRAM_BUCKETS (64U * HISTOGRAM_PARTS)

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t count, most;
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/** The time that so much of all (0 to 1) is not above, to an eighth; 0: there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double part);

/** Draws both, side by side, a line for each half of a power of two. */
void histogram_print(const struct histogram *left, const char *left_name,
                     const struct histogram *right, const char *right_name);

/** @param text  room for TOOL_TEXT */
const char *histogram_time(uint64_t ns, char *text);

#endif
