/* SPDX-License-Identifier: MIT */
/*
 * Regions: the two memory objects of every shared thing, made, opened, passed and mapped.
 *
 * A channel's log is mapped as header page, ring, and the ring once more behind it, so that
 * whatever begins in the ring is contiguous. Who only reads maps it read-only from a read-only
 * descriptor.
 *
 * A struct seam_region is filled in place and must not move: the lease registry knows its address.
 */
#ifndef SEAM_REGION_REGION_H
#define SEAM_REGION_REGION_H

#include "memory/layout.h"
#include "region/lease.h"
#include "region/mapping.h"
#include "seam/region.h"

/** One handle's share in a region. */
struct seam_region {
    struct seam_stamp stamp; /* private copy: the shared one is not read again */
    struct seam_mapping *log;
    struct seam_desk *desk;
    int log_fd;                 /* to reopen and to pass; carries no lock */
    int desk_fd;                /* likewise */
    struct seam_lease_fd lease; /* of this handle alone */
    uint64_t fork_generation;
    char *name;       /* NULL: anonymous */
    char *dir;        /* that it is in, from the root */
    bool remove_last; /* whoever closes last removes the name */
};

/** Fills in a new region before anybody else can see it. @return 0 or -errno */
typedef int seam_region_init(struct seam_region *region, void *context);

/**
 * Makes a region. @p stamp has the policy and geometry set, with seam_region_page_bytes; the rest
 * is filled in here.
 * @param init  called when all is mapped, before the name appears
 */
int seam_region_create(const char *name, const struct seam_region_options *options,
                       const struct seam_stamp *stamp, seam_region_init *init, void *context,
                       struct seam_region *region);

/** The page size that a region made with these arguments has: huge on hugetlbfs. */
uint64_t seam_region_page_bytes(const char *name, const struct seam_region_options *options);

/** Opens a named region. */
int seam_region_open(const char *name, const struct seam_region_options *options,
                     enum seam_kind kind, bool writable, struct seam_region *region);

/** Another handle on the region of @p other, maybe in a child of its process. */
int seam_region_reopen(const struct seam_region *other, const struct seam_region_options *options,
                       enum seam_kind kind, bool writable, struct seam_region *region);

/**
 * Opens the region whose descriptors these are; they belong to the region or are closed.
 * @param spare_lease_fd  another description of the desk, for leases, where it can't be reopened
 */
int seam_region_adopt(int log_fd, int desk_fd, int spare_lease_fd,
                      const struct seam_region_options *options, enum seam_kind kind, bool writable,
                      struct seam_region *region);

/** Sends the descriptors over a Unix socket; with a read-only log unless @p writable. */
int seam_region_pass(const struct seam_region *region, int socket, bool writable);

/** Receives what seam_region_pass sent. */
int seam_region_take(int socket, const struct seam_region_options *options, enum seam_kind kind,
                     bool writable, struct seam_region *region);

/** From here on closing removes the name if nobody else has the region open. */
void seam_region_remove_last(struct seam_region *region);

/** Gives everything back; the last one out removes the name if it was to be. */
void seam_region_close(struct seam_region *region);

/** The first page of a channel's lane. */
static inline struct seam_log_head *seam_region_head(const struct seam_region *region,
                                                     unsigned lane)
{
    return (struct seam_log_head *)(void *)(region->log->base + lane * region->log->stride);
}

/** What a lock, value, array or list has in its place. */
static inline struct seam_object_head *seam_region_object(const struct seam_region *region)
{
    return (struct seam_object_head *)(void *)region->log->base;
}

/** What follows an object's first page: its elements. */
static inline uint8_t *seam_region_data(const struct seam_region *region)
{
    return region->log->base + region->stamp.page_bytes;
}

#endif
