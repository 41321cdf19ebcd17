/* SPDX-License-Identifier: MIT */
/* Acts are played: set up, performed by a traced child, and looked at afterwards. */
#ifndef SEAM_TESTS_SURVIVE_PLAY_H
#define SEAM_TESTS_SURVIVE_PLAY_H

#include "acts.h"
#include "tracer.h"

/** Plays an act in one mode: as often as need be, by the calls below. */
typedef void play_fn(struct act_scene *scene, void *context);

/**
 * Plays each act of a group, in each of its modes, between test_begin and test_end; the test fails
 * where there is no such group.
 */
void play_group(const char *name, play_fn *play, void *context);

/** Makes the act's object and starts the child, which is halted just before it performs. */
struct tracee play_start(struct act_scene *scene, const struct library *library);

/** The child has ended: it must have performed with the result expected, and kept nothing. */
void play_check_end(const struct act_scene *scene, const struct tracee *tracee);

/** All is whole, and nothing is left of object and child. */
void play_end(struct act_scene *scene);

#endif
