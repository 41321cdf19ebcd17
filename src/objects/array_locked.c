/* SPDX-License-Identifier: MIT */
/*
 * Locked arrays: writers take turns at the spare copy, readers read the current one (latch.h). A
 * transaction writes to the spare, which is equal to the current copy when it begins, and notes
 * where. Commit flips, then repeats the same places in the other copy.
 */
#include <errno.h>

#include "memory/copy.h"
#include "objects/array.h"
#include "objects/elements.h"
#include "objects/number.h"

/* Bytes that a reader copies between two looks at the sequence. */
#define CHUNK_BYTES 65536U

/* ---- elements of one copy ---- */

static void read_elements(const struct seam_array *array, const uint8_t *copy, size_t index,
                          size_t count, void *ret_elements)
{
    const uint8_t *from = copy + index * array->stride;
    uint8_t *to = ret_elements;
    if (array->type == SEAM_BYTES) {
        for (size_t i = 0; i < count; i++) {
            copy_racy(to + i * array->element_bytes, from + i * array->stride,
                      array->element_bytes);
        }
        return;
    }
    /* In bulk as far as there are whole words; nothing depends on elements being read at once. */
    size_t single = seam_elements_before_word(from, array->stride, count);
    seam_elements_out(to, from, array->stride, single);
    copy_resting(to + single * array->stride, from + single * array->stride,
                 (count - single) * array->stride);
}

static void write_elements(const struct seam_array *array, uint8_t *copy, size_t index,
                           size_t count, const void *elements)
{
    uint8_t *to = copy + index * array->stride;
    const uint8_t *from = elements;
    if (array->type != SEAM_BYTES) {
        seam_elements_in(to, elements, array->stride, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        copy_into_ring(to + i * array->stride, from + i * array->element_bytes,
                       array->element_bytes);
    }
}

/* ---- reading ---- */

/** One attempt, given up early where it is in vain. @return whether it was whole */
static bool read_once(const struct seam_array *array, size_t index, size_t count,
                      uint8_t *ret_elements)
{
    const uint8_t *copy;
    const size_t most = CHUNK_BYTES / array->stride + 1;
    uint64_t sequence = seam_latch_look(&array->latch, &copy);
    do {
        size_t now = count < most ? count : most;
        read_elements(array, copy, index, now, ret_elements);
        if (unlikely(!seam_latch_is(&array->latch, sequence))) {
            return false;
        }
        index += now;
        count -= now;
        ret_elements += now * array->element_bytes;
    } while (count > 0);
    return true;
}

int seam_array_locked_read(const struct seam_array *array, size_t index, size_t count,
                           void *ret_elements)
{
    struct seam_latch_tries tries = {0};
    if (array->begun) {
        read_elements(array, seam_latch_spare(&array->latch), index, count, ret_elements);
        return 0;
    }
    while (unlikely(!read_once(array, index, count, ret_elements))) {
        if (!seam_latch_again(&array->latch, &tries, count * array->stride)) {
            return -EAGAIN;
        }
    }
    seam_latch_done(&array->latch, &tries);
    return 0;
}

/* ---- transactions ---- */

int seam_array_locked_begin(struct seam_array *array, int64_t deadline_ns)
{
    int error = seam_mutex_enter(&array->object.mutex, deadline_ns);
    if (error != 0 && error != -EOWNERDEAD) {
        return error;
    }
    seam_latch_enter(&array->latch, error == -EOWNERDEAD);
    array->changes.count = 0;
    array->begun = true;
    return 0;
}

/** Remembers that elements were changed; what is next to the last place becomes one with it. */
static void note(struct seam_changes *changes, uint64_t first, uint64_t count)
{
    unsigned last = changes->count - 1;
    if (changes->count > 0 &&
        (changes->count == SEAM_CHANGES_MOST ||
         (first <= changes->ranges[last].end && first + count >= changes->ranges[last].first))) {
        if (first < changes->ranges[last].first) {
            changes->ranges[last].first = first;
        }
        if (first + count > changes->ranges[last].end) {
            changes->ranges[last].end = first + count;
        }
        return;
    }
    changes->ranges[changes->count].first = first;
    changes->ranges[changes->count].end = first + count;
    changes->count++;
}

/** Makes the spare what the current copy is, in all places that have changed, and ends the turn. */
static void end(struct seam_array *array)
{
    for (unsigned i = 0; i < array->changes.count; i++) {
        /* Whole words; what they hold beside the elements is equal in both copies. */
        uint64_t first = array->changes.ranges[i].first * array->stride & ~UINT64_C(7);
        uint64_t after = (array->changes.ranges[i].end * array->stride + 7) & ~UINT64_C(7);
        seam_latch_level(&array->latch, first, after - first);
    }
    array->begun = false;
    seam_mutex_leave(&array->object.mutex);
}

void seam_array_locked_commit(struct seam_array *array)
{
    if (array->changes.count > 0) {
        seam_latch_flip(&array->latch);
    }
    end(array);
}

void seam_array_locked_abort(struct seam_array *array)
{
    end(array); /* without a flip the spare is what has changed */
}

/* ---- changes ---- */

void seam_array_locked_write(struct seam_array *array, size_t index, size_t count,
                             const void *elements)
{
    if (count > 0) {
        note(&array->changes, index, count);
        write_elements(array, seam_latch_spare(&array->latch), index, count, elements);
    }
}

void seam_array_locked_fill(struct seam_array *array, size_t index, size_t count,
                            const void *element)
{
    if (count > 0) {
        note(&array->changes, index, count);
    }
    for (size_t i = 0; i < count; i++) {
        write_elements(array, seam_latch_spare(&array->latch), index + i, 1, element);
    }
}

void seam_array_locked_add(struct seam_array *array, size_t index, const void *by, void *ret_old)
{
    uint64_t old, sum; /* bytes have no sum */
    read_elements(array, seam_latch_spare(&array->latch), index, 1, &old);
    sum = old;
    seam_number_add(array->type, &sum, by);
    seam_array_locked_write(array, index, 1, &sum);
    if (ret_old != NULL) {
        memcpy(ret_old, &old, array->element_bytes);
    }
}

/** Whether an element of the spare has these bytes. */
static bool has_bytes(const struct seam_array *array, size_t index, const void *bytes)
{
    /* Plain: this thread has the lock, nobody else writes to the spare. */
    const uint8_t *at = seam_latch_spare(&array->latch) + index * array->stride;
    return memcmp(at, bytes, array->element_bytes) == 0;
}

int seam_array_locked_compare_exchange(struct seam_array *array, size_t index, void *expected,
                                       const void *desired)
{
    if (!has_bytes(array, index, expected)) {
        read_elements(array, seam_latch_spare(&array->latch), index, 1, expected);
        return 0;
    }
    seam_array_locked_write(array, index, 1, desired);
    return 1;
}
