/* SPDX-License-Identifier: MIT */
#include "any.h"

#include <string.h>

#include "support.h"

static struct seam_lock_options for_lock(const struct any_options *o)
{
    struct seam_lock_options options = {.region = o->region, .wait = o->wait};
    memcpy(options.reserved, o->reserved, sizeof(options.reserved));
    return options;
}

static struct seam_value_options for_value(enum any_kind kind, const struct any_options *o)
{
    struct seam_value_options options = {.region = o->region, .access = o->access, .wait = o->wait};
    options.mode = kind == ANY_VALUE_RAW ? SEAM_RAW : SEAM_LOCK_FREE;
    memcpy(options.reserved, o->reserved, sizeof(options.reserved));
    return options;
}

static struct seam_array_options for_array(enum any_kind kind, const struct any_options *o)
{
    struct seam_array_options options = {.region = o->region, .access = o->access, .wait = o->wait};
    options.mode = kind == ANY_ARRAY_LOCKED ? SEAM_LOCKED : SEAM_LOCK_FREE;
    options.length = 8;
    memcpy(options.reserved, o->reserved, sizeof(options.reserved));
    return options;
}

static struct seam_list_options for_list(enum any_kind kind, const struct any_options *o)
{
    struct seam_list_options options = {.region = o->region, .access = o->access, .wait = o->wait};
    options.mode = kind == ANY_LIST_LOCKED ? SEAM_LOCKED : SEAM_LOCK_FREE;
    options.capacity = 8;
    memcpy(options.reserved, o->reserved, sizeof(options.reserved));
    return options;
}

/** Where an object comes from. */
struct origin {
    enum { CREATED, OPENED, REOPENED, TAKEN } how;
    const char *name;
    const void *other;
    int socket;
};

static int get_lock(const struct origin *from, const struct seam_lock_options *o,
                    struct seam_lock **ret_lock)
{
    switch (from->how) {
    case CREATED:
        return seam_lock_create(from->name, o, ret_lock);
    case OPENED:
        return seam_lock_open(from->name, o, ret_lock);
    case REOPENED:
        return seam_lock_reopen(from->other, o, ret_lock);
    default:
        return seam_lock_take(from->socket, o, ret_lock);
    }
}

static int get_value(const struct origin *from, const struct seam_value_options *o,
                     struct seam_value **ret_value)
{
    switch (from->how) {
    case CREATED:
        return seam_value_create(from->name, o, ret_value);
    case OPENED:
        return seam_value_open(from->name, o, ret_value);
    case REOPENED:
        return seam_value_reopen(from->other, o, ret_value);
    default:
        return seam_value_take(from->socket, o, ret_value);
    }
}

static int get_array(const struct origin *from, const struct seam_array_options *o,
                     struct seam_array **ret_array)
{
    switch (from->how) {
    case CREATED:
        return seam_array_create(from->name, o, ret_array);
    case OPENED:
        return seam_array_open(from->name, o, ret_array);
    case REOPENED:
        return seam_array_reopen(from->other, o, ret_array);
    default:
        return seam_array_take(from->socket, o, ret_array);
    }
}

static int get_list(const struct origin *from, const struct seam_list_options *o,
                    struct seam_list **ret_list)
{
    switch (from->how) {
    case CREATED:
        return seam_list_create(from->name, o, ret_list);
    case OPENED:
        return seam_list_open(from->name, o, ret_list);
    case REOPENED:
        return seam_list_reopen(from->other, o, ret_list);
    default:
        return seam_list_take(from->socket, o, ret_list);
    }
}

/** The public call that the origin means, with options as the kind has them. */
static int get(enum any_kind kind, const struct origin *from, const struct any_options *options,
               void **ret_object)
{
    static const struct any_options defaults;
    const struct any_options *o = options != NULL ? options : &defaults;
    const struct seam_lock_options lock_options = for_lock(o);
    const struct seam_value_options value_options = for_value(kind, o);
    const struct seam_array_options array_options = for_array(kind, o);
    const struct seam_list_options list_options = for_list(kind, o);
    struct seam_lock *lock = *ret_object;
    struct seam_value *value = *ret_object;
    struct seam_array *array = *ret_object;
    struct seam_list *list = *ret_object;
    int error;
    switch (kind) {
    case ANY_LOCK:
        error = get_lock(from, &lock_options, &lock);
        *ret_object = lock;
        break;
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        error = get_value(from, &value_options, &value);
        *ret_object = value;
        break;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        error = get_array(from, &array_options, &array);
        *ret_object = array;
        break;
    default:
        error = get_list(from, &list_options, &list);
        *ret_object = list;
        break;
    }
    return error;
}

const char *any_name(enum any_kind kind)
{
    static const char *const names[] = {"lock",         "value", "raw value",  "array",
                                        "locked array", "list",  "locked list"};
    return names[kind];
}

int any_create(enum any_kind kind, const char *name, const struct any_options *options,
               void **ret_object)
{
    return get(kind, &(struct origin){CREATED, name, NULL, -1}, options, ret_object);
}

int any_open(enum any_kind kind, const char *name, const struct any_options *options,
             void **ret_object)
{
    return get(kind, &(struct origin){OPENED, name, NULL, -1}, options, ret_object);
}

int any_reopen(enum any_kind kind, const void *other, const struct any_options *options,
               void **ret_object)
{
    return get(kind, &(struct origin){REOPENED, NULL, other, -1}, options, ret_object);
}

int any_take(enum any_kind kind, int socket, const struct any_options *options, void **ret_object)
{
    return get(kind, &(struct origin){TAKEN, NULL, NULL, socket}, options, ret_object);
}

int any_pass(enum any_kind kind, const void *object, int socket, enum seam_access access)
{
    switch (kind) {
    case ANY_LOCK:
        return seam_lock_pass(object, socket);
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return seam_value_pass(object, socket, access);
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return seam_array_pass(object, socket, access);
    default:
        return seam_list_pass(object, socket, access);
    }
}

void any_close(enum any_kind kind, void *object)
{
    switch (kind) {
    case ANY_LOCK:
        seam_lock_close(object);
        break;
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        seam_value_close(object);
        break;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        seam_array_close(object);
        break;
    default:
        seam_list_close(object);
        break;
    }
}

int any_unlink(enum any_kind kind, const char *name, const struct seam_region_options *region)
{
    switch (kind) {
    case ANY_LOCK:
        return seam_lock_unlink(name, region);
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return seam_value_unlink(name, region);
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return seam_array_unlink(name, region);
    default:
        return seam_list_unlink(name, region);
    }
}

int any_change(enum any_kind kind, void *object, int64_t number)
{
    ssize_t index;
    int error;
    switch (kind) {
    case ANY_LOCK:
        error = seam_lock_lock(object);
        return error != 0 ? error : seam_lock_unlock(object);
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return seam_value_store(object, number);
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return seam_array_set(object, 0, &number);
    default:
        index = seam_list_append_int64(object, number);
        return index < 0 ? (int)index : 0;
    }
}

int any_read(enum any_kind kind, const void *object, int64_t *ret_number)
{
    switch (kind) {
    case ANY_LOCK: {
        pid_t owner = seam_lock_owner(object);
        return owner < 0 ? owner : 0;
    }
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return seam_value_load(object, ret_number);
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return seam_array_get(object, 0, ret_number);
    default:
        return seam_list_get_int64(object, SEAM_LAST, ret_number);
    }
}

/* ---- one of each kind ---- */

void any_create_all(void **objects, const struct any_options *options)
{
    EACH_KIND(kind)
    {
        int error = any_create(kind, NULL, options, &objects[kind]);
        CHECK(error == 0, "%s: %s: %d", any_name(kind), seam_error_detail(), error);
        CHECK(any_change(kind, objects[kind], 10) == 0, "%s", any_name(kind));
    }
}

void any_close_all(void **objects)
{
    EACH_KIND(kind)
    {
        any_close(kind, objects[kind]);
    }
}

void any_expect_all(void **objects, int64_t number)
{
    EACH_KIND(kind)
    {
        int64_t seen = number;
        CHECK(any_read(kind, objects[kind], &seen) == 0 && seen == number, "%s: %lld",
              any_name(kind), (long long)seen);
    }
}
