/* SPDX-License-Identifier: MIT */
/* Lists come and go here; list_calls.c has what they do. */
#include "objects/list.h"

#include <errno.h>
#include <stdlib.h>

#include "region/error.h"
#include "region/staging.h"

#define CAPACITY_MOST (UINT64_C(1) << 31)
#define ELEMENT_MOST (UINT64_C(1) << 20)

static const struct seam_list_options defaults;

static int check_wanted(const struct seam_stamp *stamp, const struct seam_list_options *o)
{
    if (o->mode != SEAM_MODE_DEFAULT && (uint32_t)o->mode != stamp->mode) {
        return seam_fail(EPROTO, "mode");
    }
    if (o->element_bytes > stamp->element_bytes) {
        return seam_fail(EMSGSIZE, "element_bytes");
    }
    return o->capacity <= stamp->length ? 0 : seam_fail(ENOSPC, "capacity");
}

static int check(const struct seam_stamp *stamp, const void *wanted, uint64_t *ret_data_bytes)
{
    int error = wanted == NULL ? EINVAL : EPROTO;
    bool locked = stamp->mode == SEAM_LOCKED;
    if (!locked && stamp->mode != SEAM_LOCK_FREE) {
        return seam_fail(error, "mode");
    }
    if (locked ? stamp->element_bytes == 0 || stamp->element_bytes > ELEMENT_MOST
               : stamp->element_bytes != 8) {
        return seam_fail(error, "element_bytes");
    }
    if (stamp->length == 0 || stamp->length > CAPACITY_MOST) {
        return seam_fail(error, "capacity");
    }
    uint64_t bytes = stamp->length * sizeof(struct seam_cell);
    if (locked) {
        bytes = 2 * seam_latch_stride(seam_list_locked_index_bytes(stamp->length)) +
                (stamp->length + 1) * seam_list_locked_slot_stride(stamp->element_bytes);
    }
    if (bytes > SEAM_OBJECT_BYTES_MOST) {
        return seam_fail(error, "capacity");
    }
    *ret_data_bytes = bytes;
    return wanted == NULL ? 0 : check_wanted(stamp, wanted);
}

static const struct seam_object_ops ops = {
    .kind = SEAM_KIND_LIST,
    .check = check,
    .fill = seam_list_locked_fill,
};

static struct seam_object_options options_of(const struct seam_list_options *o)
{
    return (struct seam_object_options){&o->region, o->reserved, o->access, o->wait};
}

static void begin(struct seam_list *list)
{
    const struct seam_stamp *stamp = &list->object.region.stamp;
    uint64_t index_bytes = seam_list_locked_index_bytes(stamp->length);
    list->locked = stamp->mode == SEAM_LOCKED;
    list->capacity = stamp->length;
    list->element_bytes = stamp->element_bytes;
    list->cells = (struct seam_cell *)(void *)list->object.data;
    list->slots = list->object.data + 2 * seam_latch_stride(index_bytes);
    list->slot_stride = seam_list_locked_slot_stride(stamp->element_bytes);
    list->latch = (struct seam_latch){
        .sequence = &list->object.head->sequence,
        .copies = list->object.data,
        .bytes = index_bytes,
        .most = stamp->length * list->slot_stride,
        .quiet_wanted = &list->object.desk->quiet_wanted,
    };
}

/** With the region's error, or the region. */
static int finish(int error, struct seam_list *list, struct seam_list **ret_list)
{
    if (error != 0) {
        free(list);
        return error;
    }
    begin(list);
    *ret_list = list;
    return 0;
}

int seam_list_create(const char *name, const struct seam_list_options *options,
                     struct seam_list **ret_list)
{
    const struct seam_list_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    const struct seam_stamp stamp = {
        .mode = o->mode != SEAM_MODE_DEFAULT ? o->mode : SEAM_LOCK_FREE,
        .length = o->capacity,
        .element_bytes = o->element_bytes != 0 ? o->element_bytes : 8,
    };
    struct seam_list *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    return finish(seam_object_create(&list->object, name, &object_options, &ops, &stamp), list,
                  ret_list);
}

static int open_from(const struct seam_source *from, const struct seam_list_options *options,
                     struct seam_list **ret_list)
{
    const struct seam_list_options *o = options != NULL ? options : &defaults;
    const struct seam_object_options object_options = options_of(o);
    struct seam_list *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    return finish(seam_object_open(&list->object, from, &object_options, &ops, o), list, ret_list);
}

int seam_list_open(const char *name, const struct seam_list_options *options,
                   struct seam_list **ret_list)
{
    const struct seam_source from = {.name = name};
    return open_from(&from, options, ret_list);
}

int seam_list_reopen(const struct seam_list *other, const struct seam_list_options *options,
                     struct seam_list **ret_list)
{
    const struct seam_source from = {.other = &other->object.region};
    return open_from(&from, options, ret_list);
}

int seam_list_take(int socket, const struct seam_list_options *options, struct seam_list **ret_list)
{
    const struct seam_source from = {.take = true, .socket = socket};
    return open_from(&from, options, ret_list);
}

int seam_list_pass(const struct seam_list *list, int socket, enum seam_access access)
{
    return seam_object_pass(&list->object, socket, access);
}

void seam_list_close(struct seam_list *list)
{
    if (list != NULL) {
        seam_object_close(&list->object);
        free(list);
    }
}

int seam_list_unlink(const char *name, const struct seam_region_options *region)
{
    return seam_staging_remove(name, region != NULL ? region : &defaults.region, NULL);
}

void seam_list_info(const struct seam_list *list, struct seam_list_info *ret_info)
{
    const struct seam_stamp *stamp = &list->object.region.stamp;
    *ret_info = (struct seam_list_info){
        .mode = list->locked ? SEAM_LOCKED : SEAM_LOCK_FREE,
        .capacity = list->capacity,
        .element_bytes = list->element_bytes,
        .memory_bytes = stamp->log_bytes + stamp->desk_bytes,
    };
}
