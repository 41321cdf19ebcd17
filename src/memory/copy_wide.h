/* SPDX-License-Identifier: MIT */
/*
 * Long copies in and out of a ring, by the widest registers this CPU has: chosen once, when the
 * library is loaded. All are opaque assembly, for the same reason as copy.h's; a CPU without one
 * here uses words.
 */
#ifndef SEAM_MEMORY_COPY_WIDE_H
#define SEAM_MEMORY_COPY_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The least that they are for: behind the first boundary there is a block of four registers. */
#define SEAM_WIDE_BYTES 320U

/** From here on it pays to ask for lines ahead: a good part of the copy is still ahead then. */
#define SEAM_FAR_BYTES 4096U

/** A way to copy @p size bytes, at least SEAM_WIDE_BYTES, a multiple of 8. */
typedef void seam_copy_fn(uint8_t *to, const uint8_t *from, size_t size);

struct seam_copier {
    const char *name;
    bool (*is_usable)(void); /* on this CPU */
    seam_copy_fn *either;    /* in or out, of less than SEAM_FAR_BYTES */
    seam_copy_fn *in;        /* into a ring: asks for lines ahead, to write them */
    seam_copy_fn *out;       /* out of a ring: asks for lines ahead, to read them */
};

/** From the narrowest, which is usable everywhere, to the widest. */
extern const struct seam_copier seam_copiers[];
extern const size_t seam_copier_count;

/** The one in use; only tests change it. */
extern const struct seam_copier *seam_copier;

#endif
