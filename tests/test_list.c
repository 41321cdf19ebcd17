/* SPDX-License-Identifier: MIT */
/* Lists in both modes: options, numbers and text, snapshots, visits and updates. */
#include "unit.h"

#include "lists.h"

TestSuite(list, .init = test_begin, .fini = test_end);

#define EACH_MODE(mode) for (enum seam_mode mode = SEAM_LOCK_FREE; (mode) <= SEAM_LOCKED; (mode)++)

static void expect_numbers(const struct seam_list *list, size_t count, const int64_t *numbers)
{
    struct model model = {0};
    for (size_t i = 0; i < count; i++) {
        model_insert(&model, i, &numbers[i], sizeof(numbers[i]));
    }
    list_expect(list, &model, "numbers");
}

/* ---- options ---- */

static void expect_create(struct seam_list_options options, const char *detail)
{
    struct seam_list *list = NULL;
    cr_expect_eq(seam_list_create(NULL, &options, &list), -EINVAL, "%s", detail);
    cr_expect_str_eq(seam_error_detail(), detail);
    cr_expect_null(list, "outputs stay untouched");
}

Test(list, what_cannot_be_made)
{
    struct seam_list *list = NULL;
    cr_expect_eq(seam_list_create(NULL, NULL, &list), -EINVAL, "there is no usual capacity");
    cr_expect_null(list);
    const size_t capacities[] = {0, ((size_t)1 << 31) + 1, SIZE_MAX, SIZE_MAX / 16 + 1};
    for (size_t i = 0; i < 4; i++) {
        expect_create((struct seam_list_options){.capacity = capacities[i]}, "capacity");
        expect_create((struct seam_list_options){.capacity = capacities[i], .mode = SEAM_LOCKED},
                      "capacity");
    }
    expect_create((struct seam_list_options){.capacity = (size_t)1 << 31, .mode = SEAM_LOCKED},
                  "capacity");
    expect_create((struct seam_list_options){.capacity = 1, .mode = SEAM_RAW}, "mode");
    expect_create((struct seam_list_options){.capacity = 1, .mode = (enum seam_mode) - 1}, "mode");
    const size_t sizes[] = {1, 7, 9, 16, SIZE_MAX};
    for (size_t i = 0; i < 5; i++) {
        expect_create((struct seam_list_options){.capacity = 1, .element_bytes = sizes[i]},
                      "element_bytes");
    }
    const size_t long_sizes[] = {(1 << 20) + 1, SIZE_MAX};
    for (size_t i = 0; i < 2; i++) {
        expect_create((struct seam_list_options){.capacity = 1,
                                                 .mode = SEAM_LOCKED,
                                                 .element_bytes = long_sizes[i]},
                      "element_bytes");
    }
    seam_list_close(list_new(SEAM_LOCKED, 1, 1 << 20));
}

Test(list, what_is_opened_has_what_was_asked_for)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 10, 20), *other = NULL;
    struct seam_list_info info;
    const struct seam_list_options right = {
        .mode = SEAM_LOCKED, .capacity = 10, .element_bytes = 20};
    const struct seam_list_options less = {.capacity = 1, .element_bytes = 1};
    const struct seam_list_options wrong[] = {
        {.mode = SEAM_LOCK_FREE}, {.capacity = 11}, {.element_bytes = 21}};
    const char *details[] = {"mode", "capacity", "element_bytes"};
    const int errors[] = {-EPROTO, -ENOSPC, -EMSGSIZE};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(seam_list_reopen(list, &wrong[i], &other), errors[i]);
        cr_expect_str_eq(seam_error_detail(), details[i]);
        cr_expect_null(other, "outputs stay untouched");
    }
    seam_list_close(list_again(list, &less));
    other = list_again(list, &right);
    seam_list_info(other, &info);
    cr_expect_eq(info.mode, SEAM_LOCKED);
    cr_expect_eq(info.capacity, 10);
    cr_expect_eq(info.element_bytes, 20);
    cr_expect_eq(info.memory_bytes, 3 * (size_t)sysconf(_SC_PAGESIZE));
    seam_list_close(other);
    seam_list_close(list);
    list = list_new(SEAM_MODE_DEFAULT, 257, 0);
    seam_list_info(list, &info);
    cr_expect_eq(info.mode, SEAM_LOCK_FREE);
    cr_expect_eq(info.element_bytes, 8);
    cr_expect_eq(info.memory_bytes, 4 * (size_t)sysconf(_SC_PAGESIZE), "elements on two pages");
    seam_list_close(list);
}

/* ---- numbers and text ---- */

Test(list, numbers_are_added_and_multiplied)
{
    EACH_MODE(mode)
    {
        struct seam_list *list = list_new(mode, 4, 0);
        int64_t old = 77;
        double real = 77;
        cr_expect_eq(seam_list_append_int64(list, INT64_MAX), 0);
        cr_expect_eq(seam_list_append_int64(list, -3), 1);
        cr_expect_eq(seam_list_append_double(list, 0.5), 2);
        cr_expect_eq(seam_list_add_int64(list, 0, 1, &old), 0);
        cr_expect_eq(old, INT64_MAX);
        cr_expect_eq(seam_list_multiply_int64(list, 1, INT64_MIN + 1, &old), 0, "wraps around");
        cr_expect_eq(old, -3);
        cr_expect_eq(seam_list_multiply_int64(list, 1, -1, NULL), 0);
        cr_expect_eq(seam_list_add_double(list, SEAM_LAST, 1.25, &real), 0);
        cr_expect(real > 0.4 && real < 0.6);
        cr_expect_eq(seam_list_multiply_double(list, 2, -2, &real), 0);
        cr_expect(real > 1.7 && real < 1.8);
        cr_expect_eq(seam_list_add_double(list, 2, 0.0, NULL), 0);
        cr_expect_eq(seam_list_get_int64(list, 0, &old), 0);
        cr_expect_eq(old, INT64_MIN);
        cr_expect_eq(seam_list_get_int64(list, 1, &old), 0);
        cr_expect_eq(old, INT64_MIN + 3, "3 * (2^63 - 1), and the sign again");
        cr_expect_eq(seam_list_get_double(list, 2, &real), 0);
        cr_expect(real > -3.6 && real < -3.4);
        cr_expect_eq(seam_list_set_int64(list, 0, 4), 0);
        cr_expect_eq(seam_list_set_double(list, 1, 4.5), 0);
        cr_expect_eq(seam_list_get_double(list, 1, &real), 0);
        cr_expect(real > 4.4 && real < 4.6);
        cr_expect_eq(seam_list_add_int64(list, 3, 1, &old), -ERANGE);
        cr_expect_eq(seam_list_multiply_double(list, 3, 1, NULL), -ERANGE);
        cr_expect_eq(seam_list_get_int64(list, 3, &old), -ERANGE);
        cr_expect_eq(seam_list_get_double(list, SIZE_MAX - 1, &real), -ERANGE);
        seam_list_close(list);
    }
}

Test(list, what_is_no_number_is_told)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 9);
    const char *texts[] = {"seven b", "nine byte", ""};
    struct model model = {0};
    int64_t number = 3;
    double real = 3;
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(seam_list_append_text(list, texts[i]), (ssize_t)i);
        model_insert(&model, i, texts[i], strlen(texts[i]));
        cr_expect_eq(seam_list_get_int64(list, i, &number), -EINVAL);
        cr_expect_eq(seam_list_get_double(list, i, &real), -EINVAL);
        cr_expect_eq(seam_list_add_int64(list, i, 1, &number), -EINVAL);
        cr_expect_eq(seam_list_multiply_int64(list, i, 1, &number), -EINVAL);
        cr_expect_eq(seam_list_add_double(list, i, 1, &real), -EINVAL);
        cr_expect_eq(seam_list_multiply_double(list, i, 1, &real), -EINVAL);
    }
    cr_expect(number == 3 && real > 2.9 && real < 3.1, "outputs stay untouched");
    cr_expect_eq(seam_list_insert_double(list, 1, 1.5), 0);
    cr_expect_eq(seam_list_remove(list, 1), 0);
    cr_expect_eq(seam_list_insert_int64(list, 0, 15), 0);
    model_insert(&model, 0, &(int64_t){15}, 8);
    list_expect(list, &model, "text and a number");
    seam_list_close(list);
}

Test(list, text_comes_back_as_it_went)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 6, 16);
    const char *texts[] = {"", "Grace", "Ωmega ☃ naïf", "sixteen bytes ok"};
    struct model model = {0};
    char buffer[17];
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(seam_list_append_text(list, texts[i]), (ssize_t)i, "%s", texts[i]);
        model_insert(&model, i, texts[i], strlen(texts[i]));
        memset(buffer, 'x', sizeof(buffer));
        ssize_t size = (ssize_t)strlen(texts[i]);
        cr_expect_eq(seam_list_get_text(list, i, buffer, (size_t)size), -EMSGSIZE, "no end");
        cr_expect_eq(buffer[0], 'x');
        cr_expect_eq(seam_list_get_text(list, i, buffer, (size_t)size + 1), size);
        cr_expect_str_eq(buffer, texts[i]);
        cr_expect_eq(seam_list_get(list, i, NULL, 0), size == 0 ? 0 : -EMSGSIZE);
    }
    cr_expect_eq(seam_list_append_text(list, "seventeen bytes !"), -EMSGSIZE);
    cr_expect_eq(seam_list_insert_text(list, 0, "seventeen bytes !"), -EMSGSIZE);
    cr_expect_eq(seam_list_set_text(list, 0, "seventeen bytes !"), -EMSGSIZE);
    const char zeros[][7] = {"\0a\0b\0\0", "\0\0\0\0\0\0"};
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(seam_list_append(list, zeros[i], 7), (ssize_t)(4 + i));
        model_insert(&model, 4 + i, zeros[i], 7);
    }
    cr_expect_eq(seam_list_index_of(list, zeros[1], 7), 5);
    cr_expect_eq(seam_list_index_of(list, zeros[1], 6), -ENOENT, "ends in zeros, but has others");
    cr_expect_eq(seam_list_index_of(list, NULL, 0), 0);
    cr_expect_eq(seam_list_set_text(list, 0, "Ada"), 0);
    cr_expect_eq(seam_list_index_of(list, "", 0), -ENOENT);
    cr_expect_eq(seam_list_index_of(list, "far too long for this list", 26), -ENOENT);
    model_put(&model, 0, "Ada", 3);
    list_expect(list, &model, "text");
    seam_list_close(list);
}

/* ---- snapshots and visits ---- */

Test(list, snapshots_stay_as_they_are)
{
    EACH_MODE(mode)
    {
        struct seam_list *list = list_new(mode, 100, 0);
        struct seam_snapshot *snapshot = NULL;
        size_t size = 3;
        cr_expect_eq(seam_snapshot_length(NULL), 0);
        cr_expect_null(seam_snapshot_at(NULL, 0, &size));
        cr_expect_eq(size, 3, "outputs stay untouched");
        seam_snapshot_free(NULL);
        for (int64_t i = 0; i < 100; i++) {
            cr_assert_eq(seam_list_snapshot(list, &snapshot), 0);
            cr_assert_eq(seam_snapshot_length(snapshot), (size_t)i);
            cr_assert_eq(seam_list_append_int64(list, i), i);
            cr_assert_eq(seam_snapshot_length(snapshot), (size_t)i, "private");
            cr_assert_null(seam_snapshot_at(snapshot, (size_t)i, &size));
            cr_assert_null(seam_snapshot_at(snapshot, SIZE_MAX, &size));
        }
        cr_expect_eq(seam_list_set_int64(list, 5, 500), 0);
        int64_t five;
        memcpy(&five, seam_snapshot_at(snapshot, 5, &size), sizeof(five));
        cr_expect(five == 5 && size == 8);
        seam_list_close(list);
        memcpy(&five, seam_snapshot_at(snapshot, 5, &size), sizeof(five));
        cr_expect_eq(five, 5, "the list is gone");
        list = list_new(mode, 1, 0);
        cr_expect_eq(seam_list_snapshot(list, &snapshot), 0);
        cr_expect_eq(seam_snapshot_length(snapshot), 0, "another list's, and shorter");
        seam_snapshot_free(snapshot);
        seam_list_close(list);
    }
}

struct visit {
    struct seam_list *list;
    int64_t sum;
    size_t visits, end;
};

static int visit_number(size_t index, const void *data, size_t size, void *context)
{
    struct visit *visit = context;
    int64_t number;
    CHECK(index == visit->visits++ && size == sizeof(number), "in order");
    memcpy(&number, data, sizeof(number));
    visit->sum += number;
    CHECK(seam_list_set_int64(visit->list, 9 - index, 0) == 0, "set");
    CHECK(seam_list_append_int64(visit->list, 1) >= 10, "append");
    return index == visit->end ? 42 - (int)visit->end : 0;
}

Test(list, visits_end_when_they_are_told_to)
{
    EACH_MODE(mode)
    {
        const size_t ends[] = {SIZE_MAX, 0, 3, 9, 50};
        const int results[] = {0, 42, 39, 33, 0};
        for (size_t i = 0; i < 5; i++) {
            struct seam_list *list = list_new(mode, 30, 0);
            struct visit visit = {.list = list, .end = ends[i]};
            cr_expect_eq(seam_list_iterate(list, visit_number, &visit), 0);
            cr_expect_eq(visit.visits, 0, "empty");
            for (int64_t k = 0; k < 10; k++) {
                cr_expect_eq(seam_list_append_int64(list, k), k);
            }
            cr_expect_eq(seam_list_iterate(list, visit_number, &visit), results[i]);
            size_t visits = ends[i] < 10 ? ends[i] + 1 : 10;
            cr_expect_eq(visit.visits, visits);
            cr_expect_eq(visit.sum, (int64_t)(visits * (visits - 1) / 2), "as it was");
            cr_expect_eq(seam_list_length(list), 10 + (ssize_t)visits);
            seam_list_close(list);
        }
    }
}

Test(list, what_readers_may)
{
    const struct seam_list_options reading = {.access = SEAM_READ_ONLY};
    EACH_MODE(mode)
    {
        struct seam_list *list = list_new(mode, 4, 0), *reader = list_again(list, &reading);
        int64_t number = 7, numbers[] = {7};
        cr_expect_eq(seam_list_append_int64(list, 7), 0);
        cr_expect_eq(seam_list_append_int64(reader, 8), -EACCES);
        cr_expect_eq(seam_list_insert_int64(reader, 0, 8), -EACCES);
        cr_expect_eq(seam_list_set_int64(reader, 0, 8), -EACCES);
        cr_expect_eq(seam_list_pop(reader, 0, &number, 8), -EACCES);
        cr_expect_eq(seam_list_remove(reader, 0), -EACCES);
        cr_expect_eq(seam_list_clear(reader), -EACCES);
        cr_expect_eq(seam_list_add_int64(reader, 0, 1, NULL), -EACCES);
        cr_expect_eq(seam_list_multiply_int64(reader, 0, 1, NULL), -EACCES);
        cr_expect_eq(seam_list_add_double(reader, 0, 1, NULL), -EACCES);
        cr_expect_eq(seam_list_multiply_double(reader, 0, 1, NULL), -EACCES);
        expect_numbers(reader, 1, numbers);
        cr_expect_eq(seam_list_index_of(reader, &number, 8), mode == SEAM_LOCKED ? 0 : -ENOTSUP);
        seam_list_close(list);
        expect_numbers(reader, 1, numbers);
        seam_list_close(reader);
    }
}
