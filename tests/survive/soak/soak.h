/* SPDX-License-Identifier: MIT */
/* Traffic on one of everything, for the soak: named things that processes open, use and close. */
#ifndef SEAM_TESTS_SOAK_H
#define SEAM_TESTS_SOAK_H

#include <stdatomic.h>
#include <stdint.h>

#include "support.h"

/** How many things there are: five channels and one of each kind of object. */
#define SOAK_THINGS 12

/** Operations that went through; shared. */
struct soak_counts {
    _Atomic uint64_t opened, refused, sent, received, changed, created;
};

/** Makes the thing, as @p name. @return 0 or an error */
int soak_create(int thing, const char *name);

const char *soak_name(int thing);

/** Opens it, to send or change if @p writer. @return NULL: busy just now */
void *soak_open(int thing, bool writer, struct soak_counts *counts);

/** Sends, receives, changes, reads for a moment: never waits for long. */
void soak_use(int thing, void *handle, bool writer, uint64_t dice, struct soak_counts *counts);

void soak_close(int thing, void *handle);

int soak_unlink(int thing, const char *name);

/** How many readers and writers, or handles, a thing has room for, beside those that have it. */
int soak_room(int thing);

#endif
