/* SPDX-License-Identifier: MIT */
/*
 * Views: the files of a region, read by who only looks. Nothing is mapped, so a file that is cut
 * meanwhile is a short read; and no lease is taken.
 */
#ifndef SEAM_INSPECT_VIEW_H
#define SEAM_INSPECT_VIEW_H

#include <sys/stat.h>

#include "memory/layout.h"
#include "region/lease.h"
#include "seam/region.h"

struct seam_view {
    int dir_fd, log_fd, desk_fd;
    struct stat log, desk;
    struct seam_stamp stamp; /* all zero where it can't be read */
    int error;               /* 0, or why it can't be opened, as seam_error_detail has it */
    const char *detail;
};

/**
 * Opens the files of @p name in @p base_fd.
 * @param owner  whose it must be; NULL: anybody's
 * @return 0, also where the stamp says that it can't be opened: see error; -ENOENT; -EPERM; -EPROTO
 *         nobody's object; others from the system calls
 */
int seam_view_open(struct seam_view *view, int base_fd, const char *name, const uid_t *owner);

/** What callers of the public interface mean: NULL is the default of every member. */
static inline const struct seam_region_options *
seam_view_options(const struct seam_region_options *region)
{
    static const struct seam_region_options usual;
    return region != NULL ? region : &usual;
}

/** The same for a name below the directory that the options mean. @return also -EINVAL the name */
int seam_view_find(struct seam_view *view, const char *name,
                   const struct seam_region_options *options);

void seam_view_close(struct seam_view *view);

/** Reads so many bytes of a file, all or none. @return whether they are there */
bool seam_view_read(int fd, void *buffer, size_t bytes, uint64_t offset);

/** Reads a lane's first page, as far as it is used. */
static inline bool seam_view_read_head(const struct seam_view *view, unsigned lane,
                                       struct seam_log_head *ret_head)
{
    uint64_t stride = view->stamp.log_bytes / view->stamp.lanes;
    return seam_view_read(view->log_fd, ret_head, sizeof(*ret_head), lane * stride);
}

/** Reads a lane's cursor table. @param ret_slots  room for SEAM_READERS_MAX */
static inline bool seam_view_read_slots(const struct seam_view *view, unsigned lane,
                                        struct seam_slot *ret_slots)
{
    const uint64_t bytes = view->stamp.max_readers * sizeof(*ret_slots);
    return seam_view_read(view->desk_fd, ret_slots, bytes,
                          offsetof(struct seam_desk, slots) + lane * bytes);
}

/** Where the byte of @p position in a lane is in the log. */
static inline uint64_t seam_view_ring(const struct seam_view *view, unsigned lane,
                                      uint64_t position)
{
    const struct seam_stamp *stamp = &view->stamp;
    return lane * (stamp->page_bytes + stamp->capacity) + stamp->page_bytes +
           (position & (stamp->capacity - 1));
}

/** The header of the record at @p position in a lane; 0: there is none, or it can't be read. */
uint64_t seam_view_header(const struct seam_view *view, unsigned lane, uint64_t position);

/** Whether somebody has the lease on @p byte. */
static inline bool seam_view_is_held(const struct seam_view *view, int byte)
{
    const struct seam_lease_fd lease = {.fd = view->desk_fd};
    return seam_lease_held_by_others(&lease, byte);
}

#endif
