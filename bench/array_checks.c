/* SPDX-License-Identifier: MIT */
/* What is looked at when the clock stands still. */
#include <errno.h>

#include "objects_array.h"

static int64_t newest_of(const int64_t *elements)
{
    int64_t newest = 0;
    for (size_t i = 0; i < ARRAY_LENGTH; i++) {
        newest = elements[i] > newest ? elements[i] : newest;
    }
    return newest;
}

uint64_t array_count_set(const int64_t *elements)
{
    return (uint64_t)newest_of(elements) - ARRAY_LENGTH;
}

uint64_t array_count_added(const int64_t *elements)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ARRAY_LENGTH; i++) {
        sum += (uint64_t)elements[i];
    }
    return sum - ARRAY_LENGTH * (ARRAY_LENGTH + 1) / 2;
}

int array_check_sum(void *context, uint64_t count)
{
    const struct array_context *c = context;
    const uint64_t rounds = count / ARRAY_LENGTH, rest = count % ARRAY_LENGTH;
    uint64_t sum = rounds * (ARRAY_LENGTH * (ARRAY_LENGTH + 1) / 2);
    if (rest > 0) {
        sum += ARRAY_LENGTH + rest * (rest - 1) / 2; /* element 0, and 1 to rest - 1 */
    }
    return (uint64_t)c->sum == sum ? 0 : -EBADMSG;
}

int array_check_copy(void *context, uint64_t count)
{
    const struct array_context *c = context;
    const int64_t newest = newest_of(c->copy), length = (int64_t)ARRAY_LENGTH;
    bool right = newest >= length;
    (void)count;
    for (int64_t i = 0; i < length; i++) {
        right = right && c->copy[i] == newest - (newest - i) % length;
    }
    return right ? 0 : -EBADMSG;
}
