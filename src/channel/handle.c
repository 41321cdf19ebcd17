/* SPDX-License-Identifier: MIT */
#include "channel/handle.h"

int seam_handle_refuse(const struct seam_channel *channel)
{
    return channel->region.fork_generation != seam_fork_generation ? -EPERM : -EBADF;
}

SEAM_COLD int seam_announce_slowly(struct seam_channel *channel, _Atomic uint32_t *flag)
{
    /* P2, pairs with S2 in seam_barrier_heavy */
    seam_barrier_light(load_relaxed(&channel->desk->fences) != 0);
    channel->stats.wakeups += seam_wake(flag, &channel->desk->woken_ns);
    return 0;
}
