/* SPDX-License-Identifier: MIT */
/* Lock, value, array, list. */
#include <errno.h>

#include "acts_contents.h"

#define SHORTLY_NS INT64_C(200000)

/* ---- before ---- */

static int die_with_lock(void *context)
{
    struct seam_lock *lock = act_open_object(context);
    return seam_lock_lock(lock) == 0 ? 0 : 1;
}

static void before_dead_holder(struct act_scene *scene)
{
    act_object_before(scene);
    CHECK(test_join(test_spawn(die_with_lock, scene)), "child");
}

static void before_taken(struct act_scene *scene)
{
    act_object_before(scene);
    CHECK(seam_lock_lock(scene->watcher) == 0, "lock");
}

/* ---- in the process that performs ---- */

static int open_it(struct act_scene *scene)
{
    const struct any_options options = {0};
    if (scene->is_rehearsal) {
        return 0;
    }
    return any_open(scene->act->kind, ACT_NAME, &options, &scene->object);
}

static int close_it(struct act_scene *scene)
{
    if (!scene->is_rehearsal) {
        act_object_leave(scene);
    }
    return 0;
}

static int lock_and_unlock(struct act_scene *scene)
{
    int error = seam_lock_lock(scene->object);
    if (error == 0 || error == -EOWNERDEAD) {
        int unlocked = seam_lock_unlock(scene->object);
        return unlocked != 0 ? unlocked : error;
    }
    return error;
}

static int lock_in_vain(struct act_scene *scene)
{
    return seam_lock_lock_until(scene->object, seam_deadline_in_ns(SHORTLY_NS));
}

static int value_store(struct act_scene *scene)
{
    return seam_value_store(scene->object, 7);
}

static int value_add(struct act_scene *scene)
{
    return seam_value_add(scene->object, 7, NULL);
}

static int value_compare_exchange(struct act_scene *scene)
{
    int64_t expected = 100;
    int result = seam_value_compare_exchange(scene->object, &expected, 7);
    return result == 1 ? 0 : result == 0 ? -EIO : result;
}

static int value_wait_in_vain(struct act_scene *scene)
{
    int64_t now;
    return seam_value_wait_until(scene->object, 100, &now, seam_deadline_in_ns(SHORTLY_NS));
}

static int array_set(struct act_scene *scene)
{
    int64_t number = 7;
    return seam_array_set(scene->object, 2, &number);
}

static int array_add(struct act_scene *scene)
{
    int64_t by = 7;
    return seam_array_add(scene->object, 2, &by, NULL);
}

static int array_fill(struct act_scene *scene)
{
    int64_t number = 7;
    return seam_array_fill(scene->object, 1, 5, &number);
}

static int array_transaction(struct act_scene *scene)
{
    int64_t number = 7;
    int error = seam_array_begin(scene->object);
    for (size_t i = 0; i < 3 && error == 0; i++) {
        error = seam_array_set(scene->object, 2 * i, &number);
    }
    return error == 0 ? seam_array_commit(scene->object) : error;
}

static int array_abort(struct act_scene *scene)
{
    int64_t number = 7;
    int error = seam_array_begin(scene->object);
    if (error == 0) {
        error = seam_array_set(scene->object, 2, &number);
    }
    return error == 0 ? seam_array_abort(scene->object) : error;
}

static int take_snapshot(struct act_scene *scene)
{
    struct contents now = act_read(scene, scene->object);
    return act_is_same(&now, scene->old) ? 0 : -EIO;
}

static int list_append(struct act_scene *scene)
{
    ssize_t index = seam_list_append_int64(scene->object, 7);
    return index < 0 ? (int)index : 0;
}

static int list_insert(struct act_scene *scene)
{
    return seam_list_insert_int64(scene->object, 1, 7);
}

static int list_set(struct act_scene *scene)
{
    return seam_list_set_int64(scene->object, 1, 7);
}

static int list_add(struct act_scene *scene)
{
    return seam_list_add_int64(scene->object, 1, 7, NULL);
}

static int list_pop(struct act_scene *scene)
{
    int64_t number;
    ssize_t size = seam_list_pop(scene->object, 1, &number, sizeof(number));
    return size < 0 ? (int)size : 0;
}

static int list_remove(struct act_scene *scene)
{
    return seam_list_remove(scene->object, 1);
}

static int list_clear(struct act_scene *scene)
{
    return seam_list_clear(scene->object);
}

#define OBJECT                                                                         \
    .before = act_object_before, .enter = act_object_enter, .leave = act_object_leave, \
    .meanwhile = act_object_meanwhile, .after = act_object_after
#define OPENING                                                                 \
    .before = act_object_before, .perform = open_it, .leave = act_object_leave, \
    .meanwhile = act_object_meanwhile, .after = act_object_after

static const struct act objects[] = {
    {"lock, unlock", .kind = ANY_LOCK, .perform = lock_and_unlock, OBJECT},
    {"lock of a killed holder", .kind = ANY_LOCK, .expected = -EOWNERDEAD,
     .perform = lock_and_unlock, .before = before_dead_holder, .enter = act_object_enter,
     .leave = act_object_leave, .meanwhile = act_object_look, .after = act_object_after},
    {"lock that is taken", .kind = ANY_LOCK, .expected = -ETIMEDOUT, .perform = lock_in_vain,
     .before = before_taken, .enter = act_object_enter, .leave = act_object_leave,
     .after = act_object_after},
    {"lock: open", .kind = ANY_LOCK, OPENING},
    {"lock: close", .kind = ANY_LOCK, .perform = close_it, OBJECT},
    {"value: store", .kind = ANY_VALUE, .perform = value_store, OBJECT},
    {"value: add", .kind = ANY_VALUE, .perform = value_add, OBJECT},
    {"value: compare, exchange", .kind = ANY_VALUE, .perform = value_compare_exchange, OBJECT},
    {"value: wait", .kind = ANY_VALUE, .expected = -ETIMEDOUT, .perform = value_wait_in_vain,
     OBJECT},
    {"array: set", .kind = ANY_ARRAY, .perform = array_set, OBJECT},
    {"array: add", .kind = ANY_ARRAY, .perform = array_add, OBJECT},
    {"array: fill", .kind = ANY_ARRAY, .perform = array_fill, OBJECT},
    {"array: copy out", .kind = ANY_ARRAY, .perform = take_snapshot, OBJECT},
    {"locked array: open", .kind = ANY_ARRAY_LOCKED, OPENING},
    {"locked array: set", .kind = ANY_ARRAY_LOCKED, .perform = array_set, OBJECT},
    {"locked array: add", .kind = ANY_ARRAY_LOCKED, .perform = array_add, OBJECT},
    {"locked array: fill", .kind = ANY_ARRAY_LOCKED, .perform = array_fill, OBJECT},
    {"locked array: transaction", .kind = ANY_ARRAY_LOCKED, .perform = array_transaction, OBJECT},
    {"locked array: abort", .kind = ANY_ARRAY_LOCKED, .perform = array_abort, OBJECT},
    {"locked array: snapshot", .kind = ANY_ARRAY_LOCKED, .perform = take_snapshot, OBJECT},
    {"list: append", .kind = ANY_LIST, .perform = list_append, OBJECT},
    {"list: set", .kind = ANY_LIST, .perform = list_set, OBJECT},
    {"list: add", .kind = ANY_LIST, .perform = list_add, OBJECT},
    {"list: snapshot", .kind = ANY_LIST, .perform = take_snapshot, OBJECT},
    {"locked list: open", .kind = ANY_LIST_LOCKED, OPENING},
    {"locked list: append", .kind = ANY_LIST_LOCKED, .perform = list_append, OBJECT},
    {"locked list: insert", .kind = ANY_LIST_LOCKED, .perform = list_insert, OBJECT},
    {"locked list: set", .kind = ANY_LIST_LOCKED, .perform = list_set, OBJECT},
    {"locked list: add", .kind = ANY_LIST_LOCKED, .perform = list_add, OBJECT},
    {"locked list: pop", .kind = ANY_LIST_LOCKED, .perform = list_pop, OBJECT},
    {"locked list: remove", .kind = ANY_LIST_LOCKED, .perform = list_remove, OBJECT},
    {"locked list: clear", .kind = ANY_LIST_LOCKED, .perform = list_clear, OBJECT},
    {"locked list: snapshot", .kind = ANY_LIST_LOCKED, .perform = take_snapshot, OBJECT},
};
const struct act_group acts_objects = {"objects", objects, sizeof(objects) / sizeof(objects[0])};
