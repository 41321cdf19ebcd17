/* SPDX-License-Identifier: MIT */
/*
 * google-benchmark for C: the little of it that the benchmarks here need. shim.cc is the only C++
 * in the tree. One thread; shim_initialize comes first, shim_run last.
 */
#ifndef SEAM_BENCH_SHIM_H
#define SEAM_BENCH_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A benchmark while it runs. */
struct shim_state;

typedef void shim_function(struct shim_state *state, void *context);

/**
 * Takes google-benchmark's own flags (--benchmark_filter, --benchmark_format, ...) out of @p argv.
 * @param help  called for --help, before google-benchmark prints its own flags and exits
 */
void shim_initialize(int *argc, char **argv, void (*help)(void));

/** Prints to standard error what is left in @p argv. @return whether anything is */
bool shim_unrecognized(int argc, char **argv);

/**
 * All names that shim_counter will be called with, ending in NULL. In CSV every line has the
 * columns of the first one; google-benchmark aborts where a later line brings another.
 */
void shim_counter_names(const char *const *names);

/** A fact about the whole run, reported with the machine. */
void shim_describe(const char *key, const char *value);

/** Adds a benchmark. Its time is what shim_set_time says, in nanoseconds. */
void shim_register(const char *name, shim_function *function, void *context);

/**
 * The loop of a benchmark: `while (shim_repeat(state, n)) { ... }` passes once and counts as @p n
 * iterations, so the benchmark itself decides how many, after having a look at the cost.
 */
bool shim_repeat(struct shim_state *state, uint64_t iterations);

/** What lies between these two is left out of the CPU time. Called in the loop only. */
void shim_pause(struct shim_state *state);
void shim_resume(struct shim_state *state);

/** Time of all iterations together. */
void shim_set_time(struct shim_state *state, double seconds);

void shim_counter(struct shim_state *state, const char *name, double value);

/** A remark behind the figures. */
void shim_label(struct shim_state *state, const char *text);

/** The benchmark failed; shim_run will return 1. The loop ends after this pass. */
void shim_fail(struct shim_state *state, const char *message);

/** Whether people read standard output: false where it is JSON or CSV. */
bool shim_is_console(void);

/** Runs what was registered and matches the filter. @return exit status: 0 or 1 */
int shim_run(void);

#ifdef __cplusplus
}
#endif

#endif
