/* SPDX-License-Identifier: MIT */
/* Arrays come and go here; array_calls.c has what they do. */
#include "objects/array.h"

#include <errno.h>
#include <stdlib.h>

#include "region/error.h"
#include "region/staging.h"

#define BYTES_MOST (UINT64_C(1) << 20)

static const struct seam_array_options defaults;

/** Bytes from one element to the next: numbers side by side, bytes from word to word. */
static uint64_t stride_of(const struct seam_stamp *stamp)
{
    return stamp->type == SEAM_BYTES ? (stamp->element_bytes + 7) / 8 * 8 : stamp->element_bytes;
}

/** Bytes of one copy of the elements. */
static uint64_t copy_bytes(const struct seam_stamp *stamp)
{
    return (stamp->length * stride_of(stamp) + 7) / 8 * 8;
}

static int check_wanted(const struct seam_stamp *stamp, const struct seam_array_options *o)
{
    if (o->type != SEAM_TYPE_DEFAULT && (uint64_t)o->type != stamp->type) {
        return seam_fail(EPROTO, "type");
    }
    if (o->length != 0 && o->length != stamp->length) {
        return seam_fail(EPROTO, "length");
    }
    if (o->element_bytes != 0 && o->element_bytes != stamp->element_bytes) {
        return seam_fail(EPROTO, "element_bytes");
    }
    return o->mode == SEAM_MODE_DEFAULT || (uint32_t)o->mode == stamp->mode
               ? 0
               : seam_fail(EPROTO, "mode");
}

static int check(const struct seam_stamp *stamp, const void *wanted, uint64_t *ret_data_bytes)
{
    int error = wanted == NULL ? EINVAL : EPROTO;
    if (stamp->mode != SEAM_LOCK_FREE && stamp->mode != SEAM_LOCKED) {
        return seam_fail(error, "mode");
    }
    if (stamp->type < SEAM_INT8 || stamp->type > SEAM_BYTES) {
        return seam_fail(error, "type");
    }
    if (stamp->type == SEAM_BYTES && stamp->mode != SEAM_LOCKED) {
        return seam_fail(error, "mode"); /* no CPU changes so many at once */
    }
    uint64_t type_bytes = seam_type_bytes((enum seam_type)stamp->type);
    if (stamp->type == SEAM_BYTES ? stamp->element_bytes == 0 || stamp->element_bytes > BYTES_MOST
                                  : stamp->element_bytes != type_bytes) {
        return seam_fail(error, "element_bytes");
    }
    if (stamp->length == 0 || stamp->length > SEAM_OBJECT_BYTES_MOST ||
        2 * seam_latch_stride(copy_bytes(stamp)) > SEAM_OBJECT_BYTES_MOST) {
        return seam_fail(error, "length");
    }
    *ret_data_bytes =
        stamp->mode == SEAM_LOCKED ? 2 * seam_latch_stride(copy_bytes(stamp)) : copy_bytes(stamp);
    return wanted == NULL ? 0 : check_wanted(stamp, wanted);
}

static const struct seam_object_ops ops = {.kind = SEAM_KIND_ARRAY, .check = check};

static struct seam_object_options options_of(const struct seam_array_options *o)
{
    return (struct seam_object_options){&o->region, o->reserved, o->access, o->wait};
}

static void begin(struct seam_array *array)
{
    const struct seam_stamp *stamp = &array->object.region.stamp;
    array->type = (enum seam_type)stamp->type;
    array->locked = stamp->mode == SEAM_LOCKED;
    array->length = stamp->length;
    array->element_bytes = stamp->element_bytes;
    array->stride = stride_of(stamp);
    if (!array->locked && (array->type == SEAM_INT64 || array->type == SEAM_UINT64)) {
        array->add_key = array->object.write_key;
    }
    array->latch = (struct seam_latch){
        .sequence = &array->object.head->sequence,
        .copies = array->object.data,
        .bytes = copy_bytes(stamp),
        .most = copy_bytes(stamp),
        .quiet_wanted = &array->object.desk->quiet_wanted,
    };
}

int seam_array_create(const char *name, const struct seam_array_options *options,
                      struct seam_array **ret_array)
{
    const struct seam_array_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    struct seam_stamp stamp = {
        .mode = o->mode != SEAM_MODE_DEFAULT ? o->mode : SEAM_LOCK_FREE,
        .type = o->type != SEAM_TYPE_DEFAULT ? o->type : SEAM_INT64,
        .length = o->length,
        .element_bytes = o->element_bytes,
    };
    if (stamp.element_bytes == 0) {
        stamp.element_bytes = seam_type_bytes((enum seam_type)stamp.type);
    }
    struct seam_array *array = calloc(1, sizeof(*array));
    if (array == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_create(&array->object, name, &object_options, &ops, &stamp);
    if (error != 0) {
        free(array);
        return error;
    }
    begin(array);
    *ret_array = array;
    return 0;
}

static int open_from(const struct seam_source *from, const struct seam_array_options *options,
                     struct seam_array **ret_array)
{
    const struct seam_array_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    struct seam_array *array = calloc(1, sizeof(*array));
    if (array == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_open(&array->object, from, &object_options, &ops, o);
    if (error != 0) {
        free(array);
        return error;
    }
    begin(array);
    *ret_array = array;
    return 0;
}

int seam_array_open(const char *name, const struct seam_array_options *options,
                    struct seam_array **ret_array)
{
    const struct seam_source from = {.name = name};
    return open_from(&from, options, ret_array);
}

int seam_array_reopen(const struct seam_array *other, const struct seam_array_options *options,
                      struct seam_array **ret_array)
{
    const struct seam_source from = {.other = &other->object.region};
    return open_from(&from, options, ret_array);
}

int seam_array_take(int socket, const struct seam_array_options *options,
                    struct seam_array **ret_array)
{
    const struct seam_source from = {.take = true, .socket = socket};
    return open_from(&from, options, ret_array);
}

int seam_array_pass(const struct seam_array *array, int socket, enum seam_access access)
{
    return seam_object_pass(&array->object, socket, access);
}

void seam_array_close(struct seam_array *array)
{
    if (array == NULL) {
        return;
    }
    if (array->begun && seam_object_check_write(&array->object) == 0) {
        seam_array_locked_abort(array);
    }
    seam_object_close(&array->object);
    free(array);
}

int seam_array_unlink(const char *name, const struct seam_region_options *region)
{
    return seam_staging_remove(name, region != NULL ? region : &defaults.region, NULL);
}

void seam_array_info(const struct seam_array *array, struct seam_array_info *ret_info)
{
    const struct seam_stamp *stamp = &array->object.region.stamp;
    *ret_info = (struct seam_array_info){
        .type = array->type,
        .mode = array->locked ? SEAM_LOCKED : SEAM_LOCK_FREE,
        .length = array->length,
        .element_bytes = array->element_bytes,
        .memory_bytes = stamp->log_bytes + stamp->desk_bytes,
    };
}
