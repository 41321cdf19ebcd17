/* SPDX-License-Identifier: MIT */
/* Removing what nobody has open: decided by the same lease as the last one out decides it. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "inspect/view.h"
#include "memory/layout.h"
#include "region/error.h"
#include "region/lease.h"
#include "region/place.h"
#include "region/staging.h"
#include "seam/inspect.h"

/** Takes all of the presence lease, if nobody has a part of it, and removes the name meanwhile. */
static int collect(const char *name, const struct seam_region_options *region, int desk_fd)
{
    struct seam_lease_fd lease;
    struct stat desk;
    int error = seam_lease_open(&lease, desk_fd, -1);
    if (error != 0) {
        return error;
    }
    error = seam_lease_take(&lease, SEAM_LEASE_PRESENCE, true);
    if (error == 0 && fstat(desk_fd, &desk) != 0) {
        error = seam_fail_errno("fstat");
    }
    if (error == 0) {
        error = seam_staging_remove(name, region, &desk);
    }
    seam_lease_close(&lease);
    return error;
}

int seam_object_collect(const char *name, const struct seam_region_options *region)
{
    int log_fd, desk_fd;
    region = seam_view_options(region);
    int cleared = seam_staging_clear(name, region);
    int error = seam_place_open(name, region, O_RDONLY, &log_fd, &desk_fd);
    if (error == -ENOENT) { /* -EAGAIN: somebody is just making or removing it */
        return cleared == -EAGAIN ? seam_fail(EBUSY, "flock") : cleared;
    }
    if (error == 0) {
        close(log_fd);
        error = collect(name, region, desk_fd);
        close(desk_fd);
    }
    return error;
}
