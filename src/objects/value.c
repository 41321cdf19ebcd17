/* SPDX-License-Identifier: MIT */
/* Values come and go here, and are waited for. */
#include "objects/value.h"

#include <stdlib.h>

#include "region/error.h"
#include "region/staging.h"
#include "wait/waitable.h"

static const struct seam_value_options defaults;

/* ---- coming and going ---- */

static int check(const struct seam_stamp *stamp, const void *wanted, uint64_t *ret_data_bytes)
{
    const struct seam_value_options *o = wanted;
    int error = o == NULL ? EINVAL : EPROTO;
    if ((stamp->type != SEAM_INT64 && stamp->type != SEAM_DOUBLE) ||
        (o != NULL && o->type != SEAM_TYPE_DEFAULT && (uint64_t)o->type != stamp->type)) {
        return seam_fail(error, "type");
    }
    if ((stamp->mode != SEAM_LOCK_FREE && stamp->mode != SEAM_RAW) ||
        (o != NULL && o->mode != SEAM_MODE_DEFAULT && (uint32_t)o->mode != stamp->mode)) {
        return seam_fail(error, "mode");
    }
    *ret_data_bytes = 0;
    return 0;
}

static const struct seam_object_ops ops = {.kind = SEAM_KIND_VALUE, .check = check};

static struct seam_object_options options_of(const struct seam_value_options *o)
{
    return (struct seam_object_options){&o->region, o->reserved, o->access, o->wait};
}

static void begin(struct seam_value *value, enum seam_wait wait)
{
    const struct seam_stamp *stamp = &value->object.region.stamp;
    value->type = (enum seam_type)stamp->type;
    value->raw = stamp->mode == SEAM_RAW;
    value->number = &value->object.head->number;
    value->desk = value->object.desk;
    value->fence = !seam_barrier_register();
    value->int64_key = value->type == SEAM_INT64 && !value->raw ? value->object.write_key : 0;
    seam_waiter_init(&value->waiter, wait);
}

int seam_value_create(const char *name, const struct seam_value_options *options,
                      struct seam_value **ret_value)
{
    const struct seam_value_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    const struct seam_stamp stamp = {
        .mode = o->mode != SEAM_MODE_DEFAULT ? o->mode : SEAM_LOCK_FREE,
        .type = o->type != SEAM_TYPE_DEFAULT ? o->type : SEAM_INT64,
        .length = 1,
        .element_bytes = 8,
    };
    struct seam_value *value = calloc(1, sizeof(*value));
    if (value == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_create(&value->object, name, &object_options, &ops, &stamp);
    if (error != 0) {
        free(value);
        return error;
    }
    begin(value, o->wait);
    *ret_value = value;
    return 0;
}

static int open_from(const struct seam_source *from, const struct seam_value_options *options,
                     struct seam_value **ret_value)
{
    const struct seam_value_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    struct seam_value *value = calloc(1, sizeof(*value));
    if (value == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_open(&value->object, from, &object_options, &ops, o);
    if (error != 0) {
        free(value);
        return error;
    }
    begin(value, o->wait);
    *ret_value = value;
    return 0;
}

int seam_value_open(const char *name, const struct seam_value_options *options,
                    struct seam_value **ret_value)
{
    const struct seam_source from = {.name = name};
    return open_from(&from, options, ret_value);
}

int seam_value_reopen(const struct seam_value *other, const struct seam_value_options *options,
                      struct seam_value **ret_value)
{
    const struct seam_source from = {.other = &other->object.region};
    return open_from(&from, options, ret_value);
}

int seam_value_take(int socket, const struct seam_value_options *options,
                    struct seam_value **ret_value)
{
    const struct seam_source from = {.take = true, .socket = socket};
    return open_from(&from, options, ret_value);
}

int seam_value_pass(const struct seam_value *value, int socket, enum seam_access access)
{
    return seam_object_pass(&value->object, socket, access);
}

void seam_value_close(struct seam_value *value)
{
    if (value != NULL) {
        seam_object_close(&value->object);
        free(value);
    }
}

int seam_value_unlink(const char *name, const struct seam_region_options *region)
{
    return seam_staging_remove(name, region != NULL ? region : &defaults.region, NULL);
}

enum seam_type seam_value_type(const struct seam_value *value)
{
    return value->type;
}

enum seam_mode seam_value_mode(const struct seam_value *value)
{
    return value->raw ? SEAM_RAW : SEAM_LOCK_FREE;
}

/* ---- waiting ---- */

struct change {
    const struct seam_value *value;
    uint64_t old;
};

static bool has_changed(void *context)
{
    const struct change *change = context;
    return load_relaxed(change->value->number) != change->old; /* looked at properly after */
}

static int recheck_nothing(void *context, bool thorough)
{
    (void)context;
    (void)thorough;
    return 0;
}

int seam_value_wait_for_change(struct seam_value *value, uint64_t old, uint64_t *ret_bits,
                               int64_t deadline_ns)
{
    if (value->raw) {
        return -ENOTSUP;
    }
    unsigned attempts = 0;
    struct change change = {value, old};
    const struct seam_wait_for what = {
        .ready = has_changed,
        .recheck = recheck_nothing,
        .flag = &value->desk->data_wanted,
        .fences = &value->desk->fences,
        .woken_ns = &value->desk->woken_ns,
        .context = &change,
    };
    do {
        int error = seam_wait(&value->waiter, &what, deadline_ns);
        if (error != 0) {
            return error;
        }
        *ret_bits = seam_value_load_bits(value);
        if (*ret_bits != old) {
            return 0;
        }
    } while (!seam_is_late(&attempts, deadline_ns));
    return -ETIMEDOUT;
}

/* ---- as one of several things ---- */

static bool is_other(void *context)
{
    const struct seam_waitable_internal *internal = context;
    struct change change = {.value = internal->handle, .old = internal->argument};
    return seam_object_check_read(&change.value->object) != 0 || has_changed(&change);
}

int seam_value_fill_changed(struct seam_value *value, uint64_t old, struct seam_waitable *ret_thing)
{
    if (value->raw) {
        return -ENOTSUP;
    }
    const struct seam_wait_for what = {
        .ready = is_other,
        .recheck = recheck_nothing,
        .flag = &value->desk->data_wanted,
        .fences = &value->desk->fences,
    };
    seam_waitable_fill(ret_thing, &what, value, old);
    return 0;
}
