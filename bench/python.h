/* SPDX-License-Identifier: MIT */
/*
 * Python's multiprocessing, measured in a process of its own: objects.py, which does what it is
 * asked for while this process waits. It is told an operation and a count in a line and answers
 * in a line. It ends when its end of the socket is closed.
 */
#ifndef SEAM_BENCH_PYTHON_H
#define SEAM_BENCH_PYTHON_H

#include <stdint.h>

#include "cpus.h"

/**
 * Starts it if it does not run, on the same CPUs. Not while there is a pair: that takes any end of
 * a child for its peer's.
 * @return NULL, or why there is none; never tried again then
 */
const char *python_start(const struct cpus *cpus);

/**
 * @param ret_ns     what @p count operations took there
 * @param ret_there  what a second process did meanwhile, where the operation has one
 * @return 0; -EBADMSG its results are wrong, or the answer; -ECHILD it has ended
 */
int python_run(const char *operation, uint64_t count, int64_t *ret_ns, uint64_t *ret_there);

/** Ends it and waits until it has. */
void python_end(void);

#endif
