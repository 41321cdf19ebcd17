/* SPDX-License-Identifier: MIT */
#include "region/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "memory/atomic.h"
#include "region/error.h"
#include "region/file.h"

int seam_mapping_open(int fd, const struct seam_stamp *stamp, bool writable,
                      const struct seam_region_options *options, struct seam_mapping **ret_mapping)
{
    struct seam_mapping *mapping = calloc(1, sizeof(*mapping));
    if (mapping == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    /* Only messages wrap around. */
    bool wraps = stamp->kind == SEAM_KIND_CHANNEL;
    size_t count = wraps ? stamp->lanes : 1;
    size_t bytes = stamp->log_bytes / count;
    size_t ring = wraps ? bytes - stamp->page_bytes : 0;
    int error =
        seam_file_map_rings(fd, count, bytes - ring, ring, writable,
                            seam_file_alignment(stamp->page_bytes, options), &mapping->base);
    if (error != 0) {
        free(mapping);
        return error;
    }
    mapping->stride = bytes + ring;
    mapping->bytes = count * mapping->stride;
    mapping->writable = writable;
    store_relaxed(&mapping->references, 1); /* not shared with another thread yet */
    *ret_mapping = mapping;
    return 0;
}

int seam_mapping_furnish(const struct seam_mapping *mapping,
                         const struct seam_region_options *options)
{
    return seam_file_advise(mapping->base, mapping->bytes, mapping->writable, options);
}

int seam_mapping_protect(struct seam_mapping *mapping)
{
    if (mprotect(mapping->base, mapping->bytes, PROT_READ) != 0) {
        return seam_fail_errno("mprotect");
    }
    mapping->writable = false;
    return 0;
}

struct seam_mapping *seam_mapping_share(struct seam_mapping *mapping)
{
    add_relaxed(&mapping->references, 1); /* the caller is counted, so it can't vanish here */
    return mapping;
}

void seam_mapping_release(struct seam_mapping *mapping)
{
    /* M1, pairs with M1 in seam_mapping_release: the last one out unmaps when others are done. */
    if (mapping != NULL && sub_acq_rel(&mapping->references, 1) == 1) {
        munmap(mapping->base, mapping->bytes);
        free(mapping);
    }
}
