/* SPDX-License-Identifier: MIT */
/* The contests of each kind of object; objects.c registers them. */
#ifndef SEAM_BENCH_OBJECTS_H
#define SEAM_BENCH_OBJECTS_H

#include <stddef.h>

#include "contest.h"

/* The goals that the project has set itself: the most that a ratio should be. */
#define GOAL_LOCK 1.3
#define GOAL_ADD 1.1
#define GOAL_SNAPSHOT 1.5
#define GOAL_PYTHON_LIST (1.0 / 50)

/** The groups of contests on one kind of object. */
struct groups {
    const struct group *all;
    size_t count;
};

struct groups value_groups(void);
struct groups lock_groups(void);
struct groups array_groups(void);
struct groups list_groups(void);

/** Where an operation goes next that walks through all elements. */
static inline size_t next_index(size_t index, size_t length)
{
    return index + 1 < length ? index + 1 : 0;
}

/** Makes the compiler believe that somebody reads this memory, so that it is really written. */
static inline void use(const void *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

#endif
