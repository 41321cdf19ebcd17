/* SPDX-License-Identifier: MIT */
/* What can be planted where seam looks for a directory or a file of its own. */
#ifndef SEAM_TESTS_ACCESS_PLANTS_H
#define SEAM_TESTS_ACCESS_PLANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * What an open stumbles over where it is planted as the name itself, a log, a desk. Creating finds
 * the name taken; in the place of what is built aside it stops nobody.
 */
struct access_plant {
    const char *what;
    bool (*set)(const char *path); /* false: nobody here may plant that */
    const char *as_name, *as_log, *as_desk;
    bool used_up; /* in the place of what is built aside: an empty directory of ours */
};

extern const struct access_plant access_plants[];
extern const size_t access_plant_count;

/**
 * Makes what links lead to. It and all that is planted belongs to @p uid, but for what is
 * another's.
 * @param by_root  things may be given away
 */
void access_plants_begin(bool by_root, uid_t uid);

/** Removes it. */
void access_plants_end(void);

/** A number that changes with anything in the test's directory, but for the time of its change. */
uint64_t access_picture(void);

/** Removes @p path, with all below it; nothing there is no error. */
void access_clear(const char *path);

#endif
