/* SPDX-License-Identifier: MIT */
/* Arrays: every small range, filled, copied in and out, beside what must stay as it is. */
#include "unit.h"

#include <pthread.h>

#include "arrays.h"

TestSuite(array_ranges, .init = test_begin, .fini = test_end);

/** An array of any type, and what it should hold. */
struct subject {
    struct seam_array *array;
    size_t bytes; /* of an element */
    uint8_t model[ARRAY_LENGTH * 16];
};

/** Elements of every size; bytes of those that are no word's. */
static struct subject new_subject(enum seam_type type, enum seam_mode mode, size_t element_bytes)
{
    struct subject subject = {.array = array_new(type, mode, ARRAY_LENGTH, element_bytes)};
    subject.bytes = type == SEAM_BYTES ? element_bytes : seam_type_bytes(type);
    return subject;
}

static void expect_read(const struct subject *s, size_t index, size_t count)
{
    const uint8_t *expected = s->model + index * s->bytes;
    const size_t size = count * s->bytes;
    uint8_t elements[ARRAY_LENGTH * 16 + 1];
    memset(elements, 0xa5, sizeof(elements));
    cr_assert_eq(seam_array_copy_out(s->array, index, count, elements), 0);
    cr_assert_eq(memcmp(elements, expected, size), 0, "out, %zu from %zu", count, index);
    cr_assert_eq(elements[size], 0xa5, "nothing behind");
    memset(elements, 0xa5, sizeof(elements));
    int error = seam_array_snapshot(s->array, index, count, elements);
    if (s->array->locked) {
        cr_assert_eq(error, 0);
        cr_assert_eq(memcmp(elements, expected, size), 0, "snapshot, %zu from %zu", count, index);
        cr_assert_eq(elements[size], 0xa5, "nothing behind");
    } else {
        cr_assert_eq(error, -ENOTSUP);
        cr_assert_eq(elements[0], 0xa5, "outputs stay untouched");
    }
}

static void copy_in(struct subject *s, size_t index, size_t count, uint64_t random)
{
    uint8_t elements[ARRAY_LENGTH * 16];
    test_message_fill(elements, sizeof(elements), random);
    memcpy(s->model + index * s->bytes, elements, count * s->bytes);
    cr_assert_eq(seam_array_copy_in(s->array, index, count, elements), 0);
}

static void fill(struct subject *s, size_t index, size_t count, uint64_t random)
{
    uint8_t element[16];
    test_message_fill(element, sizeof(element), random);
    for (size_t i = 0; i < count; i++) {
        memcpy(s->model + (index + i) * s->bytes, element, s->bytes);
    }
    cr_assert_eq(seam_array_fill(s->array, index, count, element), 0);
}

/** Every range in turn, those of no element, too. */
static void check_ranges(enum seam_type type, enum seam_mode mode, size_t element_bytes)
{
    struct subject s = new_subject(type, mode, element_bytes);
    uint64_t random = 1;
    for (size_t index = 0; index <= ARRAY_LENGTH; index++) {
        for (size_t count = 0; count <= ARRAY_LENGTH - index; count += 1 + count / 20) {
            random = test_mix(random);
            if (random % 2 == 0) {
                copy_in(&s, index, count, random);
            } else {
                fill(&s, index, count, random);
            }
            array_expect(s.array, s.model, "the range and its neighbours");
            expect_read(&s, index, count);
        }
    }
    seam_array_close(s.array);
}

Test(array_ranges, of_numbers)
{
    EACH_ARRAY_MODE(mode)
    {
        for (enum seam_type type = SEAM_INT8; type <= SEAM_DOUBLE; type++) {
            check_ranges(type, mode, 0);
        }
    }
}

Test(array_ranges, of_bytes)
{
    const size_t sizes[] = {1, 2, 3, 5, 8, 13, 16};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_ranges(SEAM_BYTES, SEAM_LOCKED, sizes[i]);
    }
}

/** Long ranges go by other ways of copying. */
Test(array_ranges, that_are_long)
{
    static uint8_t model[10000 * 8], elements[10000 * 8 + 1];
    EACH_ARRAY_MODE(mode)
    {
        for (enum seam_type type = SEAM_INT8; type <= SEAM_INT64; type++) {
            const size_t bytes = seam_type_bytes(type);
            struct seam_array *array = array_new(type, mode, 10000, 0);
            memset(model, 0, sizeof(model));
            for (uint64_t i = 0; i < 60; i++) {
                size_t index = test_mix(i) % 3000, count = test_mix(~i) % 7000;
                test_message_fill(elements, count * bytes, i);
                memcpy(model + index * bytes, elements, count * bytes);
                cr_assert_eq(seam_array_copy_in(array, index, count, elements), 0);
                array_expect(array, model, "a long range");
                index = test_mix(i + 1000) % 3000;
                count = test_mix(i + 2000) % 7000;
                elements[count * bytes] = 0xa5;
                cr_assert_eq(seam_array_copy_out(array, index, count, elements), 0);
                cr_assert_eq(memcmp(elements, model + index * bytes, count * bytes), 0);
                cr_assert_eq(elements[count * bytes], 0xa5);
            }
            seam_array_close(array);
        }
    }
}

/** Counts in the bytes on both sides of a range, which another thread copies in again and again. */
static void *count_beside(void *context)
{
    struct seam_array *array = context;
    const uint8_t one = 1;
    for (unsigned i = 0; i < 200000; i++) {
        uint8_t left, right;
        CHECK(seam_array_add(array, 2, &one, &left) == 0, "add");
        CHECK(seam_array_add(array, 14, &one, &right) == 0, "add");
        CHECK(left == (uint8_t)i && right == (uint8_t)i, "%u: %u %u", i, left, right);
    }
    return NULL;
}

/** What is not changed is not even written: somebody else may just be changing it. */
Test(array_ranges, neighbours_are_not_written, .timeout = 120)
{
    struct seam_array *array = array_new(SEAM_UINT8, SEAM_LOCK_FREE, 24, 0);
    struct seam_array *other = array_again(array);
    const uint8_t elements[11] = {0};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, count_beside, other), 0);
    for (int i = 0; i < 200000; i++) {
        cr_assert_eq(i % 2 == 0 ? seam_array_copy_in(array, 3, 11, elements)
                                : seam_array_fill(array, 3, 11, elements),
                     0);
    }
    cr_assert_eq(pthread_join(thread, NULL), 0);
    seam_array_close(other);
    seam_array_close(array);
}
