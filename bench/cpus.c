/* SPDX-License-Identifier: MIT */
#include "cpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/** A number from the kernel's description of a CPU; -1 where it tells nothing. */
static int topology(int cpu, const char *what)
{
    char path[128], text[32];
    int number = -1;
    (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/%s", cpu, what);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return -1;
    }
    if (fgets(text, sizeof(text), file) != NULL) {
        number = (int)strtol(text, NULL, 10);
    }
    (void)fclose(file);
    return number;
}

static bool share_a_core(int a, int b)
{
    int core = topology(a, "core_id");
    return core >= 0 && core == topology(b, "core_id") &&
           topology(a, "physical_package_id") == topology(b, "physical_package_id");
}

int cpus_choose(struct cpus *ret_cpus)
{
    struct cpus cpus = {.here = -1, .there = -1};
    if (sched_getaffinity(0, sizeof(cpus.allowed), &cpus.allowed) != 0) {
        return -errno;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &cpus.allowed)) {
            continue;
        }
        if (cpus.here < 0) {
            cpus.here = cpus.there = cpu;
        } else if (!cpus_are_two(&cpus) || share_a_core(cpus.here, cpus.there)) {
            /* The first other one will do until one of another core comes. */
            bool better = !cpus_are_two(&cpus) || !share_a_core(cpus.here, cpu);
            cpus.there = better ? cpu : cpus.there;
        }
    }
    *ret_cpus = cpus;
    return cpus.here >= 0 ? 0 : -ENODEV;
}

int cpus_pin(int cpu)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof(one), &one) == 0 ? 0 : -errno;
}

int cpus_unpin(const struct cpus *cpus)
{
    return sched_setaffinity(0, sizeof(cpus->allowed), &cpus->allowed) == 0 ? 0 : -errno;
}
