/* SPDX-License-Identifier: MIT */
/* One try of an act: set up, played by a traced child, and looked at afterwards. */
#ifndef SEAM_TESTS_SURVIVE_PLAY_H
#define SEAM_TESTS_SURVIVE_PLAY_H

#include "acts.h"
#include "tracer.h"

/** Instead of test_begin: test and child take turns, which is much cheaper on one CPU. */
void play_begin(void);

/** Ends the test where there is none of that name. */
const struct act_group *play_find_group(const char *name);

/** @return whether @p act is to be played in @p mode */
bool play_prepare(struct act_scene *scene, const struct act *act, enum seam_mode mode);

/** Makes the act's object and starts the child, which is halted just before it performs. */
struct tracee play_start(struct act_scene *scene, const struct library *library);

/** The child has ended: it must have performed with the result expected, and kept nothing. */
void play_check_end(const struct act_scene *scene, const struct tracee *tracee);

/** All is whole, and nothing is left of object and child. */
void play_end(struct act_scene *scene);

#endif
