/* SPDX-License-Identifier: MIT */
#include "distribution.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define POINTS_PER_NINE 20

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void distribution_write(FILE *file, const char *name, int64_t *samples, size_t count)
{
    qsort(samples, count, sizeof(*samples), compare);
    for (int point = 0;; point++) {
        double beyond = pow(10, -(double)point / POINTS_PER_NINE);
        if (beyond * (double)count < 10) {
            return;
        }
        size_t rank = (size_t)((1 - beyond) * (double)(count - 1));
        (void)fprintf(file, "%s,%.7f,%" PRId64 "\n", name, 1 - beyond, samples[rank]);
    }
}
