/* SPDX-License-Identifier: MIT */
/* What the benchmark programs do before they know what to measure. */
#ifndef SEAM_BENCH_PROGRAM_H
#define SEAM_BENCH_PROGRAM_H

#include <stdbool.h>

#include "cpus.h"

struct program {
    const char *name;
    void (*help)(void);       /* prints what it is and its own flags */
    void (*make_quick)(void); /* for --quick */
    const char *one_cpu;      /* what is different where there is one CPU for both processes */
};

/** Takes `NAME=VALUE` out of the arguments. @return VALUE or NULL */
const char *program_take_flag(const char *name, int *argc, char **argv);

/**
 * Takes the flags, chooses the CPUs, describes the run.
 * @return false: the program ends with 1; what is wrong has been printed
 */
bool program_begin(const struct program *program, int *argc, char **argv, struct cpus *ret_cpus);

#endif
