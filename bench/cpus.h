/* SPDX-License-Identifier: MIT */
/* Which CPU each of the two processes runs on. */
#ifndef SEAM_BENCH_CPUS_H
#define SEAM_BENCH_CPUS_H

#include <sched.h>
#include <stdbool.h>

struct cpus {
    int here;          /* of this process */
    int there;         /* of its peer; the same where there is no other */
    cpu_set_t allowed; /* before anybody was pinned */
};

/** Chooses among the CPUs this process may use: two cores, not two halves of one. @return -errno */
int cpus_choose(struct cpus *ret_cpus);

static inline bool cpus_are_two(const struct cpus *cpus)
{
    return cpus->here != cpus->there;
}

/** Pins the calling thread. @return 0 or -errno */
int cpus_pin(int cpu);

/** Lets the calling thread run everywhere again. @return 0 or -errno */
int cpus_unpin(const struct cpus *cpus);

#endif
