/* SPDX-License-Identifier: MIT */
/* Locks, values, arrays and lists: a handle that writes, and one that only reads. */
#include "scene.h"

#include <string.h>

#include "../../support.h"
#include "objects/array.h"
#include "objects/list.h"
#include "objects/value.h"
#include "operations.h"

/* ---- by kind ---- */

static int open_lock(const struct scene *scene, bool create, struct seam_lock **ret_lock)
{
    return create ? seam_lock_create(scene->name, NULL, ret_lock)
                  : seam_lock_open(scene->name, NULL, ret_lock);
}

static int open_value(const struct scene *scene, bool create, enum seam_access access,
                      struct seam_value **ret_value)
{
    const struct seam_value_options options = {
        .type = scene->plot->type, .mode = scene->plot->mode, .access = access};
    return create ? seam_value_create(scene->name, &options, ret_value)
                  : seam_value_open(scene->name, &options, ret_value);
}

static int open_array(const struct scene *scene, bool create, enum seam_access access,
                      struct seam_array **ret_array)
{
    const struct seam_array_options options = {
        .type = scene->plot->type,
        .mode = scene->plot->mode,
        .length = SCENE_LENGTH,
        .element_bytes = scene->plot->type == SEAM_BYTES ? 13 : 0,
        .access = access,
    };
    return create ? seam_array_create(scene->name, &options, ret_array)
                  : seam_array_open(scene->name, &options, ret_array);
}

static int open_list(const struct scene *scene, bool create, enum seam_access access,
                     struct seam_list **ret_list)
{
    const struct seam_list_options options = {
        .mode = scene->plot->mode,
        .capacity = SCENE_LENGTH,
        .element_bytes = scene->plot->mode == SEAM_LOCKED ? SCENE_ELEMENT : 8,
        .access = access,
    };
    return create ? seam_list_create(scene->name, &options, ret_list)
                  : seam_list_open(scene->name, &options, ret_list);
}

int scene_object_open(const struct scene *scene, bool create, enum seam_access access,
                      void **ret_object)
{
    switch (scene->plot->kind) {
    case SEAM_KIND_LOCK:
        return open_lock(scene, create, (struct seam_lock **)ret_object);
    case SEAM_KIND_VALUE:
        return open_value(scene, create, access, (struct seam_value **)ret_object);
    case SEAM_KIND_ARRAY:
        return open_array(scene, create, access, (struct seam_array **)ret_object);
    default:
        return open_list(scene, create, access, (struct seam_list **)ret_object);
    }
}

void scene_object_close(const struct scene *scene, void *object)
{
    switch (scene->plot->kind) {
    case SEAM_KIND_LOCK:
        seam_lock_close(object);
        break;
    case SEAM_KIND_VALUE:
        seam_value_close(object);
        break;
    case SEAM_KIND_ARRAY:
        seam_array_close(object);
        break;
    default:
        seam_list_close(object);
        break;
    }
}

static struct seam_object *base_of(const struct scene *scene, void *object)
{
    switch (scene->plot->kind) {
    case SEAM_KIND_LOCK:
        return object; /* it is nothing but its base */
    case SEAM_KIND_VALUE:
        return &((struct seam_value *)object)->object;
    case SEAM_KIND_ARRAY:
        return &((struct seam_array *)object)->object;
    default:
        return &((struct seam_list *)object)->object;
    }
}

static size_t handle_bytes(const struct scene *scene)
{
    static const size_t bytes[] = {[SEAM_KIND_LOCK] = sizeof(struct seam_object),
                                   [SEAM_KIND_VALUE] = sizeof(struct seam_value),
                                   [SEAM_KIND_ARRAY] = sizeof(struct seam_array),
                                   [SEAM_KIND_LIST] = sizeof(struct seam_list)};
    return bytes[scene->plot->kind];
}

/* ---- the plot ---- */

static void create(struct scene *scene)
{
    void *object;
    int error = scene_object_open(scene, true, SEAM_READ_WRITE, &object);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
    scene_object_close(scene, object);
}

static void open_all(struct scene *scene)
{
    if ((scene->who & SCENE_WRITES) != 0) {
        int error = scene_object_open(scene, false, SEAM_READ_WRITE, &scene->object);
        CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
        scene->bases[0] = base_of(scene, scene->object);
        scene->region = &scene->bases[0]->region;
    }
    if ((scene->who & SCENE_READS) != 0) {
        int error = scene_object_open(scene, false, SEAM_READ_ONLY, &scene->viewer);
        CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
        scene->bases[1] = base_of(scene, scene->viewer);
    }
}

static void close_all(struct scene *scene)
{
    scene_object_close(scene, scene->viewer);
    scene_object_close(scene, scene->object);
}

static void put_in(struct scene *scene, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *data = scene_input(scene, 64);
        if (scene->plot->kind == SEAM_KIND_ARRAY) {
            CHECK(seam_array_set(scene->object, i, data + i) == 0, "set");
        } else if (scene->plot->kind == SEAM_KIND_LIST) {
            size_t size = scene->plot->mode == SEAM_LOCKED ? (i * 5) % SCENE_ELEMENT : 8;
            CHECK(seam_list_append(scene->object, data + i, size) >= 0, "append");
        }
    }
}

static void act(struct scene *scene)
{
    struct seam_object_head *head = scene->bases[0]->head;
    uint64_t data_bytes = scene->region->stamp.log_bytes - scene->region->stamp.page_bytes;
    put_in(scene, scene->state == SCENE_FULL ? SCENE_LENGTH
                                             : (scene->state == SCENE_SOME ? SCENE_LENGTH - 3 : 0));
    scene_name_stamp(scene, &head->stamp);
    scene_name_desk(scene, scene->bases[0]->desk);
    scene_name_lock(scene, "lock", &head->lock);
    scene_name(scene, "number", &head->number, 8, 1);
    scene_name(scene, "sequence", &head->sequence, 8, 1);
    scene_name(scene, "length", &head->length, 8, 1);
    data_bytes = data_bytes < 512 ? data_bytes : 512;
    scene_name(scene, "elements", scene->bases[0]->data, 8, data_bytes / 8);
    scene_add_nasty(scene, SCENE_LENGTH);
    scene_add_nasty(scene, SCENE_ELEMENT);
    scene_add_nasty(scene, scene->bases[0]->mutex.id);
    scene_keep(scene, head, scene->region->stamp.page_bytes + data_bytes);
    scene_keep(scene, scene->bases[0]->desk, scene->region->stamp.desk_bytes);
    scene_keep_handle(scene, scene->object, handle_bytes(scene), &scene->region->lease);
    scene_keep_handle(scene, scene->viewer, handle_bytes(scene), &scene->bases[1]->region.lease);
}

static uint64_t hash_all(struct scene *scene)
{
    uint64_t hash = 0;
    uint8_t *buffer = scene_output(scene, 128);
    if (scene->plot->kind == SEAM_KIND_ARRAY) {
        CHECK(seam_array_copy_out(scene->viewer, 0, SCENE_LENGTH, buffer) == 0, "read");
        return scene_hash(hash, buffer, SCENE_LENGTH);
    }
    if (scene->plot->kind == SEAM_KIND_LIST) {
        ssize_t size;
        for (size_t i = 0; (size = seam_list_get(scene->viewer, i, buffer, 64)) >= 0; i++) {
            hash = scene_hash(hash, buffer, (size_t)size);
        }
    } else if (scene->plot->kind == SEAM_KIND_LOCK) {
        CHECK(seam_lock_try_lock(scene->object) == 0, "lock");
        CHECK(seam_lock_unlock(scene->object) == 0, "unlock");
    }
    return hash;
}

#define OBJECT(what, count)                                                               \
    .create = create, .open = open_all, .act = act, .close = close_all, .read = hash_all, \
    .operations = operate_##what, .states = (count)

const struct scene_plot scene_object_plots[9] = {
    {OBJECT(lock, 1), .name = "lock", .kind = SEAM_KIND_LOCK, .in_turns = true},
    {OBJECT(value, 1), .name = "value", .kind = SEAM_KIND_VALUE, .type = SEAM_INT64},
    {OBJECT(value, 1), .name = "value double", .kind = SEAM_KIND_VALUE, .type = SEAM_DOUBLE},
    {OBJECT(array, 1), .name = "array", .kind = SEAM_KIND_ARRAY, .type = SEAM_INT64},
    {OBJECT(array, 1), .name = "array float", .kind = SEAM_KIND_ARRAY, .type = SEAM_FLOAT},
    {OBJECT(array, 1), .name = "array locked", .kind = SEAM_KIND_ARRAY, .mode = SEAM_LOCKED,
     .type = SEAM_INT16, .in_turns = true},
    {OBJECT(array, 1), .name = "array bytes", .kind = SEAM_KIND_ARRAY, .mode = SEAM_LOCKED,
     .type = SEAM_BYTES, .in_turns = true},
    {OBJECT(list, SCENE_STATES), .name = "list", .kind = SEAM_KIND_LIST},
    {OBJECT(list, SCENE_STATES), .name = "list locked", .kind = SEAM_KIND_LIST, .mode = SEAM_LOCKED,
     .in_turns = true},
};
