/* SPDX-License-Identifier: MIT */
#include "acts_contents.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool is_array(enum any_kind kind)
{
    return kind == ANY_ARRAY || kind == ANY_ARRAY_LOCKED;
}

static void must(int error, const struct act_scene *scene, const char *what)
{
    CHECK(error >= 0, "%s: %s: %s: %s", scene->act->name, what, seam_error_detail(),
          strerror(-error));
}

struct contents act_read(const struct act_scene *scene, const void *object)
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
        now.count = ACT_ROOM;
        int error = kind == ANY_ARRAY ? seam_array_copy_out(object, 0, ACT_ROOM, now.numbers)
                                      : seam_array_snapshot(object, 0, ACT_ROOM, now.numbers);
        must(error, scene, "read");
    } else {
        must(seam_list_snapshot(object, &snapshot), scene, "snapshot");
        now.count = seam_snapshot_length(snapshot);
        for (size_t i = 0; i < now.count && i < ACT_ROOM; i++) {
            size_t size;
            const void *element = seam_snapshot_at(snapshot, i, &size);
            CHECK(size == 8, "%zu bytes", size);
            memcpy(&now.numbers[i], element, 8);
        }
        seam_snapshot_free(snapshot);
    }
    return now;
}

bool act_is_same(const struct contents *one, const struct contents *other)
{
    return one->count == other->count &&
           memcmp(one->numbers, other->numbers, sizeof(one->numbers)) == 0;
}

void *act_open_object(const struct act_scene *scene)
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

void act_object_before(struct act_scene *scene)
{
    static struct contents old, new;
    const struct any_options options = {0};
    enum any_kind kind = scene->act->kind;
    memset(&old, 0, sizeof(old));
    old.count = kind == ANY_LOCK ? 0 : kind == ANY_VALUE ? 1 : is_array(kind) ? ACT_ROOM : 5;
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
    new = act_read(scene, scene->object);
    scene->new = &new;
    act_object_leave(scene);
    must(any_create(kind, ACT_NAME, &options, &scene->watcher), scene, "create");
    fill(scene, scene->watcher);
    scene->is_new = false;
}

/* ---- in the process that performs ---- */

void act_object_enter(struct act_scene *scene)
{
    scene->object = act_open_object(scene);
}

void act_object_leave(struct act_scene *scene)
{
    any_close(scene->act->kind, scene->object);
    scene->object = NULL;
}

/* ---- meanwhile, after ---- */

/** Old or new, and never old again; a range of a lock-free array changes piece by piece. */
void act_object_look(struct act_scene *scene)
{
    struct contents now = act_read(scene, scene->watcher);
    bool is_old = act_is_same(&now, scene->old), is_new = act_is_same(&now, scene->new);
    if (scene->act->kind == ANY_ARRAY && !is_old && !is_new) {
        for (size_t i = 0; i < ACT_ROOM; i++) {
            CHECK(now.numbers[i] == scene->old->numbers[i] ||
                      now.numbers[i] == scene->new->numbers[i],
                  "%s: element %zu", scene->act->name, i);
        }
        return;
    }
    CHECK(is_new || (is_old && !scene->is_new), "%s: neither old nor new", scene->act->name);
    scene->is_new = is_new && !is_old;
}

void act_object_meanwhile(struct act_scene *scene)
{
    act_object_look(scene);
    if (scene->act->kind == ANY_LOCK) {
        int error = seam_lock_try_lock(scene->watcher);
        CHECK(error == 0 || error == -EAGAIN || error == -EDEADLK || error == -EOWNERDEAD, "%s",
              strerror(-error));
        if (error == 0 || error == -EOWNERDEAD) {
            must(seam_lock_unlock(scene->watcher), scene, "unlock");
        }
    }
}

void act_object_after(struct act_scene *scene)
{
    enum any_kind kind = scene->act->kind;
    act_object_look(scene);
    CHECK(!act_succeeded(scene) || scene->is_new || act_is_same(scene->old, scene->new),
          "%s: not done", scene->act->name);
    void *successor = act_open_object(scene);
    if (kind == ANY_LOCK) {
        (void)seam_lock_unlock(scene->watcher);
        int error = seam_lock_lock_until(successor, seam_deadline_in_ns(ACT_HANG_NS));
        CHECK(error == 0 || error == -EOWNERDEAD, "lock: %s", strerror(-error));
        CHECK(seam_lock_owner(successor) == getpid(), "owner");
    } else {
        int64_t number = 0;
        must(any_change(kind, successor, 11), scene, "change");
        must(any_read(kind, scene->watcher, &number), scene, "read");
        CHECK(number == 11, "%s: %" PRId64, scene->act->name, number);
    }
    any_close(kind, successor);
    any_close(kind, scene->watcher);
    must(any_unlink(kind, ACT_NAME, NULL), scene, "unlink");
}
