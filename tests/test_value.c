/* SPDX-License-Identifier: MIT */
/* The public calls of values: both types, with and without synchronisation, and waiting. */
#include "unit.h"

#include <math.h>

TestSuite(value, .init = test_begin, .fini = test_end);

static const enum seam_mode modes[] = {SEAM_LOCK_FREE, SEAM_RAW};

static struct seam_value *new_value(enum seam_type type, enum seam_mode mode)
{
    const struct seam_value_options options = {.type = type, .mode = mode};
    struct seam_value *value = NULL;
    int error = seam_value_create(NULL, &options, &value);
    cr_assert_eq(error, 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return value;
}

static struct seam_value *once_more(const struct seam_value *other,
                                    const struct seam_value_options *options)
{
    struct seam_value *value = NULL;
    int error = seam_value_reopen(other, options, &value);
    cr_assert_eq(error, 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return value;
}

static int64_t now(const struct seam_value *value)
{
    int64_t number = 12345;
    cr_expect_eq(seam_value_load(value, &number), 0);
    return number;
}

static double now_double(const struct seam_value *value)
{
    double number = 12345;
    cr_expect_eq(seam_value_load_double(value, &number), 0);
    return number;
}

/** Whether two doubles have the same bytes. */
static bool same(double a, double b)
{
    uint64_t a_bits, b_bits;
    memcpy(&a_bits, &a, sizeof(a));
    memcpy(&b_bits, &b, sizeof(b));
    return a_bits == b_bits;
}

Test(value, integers)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_TYPE_DEFAULT, modes[i]);
        struct seam_value *other = once_more(value, NULL);
        int64_t old = 77;
        cr_expect_eq(seam_value_type(other), SEAM_INT64);
        cr_expect_eq(seam_value_mode(other), modes[i]);
        cr_expect_eq(now(value), 0, "at first");
        cr_expect_eq(seam_value_store(value, -5), 0);
        cr_expect_eq(now(other), -5);
        cr_expect_eq(seam_value_add(value, 12, &old), 0);
        cr_expect_eq(old, -5);
        cr_expect_eq(seam_value_sub(other, 3, &old), 0);
        cr_expect_eq(old, 7);
        cr_expect_eq(seam_value_exchange(value, 99, &old), 0);
        cr_expect_eq(old, 4);
        cr_expect_eq(seam_value_add(value, 1, NULL), 0);
        cr_expect_eq(seam_value_sub(value, -1, NULL), 0);
        cr_expect_eq(now(other), 101);
        cr_expect_eq(seam_value_exchange(value, 5, NULL), 0);
        cr_expect_eq(now(other), 5);
        seam_value_close(other);
        seam_value_close(value);
    }
    struct seam_value *value = new_value(SEAM_TYPE_DEFAULT, SEAM_MODE_DEFAULT);
    cr_expect_eq(seam_value_mode(value), SEAM_LOCK_FREE);
    seam_value_close(value);
}

Test(value, sums_wrap_around)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_INT64, modes[i]);
        cr_expect_eq(seam_value_store(value, INT64_MAX), 0);
        cr_expect_eq(seam_value_add(value, 1, NULL), 0);
        cr_expect_eq(now(value), INT64_MIN);
        cr_expect_eq(seam_value_sub(value, 1, NULL), 0);
        cr_expect_eq(now(value), INT64_MAX);
        cr_expect_eq(seam_value_add(value, INT64_MAX, NULL), 0);
        cr_expect_eq(now(value), -2);
        cr_expect_eq(seam_value_sub(value, INT64_MIN, NULL), 0);
        cr_expect_eq(now(value), INT64_MAX - 1);
        cr_expect_eq(seam_value_add(value, INT64_MIN, NULL), 0);
        cr_expect_eq(now(value), -2);
        seam_value_close(value);
    }
}

Test(value, compare_exchange_tells_what_is_there)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_INT64, modes[i]);
        int64_t expected = 1;
        cr_expect_eq(seam_value_compare_exchange(value, &expected, 8), 0);
        cr_expect_eq(expected, 0);
        cr_expect_eq(now(value), 0, "nothing changed");
        cr_expect_eq(seam_value_compare_exchange(value, &expected, -8), 1);
        cr_expect_eq(expected, 0);
        cr_expect_eq(now(value), -8);
        expected = -8;
        cr_expect_eq(seam_value_compare_exchange(value, &expected, -8), 1, "by the same");
        seam_value_close(value);
    }
}

Test(value, doubles)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_DOUBLE, modes[i]);
        struct seam_value *other = once_more(value, NULL);
        double old = 77;
        cr_expect_eq(seam_value_type(other), SEAM_DOUBLE);
        cr_expect(same(now_double(value), 0.0));
        cr_expect_eq(seam_value_store_double(value, 1.5), 0);
        cr_expect(same(now_double(other), 1.5));
        cr_expect_eq(seam_value_add_double(value, 0.25, &old), 0);
        cr_expect(same(old, 1.5));
        cr_expect_eq(seam_value_sub_double(value, 2.0, &old), 0);
        cr_expect(same(old, 1.75));
        cr_expect_eq(seam_value_exchange_double(value, 1e300, &old), 0);
        cr_expect(same(old, -0.25));
        cr_expect_eq(seam_value_add_double(value, 1.0, NULL), 0, "no end of attempts");
        cr_expect(same(now_double(value), 1e300));
        cr_expect_eq(seam_value_sub_double(value, 1e300, NULL), 0);
        cr_expect(same(now_double(value), 0.0));
        cr_expect_eq(seam_value_exchange_double(value, (double)NAN, NULL), 0);
        cr_expect_eq(seam_value_add_double(value, 1.0, &old), 0, "not a number is not compared");
        cr_expect(isnan(old) && isnan(now_double(value)));
        seam_value_close(other);
        seam_value_close(value);
    }
}

Test(value, doubles_are_compared_by_their_bytes)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_DOUBLE, modes[i]);
        double expected = -0.0;
        cr_expect_eq(seam_value_compare_exchange_double(value, &expected, 1.0), 0);
        cr_expect(same(expected, 0.0));
        cr_expect_eq(seam_value_compare_exchange_double(value, &expected, (double)NAN), 1);
        expected = now_double(value);
        cr_expect_eq(seam_value_compare_exchange_double(value, &expected, 2.0), 1);
        cr_expect(same(now_double(value), 2.0));
        seam_value_close(value);
    }
    struct seam_value *value = new_value(SEAM_DOUBLE, SEAM_LOCK_FREE);
    double seen = 5;
    cr_expect_eq(seam_value_wait_double(value, -0.0, &seen), 0, "another number by its bytes");
    cr_expect(same(seen, 0.0));
    seam_value_close(value);
}

/** What each call of the other type says. */
static void expect_refused(struct seam_value *value, enum seam_type other, int error)
{
    int64_t number = 3;
    double real = 3;
    if (other == SEAM_INT64) {
        cr_expect_eq(seam_value_load(value, &number), error);
        cr_expect_eq(seam_value_store(value, 1), error);
        cr_expect_eq(seam_value_add(value, 1, &number), error);
        cr_expect_eq(seam_value_sub(value, 1, &number), error);
        cr_expect_eq(seam_value_exchange(value, 1, &number), error);
        cr_expect_eq(seam_value_compare_exchange(value, &number, 1), error);
        cr_expect_eq(seam_value_wait(value, 1, &number), error);
        cr_expect_eq(seam_value_wait_until(value, 1, &number, 0), error);
    } else {
        cr_expect_eq(seam_value_load_double(value, &real), error);
        cr_expect_eq(seam_value_store_double(value, 1), error);
        cr_expect_eq(seam_value_add_double(value, 1, &real), error);
        cr_expect_eq(seam_value_sub_double(value, 1, &real), error);
        cr_expect_eq(seam_value_exchange_double(value, 1, &real), error);
        cr_expect_eq(seam_value_compare_exchange_double(value, &real, 1), error);
        cr_expect_eq(seam_value_wait_double(value, 1, &real), error);
        cr_expect_eq(seam_value_wait_double_until(value, 1, &real, 0), error);
    }
    cr_expect(number == 3 && same(real, 3), "outputs stay untouched");
}

Test(value, the_other_type_is_refused)
{
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *integer = new_value(SEAM_INT64, modes[i]);
        struct seam_value *real = new_value(SEAM_DOUBLE, modes[i]);
        expect_refused(integer, SEAM_DOUBLE, -EINVAL);
        expect_refused(real, SEAM_INT64, -EINVAL);
        cr_expect_eq(now(integer), 0);
        cr_expect(same(now_double(real), 0));
        seam_value_close(real);
        seam_value_close(integer);
    }
}

Test(value, who_only_reads_changes_nothing)
{
    const struct seam_value_options reading = {.access = SEAM_READ_ONLY};
    for (size_t i = 0; i < 2; i++) {
        struct seam_value *value = new_value(SEAM_INT64, modes[i]);
        struct seam_value *reader = once_more(value, &reading);
        int64_t number = 0;
        cr_expect_eq(seam_value_store(value, 6), 0);
        cr_expect_eq(now(reader), 6);
        cr_expect_eq(seam_value_store(reader, 1), -EACCES);
        cr_expect_eq(seam_value_add(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_sub(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_exchange(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_compare_exchange(reader, &number, 1), -EACCES);
        cr_expect_eq(seam_value_add_double(reader, 1, NULL), -EINVAL, "the type is wrong, too");
        cr_expect_eq(now(value), 6);
        seam_value_close(reader);
        seam_value_close(value);
        value = new_value(SEAM_DOUBLE, modes[i]);
        reader = once_more(value, &reading);
        double real = 0;
        cr_expect_eq(seam_value_store_double(reader, 1), -EACCES);
        cr_expect_eq(seam_value_add_double(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_sub_double(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_exchange_double(reader, 1, NULL), -EACCES);
        cr_expect_eq(seam_value_compare_exchange_double(reader, &real, 1), -EACCES);
        cr_expect(same(now_double(reader), 0));
        seam_value_close(reader);
        seam_value_close(value);
    }
}

Test(value, type_and_mode_are_checked)
{
    struct seam_value *value = NULL, *other = NULL;
    const enum seam_type types[] = {SEAM_INT32, SEAM_UINT64,        SEAM_FLOAT,
                                    SEAM_BYTES, (enum seam_type)12, (enum seam_type) - 1};
    for (size_t i = 0; i < 6; i++) {
        const struct seam_value_options options = {.type = types[i]};
        cr_expect_eq(seam_value_create(NULL, &options, &value), -EINVAL);
        cr_expect_str_eq(seam_error_detail(), "type");
    }
    const enum seam_mode wrong[] = {SEAM_LOCKED, (enum seam_mode)4, (enum seam_mode) - 1};
    for (size_t i = 0; i < 3; i++) {
        const struct seam_value_options options = {.mode = wrong[i]};
        cr_expect_eq(seam_value_create(NULL, &options, &value), -EINVAL);
        cr_expect_str_eq(seam_error_detail(), "mode");
    }
    for (size_t i = 0; i < 2; i++) {
        for (int real = 0; real < 2; real++) {
            enum seam_type type = real != 0 ? SEAM_DOUBLE : SEAM_INT64;
            value = new_value(type, modes[i]);
            const struct seam_value_options right = {.type = type, .mode = modes[i]};
            const struct seam_value_options type_wrong = {.type =
                                                              real != 0 ? SEAM_INT64 : SEAM_DOUBLE};
            const struct seam_value_options mode_wrong = {.mode = modes[1 - i]};
            seam_value_close(once_more(value, &right));
            cr_expect_eq(seam_value_reopen(value, &type_wrong, &other), -EPROTO);
            cr_expect_str_eq(seam_error_detail(), "type");
            cr_expect_eq(seam_value_reopen(value, &mode_wrong, &other), -EPROTO);
            cr_expect_str_eq(seam_error_detail(), "mode");
            seam_value_close(value);
        }
    }
    cr_expect_null(other, "outputs stay untouched");
}
