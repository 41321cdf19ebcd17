/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "seam/seam.h"
#include "shim.h"

const char *program_take_flag(const char *name, int *argc, char **argv)
{
    const size_t length = strlen(name);
    const char *value = NULL;
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            value = argv[i] + length + 1;
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    return value;
}

/** Takes our own flags out of what google-benchmark has left. */
static void take_flags(const struct program *program, int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            program->make_quick();
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
}

/** What a clock reading costs: it is part of every sample, on both sides of a ratio. */
static double clock_cost_ns(void)
{
    const int readings = 100000;
    int64_t before = now_ns();
    for (int i = 0; i < readings; i++) {
        (void)now_ns();
    }
    return (double)(now_ns() - before) / readings;
}

static void describe(const struct program *program, const struct cpus *cpus)
{
    char text[128];
    if (cpus_are_two(cpus)) {
        (void)snprintf(text, sizeof(text), "%d and %d", cpus->here, cpus->there);
    } else {
        (void)snprintf(text, sizeof(text), "only %d, for both: %s", cpus->here, program->one_cpu);
    }
    shim_describe("pinned to CPU", text);
    (void)snprintf(text, sizeof(text), "%.1f ns, in every sample", clock_cost_ns());
    shim_describe("reading the clock", text);
    shim_describe("seam", seam_version());
}

bool program_begin(const struct program *program, int *argc, char **argv, struct cpus *ret_cpus)
{
    shim_initialize(argc, argv, program->help);
    take_flags(program, argc, argv);
    if (shim_unrecognized(*argc, argv)) {
        return false;
    }
    int error = cpus_choose(ret_cpus);
    if (error != 0) {
        (void)fprintf(stderr, "%s: which CPUs may be used: %s\n", program->name, strerror(-error));
        return false;
    }
    describe(program, ret_cpus);
    return true;
}
