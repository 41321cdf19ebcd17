/* SPDX-License-Identifier: MIT */
#include "wait/flag.h"

#include "wait/deadline.h"
#include "wait/futex.h"

SEAM_COLD void seam_wake_all(_Atomic uint32_t *flag, _Atomic uint64_t *ret_woken_ns)
{
    if (ret_woken_ns != NULL) {
        store_relaxed(ret_woken_ns, (uint64_t)seam_now_ns()); /* a hint */
    }
    uint32_t raised = load_relaxed(flag) | SEAM_WANTED;
    /*
     * U1, pairs with U1 in seam_wake_all, by others: where it fails somebody else has just woken
     * all, and whoever raised the flag since then has looked since then.
     */
    (void)cas_acq_rel(flag, &raised, raised + 1);
    seam_futex_wake_all(flag);
}
