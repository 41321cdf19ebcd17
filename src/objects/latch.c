/* SPDX-License-Identifier: MIT */
#include "objects/latch.h"

#include <time.h>

#include "memory/copy.h"
#include "objects/test_hooks.h"
#include "seam/wait.h"
#include "wait/deadline.h"

/* From here on a reader asks for a pause. */
#define PATIENT_TRIES 3U

/* A reader copies about so much in a nanosecond, out of another CPU's cache or of memory... */
#define BYTES_PER_NS 2
/* ... or half of that, or half of that, so many times. */
#define DOUBLINGS_MOST 6
#define PAUSE_LEAST_NS INT64_C(2000)
#define PAUSE_MOST_NS INT64_C(1000000000)
/* From here on a pause is slept, in parts: who has to copy may need this CPU. */
#define NAP_NS INT64_C(50000)

int64_t seam_test_patience_ns = INT64_C(30000000000);

bool seam_latch_again(const struct seam_latch *latch, struct seam_latch_tries *tries,
                      uint64_t bytes)
{
    if (++tries->count <= PATIENT_TRIES) {
        return true;
    }
    if (tries->until_ns == 0) {
        tries->until_ns = seam_deadline_in_ns(seam_test_patience_ns);
    }
    /* Each time twice as much: this machine may be slower than it was thought to be. */
    unsigned doublings = tries->count - PATIENT_TRIES - 1;
    uint64_t kib = (bytes / 1024 + 1) << (doublings < DOUBLINGS_MOST ? doublings : DOUBLINGS_MOST);
    /* Only a wish: it orders nothing. */
    store_relaxed(latch->quiet_wanted, kib < UINT32_MAX ? (uint32_t)kib : UINT32_MAX);
    return seam_now_ns() < tries->until_ns;
}

/** Writes nothing until the reader is done, or for as long as it should need. */
static SEAM_COLD void keep_quiet(const struct seam_latch *latch, uint64_t kib)
{
    uint64_t most = latch->most << DOUBLINGS_MOST;
    uint64_t bytes = kib * 1024 < most ? kib * 1024 : most;
    int64_t pause_ns = PAUSE_LEAST_NS + (int64_t)(bytes / BYTES_PER_NS);
    pause_ns = pause_ns < PAUSE_MOST_NS ? pause_ns : PAUSE_MOST_NS;
    const struct timespec nap = {.tv_nsec = NAP_NS};
    int64_t until_ns = seam_deadline_in_ns(pause_ns);
    while (load_relaxed(latch->quiet_wanted) != 0 && seam_now_ns() < until_ns) {
        if (pause_ns < NAP_NS) {
            cpu_relax();
        } else {
            (void)nanosleep(&nap, NULL);
        }
    }
    store_relaxed(latch->quiet_wanted, 0); /* whoever is not done raises it again */
}

/** Between two copies; readers may look at either, and find out that they looked in vain. */
static void copy_words(uint8_t *to, const uint8_t *from, uint64_t bytes)
{
    if (bytes >= SEAM_CALL_BYTES) {
        move_resting(to, from, bytes / 4);
        return;
    }
    for (uint64_t i = 0; i < bytes; i += 8) {
        uint64_t word = load_racy((const _Atomic uint64_t *)(const void *)(from + i));
        store_racy((_Atomic uint64_t *)(void *)(to + i), word);
    }
}

void seam_latch_level(const struct seam_latch *latch, uint64_t offset, uint64_t bytes)
{
    uint64_t sequence = load_relaxed(latch->sequence); /* the lock is ours */
    copy_words(seam_latch_copy(latch, sequence + 1) + offset,
               seam_latch_copy(latch, sequence) + offset, bytes);
}

void seam_latch_enter(const struct seam_latch *latch, bool owner_died)
{
    /*
     * F3, pairs with F4 in seam_latch_is: the last flip, which another thread may have made, before
     * anything that is written under this lock.
     */
    fence_release();
    if (unlikely(owner_died)) {
        seam_latch_level(latch, 0, latch->bytes);
    }
    uint32_t kib = load_relaxed(latch->quiet_wanted); /* only a wish */
    if (unlikely(kib != 0)) {
        keep_quiet(latch, kib);
    }
}
