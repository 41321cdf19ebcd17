/* SPDX-License-Identifier: MIT */
/* Memory objects: descriptors whose memory is reserved, sealed, reopened and mapped. */
#ifndef SEAM_REGION_FILE_H
#define SEAM_REGION_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seam/region.h"

/** A memfd. @return a descriptor or -errno */
int seam_file_create_anonymous(const char *label, unsigned mode);

/** Reserves @p bytes so that touching them later can't fail. @return 0 or -errno */
int seam_file_reserve(int fd, uint64_t bytes);

/** Seals against shrinking, growing and further seals; @p one_way: against new writers too. */
int seam_file_seal(int fd, bool one_way);

/** Whether @p fd is sealed, so that it can't shrink under a mapping. @return 0 or -EPROTO */
int seam_file_check_sealed(int fd);

/** A new open file description of the same file. @return a descriptor or -errno */
int seam_file_reopen(int fd, int flags);

/** Maps all of @p fd, to read and write. @return 0 or -errno */
int seam_file_map(int fd, size_t bytes, void **ret_base);

/**
 * Maps @p count times header and ring of @p fd, and each ring, if there is one, once more behind.
 * @param alignment  of the address: a power of two, at least the file's page
 */
int seam_file_map_rings(int fd, size_t count, size_t header_bytes, size_t ring_bytes, bool writable,
                        size_t alignment, uint8_t **ret_base);

/** Bytes of a page of the file or directory @p fd: huge ones on hugetlbfs. */
uint64_t seam_file_page_bytes(int fd);

/** The alignment at which mappings of @p page_bytes' pages can have what the options ask for. */
size_t seam_file_alignment(uint64_t page_bytes, const struct seam_region_options *options);

/** Huge pages, no first touch, no swapping: what the options ask of a mapping. @return 0; -errno */
int seam_file_advise(void *base, size_t bytes, bool writable,
                     const struct seam_region_options *options);

#endif
