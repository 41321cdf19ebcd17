/* SPDX-License-Identifier: MIT */
/* The calls that read and change a value. */
#include <string.h>

#include "objects/value.h"

/* ---- integers ---- */

int seam_value_load(const struct seam_value *value, int64_t *ret_now)
{
    int error = seam_value_check_read(value, SEAM_INT64);
    if (likely(error == 0)) {
        *ret_now = (int64_t)seam_value_load_bits(value);
    }
    return error;
}

int seam_value_store(struct seam_value *value, int64_t number)
{
    int error = seam_value_check_write(value, SEAM_INT64);
    if (unlikely(error != 0)) {
        return error;
    }
    if (unlikely(value->raw)) {
        store_relaxed(value->number, (uint64_t)number); /* nothing is promised */
        return 0;
    }
    store_release(value->number, (uint64_t)number); /* V1, pairs with V2 in seam_value_load_bits */
    seam_value_announce(value);
    return 0;
}

static SEAM_COLD int add_raw(struct seam_value *value, uint64_t by, int64_t *ret_old)
{
    int error = seam_value_check_write(value, SEAM_INT64);
    if (error == 0) {
        uint64_t old = load_relaxed(value->number); /* not atomic together: that is what raw is */
        store_relaxed(value->number, old + by);
        if (ret_old != NULL) {
            *ret_old = (int64_t)old;
        }
    }
    return error;
}

static inline int add(struct seam_value *value, uint64_t by, int64_t *ret_old)
{
    if (unlikely(value->int64_key != seam_fork_generation)) {
        return add_raw(value, by, ret_old); /* or to be refused */
    }
    uint64_t old = add_acq_rel(value->number, by); /* V1, pairs with V2 in seam_value_load_bits */
    if (ret_old != NULL) {
        *ret_old = (int64_t)old;
    }
    seam_value_announce(value);
    return 0;
}

int seam_value_add(struct seam_value *value, int64_t by, int64_t *ret_old)
{
    return add(value, (uint64_t)by, ret_old);
}

int seam_value_sub(struct seam_value *value, int64_t by, int64_t *ret_old)
{
    return add(value, 0 - (uint64_t)by, ret_old);
}

int seam_value_exchange(struct seam_value *value, int64_t number, int64_t *ret_old)
{
    int error = seam_value_check_write(value, SEAM_INT64);
    if (likely(error == 0)) {
        uint64_t old = seam_value_exchange_bits(value, (uint64_t)number);
        if (ret_old != NULL) {
            *ret_old = (int64_t)old;
        }
    }
    return error;
}

int seam_value_compare_exchange(struct seam_value *value, int64_t *expected, int64_t desired)
{
    int error = seam_value_check_write(value, SEAM_INT64);
    if (unlikely(error != 0)) {
        return error;
    }
    uint64_t bits = (uint64_t)*expected;
    bool done = seam_value_replace_bits(value, &bits, (uint64_t)desired);
    *expected = (int64_t)bits;
    return done;
}

int seam_value_wait_until(struct seam_value *value, int64_t old, int64_t *ret_now,
                          int64_t deadline_ns)
{
    uint64_t bits;
    int error = seam_value_check_read(value, SEAM_INT64);
    if (error == 0) {
        error = seam_value_wait_for_change(value, (uint64_t)old, &bits, deadline_ns);
    }
    if (error == 0 && ret_now != NULL) {
        *ret_now = (int64_t)bits;
    }
    return error;
}

int seam_value_changed(struct seam_value *value, int64_t old, struct seam_waitable *ret_thing)
{
    int error = seam_value_check_read(value, SEAM_INT64);
    return error == 0 ? seam_value_fill_changed(value, (uint64_t)old, ret_thing) : error;
}

int seam_value_wait(struct seam_value *value, int64_t old, int64_t *ret_now)
{
    return seam_value_wait_until(value, old, ret_now, SEAM_FOREVER);
}

/* ---- doubles ---- */

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

int seam_value_load_double(const struct seam_value *value, double *ret_now)
{
    int error = seam_value_check_read(value, SEAM_DOUBLE);
    if (error == 0) {
        *ret_now = double_of(seam_value_load_bits(value));
    }
    return error;
}

int seam_value_store_double(struct seam_value *value, double number)
{
    return seam_value_exchange_double(value, number, NULL);
}

int seam_value_add_double(struct seam_value *value, double by, double *ret_old)
{
    int error = seam_value_check_write(value, SEAM_DOUBLE);
    if (error != 0) {
        return error;
    }
    uint64_t old = load_relaxed(value->number); /* the compare-and-swap looks properly */
    while (!seam_value_replace_bits(value, &old, bits_of(double_of(old) + by))) {
    }
    if (ret_old != NULL) {
        *ret_old = double_of(old);
    }
    return 0;
}

int seam_value_sub_double(struct seam_value *value, double by, double *ret_old)
{
    return seam_value_add_double(value, -by, ret_old);
}

int seam_value_exchange_double(struct seam_value *value, double number, double *ret_old)
{
    int error = seam_value_check_write(value, SEAM_DOUBLE);
    if (error == 0) {
        uint64_t old = seam_value_exchange_bits(value, bits_of(number));
        if (ret_old != NULL) {
            *ret_old = double_of(old);
        }
    }
    return error;
}

int seam_value_compare_exchange_double(struct seam_value *value, double *expected, double desired)
{
    int error = seam_value_check_write(value, SEAM_DOUBLE);
    if (error != 0) {
        return error;
    }
    uint64_t bits = bits_of(*expected);
    bool done = seam_value_replace_bits(value, &bits, bits_of(desired));
    *expected = double_of(bits);
    return done;
}

int seam_value_wait_double_until(struct seam_value *value, double old, double *ret_now,
                                 int64_t deadline_ns)
{
    uint64_t bits;
    int error = seam_value_check_read(value, SEAM_DOUBLE);
    if (error == 0) {
        error = seam_value_wait_for_change(value, bits_of(old), &bits, deadline_ns);
    }
    if (error == 0 && ret_now != NULL) {
        *ret_now = double_of(bits);
    }
    return error;
}

int seam_value_wait_double(struct seam_value *value, double old, double *ret_now)
{
    return seam_value_wait_double_until(value, old, ret_now, SEAM_FOREVER);
}

int seam_value_changed_double(struct seam_value *value, double old, struct seam_waitable *ret_thing)
{
    int error = seam_value_check_read(value, SEAM_DOUBLE);
    return error == 0 ? seam_value_fill_changed(value, bits_of(old), ret_thing) : error;
}
