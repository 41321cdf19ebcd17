/* SPDX-License-Identifier: MIT */
/* What may be done with locks, values, arrays and lists, whatever stands in their memory. */
#include <string.h>

#include "../../support.h"
#include "operations.h"

/* ---- all of them ---- */

static void open_late(struct scene *scene)
{
    void *object;
    const enum seam_access access[] = {SEAM_READ_ONLY, SEAM_READ_WRITE};
    for (int i = 0; i < 2; i++) {
        if (scene_object_open(scene, false, access[i], &object) == 0) {
            scene_object_close(scene, object);
        }
    }
}

static void open_before(struct scene *scene)
{
    CHECK(scene_object_open(scene, false, SEAM_READ_WRITE, &scene->late) == 0, "%s",
          seam_error_detail());
}

static void close_late(struct scene *scene)
{
    scene_object_close(scene, scene->late);
    scene->late = NULL;
}

static void wait_for(struct seam_waitable *thing)
{
    struct seam_futex futex;
    (void)!seam_wait_any(thing, 1, 0);
    (void)!seam_wait_any(thing, 1, scene_soon());
    (void)!seam_wait_prepare(thing, &futex);
}

#define COMING_AND_GOING(topic)                                                                    \
    {"open", SCENE_ANY, (enum scene_topic)(SCENE_OPEN | (topic)), NULL, open_late, NULL, false},   \
        {"close",    SCENE_ALL, (enum scene_topic)(SCENE_OPEN | (topic)), open_before, close_late, \
         close_late, false},                                                                       \
    {                                                                                              \
        0                                                                                          \
    }

/* ---- locks ---- */

static void use_lock(struct scene *scene)
{
    struct seam_waitable thing;
    int error = seam_lock_try_lock(scene->object);
    CHECK(error == 0 || error == -EOWNERDEAD || error == -EDEADLK || error == -EAGAIN, "%d", error);
    CHECK(seam_lock_owner(scene->object) >= 0, "owner");
    (void)seam_lock_unlock(scene->object);
    (void)!seam_lock_lock_until(scene->object, 0);
    (void)!seam_lock_lock_until(scene->object, scene_soon());
    (void)seam_lock_unlock(scene->object);
    if (seam_lock_available(scene->object, &thing) == 0) {
        wait_for(&thing);
    }
}

static void begin_lock(struct scene *scene)
{
    CHECK(seam_lock_try_lock(scene->object) >= -EOWNERDEAD, "lock");
}

static void end_lock(struct scene *scene)
{
    (void)!seam_lock_try_lock(scene->object);
    (void)seam_lock_unlock(scene->object);
}

const struct scene_operation operate_lock[] = {
    {"lock", SCENE_WRITES, SCENE_LOCK, NULL, use_lock, NULL, false},
    {"unlock", SCENE_WRITES, SCENE_LOCK, begin_lock, end_lock, NULL, false},
    COMING_AND_GOING(SCENE_LOCK),
};

/* ---- values ---- */

static void change_value(struct scene *scene)
{
    struct seam_value *value = scene->object;
    int64_t number = 0;
    double real = 0;
    (void)seam_value_add(value, 1, &number);
    (void)seam_value_sub(value, 7, NULL);
    (void)seam_value_exchange(value, 5, &number);
    (void)!seam_value_compare_exchange(value, &number, 7);
    (void)seam_value_store(value, 6);
    (void)seam_value_add_double(value, 1, &real);
    (void)seam_value_exchange_double(value, 5, &real);
    (void)!seam_value_compare_exchange_double(value, &real, 7);
    (void)seam_value_store_double(value, 6);
}

static void read_value(struct scene *scene)
{
    struct seam_value *value = scene->viewer;
    struct seam_waitable thing;
    int64_t number = 0;
    double real = 0;
    (void)seam_value_load(value, &number);
    (void)seam_value_load_double(value, &real);
    (void)!seam_value_wait_until(value, number, &number, scene_soon());
    (void)!seam_value_wait_double_until(value, real, &real, 0);
    if (seam_value_changed(value, number, &thing) == 0) {
        wait_for(&thing);
    }
}

const struct scene_operation operate_value[] = {
    {"change", SCENE_WRITES, SCENE_VALUE, NULL, change_value, NULL, false},
    {"read and wait", SCENE_READS, SCENE_VALUE, NULL, read_value, NULL, false},
    COMING_AND_GOING(SCENE_VALUE),
};

/* ---- arrays ---- */

static size_t element_bytes(const struct seam_array *array)
{
    struct seam_array_info info;
    seam_array_info(array, &info);
    return info.element_bytes;
}

static void read_from(struct scene *scene, const struct seam_array *array)
{
    const size_t bytes = element_bytes(array);
    (void)!seam_array_get(array, 7, scene_output(scene, bytes));
    (void)!seam_array_copy_out(array, 0, 8, scene_output(scene, 8 * bytes));
    (void)!seam_array_snapshot(array, 1, 7, scene_output(scene, 7 * bytes));
}

static void read_array(struct scene *scene)
{
    read_from(scene, scene->viewer);
}

static void change_array(struct scene *scene)
{
    struct seam_array *array = scene->object;
    const size_t bytes = element_bytes(array);
    void *old = scene_output(scene, bytes);
    const void *data = scene_input(scene, 8 * bytes);
    (void)!seam_array_set(array, 7, data);
    (void)!seam_array_add(array, 0, data, old);
    (void)!seam_array_compare_exchange(array, 0, old, data);
    (void)!seam_array_compare_exchange(array, 7, old, data);
    (void)!seam_array_fill(array, 0, 8, data);
    (void)!seam_array_copy_in(array, 1, 7, data);
}

static void begin_transaction(struct scene *scene)
{
    (void)!seam_array_begin_until(scene->object, 0);
}

static void end_transaction(struct scene *scene)
{
    struct seam_array *array = scene->object;
    (void)!seam_array_set(array, 3, scene_input(scene, element_bytes(array)));
    read_from(scene, array);
    (void)!seam_array_commit(array);
    if (seam_array_begin_until(array, scene_soon()) == 0) {
        (void)!seam_array_set(array, 3, scene_input(scene, element_bytes(array)));
        (void)seam_array_abort(array);
    }
}

const struct scene_operation operate_array[] = {
    {"read", SCENE_READS, SCENE_ARRAY, NULL, read_array, NULL, false},
    {"change", SCENE_WRITES, SCENE_ARRAY, NULL, change_array, NULL, true},
    {"transaction", SCENE_WRITES, SCENE_ARRAY, begin_transaction, end_transaction, NULL, true},
    COMING_AND_GOING(SCENE_ARRAY),
};

/* ---- lists ---- */

static int visit(size_t index, const void *data, size_t size, void *context)
{
    volatile uint64_t *hash = context;
    CHECK(index < SCENE_LENGTH && size <= SCENE_ELEMENT, "%zu: %zu", index, size);
    *hash = scene_hash(*hash, data, size);
    return 0;
}

static void read_list(struct scene *scene)
{
    const struct seam_list *list = scene->viewer;
    const size_t indexes[] = {0, 4, 5, 7, 8, SEAM_LAST, SIZE_MAX - 1};
    volatile uint64_t hash = 0;
    CHECK(seam_list_length(list) <= (ssize_t)SCENE_LENGTH, "length");
    for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
        ssize_t size =
            seam_list_get(list, indexes[i], scene_output(scene, SCENE_ELEMENT), SCENE_ELEMENT);
        CHECK(size <= (ssize_t)SCENE_ELEMENT, "%zd", size);
        CHECK(seam_list_get(list, indexes[i], scene_output(scene, 5), 5) <= 5, "small");
    }
    (void)!seam_list_index_of(list, scene_input(scene, 8), 8);
    (void)seam_list_iterate(list, visit, (void *)(uintptr_t)&hash);
}

static ssize_t change(void *element, size_t size, size_t most, void *context)
{
    (void)context;
    CHECK(size <= most && most <= SCENE_ELEMENT, "%zu of %zu", size, most);
    memset(element, 'c', most);
    return (ssize_t)(most == 8 ? 8 : size);
}

static void change_list(struct scene *scene)
{
    struct seam_list *list = scene->object;
    void *buffer = scene_output(scene, SCENE_ELEMENT);
    const void *data = scene_input(scene, SCENE_ELEMENT);
    (void)seam_list_append(list, data, 8);
    (void)!seam_list_update(list, 2, change, NULL);
    (void)!seam_list_set(list, SEAM_LAST, data, 8);
    (void)!seam_list_insert(list, 0, data, SCENE_ELEMENT);
    (void)!seam_list_insert(list, 6, data, 0);
    (void)!seam_list_pop(list, 1, buffer, SCENE_ELEMENT);
    (void)!seam_list_remove(list, SEAM_LAST);
    (void)seam_list_add_int64(list, 0, 1, NULL);
}

static void refill_list(struct scene *scene)
{
    struct seam_list *list = scene->object;
    (void)!seam_list_clear(list);
    for (unsigned i = 0; i < SCENE_LENGTH + 1; i++) {
        (void)seam_list_append(list, scene_input(scene, 8), 8);
    }
}

const struct scene_operation operate_list[] = {
    {"read", SCENE_READS, SCENE_LIST, NULL, read_list, NULL, false},
    {"change", SCENE_WRITES, SCENE_LIST, NULL, change_list, NULL, true},
    {"refill", SCENE_WRITES, SCENE_LIST, NULL, refill_list, NULL, true},
    COMING_AND_GOING(SCENE_LIST),
};
