/* SPDX-License-Identifier: MIT */
/* Transactions on arrays: what is seen when, taken back, refused, and left by the dead. */
#include "unit.h"

#include <pthread.h>

#include "arrays.h"

TestSuite(transaction, .init = test_begin, .fini = test_end);

#define LENGTH 100

/** A locked array of numbers 1000, 1001, ... and one who only reads it. */
struct scene {
    struct seam_array *writer, *reader;
    int64_t numbers[LENGTH];
};

static struct scene new_scene(void)
{
    const struct seam_array_options reading = {.access = SEAM_READ_ONLY};
    struct scene scene = {.writer = array_new(SEAM_INT64, SEAM_LOCKED, LENGTH, 0)};
    cr_assert_eq(seam_array_reopen(scene.writer, &reading, &scene.reader), 0);
    for (int i = 0; i < LENGTH; i++) {
        scene.numbers[i] = 1000 + i;
    }
    cr_assert_eq(seam_array_copy_in(scene.writer, 0, LENGTH, scene.numbers), 0);
    return scene;
}

static void end_scene(struct scene *scene)
{
    seam_array_close(scene->reader);
    seam_array_close(scene->writer);
}

static void expect_now(const struct seam_array *array, const int64_t *numbers, const char *what)
{
    array_expect(array, (const uint8_t *)numbers, what);
    for (size_t i = 0; i < LENGTH; i += 7) {
        int64_t number, three[3];
        cr_expect_eq(seam_array_get(array, i, &number), 0);
        cr_expect_eq(number, numbers[i], "%s", what);
        cr_expect_eq(seam_array_snapshot(array, i < 97 ? i : 97, 3, three), 0);
        cr_expect_eq(memcmp(three, numbers + (i < 97 ? i : 97), sizeof(three)), 0, "%s", what);
    }
}

/** Every kind of change, at @p places scattered places; done to @p numbers, too. */
static void change_much(struct seam_array *array, int64_t *numbers, size_t places)
{
    for (size_t i = 0; i < places; i++) {
        size_t at = i * 37 % LENGTH; /* never next to the last one */
        int64_t number = -(int64_t)i, old = 0;
        switch (i % 4) {
        case 0:
            cr_assert_eq(seam_array_set(array, at, &number), 0);
            numbers[at] = number;
            break;
        case 1:
            cr_assert_eq(seam_array_add(array, at, &number, &old), 0);
            cr_expect_eq(old, numbers[at]);
            numbers[at] += number;
            break;
        case 2:
            old = numbers[at];
            number = ~old;
            cr_assert_eq(seam_array_compare_exchange(array, at, &old, &number), 1);
            cr_assert_eq(seam_array_compare_exchange(array, at, &old, &number), 0);
            cr_expect_eq(old, number);
            numbers[at] = number;
            break;
        default:
            at = at < LENGTH - 2 ? at : LENGTH - 2;
            cr_assert_eq(seam_array_fill(array, at, 2, &number), 0);
            numbers[at] = numbers[at + 1] = number;
            break;
        }
    }
}

Test(transaction, all_of_it_or_nothing)
{
    for (size_t places = 0; places < 60; places++) {
        for (int how = 0; how < 3; how++) {
            struct scene s = new_scene();
            int64_t changed[LENGTH];
            memcpy(changed, s.numbers, sizeof(changed));
            cr_assert_eq(seam_array_begin(s.writer), 0);
            change_much(s.writer, changed, places);
            expect_now(s.reader, s.numbers, "readers see what was");
            expect_now(s.writer, changed, "its own handle sees what will be");
            if (how == 0) {
                cr_expect_eq(seam_array_commit(s.writer), 0);
            } else if (how == 1) {
                cr_expect_eq(seam_array_abort(s.writer), 0);
            } else {
                struct seam_array *next = array_again(s.writer);
                seam_array_close(s.writer);
                s.writer = next;
            }
            const int64_t *after = how == 0 ? changed : s.numbers;
            expect_now(s.reader, after, how == 0 ? "committed" : "taken back");
            expect_now(s.writer, after, how == 0 ? "committed" : "taken back");
            memcpy(changed, after, sizeof(changed));
            cr_assert_eq(seam_array_begin(s.writer), 0);
            expect_now(s.writer, changed, "where the next one begins");
            change_much(s.writer, changed, 3);
            cr_assert_eq(seam_array_commit(s.writer), 0);
            expect_now(s.reader, changed, "the next one");
            end_scene(&s);
        }
    }
}

Test(transaction, of_elements_smaller_than_a_word)
{
    for (enum seam_type type = SEAM_INT8; type <= SEAM_INT32; type++) {
        struct seam_array *array = array_new(type, SEAM_LOCKED, ARRAY_LENGTH, 0);
        size_t bytes = seam_type_bytes(type);
        uint8_t model[ARRAY_LENGTH * 4] = {0}, before[ARRAY_LENGTH * 4];
        for (uint64_t round = 0; round < 200; round++) {
            memcpy(before, model, sizeof(model));
            cr_assert_eq(seam_array_begin(array), 0);
            for (uint64_t i = 0; i < test_mix(round) % 25; i++) {
                uint64_t element = test_mix(round * 100 + i);
                size_t at = test_mix(element) % ARRAY_LENGTH;
                cr_assert_eq(seam_array_set(array, at, &element), 0);
                memcpy(model + at * bytes, &element, bytes);
            }
            if (round % 3 == 0) {
                cr_assert_eq(seam_array_abort(array), 0);
                memcpy(model, before, sizeof(model));
            } else {
                cr_assert_eq(seam_array_commit(array), 0);
            }
            array_expect(array, model, "after it");
        }
        seam_array_close(array);
    }
}

Test(transaction, what_is_refused)
{
    struct scene s = new_scene();
    struct seam_array *other = array_again(s.writer);
    struct seam_array *free = array_new(SEAM_INT64, SEAM_LOCK_FREE, 4, 0);
    int64_t number = 1, later = seam_deadline_in_ns(INT64_C(1000000000) * TEST_HANG_S);
    cr_expect_eq(seam_array_commit(s.writer), -EINVAL, "nothing has begun");
    cr_expect_eq(seam_array_abort(s.writer), -EINVAL, "nothing has begun");
    cr_assert_eq(seam_array_begin(s.writer), 0);
    cr_expect_eq(seam_array_begin(s.writer), -EALREADY);
    cr_expect_eq(seam_array_try_begin(s.writer), -EALREADY);
    cr_expect_eq(seam_array_begin_until(s.writer, 0), -EALREADY);
    cr_expect_eq(seam_array_begin(other), -EDEADLK);
    cr_expect_eq(seam_array_begin_until(other, later), -EDEADLK);
    cr_expect_eq(seam_array_try_begin(other), -EDEADLK);
    cr_expect_eq(seam_array_set(other, 0, &number), -EDEADLK);
    cr_expect_eq(seam_array_add(other, 0, &number, NULL), -EDEADLK);
    cr_expect_eq(seam_array_compare_exchange(other, 0, &number, &number), -EDEADLK);
    cr_expect_eq(seam_array_fill(other, 0, 2, &number), -EDEADLK);
    cr_expect_eq(seam_array_copy_in(other, 0, 1, &number), -EDEADLK);
    cr_expect_eq(seam_array_commit(other), -EINVAL, "not its own");
    cr_expect_eq(seam_array_abort(other), -EINVAL, "not its own");
    expect_now(other, s.numbers, "reading goes on");
    cr_expect_eq(seam_array_set(s.writer, LENGTH, &number), -ERANGE);
    cr_expect_eq(seam_array_commit(s.writer), 0);
    expect_now(s.reader, s.numbers, "nothing was changed");
    cr_expect_eq(seam_array_commit(s.writer), -EINVAL);
    cr_expect_eq(seam_array_begin(free), -ENOTSUP);
    cr_expect_eq(seam_array_try_begin(free), -ENOTSUP);
    cr_expect_eq(seam_array_begin_until(free, 0), -ENOTSUP);
    cr_expect_lt(seam_array_commit(free), 0);
    cr_expect_lt(seam_array_abort(free), 0);
    seam_array_close(free);
    seam_array_close(other);
    end_scene(&s);
}

/* ---- with another thread ---- */

static void *set_first(void *context)
{
    const int64_t number = 77;
    CHECK(seam_array_set(context, 0, &number) == 0, "set");
    return NULL;
}

static void *try_in_vain(void *context)
{
    CHECK(seam_array_try_begin(context) == -EAGAIN, "try");
    CHECK(seam_array_begin_until(context, 0) == -ETIMEDOUT, "past");
    CHECK(seam_array_begin_until(context, INT64_MIN) == -ETIMEDOUT, "past");
    int64_t soon = seam_deadline_in_ns(20000000);
    CHECK(seam_array_begin_until(context, soon) == -ETIMEDOUT, "soon");
    CHECK(seam_deadline_in_ns(0) >= soon, "not early");
    return NULL;
}

Test(transaction, other_writers_wait)
{
    struct scene s = new_scene();
    struct seam_array *other = array_again(s.writer);
    pthread_t thread;
    cr_assert_eq(seam_array_begin(s.writer), 0);
    cr_assert_eq(pthread_create(&thread, NULL, try_in_vain, other), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(pthread_create(&thread, NULL, set_first, other), 0);
    while (load_relaxed(&s.writer->object.head->lock.wanted) == 0) {
        (void)usleep(1000); /* until it waits */
    }
    int64_t number = 5, old = 0;
    cr_expect_eq(seam_array_add(s.writer, 0, &number, &old), 0);
    cr_expect_eq(old, s.numbers[0], "it has waited");
    cr_expect_eq(seam_array_commit(s.writer), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    s.numbers[0] = 77;
    expect_now(s.reader, s.numbers, "one after the other");
    cr_expect_eq(seam_array_try_begin(other), 0);
    cr_expect_eq(seam_array_abort(other), 0);
    cr_expect_eq(seam_array_begin_until(other, 0), 0, "it is free");
    cr_expect_eq(seam_array_set(other, 0, &number), 0);
    seam_array_close(other);
    expect_now(s.reader, s.numbers, "closing has taken it back");
    expect_now(s.writer, s.numbers, "closing has taken it back");
    end_scene(&s);
}
