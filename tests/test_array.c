/* SPDX-License-Identifier: MIT */
/* Arrays: one element at a time, of every type, in both modes; options and refusals. */
#include "unit.h"

#include "arrays.h"

TestSuite(array, .init = test_begin, .fini = test_end);

/* ---- one element, and what is beside it ---- */

/** Sums by hand: with carries from byte to byte, or as the number that it is. */
static void add_by_hand(enum seam_type type, uint8_t *element, const uint8_t *by)
{
    if (type == SEAM_FLOAT) {
        float a, b;
        memcpy(&a, element, sizeof(a));
        memcpy(&b, by, sizeof(b));
        a += b;
        memcpy(element, &a, sizeof(a));
    } else if (type == SEAM_DOUBLE) {
        double a, b;
        memcpy(&a, element, sizeof(a));
        memcpy(&b, by, sizeof(b));
        a += b;
        memcpy(element, &a, sizeof(a));
    } else {
        unsigned carry = 0;
        for (size_t i = 0; i < seam_type_bytes(type); i++) {
            carry += (unsigned)element[i] + by[i];
            element[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
}

/** A number of this type that is no NaN, from @p random. */
static void make_element(enum seam_type type, uint64_t random, uint8_t *element)
{
    const float f = (float)(int16_t)random / 8;
    const double d = (double)(int32_t)random / 1024;
    memcpy(element,
           type == SEAM_FLOAT    ? (const void *)&f
           : type == SEAM_DOUBLE ? (const void *)&d
                                 : (const void *)&random,
           seam_type_bytes(type));
}

/** One change at @p index of the array and of its model, and what it returns. */
static void change_both(struct seam_array *array, enum seam_type type, uint8_t *model,
                        uint64_t random)
{
    size_t bytes = seam_type_bytes(type);
    size_t index = (size_t)(random >> 8) % ARRAY_LENGTH;
    uint8_t *at = model + index * bytes, element[8], old[8] = {0}, before[8];
    make_element(type, test_mix(random), element);
    memcpy(before, at, bytes);
    switch (random % 4) {
    case 0:
        cr_assert_eq(seam_array_set(array, index, element), 0);
        memcpy(at, element, bytes);
        break;
    case 1:
        cr_assert_eq(seam_array_add(array, index, element, random % 8 < 4 ? old : NULL), 0);
        cr_expect(random % 8 >= 4 || memcmp(old, before, bytes) == 0, "old element");
        add_by_hand(type, at, element);
        break;
    case 2:
        memcpy(old, before, bytes);
        cr_assert_eq(seam_array_compare_exchange(array, index, old, element), 1);
        cr_expect_eq(memcmp(old, before, bytes), 0);
        memcpy(at, element, bytes);
        break;
    default:
        memcpy(old, before, bytes);
        old[bytes - 1] ^= 1;
        cr_assert_eq(seam_array_compare_exchange(array, index, old, element), 0);
        cr_expect_eq(memcmp(old, before, bytes), 0, "what is there");
        break;
    }
    cr_assert_eq(seam_array_get(array, index, element), 0);
    cr_assert_eq(memcmp(element, at, bytes), 0, "type %d, index %zu", (int)type, index);
}

Test(array, changes_hit_one_element_of_every_type)
{
    EACH_ARRAY_MODE(mode)
    {
        for (enum seam_type type = SEAM_INT8; type <= SEAM_DOUBLE; type++) {
            struct seam_array *array = array_new(type, mode, ARRAY_LENGTH, 0);
            uint8_t model[ARRAY_LENGTH * 8] = {0};
            array_expect(array, model, "at first");
            for (uint64_t i = 0; i < 1000; i++) {
                change_both(array, type, model, test_mix(i));
                array_expect(array, model, "its neighbours");
            }
            seam_array_close(array);
        }
    }
}

Test(array, integers_wrap_around)
{
    EACH_ARRAY_MODE(mode)
    {
        for (enum seam_type type = SEAM_INT8; type <= SEAM_UINT64; type++) {
            struct seam_array *array = array_new(type, mode, 3, 0);
            size_t bytes = seam_type_bytes(type);
            const uint64_t one = 1, minus_one = UINT64_MAX;
            uint64_t old = 0, model[3] = {0}, sum = 0;
            cr_expect_eq(seam_array_set(array, 1, &minus_one), 0);
            cr_expect_eq(seam_array_add(array, 1, &one, &old), 0);
            cr_expect_eq(memcmp(&old, &minus_one, bytes), 0);
            array_expect(array, (const uint8_t *)model, "0, and its neighbours unharmed");
            cr_expect_eq(seam_array_add(array, 1, &minus_one, &old), 0);
            cr_expect_eq(seam_array_get(array, 1, &sum), 0);
            cr_expect_eq(memcmp(&sum, &minus_one, bytes), 0);
            seam_array_close(array);
        }
    }
}

Test(array, of_bytes_of_odd_sizes)
{
    const size_t sizes[] = {1, 3, 7, 8, 9, 13, 64, 200};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t bytes = sizes[i];
        struct seam_array *array = array_new(SEAM_BYTES, SEAM_LOCKED, 5, bytes);
        uint8_t model[5 * 200] = {0}, element[201], old[200];
        for (uint64_t k = 0; k < 50; k++) {
            size_t index = k % 5;
            test_message_fill(element, bytes, test_mix(k));
            element[bytes] = 0x5a;
            if (k % 2 == 0) {
                cr_expect_eq(seam_array_set(array, index, element), 0);
            } else {
                memcpy(old, model + index * bytes, bytes);
                old[bytes - 1] ^= 1;
                cr_expect_eq(seam_array_compare_exchange(array, index, old, element), 0);
                cr_expect_eq(memcmp(old, model + index * bytes, bytes), 0);
                cr_expect_eq(seam_array_compare_exchange(array, index, old, element), 1);
            }
            memcpy(model + index * bytes, element, bytes);
            memset(element, 0xa5, sizeof(element));
            cr_expect_eq(seam_array_get(array, index, element), 0);
            cr_expect_eq(memcmp(element, model + index * bytes, bytes), 0);
            cr_expect_eq(element[bytes], 0xa5, "nothing behind it");
            array_expect(array, model, "bytes");
        }
        cr_expect_eq(seam_array_add(array, 0, element, NULL), -ENOTSUP);
        seam_array_close(array);
    }
}

/* ---- options ---- */

static void expect_create(struct seam_array_options options, int error, const char *detail)
{
    struct seam_array *array = NULL;
    cr_expect_eq(seam_array_create(NULL, &options, &array), error, "%s", detail);
    cr_expect_str_eq(seam_error_detail(), detail);
    cr_expect_null(array, "outputs stay untouched");
}

Test(array, what_cannot_be_made)
{
    struct seam_array *array = NULL;
    cr_expect_eq(seam_array_create(NULL, NULL, &array), -EINVAL, "there is no usual length");
    cr_expect_null(array);
    const struct seam_array_options any = {.length = 4};
    const size_t lengths[] = {
        0, SIZE_MAX, SIZE_MAX / 8 + 1, SIZE_MAX / 8 + 2, (size_t)1 << 62, (size_t)1 << 34};
    for (size_t i = 0; i < 6; i++) {
        struct seam_array_options options = any;
        options.length = lengths[i];
        expect_create(options, -EINVAL, "length");
        options.mode = SEAM_LOCKED;
        expect_create(options, -EINVAL, "length");
        options.type = SEAM_INT8;
        expect_create(options, -EINVAL, "length");
        options.type = SEAM_BYTES;
        options.element_bytes = 1 << 20;
        expect_create(options, -EINVAL, "length");
    }
    expect_create((struct seam_array_options){.length = 4, .type = (enum seam_type)12}, -EINVAL,
                  "type");
    expect_create((struct seam_array_options){.length = 4, .type = (enum seam_type) - 1}, -EINVAL,
                  "type");
    expect_create((struct seam_array_options){.length = 4, .mode = SEAM_RAW}, -EINVAL, "mode");
    expect_create((struct seam_array_options){.length = 4, .mode = (enum seam_mode) - 1}, -EINVAL,
                  "mode");
    expect_create((struct seam_array_options){.length = 4, .element_bytes = 4}, -EINVAL,
                  "element_bytes");
    expect_create((struct seam_array_options){.length = 4, .type = SEAM_BYTES, .element_bytes = 8},
                  -EINVAL, "mode");
    const size_t sizes[] = {0, (1 << 20) + 1, SIZE_MAX};
    for (size_t i = 0; i < 3; i++) {
        expect_create(
            (struct seam_array_options){
                .length = 4, .type = SEAM_BYTES, .mode = SEAM_LOCKED, .element_bytes = sizes[i]},
            -EINVAL, "element_bytes");
    }
    seam_array_close(array_new(SEAM_BYTES, SEAM_LOCKED, 2, 1 << 20));
}

Test(array, what_is_opened_is_what_was_asked_for)
{
    const struct seam_array_options wishes[] = {
        {.type = SEAM_UINT16, .length = 7, .element_bytes = 2, .mode = SEAM_LOCKED},
        {.type = SEAM_INT16},
        {.length = 6},
        {.element_bytes = 4},
        {.mode = SEAM_LOCK_FREE},
    };
    const char *details[] = {NULL, "type", "length", "element_bytes", "mode"};
    struct seam_array *array = array_new(SEAM_UINT16, SEAM_LOCKED, 7, 0), *other = NULL;
    for (size_t i = 1; i < 5; i++) {
        cr_expect_eq(seam_array_reopen(array, &wishes[i], &other), -EPROTO);
        cr_expect_str_eq(seam_error_detail(), details[i]);
        cr_expect_null(other, "outputs stay untouched");
    }
    for (int i = 0; i < 2; i++) {
        struct seam_array_info info;
        cr_assert_eq(seam_array_reopen(array, i == 0 ? &wishes[0] : NULL, &other), 0);
        seam_array_info(other, &info);
        cr_expect_eq(info.type, SEAM_UINT16);
        cr_expect_eq(info.mode, SEAM_LOCKED);
        cr_expect_eq(info.length, 7);
        cr_expect_eq(info.element_bytes, 2);
        cr_expect_eq(info.memory_bytes, 3 * (size_t)sysconf(_SC_PAGESIZE));
        seam_array_close(other);
    }
    seam_array_close(array);
    array = array_new(SEAM_TYPE_DEFAULT, SEAM_MODE_DEFAULT, 513, 0);
    struct seam_array_info info;
    seam_array_info(array, &info);
    cr_expect_eq(info.type, SEAM_INT64);
    cr_expect_eq(info.mode, SEAM_LOCK_FREE);
    cr_expect_eq(info.memory_bytes, 4 * (size_t)sysconf(_SC_PAGESIZE), "elements on two pages");
    seam_array_close(array);
}

/* ---- refusals ---- */

/** What every call but those of transactions says to a range that is not there. */
static void expect_out_of_range(struct seam_array *array, size_t index, size_t count)
{
    int64_t element = 3, bytes[8] = {0};
    if (count == 1) {
        cr_expect_eq(seam_array_get(array, index, &element), -ERANGE);
        cr_expect_eq(seam_array_set(array, index, &element), -ERANGE);
        cr_expect_eq(seam_array_add(array, index, &element, NULL), -ERANGE);
        cr_expect_eq(seam_array_compare_exchange(array, index, &element, &element), -ERANGE);
    }
    cr_expect_eq(seam_array_fill(array, index, count, &element), -ERANGE);
    cr_expect_eq(seam_array_copy_in(array, index, count, bytes), -ERANGE);
    cr_expect_eq(seam_array_copy_out(array, index, count, bytes), -ERANGE);
    cr_expect_eq(seam_array_snapshot(array, index, count, bytes), -ERANGE);
    cr_expect_eq(element, 3, "outputs stay untouched");
}

Test(array, ranges_that_are_not_there)
{
    EACH_ARRAY_MODE(mode)
    {
        struct seam_array *array = array_new(SEAM_INT64, mode, 4, 0);
        const uint8_t zeros[32] = {0};
        const size_t ranges[][2] = {{4, 1},        {5, 1},
                                    {SIZE_MAX, 1}, {SIZE_MAX - 3, 5},
                                    {0, 5},        {3, 2},
                                    {1, SIZE_MAX}, {0, SIZE_MAX},
                                    {SIZE_MAX, 2}, {5, 0},
                                    {SIZE_MAX, 0}, {4, SIZE_MAX - 3},
                                    {1, 4},        {SIZE_MAX / 8 + 1, 1}};
        for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
            expect_out_of_range(array, ranges[i][0], ranges[i][1]);
        }
        array_expect(array, zeros, "unchanged");
        seam_array_close(array);
    }
}

Test(array, who_only_reads_changes_nothing)
{
    const struct seam_array_options reading = {.access = SEAM_READ_ONLY};
    EACH_ARRAY_MODE(mode)
    {
        struct seam_array *array = array_new(SEAM_INT64, mode, 4, 0), *reader = NULL;
        const uint8_t zeros[32] = {0};
        int64_t element = 9, bytes[4];
        cr_assert_eq(seam_array_reopen(array, &reading, &reader), 0);
        cr_expect_eq(seam_array_set(reader, 0, &element), -EACCES);
        cr_expect_eq(seam_array_set(reader, 4, &element), -EACCES, "wherever that is");
        cr_expect_eq(seam_array_add(reader, 0, &element, NULL), -EACCES);
        cr_expect_eq(seam_array_compare_exchange(reader, 0, &element, &element), -EACCES);
        cr_expect_eq(seam_array_fill(reader, 0, 4, &element), -EACCES);
        cr_expect_eq(seam_array_copy_in(reader, 0, 4, bytes), -EACCES);
        cr_expect_eq(seam_array_begin(reader), -EACCES);
        cr_expect_eq(seam_array_try_begin(reader), -EACCES);
        cr_expect_eq(seam_array_begin_until(reader, 0), -EACCES);
        cr_expect_eq(seam_array_commit(reader), -EACCES);
        cr_expect_eq(seam_array_abort(reader), -EACCES);
        array_expect(reader, zeros, "unchanged");
        cr_expect_eq(seam_array_set(array, 2, &element), 0);
        cr_expect_eq(seam_array_get(reader, 2, &element), 0);
        cr_expect_eq(element, 9);
        seam_array_close(reader);
        seam_array_close(array);
    }
}
