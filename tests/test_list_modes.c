/* SPDX-License-Identifier: MIT */
/* Lists: what differs between the modes; full lists, places, updates, appends left half done. */
#include "unit.h"

#include "lists.h"

TestSuite(list_modes, .init = test_begin, .fini = test_end);

/** Appends 0, 1, ... below @p count, to the model, too. */
static void append_numbers(struct seam_list *list, struct model *model, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        cr_assert_eq(seam_list_append_int64(list, i), i);
        model_insert(model, (size_t)i, &i, sizeof(i));
    }
}

/* ---- locked ---- */

Test(list_modes, a_full_list_stays_as_it_is)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 3, 8);
    struct model model = {0};
    append_numbers(list, &model, 3);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(seam_list_append_int64(list, 9), -ENOSPC);
        cr_expect_eq(seam_list_insert_int64(list, 0, 9), -ENOSPC);
        cr_expect_eq(seam_list_insert_int64(list, 3, 9), -ENOSPC);
        list_expect(list, &model, "full");
        cr_expect_eq(seam_list_set_int64(list, 1, 70), 0, "changes need no room");
        cr_expect_eq(seam_list_add_int64(list, 1, 1, NULL), 0);
        model_put(&model, 1, &(int64_t){71}, 8);
        list_expect(list, &model, "full, and changed");
    }
    cr_expect_eq(seam_list_remove(list, 0), 0);
    model_remove(&model, 0);
    cr_expect_eq(seam_list_insert_int64(list, 2, 5), 0);
    model_insert(&model, 2, &(int64_t){5}, 8);
    list_expect(list, &model, "full again");
    cr_expect_eq(seam_list_clear(list), 0);
    cr_expect_eq(seam_list_length(list), 0);
    cr_expect_eq(seam_list_clear(list), 0, "empty as it is");
    model.count = 0;
    append_numbers(list, &model, 3);
    list_expect(list, &model, "cleared and full");
    seam_list_close(list);
}

Test(list_modes, places_that_are_not_there)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 8);
    struct model model = {0};
    int64_t number = 3;
    for (int64_t count = 0; count < 4; count++) {
        const size_t length = (size_t)count;
        const size_t wrong[] = {length,       length + 1, SIZE_MAX - 1,
                                SIZE_MAX / 2, UINT32_MAX, (size_t)UINT32_MAX + 1,
                                SEAM_LAST};
        for (size_t i = 0; i < (count == 0 ? 7 : 6); i++) {
            cr_expect_eq(seam_list_get_int64(list, wrong[i], &number), -ERANGE);
            cr_expect_eq(seam_list_set_int64(list, wrong[i], 5), -ERANGE);
            cr_expect_eq(seam_list_pop(list, wrong[i], &number, 8), -ERANGE);
            cr_expect_eq(seam_list_remove(list, wrong[i]), -ERANGE);
            cr_expect_eq(seam_list_add_int64(list, wrong[i], 1, &number), -ERANGE);
            cr_expect(i == 0 || seam_list_insert_int64(list, wrong[i], 5) == -ERANGE);
        }
        cr_expect_eq(seam_list_insert_int64(list, SEAM_LAST, 5), -ERANGE);
        cr_expect_eq(number, 3, "outputs stay untouched");
        list_expect(list, &model, "refused");
        cr_expect_eq(seam_list_append_int64(list, count), count);
        model_insert(&model, length, &count, 8);
    }
    seam_list_close(list);
}

Test(list_modes, the_last_one)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 8);
    struct model model = {0};
    int64_t number = 0;
    append_numbers(list, &model, 4);
    cr_expect_eq(seam_list_get_int64(list, SEAM_LAST, &number), 0);
    cr_expect_eq(number, 3);
    cr_expect_eq(seam_list_set_int64(list, SEAM_LAST, 30), 0);
    cr_expect_eq(seam_list_add_int64(list, SEAM_LAST, 1, &number), 0);
    cr_expect_eq(number, 30);
    for (int64_t i = 3; i >= 0; i--) {
        cr_expect_eq(seam_list_pop(list, SEAM_LAST, &number, 8), 8);
        cr_expect_eq(number, i == 3 ? 31 : i);
    }
    cr_expect_eq(seam_list_pop(list, SEAM_LAST, &number, 8), -ERANGE);
    seam_list_close(list);
}

Test(list_modes, what_does_not_fit_into_the_buffer_stays)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 200);
    char buffer[201], text[201] = {0};
    memset(text, 'x', 200);
    cr_expect_eq(seam_list_append(list, text, 200), 0);
    cr_expect_eq(seam_list_append(list, text, 0), 1);
    for (size_t room = 0; room < 200; room += 33) {
        memset(buffer, 'y', sizeof(buffer));
        cr_expect_eq(seam_list_get(list, 0, buffer, room), -EMSGSIZE);
        cr_expect_eq(seam_list_pop(list, 0, buffer, room), -EMSGSIZE);
        cr_expect_eq(buffer[0], 'y', "outputs stay untouched");
    }
    cr_expect_eq(seam_list_pop(list, 0, NULL, 0), -EMSGSIZE);
    cr_expect_eq(seam_list_pop(list, 1, NULL, 0), 0, "an empty one needs no buffer");
    cr_expect_eq(seam_list_length(list), 1);
    cr_expect_eq(seam_list_pop(list, 0, buffer, 200), 200);
    cr_expect_eq(memcmp(buffer, text, 200), 0);
    cr_expect_eq(buffer[200], 'y', "nothing behind it");
    seam_list_close(list);
}

struct inside {
    struct seam_list *list, *other;
};

static ssize_t call_the_list(void *element, size_t size, size_t most, void *context)
{
    struct inside *in = context;
    int64_t number = 0;
    (void)element;
    (void)most;
    struct seam_list *handles[] = {in->list, in->other};
    for (int i = 0; i < 2; i++) {
        CHECK(seam_list_append_int64(handles[i], 1) == -EDEADLK, "append");
        CHECK(seam_list_insert_int64(handles[i], 0, 1) == -EDEADLK, "insert");
        CHECK(seam_list_set_int64(handles[i], 0, 1) == -EDEADLK, "set");
        CHECK(seam_list_pop(handles[i], 0, &number, 8) == -EDEADLK, "pop");
        CHECK(seam_list_remove(handles[i], 0) == -EDEADLK, "remove");
        CHECK(seam_list_clear(handles[i]) == -EDEADLK, "clear");
        CHECK(seam_list_add_int64(handles[i], 0, 1, NULL) == -EDEADLK, "add");
        CHECK(seam_list_update(handles[i], 0, call_the_list, in) == -EDEADLK, "update");
        CHECK(seam_list_get_int64(handles[i], 0, &number) == 0 && number == 0, "get");
        CHECK(seam_list_length(handles[i]) == 2, "reading goes on");
    }
    memset(element, 0xff, 8);
    return (ssize_t)size;
}

Test(list_modes, an_update_must_not_change_the_list_itself)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 8), *other = list_again(list, NULL);
    struct inside in = {list, other};
    struct model model = {0};
    append_numbers(list, &model, 2);
    cr_expect_eq(seam_list_update(list, 0, call_the_list, &in), 0);
    model_put(&model, 0, &(int64_t){-1}, 8);
    list_expect(other, &model, "updated");
    cr_expect_eq(seam_list_append_int64(other, 1), 2, "and the lock is free");
    seam_list_close(other);
    seam_list_close(list);
}

/* ---- lock-free ---- */

Test(list_modes, what_lock_free_ones_do_not_have)
{
    struct seam_list *list = list_new(SEAM_LOCK_FREE, 4, 8);
    struct model model = {0};
    int64_t number = 3;
    append_numbers(list, &model, 4);
    cr_expect_eq(seam_list_append_int64(list, 9), -ENOSPC);
    cr_expect_eq(seam_list_insert_int64(list, 0, 9), -ENOTSUP);
    cr_expect_eq(seam_list_insert_double(list, 99, 9), -ENOTSUP);
    cr_expect_eq(seam_list_pop(list, 0, &number, 8), -ENOTSUP);
    cr_expect_eq(seam_list_remove(list, 0), -ENOTSUP);
    cr_expect_eq(seam_list_clear(list), -ENOTSUP);
    cr_expect_eq(seam_list_index_of(list, &number, 8), -ENOTSUP);
    cr_expect_eq(seam_list_append(list, "seven b", 7), -EMSGSIZE);
    cr_expect_eq(seam_list_append(list, "nine byte", 9), -EMSGSIZE);
    cr_expect_eq(seam_list_set(list, 0, "", 0), -EMSGSIZE);
    cr_expect_eq(seam_list_get(list, 0, &number, 7), -EMSGSIZE);
    cr_expect_eq(number, 3, "outputs stay untouched");
    list_expect(list, &model, "refused");
    cr_expect_eq(seam_list_get_int64(list, SEAM_LAST, &number), 0);
    cr_expect_eq(number, 3);
    cr_expect_eq(seam_list_set_int64(list, SEAM_LAST, -3), 0);
    model_put(&model, 3, &(int64_t){-3}, 8);
    list_expect(list, &model, "set");
    const size_t wrong[] = {4, 5, SIZE_MAX - 1};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(seam_list_get_int64(list, wrong[i], &number), -ERANGE);
        cr_expect_eq(seam_list_set_int64(list, wrong[i], 1), -ERANGE);
        cr_expect_eq(seam_list_add_int64(list, wrong[i], 1, NULL), -ERANGE);
    }
    seam_list_close(list);
    list = list_new(SEAM_LOCK_FREE, 4, 8);
    cr_expect_eq(seam_list_get_int64(list, SEAM_LAST, &number), -ERANGE, "empty");
    cr_expect_eq(seam_list_set_int64(list, SEAM_LAST, 1), -ERANGE);
    cr_expect_eq(seam_list_add_int64(list, SEAM_LAST, 1, NULL), -ERANGE);
    seam_list_close(list);
}

struct interfered {
    struct seam_list *list;
    int calls, times;
    ssize_t result;
};

/** Doubles a number, but somebody else was faster the first times. */
static ssize_t double_it(void *element, size_t size, size_t most, void *context)
{
    struct interfered *in = context;
    int64_t number;
    CHECK(size == 8 && most == 8, "sizes");
    memcpy(&number, element, 8);
    if (in->calls++ < in->times) {
        CHECK(seam_list_set_int64(in->list, 1, number + 1) == 0, "set");
    }
    number *= 2;
    memcpy(element, &number, 8);
    return in->result;
}

Test(list_modes, lock_free_updates_run_again)
{
    struct seam_list *list = list_new(SEAM_LOCK_FREE, 4, 8);
    struct model model = {0};
    append_numbers(list, &model, 3);
    struct interfered in = {.list = list, .times = 5, .result = 8};
    cr_expect_eq(seam_list_update(list, 1, double_it, &in), 0);
    cr_expect_eq(in.calls, 6);
    model_put(&model, 1, &(int64_t){12}, 8);
    list_expect(list, &model, "twice what the others made of it");
    const ssize_t results[] = {-EILSEQ, 7, 9, 0};
    const int errors[] = {-EILSEQ, -EMSGSIZE, -EMSGSIZE, -EMSGSIZE};
    for (size_t i = 0; i < 4; i++) {
        in = (struct interfered){.list = list, .result = results[i]};
        cr_expect_eq(seam_list_update(list, 1, double_it, &in), errors[i]);
        list_expect(list, &model, "unchanged");
    }
    cr_expect_eq(seam_list_update(list, 3, double_it, &in), -ERANGE);
    seam_list_close(list);
}

/** Who dies between filling a cell and counting it has appended, and stops nobody. */
Test(list_modes, a_killed_append_leaves_no_hole)
{
    for (int64_t count = 0; count < 4; count++) {
        struct seam_list *list = list_new(SEAM_LOCK_FREE, 5, 8);
        struct model model = {0};
        append_numbers(list, &model, count + 1);
        store_relaxed(&list->object.head->length, (uint64_t)count); /* not counted yet */
        list_expect(list, &model, "it is there");
        int64_t number = -1;
        cr_expect_eq(seam_list_get_int64(list, SEAM_LAST, &number), 0);
        cr_expect_eq(number, count);
        cr_expect_eq(seam_list_append_int64(list, 77), count + 1);
        model_insert(&model, (size_t)count + 1, &(int64_t){77}, 8);
        list_expect(list, &model, "and the next one behind it");
        seam_list_close(list);
    }
}
