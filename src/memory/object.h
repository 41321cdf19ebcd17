/* SPDX-License-Identifier: MIT */
/* Memory objects: descriptors whose memory is reserved, sealed, reopened and mapped. */
#ifndef SEAM_MEMORY_OBJECT_H
#define SEAM_MEMORY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A memfd. @return a descriptor or -errno */
int seam_object_create_anonymous(const char *label, unsigned mode);

/** Reserves @p bytes so that touching them later can't fail. @return 0 or -errno */
int seam_object_reserve(int fd, uint64_t bytes);

/** Seals against shrinking, growing and further seals; @p one_way: against new writers too. */
int seam_object_seal(int fd, bool one_way);

/** Whether @p fd is sealed, so that it can't shrink under a mapping. @return 0 or -EPROTO */
int seam_object_check_sealed(int fd);

/** A new open file description of the same file. @return a descriptor or -errno */
int seam_object_reopen(int fd, int flags);

/** Maps all of @p fd, to read and write. @return 0 or -errno */
int seam_object_map(int fd, size_t bytes, void **ret_base);

/** Maps header and ring of @p fd, and the ring, if there is one, once more behind. */
int seam_object_map_ring(int fd, size_t header_bytes, size_t ring_bytes, bool writable,
                         uint8_t **ret_base);

#endif
