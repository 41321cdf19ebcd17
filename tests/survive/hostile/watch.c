/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "../../support.h"
#include "memory/atomic.h"

int watch_child(pid_t child, const _Atomic uint64_t *progress)
{
    int status = 0;
    uint64_t before = UINT64_MAX;
    int64_t hangs_at_ns = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        uint64_t now = load_relaxed(progress);
        if (now != before) {
            before = now;
            hangs_at_ns = seam_deadline_in_ns(INT64_C(1000000000) * WATCH_HANG_S);
        } else if (seam_deadline_in_ns(0) > hangs_at_ns) {
            CHECK(kill(child, SIGABRT) == 0, "%s", strerror(errno));
            hangs_at_ns = INT64_MAX;
        }
        (void)usleep(5000);
    }
    return status;
}
