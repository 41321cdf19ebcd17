/* SPDX-License-Identifier: MIT */
#include "region/region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region/error.h"
#include "region/file.h"
#include "region/place.h"
#include "region/staging.h"
#include "region/stamp.h"
#include "region/test_hooks.h"

void (*seam_test_created)(struct seam_region *region) = NULL;

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

/** Maps both objects of @p region, unless the log is mapped already, as the options ask. */
static int map_region(struct seam_region *region, bool writable,
                      const struct seam_region_options *options)
{
    const struct seam_stamp *stamp = &region->stamp;
    void *desk;
    int error = 0;
    if (region->log == NULL) {
        error = seam_mapping_open(region->log_fd, stamp, writable, options, &region->log);
    }
    if (error == 0) {
        error = seam_file_map(region->desk_fd, stamp->desk_bytes, &desk);
    }
    if (error != 0) {
        return error;
    }
    region->desk = desk;
    error = seam_mapping_furnish(region->log, options);
    return error == 0 ? seam_file_advise(desk, stamp->desk_bytes, true, options) : error;
}

/** Opens a descriptor for leases and shows that this handle is there. */
static int begin_presence(struct seam_region *region, int spare_lease_fd)
{
    int error = seam_lease_open(&region->lease, region->desk_fd, spare_lease_fd);
    if (error != 0) {
        return error;
    }
    error = seam_lease_take(&region->lease, SEAM_LEASE_PRESENCE, false);
    /* Busy: its last user is just removing it. */
    return error == -EBUSY ? seam_fail(ENOENT, "presence lease") : error;
}

static struct seam_region empty_region(void)
{
    return (struct seam_region){
        .log_fd = -1,
        .desk_fd = -1,
        .lease = {.fd = -1},
        .fork_generation = seam_fork_generation,
    };
}

/** Remembers under which name, below which directory, the region was found. */
static int remember_name(struct seam_region *region, const char *name, char *dir)
{
    if (dir == NULL) {
        return seam_fail_errno("realpath");
    }
    region->dir = dir;
    region->name = strdup(name);
    return region->name != NULL ? 0 : seam_fail_errno("strdup");
}

/** Sizes, maps and fills the two new files of @p region. */
static int build(struct seam_region *region, const struct seam_region_options *options,
                 seam_region_init *init, void *context)
{
    const struct seam_stamp *stamp = &region->stamp;
    int error = seam_file_reserve(region->log_fd, stamp->log_bytes);
    if (error == 0) {
        error = seam_file_reserve(region->desk_fd, stamp->desk_bytes);
    }
    if (error == 0) {
        error = map_region(region, true, options);
    }
    if (error != 0) {
        return error;
    }
    seam_region_object(region)->stamp = *stamp;
    memcpy(region->desk->magic, SEAM_DESK_MAGIC, sizeof(region->desk->magic));
    memcpy(region->desk->generation, stamp->generation, sizeof(stamp->generation));
    if (seam_test_created != NULL) {
        seam_test_created(region);
    }
    error = begin_presence(region, -1);
    return error == 0 ? init(region, context) : error;
}

static int create_named(struct seam_region *region, const char *name,
                        const struct seam_region_options *options, seam_region_init *init,
                        void *context)
{
    struct seam_staging staging;
    mode_t mode = options->mode != 0 ? options->mode : 0600;
    int error = seam_staging_begin(name, options, &staging);
    if (error != 0) {
        return error;
    }
    region->log_fd = seam_staging_add_file(&staging, "log", mode);
    /* Whoever may read the log has to write the desk: cursors and sleep flags are there. */
    region->desk_fd = region->log_fd < 0
                          ? region->log_fd
                          : seam_staging_add_file(&staging, "desk", mode | (mode & 0444) >> 1);
    error = region->desk_fd < 0 ? region->desk_fd : build(region, options, init, context);
    if (error == 0) {
        error = seam_staging_finish(&staging, mode);
    }
    if (error != 0) {
        seam_staging_abandon(&staging);
    }
    return error;
}

static int create_anonymous(struct seam_region *region, const struct seam_region_options *options,
                            seam_region_init *init, void *context)
{
    unsigned mode = options->mode != 0 ? options->mode : 0600;
    region->log_fd = seam_file_create_anonymous("seam log", mode);
    if (region->log_fd < 0) {
        return region->log_fd;
    }
    region->desk_fd = seam_file_create_anonymous("seam desk", mode | (mode & 0444) >> 1);
    if (region->desk_fd < 0) {
        return region->desk_fd;
    }
    int error = build(region, options, init, context);
    if (error == 0) {
        error = seam_file_seal(region->desk_fd, false);
    }
    if (error == 0) {
        error = seam_file_seal(region->log_fd, options->one_way);
    }
    return error;
}

uint64_t seam_region_page_bytes(const char *name, const struct seam_region_options *options)
{
    return name != NULL ? seam_place_page_bytes(options) : (uint64_t)sysconf(_SC_PAGESIZE);
}

int seam_region_create(const char *name, const struct seam_region_options *options,
                       const struct seam_stamp *stamp, seam_region_init *init, void *context,
                       struct seam_region *region)
{
    *region = empty_region();
    if ((options->mode & ~(mode_t)0666) != 0) {
        return seam_fail(EINVAL, "mode");
    }
    if (options->one_way && name != NULL) {
        return seam_fail(EINVAL, "one_way");
    }
    region->stamp = *stamp;
    int error = seam_stamp_fill(&region->stamp, (enum seam_kind)stamp->kind);
    if (error == 0 && name != NULL) {
        /* Resolved now: at the end the working directory or SEAM_DIR may be others. */
        error = remember_name(region, name, seam_place_resolve(options));
    }
    if (error == 0) {
        error = name != NULL ? create_named(region, name, options, init, context)
                             : create_anonymous(region, options, init, context);
    }
    if (error != 0) {
        seam_region_close(region);
    }
    return error;
}

/** Opens the region whose descriptors these are; they belong to @p region from here on. */
static int adopt(struct seam_region *region, int log_fd, int desk_fd, int spare_lease_fd,
                 const struct seam_region_options *options, enum seam_kind kind, bool writable)
{
    region->log_fd = log_fd;
    region->desk_fd = desk_fd;
    int error = options->after_restart && writable
                    ? seam_fail(EINVAL, "after_restart")
                    : seam_stamp_read(log_fd, desk_fd, kind, &region->stamp);
    if (error == -ESTALE && options->after_restart) {
        error = 0; /* all the rest of it fits */
    }
    if (error == 0) {
        error = map_region(region, writable, options);
    }
    if (error != 0) {
        close_fd(spare_lease_fd);
        return error;
    }
    return begin_presence(region, spare_lease_fd);
}

/** Whether the region has been removed between finding it and showing presence. */
static int check_linked(const struct seam_region *region)
{
    struct stat desk;
    if (fstat(region->desk_fd, &desk) != 0) {
        return seam_fail_errno("fstat");
    }
    return desk.st_nlink > 0 ? 0 : seam_fail(ENOENT, "removed");
}

int seam_region_open(const char *name, const struct seam_region_options *options,
                     enum seam_kind kind, bool writable, struct seam_region *region)
{
    int log_fd, desk_fd;
    *region = empty_region();
    int error = seam_place_open(name, options, writable ? O_RDWR : O_RDONLY, &log_fd, &desk_fd);
    if (error != 0) {
        return error;
    }
    error = adopt(region, log_fd, desk_fd, -1, options, kind, writable);
    if (error == 0) {
        error = check_linked(region);
    }
    if (error == 0) {
        error = remember_name(region, name, seam_place_resolve(options));
    }
    if (error != 0) {
        seam_region_close(region);
    }
    return error;
}

int seam_region_reopen(const struct seam_region *other, const struct seam_region_options *options,
                       enum seam_kind kind, bool writable, struct seam_region *region)
{
    *region = empty_region();
    bool share = other->stamp.one_way != 0 && writable;
    if (share && !other->log->writable) {
        return seam_fail(EACCES, "one_way");
    }
    int log_fd = seam_file_reopen(other->log_fd, writable && !share ? O_RDWR : O_RDONLY);
    if (log_fd < 0) {
        return log_fd;
    }
    int desk_fd = seam_file_reopen(other->desk_fd, O_RDWR);
    if (desk_fd < 0) {
        close(log_fd);
        return desk_fd;
    }
    if (share) {
        region->log = seam_mapping_share(other->log);
    }
    int error = adopt(region, log_fd, desk_fd, -1, options, kind, writable);
    if (error == 0 && other->name != NULL) {
        error = remember_name(region, other->name, strdup(other->dir));
    }
    if (error != 0) {
        seam_region_close(region);
    }
    return error;
}

int seam_region_adopt(int log_fd, int desk_fd, int spare_lease_fd,
                      const struct seam_region_options *options, enum seam_kind kind, bool writable,
                      struct seam_region *region)
{
    *region = empty_region();
    int error = adopt(region, log_fd, desk_fd, spare_lease_fd, options, kind, writable);
    if (error != 0) {
        seam_region_close(region);
    }
    return error;
}

/** Gives up presence and, if it is to be and nobody else is there, removes the name. */
static void leave(struct seam_region *region)
{
    struct stat desk;
    bool remove = region->remove_last && fstat(region->desk_fd, &desk) == 0;
    seam_lease_drop(&region->lease, SEAM_LEASE_PRESENCE);
    /* Removing takes descriptors; under a tight limit there are none but these. */
    close_fd(region->log_fd);
    close_fd(region->desk_fd);
    region->log_fd = region->desk_fd = -1;
    /*
     * Drop first, then ask for all of it: two that leave at once would otherwise each see the
     * other. Whoever comes now finds the lease taken and the name gone.
     */
    if (remove && seam_lease_take(&region->lease, SEAM_LEASE_PRESENCE, true) == 0) {
        const struct seam_region_options options = {.dir = region->dir, .owner = &desk.st_uid};
        (void)seam_staging_remove(region->name, &options, &desk);
    }
}

void seam_region_remove_last(struct seam_region *region)
{
    region->remove_last = region->name != NULL;
}

void seam_region_close(struct seam_region *region)
{
    if (region->lease.fd >= 0) { /* not in a child of its process */
        leave(region);
    }
    if (region->desk != NULL) {
        munmap(region->desk, region->stamp.desk_bytes);
    }
    seam_mapping_release(region->log);
    seam_lease_close(&region->lease);
    close_fd(region->log_fd);
    close_fd(region->desk_fd);
    free(region->name);
    free(region->dir);
    *region = empty_region();
}
