/* SPDX-License-Identifier: MIT */
/* Objects whose memory somebody has damaged: every call returns, and stays within its bounds. */
#include "unit.h"

#include "any.h"
#include "lists.h"
#include "objects/array.h"
#include "objects/value.h"

TestSuite(nonsense, .init = test_begin, .fini = test_end);

static const uint64_t values[] = {0,
                                  1,
                                  2,
                                  7,
                                  8,
                                  9,
                                  64,
                                  4096,
                                  UINT32_MAX,
                                  UINT64_C(1) << 31,
                                  UINT64_C(1) << 32,
                                  UINT64_C(0x0000000800000008),
                                  UINT64_C(0x0000000900000009),
                                  UINT64_C(1) << 63,
                                  INT64_MAX,
                                  UINT64_MAX - 1,
                                  UINT64_MAX};

/** Any object by a handle that writes and one that only reads, and what is in its memory. */
struct victim {
    enum any_kind kind;
    void *writer, *reader;
    struct seam_object *base; /* the writer's */
    uint8_t *log, *desk;
    size_t log_bytes, desk_bytes;
    uint8_t *log_before, *desk_before;
};

static struct seam_object *base_of(enum any_kind kind, void *object)
{
    switch (kind) {
    case ANY_LOCK:
        return object; /* a lock's handle is nothing but its base */
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return &((struct seam_value *)object)->object;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return &((struct seam_array *)object)->object;
    default:
        return &((struct seam_list *)object)->object;
    }
}

static void *copy_of(const void *memory, size_t bytes)
{
    void *copy = malloc(bytes);
    cr_assert_not_null(copy);
    return memcpy(copy, memory, bytes);
}

static struct victim new_victim(enum any_kind kind)
{
    const struct any_options reading = {.access = SEAM_READ_ONLY};
    struct victim v = {.kind = kind};
    cr_assert_eq(any_create(kind, NULL, NULL, &v.writer), 0);
    if (kind != ANY_LOCK) { /* a second one that locks could be taken for the holder */
        cr_assert_eq(any_reopen(kind, v.writer, &reading, &v.reader), 0);
    }
    for (int64_t i = 0; i < 5; i++) {
        cr_assert_eq(any_change(kind, v.writer, i), 0);
    }
    v.base = base_of(kind, v.writer);
    v.log = v.base->region.log->base;
    v.log_bytes = v.base->region.stamp.log_bytes;
    v.desk = (uint8_t *)v.base->desk;
    v.desk_bytes = v.base->region.stamp.desk_bytes;
    v.log_before = copy_of(v.log, v.log_bytes);
    v.desk_before = copy_of(v.desk, v.desk_bytes);
    return v;
}

static void restore(struct victim *v)
{
    memcpy(v->log, v->log_before, v->log_bytes);
    memcpy(v->desk, v->desk_before, v->desk_bytes);
}

/** It is as good as new once the memory is. */
static void close_victim(struct victim *v)
{
    int64_t number = 41;
    restore(v);
    cr_expect_eq(any_change(v->kind, v->writer, 41), 0, "%s", any_name(v->kind));
    cr_expect_eq(any_read(v->kind, v->writer, &number), 0);
    cr_expect_eq(number, 41);
    any_close(v->kind, v->reader);
    any_close(v->kind, v->writer);
    free(v->log_before);
    free(v->desk_before);
}

/* ---- every call ---- */

static void use_lock(struct seam_lock *lock)
{
    int error = seam_lock_try_lock(lock);
    (void)seam_lock_owner(lock);
    cr_assert(error == 0 || error == -EOWNERDEAD || error == -EDEADLK || error == -EAGAIN);
    (void)seam_lock_unlock(lock);
    error = seam_lock_lock(lock);
    cr_assert(error == 0 || error == -EOWNERDEAD || error == -EDEADLK);
    (void)!seam_lock_lock_until(lock, 0);
    (void)seam_lock_unlock(lock);
}

static void use_value(struct seam_value *value)
{
    int64_t number = 0;
    cr_assert_eq(seam_value_load(value, &number), 0);
    cr_assert_eq(seam_value_add(value, 1, &number), 0);
    cr_assert_eq(seam_value_exchange(value, 5, &number), 0);
    (void)!seam_value_compare_exchange(value, &number, 7);
    (void)!seam_value_wait_until(value, number, &number, 0);
    cr_assert_eq(seam_value_store(value, 6), 0);
}

static void read_array(const struct seam_array *array)
{
    int64_t elements[9] = {[8] = 12345};
    (void)!seam_array_get(array, 7, elements);
    (void)!seam_array_copy_out(array, 0, 8, elements);
    (void)!seam_array_snapshot(array, 1, 7, elements);
    cr_assert_eq(elements[8], 12345);
}

static void use_array(struct seam_array *array)
{
    int64_t elements[8] = {0};
    (void)!seam_array_set(array, 7, elements);
    (void)!seam_array_add(array, 0, elements, elements + 1);
    (void)!seam_array_compare_exchange(array, 0, elements, elements + 1);
    (void)!seam_array_fill(array, 0, 8, elements);
    (void)!seam_array_copy_in(array, 0, 8, elements);
    if (seam_array_begin(array) == 0) {
        cr_assert_eq(seam_array_set(array, 3, elements), 0);
        read_array(array);
        cr_assert_eq(seam_array_abort(array), 0);
    }
    if (seam_array_try_begin(array) == 0) {
        cr_assert_eq(seam_array_set(array, 3, elements), 0);
        cr_assert_eq(seam_array_commit(array), 0);
    }
}

static int visit(size_t index, const void *data, size_t size, void *context)
{
    (void)index;
    cr_assert(size <= 8 && memcmp(data, data, size) == 0 && context == NULL);
    return 0;
}

static void read_list(const struct seam_list *list)
{
    uint8_t buffer[9] = {[8] = 0x5a};
    cr_assert_leq(seam_list_length(list), 8);
    const size_t indexes[] = {0, 4, 5, 7, 8, SEAM_LAST, SIZE_MAX - 1};
    for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
        cr_assert_leq(seam_list_get(list, indexes[i], buffer, 8), 8);
    }
    (void)!seam_list_index_of(list, buffer, 8);
    (void)seam_list_iterate(list, visit, NULL);
    cr_assert_eq(buffer[8], 0x5a);
}

static ssize_t change(void *element, size_t size, size_t most, void *context)
{
    (void)context;
    cr_assert(size <= most && most == 8);
    memset(element, 1, most);
    return (ssize_t)most;
}

static void use_list(struct seam_list *list)
{
    uint8_t buffer[9] = {[8] = 0x5a};
    (void)seam_list_append(list, buffer, 8);
    (void)!seam_list_update(list, 2, change, NULL);
    (void)!seam_list_set(list, SEAM_LAST, buffer, 8);
    (void)!seam_list_insert(list, 0, buffer, 8);
    (void)!seam_list_insert(list, 6, buffer, 8);
    (void)!seam_list_pop(list, 1, buffer, 8);
    (void)!seam_list_remove(list, SEAM_LAST);
    (void)seam_list_add_int64(list, 0, 1, NULL);
    read_list(list);
    (void)!seam_list_clear(list);
    for (int i = 0; i < 9; i++) {
        (void)seam_list_append(list, buffer, 8);
    }
    cr_assert_eq(buffer[8], 0x5a);
}

/** Reads through both handles, and then changes. */
static void use(struct victim *v)
{
    void *late = NULL;
    switch (v->kind) {
    case ANY_LOCK:
        use_lock(v->writer);
        break;
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        use_value(v->writer);
        break;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        read_array(v->reader);
        use_array(v->writer);
        read_array(v->writer);
        break;
    default:
        read_list(v->reader);
        use_list(v->writer);
        read_list(v->reader);
        break;
    }
    if (any_reopen(v->kind, v->writer, NULL, &late) == 0) {
        any_close(v->kind, late);
    }
}

/** Puts each of the values into each word from @p first on. */
static void damage(struct victim *v, uint8_t *memory, size_t first, size_t bytes)
{
    for (size_t word = first; word < bytes; word += 8) {
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            memcpy(memory + word, &values[i], 8);
            use(v);
            restore(v);
        }
    }
}

static int never_called(size_t index, const void *data, size_t size, void *context)
{
    (void)index;
    (void)data;
    (void)size;
    (void)context;
    cr_expect_fail("called");
    return 0;
}

Test(nonsense, in_any_word_harms_nobody, .timeout = 120)
{
    EACH_KIND(kind)
    {
        struct victim v = new_victim(kind);
        size_t elements = v.base->region.stamp.page_bytes;
        damage(&v, v.log, sizeof(struct seam_stamp), sizeof(struct seam_object_head));
        damage(&v, v.log, elements, v.log_bytes < elements + 512 ? v.log_bytes : elements + 512);
        damage(&v, v.desk, offsetof(struct seam_desk, data_wanted), sizeof(struct seam_desk));
        close_victim(&v);
    }
}

Test(nonsense, everywhere_harms_nobody, .timeout = 120)
{
    EACH_KIND(kind)
    {
        struct victim v = new_victim(kind);
        struct seam_object_head *head = v.base->head;
        for (uint64_t i = 0; i < 1000; i++) {
            for (size_t word = v.base->region.stamp.page_bytes; word < v.log_bytes; word += 4) {
                uint32_t number = (uint32_t)test_mix(i * 7777 + word);
                number = i % 4 == 0 ? number : number % (i % 4 == 1 ? 10 : 3);
                memcpy(v.log + word, &number, 4);
            }
            store_relaxed(&head->sequence, test_mix(i));
            store_relaxed(&head->length, i % 2 == 0 ? test_mix(i) : i % 10);
            store_relaxed(&head->lock.holder, i % 3 == 0 ? 0 : 1000 + (uint32_t)i);
            use(&v);
            restore(&v);
        }
        close_victim(&v);
    }
}

/** An element in a slot that there is not, or longer than elements are. */
Test(nonsense, in_an_index_is_told)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 4, 16);
    char text[4096];
    cr_assert_eq(seam_list_append(list, "0123456789", 10), 0);
    uint8_t *index = seam_latch_copy(&list->latch, load_relaxed(list->latch.sequence));
    uint32_t slot = seam_index_slot(index, 0);
    for (int kind = 0; kind < 2; kind++) {
        if (kind == 0) {
            seam_index_set_slot(index, 0, 5);
        } else {
            seam_index_set_slot(index, 0, slot);
            store_racy((_Atomic uint64_t *)(void *)seam_index_slot_at(list, slot), 17);
        }
        cr_expect_eq(seam_list_get(list, 0, text, sizeof(text)), -EBADMSG);
        cr_expect_eq(seam_list_iterate(list, never_called, NULL), -EBADMSG);
    }
    seam_list_close(list);
}
