/* SPDX-License-Identifier: MIT */
/*
 * Processes that this one starts: how they begin, how they end, and what their end means.
 *
 * They die with this one at once, whatever they do. What they share with it has no name, so
 * nothing is left then.
 */
#ifndef DEMO_CHILDREN_H
#define DEMO_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "demo/common.h"

/** A process that this one starts; name is set, the rest is zero. */
struct demo_child {
    const char *name; /**< in messages, such as "writer" */
    pid_t pid;        /**< 0: not started */
    bool ended;
    int wait_status; /**< as from waitpid, when it has ended */
};

/**
 * What child number @p index does. It needs handles of its own: the parent's are no good here.
 * @return its exit status
 */
typedef enum demo_status demo_work(void *context, size_t index);

/** @return false after telling the user */
bool demo_child_start(struct demo_child *child, demo_work *work, void *context, size_t index);

/** Looks whether the child has ended. */
void demo_child_look(struct demo_child *child);

/** Waits for its end. @return false: a signal asks the program to end */
bool demo_child_wait(struct demo_child *child);

/** Kills it if it was started and has not ended, and waits for that. */
void demo_child_kill(struct demo_child *child);

/**
 * What the end of a child means; tells the user if it was killed.
 * @param when  such as "before it was done"
 */
enum demo_status demo_child_judge(const struct demo_child *child, const char *when);

/** Children that work at the same time; the last two members are zero. */
struct demo_team {
    const struct demo_options *options;
    struct demo_child *children;
    size_t count;
    struct seam_value *ready; /* how many are */
    struct seam_value *go;    /* 0; then 1, the start signal */
};

/**
 * Starts all of them, gives the start signal, waits and judges. When one is killed the others go
 * on: they can. When a signal asks the program to end all are killed.
 */
enum demo_status demo_team_run(struct demo_team *team, demo_work *work, void *context);

/** In a child: says that it is ready and waits for the start signal. @return false: don't begin */
bool demo_team_wait(const struct demo_team *team);

#endif
