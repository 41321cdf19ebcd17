/* SPDX-License-Identifier: MIT */
/*
 * What acts on locks, values, arrays and lists have in common: their contents are those from before
 * or those from after, never else.
 */
#ifndef SEAM_TESTS_SURVIVE_ACTS_CONTENTS_H
#define SEAM_TESTS_SURVIVE_ACTS_CONTENTS_H

#include "acts.h"

/** Elements that there is room for. */
#define ACT_ROOM 8U

/** All that is in an object; locks have nothing. */
struct contents {
    size_t count;
    int64_t numbers[ACT_ROOM];
};

struct contents act_read(const struct act_scene *scene, const void *object);
bool act_is_same(const struct contents *one, const struct contents *other);

/** Opens the act's object; the test fails where that fails. */
void *act_open_object(const struct act_scene *scene);

/** Before: makes the object, and tries the act on another one to learn what it should lead to. */
void act_object_before(struct act_scene *scene);

/** Enter and leave. */
void act_object_enter(struct act_scene *scene);
void act_object_leave(struct act_scene *scene);

/** Meanwhile: the old is there, or the new and never the old again; and a lock is tried. */
void act_object_look(struct act_scene *scene);
void act_object_meanwhile(struct act_scene *scene);

/** After: a successor changes it, and all see that. */
void act_object_after(struct act_scene *scene);

#endif
