/* SPDX-License-Identifier: MIT */
#include "wait/barrier.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wait/test_hooks.h"

bool seam_test_no_membarrier;

static bool membarrier(int command)
{
    return !seam_test_no_membarrier && syscall(SYS_membarrier, command, 0, 0) == 0;
}

bool seam_barrier_register(void)
{
    return membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

bool seam_barrier_heavy(void)
{
    fence_seq_cst(); /* S2, pairs with P2 in seam_barrier_light: where that one fences too */
    return membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}
