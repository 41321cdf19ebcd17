/* SPDX-License-Identifier: MIT */
#include "tool/histogram.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tool/tool.h"

#define BAR_MOST 24
#define BUCKETS_PER_LINE (HISTOGRAM_PARTS / 2)

static unsigned bucket_of(uint64_t ns)
{
    if (ns < HISTOGRAM_PARTS) {
        return (unsigned)ns;
    }
    unsigned power = 63U - (unsigned)__builtin_clzll(ns);
    return (power - 2) * HISTOGRAM_PARTS + (unsigned)(ns >> (power - 3)) % HISTOGRAM_PARTS;
}

/** The least time in a bucket. */
static uint64_t begin_of(unsigned bucket)
{
    if (bucket < HISTOGRAM_PARTS) {
        return bucket;
    }
    unsigned power = bucket / HISTOGRAM_PARTS + 2;
    return (HISTOGRAM_PARTS + bucket % HISTOGRAM_PARTS) * (UINT64_C(1) << (power - 3));
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram->buckets[bucket_of(ns)]++;
    histogram->count++;
    histogram->most = ns > histogram->most ? ns : histogram->most;
}

uint64_t histogram_quantile(const struct histogram *histogram, double part)
{
    uint64_t below = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        if (below > 0 && (double)below >= part * (double)histogram->count) {
            return begin_of(i);
        }
    }
    return 0;
}

const char *histogram_time(uint64_t ns, char *text)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double number = (double)ns;
    unsigned unit = 0;
    for (; number >= 1000 && unit < 3; unit++) {
        number /= 1000;
    }
    (void)snprintf(text, TOOL_TEXT, unit == 0 || number >= 100 ? "%.0f %s" : "%.1f %s", number,
                   units[unit]);
    return text;
}

static uint64_t count_of_line(const struct histogram *histogram, unsigned line)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < BUCKETS_PER_LINE; i++) {
        count += histogram->buckets[line * BUCKETS_PER_LINE + i];
    }
    return count;
}

/** Whatever there is, be it once in a million, leaves a dot. */
static void format_bar(const struct histogram *histogram, unsigned line, char *bar)
{
    uint64_t count = count_of_line(histogram, line);
    double part = histogram->count > 0 ? (double)count / (double)histogram->count : 0;
    size_t length = (size_t)(part * BAR_MOST + 0.5);
    memset(bar, '#', length);
    if (length == 0 && count > 0) {
        bar[length++] = '.';
    }
    bar[length] = '\0';
}

void histogram_print(const struct histogram *left, const char *left_name,
                     const struct histogram *right, const char *right_name)
{
    const unsigned lines = HISTOGRAM_BUCKETS / BUCKETS_PER_LINE;
    unsigned first = lines, last = 0;
    for (unsigned i = 0; i < lines; i++) {
        if (count_of_line(left, i) + count_of_line(right, i) > 0) {
            first = i < first ? i : first;
            last = i;
        }
    }
    (void)printf("%10s  %-*s  %s\n", "from", BAR_MOST, left_name, right_name);
    for (unsigned i = first; i <= last && i < lines; i++) {
        char from[TOOL_TEXT], left_bar[BAR_MOST + 2], right_bar[BAR_MOST + 2];
        format_bar(left, i, left_bar);
        format_bar(right, i, right_bar);
        (void)printf("%10s  %-*s  %s\n", histogram_time(begin_of(i * BUCKETS_PER_LINE), from),
                     BAR_MOST, left_bar, right_bar);
    }
}
