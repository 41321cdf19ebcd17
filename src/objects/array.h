/* SPDX-License-Identifier: MIT */
/* What a struct seam_array holds, and the verbs of locked mode; array_calls.c chooses. */
#ifndef SEAM_OBJECTS_ARRAY_H
#define SEAM_OBJECTS_ARRAY_H

#include "objects/latch.h"
#include "objects/object.h"
#include "seam/array.h"

/* Places that a transaction remembers one by one; with more it remembers what lies between. */
#define SEAM_CHANGES_MOST 16

/** Elements changed since begin; private to the process. */
struct seam_changes {
    unsigned count;
    struct {
        uint64_t first, end;
    } ranges[SEAM_CHANGES_MOST];
};

struct seam_array {
    struct seam_object object;
    /* seam_fork_generation where the commonest sum is one instruction: lock-free, 8-byte integers.
     */
    uint64_t add_key;
    enum seam_type type;
    bool locked;
    size_t length;        /* elements */
    size_t element_bytes; /* of each, in private memory */
    size_t stride;        /* the same in shared memory */
    /* Locked mode. */
    struct seam_latch latch;
    bool begun; /* between begin and commit */
    struct seam_changes changes;
};

/* Arguments have been checked. Each is one of the public verbs in locked mode, without the checks.
 */

/** Reads from the transaction that has begun, else what is current. @return 0; -EAGAIN */
int seam_array_locked_read(const struct seam_array *array, size_t index, size_t count,
                           void *ret_elements);

/** Takes the lock. @return 0; -EDEADLK, -EAGAIN, -ETIMEDOUT */
int seam_array_locked_begin(struct seam_array *array, int64_t deadline_ns);
void seam_array_locked_commit(struct seam_array *array);
void seam_array_locked_abort(struct seam_array *array);

/* Between begin and commit. */
void seam_array_locked_write(struct seam_array *array, size_t index, size_t count,
                             const void *elements);
void seam_array_locked_fill(struct seam_array *array, size_t index, size_t count,
                            const void *element);
void seam_array_locked_add(struct seam_array *array, size_t index, const void *by, void *ret_old);
int seam_array_locked_compare_exchange(struct seam_array *array, size_t index, void *expected,
                                       const void *desired);

#endif
