/* SPDX-License-Identifier: MIT */
/* Lock, value, array, list: their contents are those from before or those from after, never else.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "acts.h"

#define ROOM 8U
#define SHORTLY_NS INT64_C(200000)

/** All that is in an object. */
struct contents {
    size_t count;
    int64_t numbers[ROOM];
};

static bool is_array(enum any_kind kind)
{
    return kind == ANY_ARRAY || kind == ANY_ARRAY_LOCKED;
}

static void must(int error, const struct act_scene *scene, const char *what)
{
    CHECK(error >= 0, "%s: %s: %s: %s", scene->act->name, what, seam_error_detail(),
          strerror(-error));
}

static struct contents read_contents(const struct act_scene *scene, const void *object)
{
    enum any_kind kind = scene->act->kind;
    struct contents now = {0};
    struct seam_snapshot *snapshot = NULL;
    if (kind == ANY_LOCK) {
        return now;
    }
    if (kind == ANY_VALUE) {
        now.count = 1;
        must(seam_value_load(object, now.numbers), scene, "load");
    } else if (is_array(kind)) {
        now.count = ROOM;
        int error = kind == ANY_ARRAY ? seam_array_copy_out(object, 0, ROOM, now.numbers)
                                      : seam_array_snapshot(object, 0, ROOM, now.numbers);
        must(error, scene, "read");
    } else {
        must(seam_list_snapshot(object, &snapshot), scene, "snapshot");
        now.count = seam_snapshot_length(snapshot);
        for (size_t i = 0; i < now.count && i < ROOM; i++) {
            size_t size;
            const void *element = seam_snapshot_at(snapshot, i, &size);
            CHECK(size == 8, "%zu bytes", size);
            memcpy(&now.numbers[i], element, 8);
        }
        seam_snapshot_free(snapshot);
    }
    return now;
}

static bool is_same(const struct contents *one, const struct contents *other)
{
    return one->count == other->count &&
           memcmp(one->numbers, other->numbers, sizeof(one->numbers)) == 0;
}

static void *open_object(const struct act_scene *scene)
{
    void *object = NULL;
    const struct any_options options = {.wait = SEAM_WAIT_SLEEP};
    must(any_open(scene->act->kind, ACT_NAME, &options, &object), scene, "open");
    return object;
}

/* ---- before ---- */

static void fill(const struct act_scene *scene, void *object)
{
    const struct contents *old = scene->old;
    for (size_t i = 0; i < old->count; i++) {
        int error = scene->act->kind == ANY_VALUE ? seam_value_store(object, old->numbers[i])
                    : is_array(scene->act->kind)
                        ? seam_array_set(object, i, &old->numbers[i])
                        : (int)seam_list_append_int64(object, old->numbers[i]);
        must(error, scene, "fill");
    }
}

/** Makes the object, and tries the act on another one to learn what it should lead to. */
static void before(struct act_scene *scene)
{
    static struct contents old, new;
    const struct any_options options = {0};
    enum any_kind kind = scene->act->kind;
    memset(&old, 0, sizeof(old));
    old.count = kind == ANY_LOCK ? 0 : kind == ANY_VALUE ? 1 : is_array(kind) ? ROOM : 5;
    for (size_t i = 0; i < old.count; i++) {
        old.numbers[i] = 100 + (int64_t)i;
    }
    scene->old = &old;
    must(any_create(kind, NULL, &options, &scene->object), scene, "create");
    fill(scene, scene->object);
    scene->is_rehearsal = true;
    int result = scene->act->perform(scene);
    scene->is_rehearsal = false;
    CHECK(result == scene->act->expected || kind == ANY_LOCK, "%s: %d", scene->act->name, result);
    new = read_contents(scene, scene->object);
    scene->new = &new;
    any_close(kind, scene->object);
    must(any_create(kind, ACT_NAME, &options, &scene->watcher), scene, "create");
    fill(scene, scene->watcher);
    scene->is_new = false;
}

static int die_with_lock(void *context)
{
    struct seam_lock *lock = open_object(context);
    return seam_lock_lock(lock) == 0 ? 0 : 1;
}

static void before_dead_holder(struct act_scene *scene)
{
    before(scene);
    CHECK(test_join(test_spawn(die_with_lock, scene)), "child");
}

static void before_taken(struct act_scene *scene)
{
    before(scene);
    must(seam_lock_lock(scene->watcher), scene, "lock");
}

/* ---- in the process that performs ---- */

static void enter(struct act_scene *scene)
{
    scene->object = open_object(scene);
}

static void enter_nothing(struct act_scene *scene)
{
    scene->object = NULL;
}

static void leave(struct act_scene *scene)
{
    any_close(scene->act->kind, scene->object);
    scene->object = NULL;
}

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
        leave(scene);
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
    struct contents now = read_contents(scene, scene->object);
    return is_same(&now, scene->old) ? 0 : -EIO;
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

/* ---- meanwhile, after ---- */

/** Old or new, and never old again; a range of a lock-free array changes piece by piece. */
static void look(struct act_scene *scene)
{
    struct contents now = read_contents(scene, scene->watcher);
    bool is_old = is_same(&now, scene->old), is_new = is_same(&now, scene->new);
    if (scene->act->kind == ANY_ARRAY && !is_old && !is_new) {
        for (size_t i = 0; i < ROOM; i++) {
            CHECK(now.numbers[i] == scene->old->numbers[i] ||
                      now.numbers[i] == scene->new->numbers[i],
                  "%s: element %zu", scene->act->name, i);
        }
        return;
    }
    CHECK(is_new || (is_old && !scene->is_new), "%s: neither old nor new", scene->act->name);
    scene->is_new = is_new && !is_old;
}

static void meanwhile(struct act_scene *scene)
{
    look(scene);
    if (scene->act->kind == ANY_LOCK) {
        int error = seam_lock_try_lock(scene->watcher);
        CHECK(error == 0 || error == -EAGAIN || error == -EDEADLK || error == -EOWNERDEAD, "%s",
              strerror(-error));
        if (error == 0 || error == -EOWNERDEAD) {
            must(seam_lock_unlock(scene->watcher), scene, "unlock");
        }
    }
}

/** A successor changes it, and all see that. */
static void after(struct act_scene *scene)
{
    enum any_kind kind = scene->act->kind;
    int64_t number = 11;
    look(scene);
    CHECK(!scene->report->performed || scene->report->result != 0 || scene->is_new ||
              is_same(scene->old, scene->new),
          "%s: not done", scene->act->name);
    void *successor = open_object(scene);
    if (kind == ANY_LOCK) {
        (void)seam_lock_unlock(scene->watcher);
        int error = seam_lock_lock_until(successor, seam_deadline_in_ns(ACT_HANG_NS));
        CHECK(error == 0 || error == -EOWNERDEAD, "lock: %s", strerror(-error));
        CHECK(seam_lock_owner(successor) == getpid(), "owner");
    } else {
        must(any_change(kind, successor, 11), scene, "change");
        number = 0;
        must(any_read(kind, scene->watcher, &number), scene, "read");
    }
    CHECK(number == 11, "%s: %" PRId64, scene->act->name, number);
    any_close(kind, successor);
    any_close(kind, scene->watcher);
    must(any_unlink(kind, ACT_NAME, NULL), scene, "unlink");
}

#define OBJECT                                                                                   \
    .lock_free = true, .before = before, .enter = enter, .leave = leave, .meanwhile = meanwhile, \
    .after = after
#define OPENING                                                                      \
    .lock_free = true, .before = before, .enter = enter_nothing, .perform = open_it, \
    .leave = leave, .meanwhile = meanwhile, .after = after

static const struct act objects[] = {
    {"lock, unlock", .kind = ANY_LOCK, .perform = lock_and_unlock, OBJECT},
    {"lock of a killed holder", .kind = ANY_LOCK, .expected = -EOWNERDEAD,
     .perform = lock_and_unlock, .lock_free = true, .before = before_dead_holder, .enter = enter,
     .leave = leave, .meanwhile = look, .after = after},
    {"lock that is taken", .kind = ANY_LOCK, .expected = -ETIMEDOUT, .perform = lock_in_vain,
     .lock_free = true, .before = before_taken, .enter = enter, .leave = leave, .after = after},
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
