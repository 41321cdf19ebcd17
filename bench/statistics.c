/* SPDX-License-Identifier: MIT */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

static void swap(int64_t *a, int64_t *b)
{
    int64_t kept = *a;
    *a = *b;
    *b = kept;
}

/** Hoare's partition. @return where to cut: nothing up to it exceeds anything behind it */
static size_t partition(int64_t *values, size_t low, size_t high)
{
    int64_t pivot = values[low + (high - low) / 2];
    for (;; low++, high--) {
        while (values[low] < pivot) {
            low++;
        }
        while (values[high] > pivot) {
            high--;
        }
        if (low >= high) {
            return high;
        }
        swap(&values[low], &values[high]);
    }
}

/** Selection: millions of samples need not be sorted for the sake of three of them. */
static int64_t select_nth(int64_t *values, size_t count, size_t nth)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t cut = partition(values, low, high);
        if (nth <= cut) {
            high = cut;
        } else {
            low = cut + 1;
        }
    }
    return values[nth];
}

int64_t percentile(int64_t *values, size_t count, double fraction)
{
    double rank = ceil(fraction * (double)count);
    size_t nth = rank < 1 ? 0 : (size_t)rank - 1;
    return select_nth(values, count, nth < count ? nth : count - 1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Between two values it interpolates. */
static double quantile(const double *sorted, size_t count, double fraction)
{
    double rank = fraction * (double)(count - 1);
    size_t below = (size_t)rank;
    size_t above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (rank - (double)below) * (sorted[above] - sorted[below]);
}

struct spread spread_of(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return (struct spread){
        .q1 = quantile(values, count, 0.25),
        .median = quantile(values, count, 0.5),
        .q3 = quantile(values, count, 0.75),
    };
}
