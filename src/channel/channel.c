/* SPDX-License-Identifier: MIT */
/* Channels come and go here: options, geometry, roles. Messages pass in send*.c, recv*.c, ... */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/cursors.h"
#include "channel/geometry.h"
#include "channel/handle.h"
#include "channel/lanes.h"
#include "channel/reader.h"
#include "channel/writer.h"
#include "region/error.h"
#include "region/source.h"
#include "region/staging.h"

/* A lock that is only held for the length of an operation is worth this many looks. */
#define TRY_LOOKS 200

static const struct seam_channel_options defaults;

/* ---- the handle ---- */

/** Where operations or writers take turns: gives the handle its share in the lock. */
static int take_guard(struct seam_channel *channel, enum seam_wait wait)
{
    struct seam_region *region = &channel->region;
    bool locked = region->stamp.mode == SEAM_LOCKED;
    if (!locked && (region->stamp.many_writers == 0 || channel->role != SEAM_WRITER)) {
        return 0;
    }
    const struct seam_mutex_place place = {
        .line = locked ? &channel->desk->lock : &channel->log.head->write_lock,
        .fences = &channel->desk->fences,
        .lease = &region->lease,
        .generation = region->stamp.generation,
        .wait = wait,
        .tries = TRY_LOOKS,
    };
    channel->write_guard = &channel->mutex;
    channel->read_guard = locked ? &channel->mutex : NULL;
    return seam_mutex_open(&channel->mutex, &place);
}

/** Gives the handle its role, on a region that is open. */
static int take_role(struct seam_channel *channel, const struct seam_channel_options *o)
{
    channel->desk = channel->region.desk;
    channel->never_waits = o->overwrite || seam_policy_overtakes(channel->region.stamp.policy);
    seam_lane_view(channel, 0);
    seam_waiter_init(&channel->waiter, o->wait);
    if (!seam_barrier_register()) {
        store_relaxed(&channel->desk->fences, 1); /* we are the first who must see it */
    }
    int error = take_guard(channel, o->wait);
    if (error != 0) {
        return error;
    }
    return channel->role == SEAM_WRITER ? seam_writer_open(channel) : seam_reader_open(channel, o);
}

struct creation {
    struct seam_channel *channel;
    const struct seam_channel_options *options;
};

/** Fills in a new region while nobody else sees it. */
static int init_region(struct seam_region *region, void *context)
{
    const struct creation *creation = context;
    const struct seam_channel_options *o = creation->options;
    struct seam_channel *channel = creation->channel;
    channel->desk = region->desk;
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        seam_lane_view(channel, i);
        seam_log_init(&channel->log);
    }
    seam_slots_init(channel, o->cursor);
    int error = 0;
    if (channel->role != SEAM_WRITER) {
        error = seam_mapping_protect(region->log); /* it made the log, and only reads from now on */
    }
    return error == 0 ? take_role(channel, o) : error;
}

/** A new handle that can't be used yet. */
static int prepare(const struct seam_channel_options *o, enum seam_role by_default,
                   struct seam_channel **ret_channel)
{
    int error = seam_check_options(o);
    if (error != 0) {
        return error;
    }
    enum seam_role role = o->role != SEAM_ROLE_DEFAULT ? o->role : by_default;
    struct seam_channel *channel = aligned_alloc(64, (sizeof(*channel) + 63) / 64 * 64);
    if (channel == NULL) {
        return seam_fail(ENOMEM, "aligned_alloc");
    }
    memset(channel, 0, sizeof(*channel));
    channel->role = role;
    *ret_channel = channel;
    return 0;
}

/** All went well: only now has this handle a say in what becomes of the name. */
static int succeed(struct seam_channel *channel, const struct seam_channel_options *o,
                   struct seam_channel **ret_channel)
{
    if (o->region.unlink_last) {
        seam_region_remove_last(&channel->region);
    }
    *ret_channel = channel;
    return 0;
}

/* ---- public ---- */

int seam_channel_create(const char *name, const struct seam_channel_options *options,
                        struct seam_channel **ret_channel)
{
    const struct seam_channel_options *o = options != NULL ? options : &defaults;
    struct seam_channel *channel;
    int error = prepare(o, SEAM_WRITER, &channel);
    if (error != 0) {
        return error;
    }
    struct seam_stamp stamp = {
        .kind = SEAM_KIND_CHANNEL,
        .policy = o->policy != SEAM_POLICY_DEFAULT ? o->policy : SEAM_LOSSLESS,
        .mode = o->mode != SEAM_MODE_DEFAULT ? o->mode : SEAM_LOCK_FREE,
        .one_way = o->region.one_way,
        .page_bytes = seam_region_page_bytes(name, &o->region),
    };
    stamp.many_writers = o->many_writers || (o->writers > 1 && stamp.mode == SEAM_LOCKED);
    error = seam_choose_geometry(o, &stamp);
    if (error == 0) {
        error = seam_check_combination(o, channel->role, stamp.policy);
    }
    if (error == 0 && o->region.one_way && channel->role != SEAM_WRITER) {
        error = seam_fail(EINVAL, "one_way");
    }
    if (error == 0) {
        struct creation creation = {.channel = channel, .options = o};
        error =
            seam_region_create(name, &o->region, &stamp, init_region, &creation, &channel->region);
    }
    if (error != 0) {
        free(channel);
        return error;
    }
    return succeed(channel, o, ret_channel);
}

/** Whether the channel is one, and what the caller wants. */
static int check_found(const struct seam_channel *channel, const struct seam_channel_options *o)
{
    const struct seam_stamp *stamp = &channel->region.stamp;
    int error = seam_check_geometry(stamp);
    if (error == 0) {
        error = seam_check_wanted(o, stamp);
    }
    if (error == 0) {
        error = seam_check_combination(o, channel->role, stamp->policy);
    }
    if (error == 0 && channel->role != SEAM_READER && o->cursor != NULL) {
        error = seam_fail(EINVAL, "cursor"); /* only whoever creates makes one for another */
    }
    return error;
}

static int open_from(const struct seam_source *from, const struct seam_channel_options *options,
                     struct seam_channel **ret_channel)
{
    const struct seam_channel_options *o = options != NULL ? options : &defaults;
    struct seam_channel *channel;
    int error = prepare(o, SEAM_READER, &channel);
    if (error != 0) {
        return error;
    }
    error = seam_region_open_from(from, &o->region, SEAM_KIND_CHANNEL, channel->role == SEAM_WRITER,
                                  &channel->region);
    if (error != 0) {
        free(channel);
        return error;
    }
    error = check_found(channel, o);
    if (error == 0) {
        error = take_role(channel, o);
    }
    if (error != 0) {
        seam_channel_close(channel); /* refused, so the name is left alone */
        return error;
    }
    return succeed(channel, o, ret_channel);
}

int seam_channel_open(const char *name, const struct seam_channel_options *options,
                      struct seam_channel **ret_channel)
{
    const struct seam_source from = {.name = name};
    return open_from(&from, options, ret_channel);
}

int seam_channel_reopen(const struct seam_channel *other,
                        const struct seam_channel_options *options,
                        struct seam_channel **ret_channel)
{
    const struct seam_source from = {.other = &other->region};
    return open_from(&from, options, ret_channel);
}

int seam_channel_take(int socket, const struct seam_channel_options *options,
                      struct seam_channel **ret_channel)
{
    const struct seam_source from = {.take = true, .socket = socket};
    return open_from(&from, options, ret_channel);
}

int seam_channel_pass(const struct seam_channel *channel, int socket, enum seam_role role)
{
    if (channel->region.fork_generation != seam_fork_generation) {
        return seam_fail(EPERM, "fork");
    }
    return seam_region_pass(&channel->region, socket, role == SEAM_WRITER);
}

void seam_channel_close(struct seam_channel *channel)
{
    if (channel == NULL) {
        return;
    }
    /* In a child of its process neither key fits: nothing shared is touched. */
    if (channel->writer_key == seam_fork_generation) {
        seam_writer_close(channel);
    }
    if (channel->reader_key == seam_fork_generation) {
        seam_reader_close(channel);
    }
    seam_mutex_close(&channel->mutex);
    seam_region_close(&channel->region);
    free(channel->lanes);
    free(channel);
}

int seam_channel_unlink(const char *name, const struct seam_region_options *region)
{
    return seam_staging_remove(name, region != NULL ? region : &defaults.region, NULL);
}

int seam_channel_forget(struct seam_channel *channel, const char *cursor)
{
    int error = seam_check_cursor_name(cursor);
    if (error == 0 && channel->region.fork_generation != seam_fork_generation) {
        error = -EPERM;
    }
    return error == 0 ? seam_cursors_forget(channel, cursor) : error;
}
