/* SPDX-License-Identifier: MIT */
/* What a struct seam_value holds, and what may be done to its bits, of whatever type. */
#ifndef SEAM_OBJECTS_VALUE_H
#define SEAM_OBJECTS_VALUE_H

#include <errno.h>

#include "objects/object.h"
#include "seam/value.h"

/*
 * The number is one word. A change is one atomic operation on it and, as with channels, a look at
 * the flag of those who sleep until it changes.
 */
struct seam_value {
    /* seam_fork_generation while the plain way is open: the right type, not raw; else 0. */
    uint64_t int64_key;
    _Atomic uint64_t *number;
    struct seam_desk *desk;
    bool fence; /* this process could not register with membarrier */
    bool raw;
    enum seam_type type;
    struct seam_waiter waiter;
    struct seam_object object;
};

static inline int seam_value_check_read(const struct seam_value *value, enum seam_type type)
{
    int error = seam_object_check_read(&value->object);
    return error != 0 || likely(value->type == type) ? error : -EINVAL;
}

static inline int seam_value_check_write(const struct seam_value *value, enum seam_type type)
{
    int error = seam_value_check_read(value, type);
    return error != 0 ? error : seam_object_check_write(&value->object);
}

/** Tells those who sleep until the number changes. */
static inline void seam_value_announce(const struct seam_value *value)
{
    /* P2, pairs with S2 in seam_barrier_heavy: the change before the look at the flag. */
    seam_barrier_light(value->fence || load_relaxed(&value->desk->fences) != 0);
    (void)seam_wake(&value->desk->data_wanted, &value->desk->woken_ns);
}

static inline uint64_t seam_value_load_bits(const struct seam_value *value)
{
    return value->raw
               ? load_relaxed(value->number)  /* nothing is promised */
               : load_acquire(value->number); /* V2, pairs with V1 in seam_value_replace_bits */
}

static inline uint64_t seam_value_exchange_bits(struct seam_value *value, uint64_t bits)
{
    if (unlikely(value->raw)) {
        uint64_t old = load_relaxed(value->number); /* not atomic together: that is what raw is */
        store_relaxed(value->number, bits);
        return old;
    }
    uint64_t old =
        exchange_acq_rel(value->number, bits); /* V1, pairs with V2 in seam_value_load_bits */
    seam_value_announce(value);
    return old;
}

/** @return whether the number was @p *bits and is @p desired now; else @p *bits is what it is */
static inline bool seam_value_replace_bits(struct seam_value *value, uint64_t *bits,
                                           uint64_t desired)
{
    if (value->raw) {
        uint64_t now = load_relaxed(value->number);
        bool equal = now == *bits;
        if (equal) {
            store_relaxed(value->number, desired); /* what came in between is lost */
        }
        *bits = now;
        return equal;
    }
    /* V1, pairs with V2 in seam_value_load_bits */
    if (!cas_acq_rel(value->number, bits, desired)) {
        return false;
    }
    seam_value_announce(value);
    return true;
}

/** Waits until the bits are others than @p old. @return 0; -ENOTSUP raw; -ETIMEDOUT */
int seam_value_wait_for_change(struct seam_value *value, uint64_t old, uint64_t *ret_bits,
                               int64_t deadline_ns);

/** Something to wait for: that the bits are others than @p old. @return 0; -ENOTSUP raw */
int seam_value_fill_changed(struct seam_value *value, uint64_t old,
                            struct seam_waitable *ret_thing);

#endif
