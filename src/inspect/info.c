/* SPDX-License-Identifier: MIT */
/* What there is to tell about a name, and about all names of a directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "channel/geometry.h"
#include "inspect/view.h"
#include "region/directory.h"
#include "region/error.h"
#include "region/place.h"
#include "region/staging.h"
#include "seam/inspect.h"
#include "wait/mutex.h"

/** When the file was made, in ns since 1970; 0: not known. */
static int64_t created_ns(int fd)
{
    struct statx status;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 ||
        (status.stx_mask & STATX_BTIME) == 0) {
        return 0;
    }
    return status.stx_btime.tv_sec * INT64_C(1000000000) + status.stx_btime.tv_nsec;
}

/** Who holds a lock, as its line says, and whether he lives. */
static void tell_holder(const struct seam_view *view, const struct seam_mutex_line *line,
                        struct seam_object_info *info)
{
    uint32_t holder = load_relaxed(&line->holder);
    if (holder != 0) {
        info->holder = (pid_t)(load_relaxed(&line->pid) & INT32_MAX);
        info->holder_is_dead = !seam_view_is_held(view, seam_mutex_lease_of(holder));
    }
}

static void tell_desk(const struct seam_view *view, struct seam_object_info *info)
{
    struct seam_desk desk;
    if (seam_view_read(view->desk_fd, &desk, sizeof(desk), 0)) {
        /* Who was killed in his sleep has left his flag. */
        bool is_open = info->state == SEAM_STATE_IN_USE;
        info->reader_sleeps = is_open && (load_relaxed(&desk.data_wanted) & SEAM_WANTED) != 0;
        info->writer_sleeps = is_open && (load_relaxed(&desk.space_wanted) & SEAM_WANTED) != 0;
        info->lost = load_relaxed(&desk.lost);
        if (info->mode == SEAM_LOCKED) {
            tell_holder(view, &desk.lock, info);
        }
    }
}

/** Adds what one lane's writers have sent, and what has become of them. */
static void tell_lane(const struct seam_view *view, unsigned lane, struct seam_object_info *info)
{
    struct seam_log_head head;
    if (!seam_view_read_head(view, lane, &head)) {
        return;
    }
    uint32_t epoch = load_relaxed(&head.epoch);
    enum seam_writer last = epoch == 0                           ? SEAM_WRITER_NONE
                            : epoch == load_relaxed(&head.ended) ? SEAM_WRITER_ENDED
                                                                 : SEAM_WRITER_DEAD;
    info->writer = last > info->writer ? last : info->writer;
    info->writers_so_far += epoch;
    info->published += load_relaxed(&head.newest_sequence) + 1 - view->stamp.first_sequence;
    info->published_bytes += load_relaxed(&head.published_bytes);
    if (lane == 0 && view->stamp.many_writers != 0) {
        tell_holder(view, &head.write_lock, info);
    }
}

static unsigned count_readers(const struct seam_view *view)
{
    struct seam_slot slots[SEAM_READERS_MAX];
    bool are_there =
        seam_policy_has_cursors(view->stamp.policy) && seam_view_read_slots(view, 0, slots);
    const uint64_t count = are_there ? view->stamp.max_readers : 0;
    unsigned readers = 0;
    for (uint64_t i = 0; i < count; i++) {
        readers += load_relaxed(&slots[i].cursor) != SEAM_NOWHERE &&
                   (load_relaxed(&slots[i].kind) == SEAM_SLOT_DURABLE ||
                    seam_view_is_held(view, SEAM_LEASE_SLOT + (int)i)); /* else it was killed */
    }
    return readers;
}

static void tell_channel(const struct seam_view *view, struct seam_object_info *info)
{
    const struct seam_stamp *stamp = &view->stamp;
    info->channel = (struct seam_channel_info){
        .max_message = stamp->max_message,
        .capacity = stamp->capacity,
        .memory_bytes = info->memory_bytes,
        .max_readers = (unsigned)stamp->max_readers,
        .policy = (enum seam_policy)stamp->policy,
        .mode = info->mode,
        .many_writers = stamp->many_writers != 0,
        .writers = stamp->many_writers != 0 ? 0 : (unsigned)stamp->lanes,
    };
    tell_desk(view, info);
    for (unsigned i = 0; i < stamp->lanes; i++) {
        tell_lane(view, i, info);
    }
    if (info->writer != SEAM_WRITER_NONE && seam_view_is_held(view, SEAM_LEASE_WRITER)) {
        info->writer = SEAM_WRITER_ALIVE;
    }
    info->readers = count_readers(view);
}

static void tell_object(const struct seam_view *view, struct seam_object_info *info)
{
    struct seam_object_head head;
    info->type = (enum seam_type)view->stamp.type;
    info->length = view->stamp.length;
    info->element_bytes = view->stamp.element_bytes;
    if (seam_view_read(view->log_fd, &head, sizeof(head), 0)) {
        tell_holder(view, &head.lock, info);
    }
}

/** What an open would check beyond the stamp itself. */
static int check(const struct seam_stamp *stamp)
{
    if (stamp->kind < SEAM_KIND_CHANNEL || stamp->kind > SEAM_KIND_LIST) {
        return seam_fail(EPROTO, "kind");
    }
    return stamp->kind == SEAM_KIND_CHANNEL ? seam_check_geometry(stamp) : 0;
}

static enum seam_state state_of(const struct seam_view *view, int error)
{
    return error == -ESTALE                               ? SEAM_STATE_STALE
           : error != 0                                   ? SEAM_STATE_REFUSED
           : seam_view_is_held(view, SEAM_LEASE_PRESENCE) ? SEAM_STATE_IN_USE
                                                          : SEAM_STATE_IDLE;
}

static void tell(const struct seam_view *view, const char *name, struct seam_object_info *info)
{
    *info = (struct seam_object_info){
        .owner = view->log.st_uid,
        .group = view->log.st_gid,
        .permissions = view->log.st_mode & 0777,
        .created_ns = created_ns(view->log_fd),
        .memory_bytes = (uint64_t)view->log.st_size + (uint64_t)view->desk.st_size,
        .error = view->error,
        .detail = view->detail,
    };
    memcpy(info->name, name, strlen(name) + 1); /* checked, or shorter than it was aside */
    if ((view->error == 0 || view->error == -ESTALE) && check(&view->stamp) != 0) {
        info->error = -EPROTO;
        info->detail = seam_last_detail;
    }
    info->state = state_of(view, info->error);
    if (info->state == SEAM_STATE_REFUSED) {
        return;
    }
    info->kind = (enum seam_kind)view->stamp.kind;
    info->mode = (enum seam_mode)view->stamp.mode;
    if (info->kind == SEAM_KIND_CHANNEL) {
        tell_channel(view, info);
    } else {
        tell_object(view, info);
    }
}

int seam_object_inspect(const char *name, const struct seam_region_options *region,
                        struct seam_object_info *ret_info)
{
    struct seam_view view;
    int error = seam_view_find(&view, name, seam_view_options(region));
    if (error == 0) {
        tell(&view, name, ret_info);
        seam_view_close(&view);
    }
    return error;
}

/* ---- all of them ---- */

#define ASIDE_PREFIX_BYTES (sizeof(SEAM_STAGING_PREFIX) - 1)

/** What is left aside, unless somebody is just working in it. @return whether there is */
static bool tell_leavings(int base_fd, const char *aside, struct seam_object_info *info)
{
    struct stat status;
    int fd;
    if (fstatat(base_fd, aside, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        (fd = seam_directory_open_locked(base_fd, aside, status.st_uid)) < 0) {
        return false;
    }
    *info = (struct seam_object_info){
        .state = SEAM_STATE_UNFINISHED,
        .owner = status.st_uid,
        .group = status.st_gid,
        .created_ns = created_ns(fd),
    };
    seam_directory_unlock_close(fd);
    const char *name = aside + ASIDE_PREFIX_BYTES;
    memcpy(info->name, name, strlen(name) + 1);
    return true;
}

static bool is_wanted(const struct seam_object_info *info, const struct seam_region_options *region)
{
    return region->owner == NULL || info->owner == *region->owner;
}

/** Whether an error says that what stands there is not for us: gone, nobody's object, or closed. */
static bool is_passed_over(int error)
{
    return error == -ENOENT || error == -EPROTO || error == -EPERM || error == -EACCES;
}

/** @return 1; 0: there is nothing to tell about this entry of the directory; -errno */
static int tell_entry(int base_fd, const char *entry, struct seam_object_info *info)
{
    struct seam_view view;
    if (strncmp(entry, SEAM_STAGING_PREFIX, ASIDE_PREFIX_BYTES) == 0) {
        return strlen(entry) < sizeof(info->name) + ASIDE_PREFIX_BYTES &&
               tell_leavings(base_fd, entry, info);
    }
    if (seam_place_check_name(entry) != 0) {
        return 0;
    }
    int error = seam_view_open(&view, base_fd, entry, NULL);
    if (error != 0) {
        return is_passed_over(error) ? 0 : error;
    }
    tell(&view, entry, info);
    seam_view_close(&view);
    return 1;
}

int seam_object_visit(const struct seam_region_options *region,
                      int (*visit)(const struct seam_object_info *info, void *context),
                      void *context)
{
    struct seam_object_info info = {0};
    region = seam_view_options(region);
    int base_fd = seam_place_open_base(region);
    if (base_fd < 0) {
        return base_fd;
    }
    DIR *directory = seam_directory_open_entries(base_fd);
    if (directory == NULL) {
        int error = seam_fail_errno("opendir");
        close(base_fd);
        return error;
    }
    int result = 0;
    while (result == 0) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            result = errno != 0 ? seam_fail_errno("readdir") : 0;
            break;
        }
        result = tell_entry(base_fd, entry->d_name, &info);
        if (result == 1) {
            result = is_wanted(&info, region) ? visit(&info, context) : 0;
        }
    }
    closedir(directory);
    close(base_fd);
    return result;
}
