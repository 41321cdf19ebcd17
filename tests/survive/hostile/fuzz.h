/* SPDX-License-Identifier: MIT */
/*
 * Operations on a scene while an oracle answers loads from its shared memory, as an input says. An
 * input is a byte each for plot, state, number of damages and operation; then the damages; then
 * what the oracle says, one load after the other. Once the input is used up the oracle is honest.
 */
#ifndef SEAM_TESTS_HOSTILE_FUZZ_H
#define SEAM_TESTS_HOSTILE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "scene.h"

/** What one fuzz target does. */
struct fuzz_target {
    const char *name;
    enum scene_topic topic;
    enum seam_kind kinds[5]; /* of its plots; 0 ends them */
};

/** The only one of each program. */
extern const struct fuzz_target fuzz_target;

/** Runs one input. */
void fuzz_one(const uint8_t *data, size_t size);

/** Closes the scenes that the inputs have opened. */
void fuzz_end(void);

/* ---- the oracle ---- */

/** An input while it is read. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/** The next @p bytes of the input as a number, 0 behind its end. */
uint64_t fuzz_take(struct fuzz_input *input, size_t bytes);

/** A wrong value for a word that is @p honest, as the input says. */
uint64_t fuzz_lie(struct fuzz_input *input, uint64_t honest);

/** From here on loads from shared memory are answered by the input, with a scene's nasty values. */
void oracle_begin(struct fuzz_input *input, const uint64_t *nasty, size_t nasty_count);

/** Loads are honest again. */
void oracle_end(void);

/** How many were not, so far. */
uint64_t oracle_lies(void);

#endif
