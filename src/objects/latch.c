/* SPDX-License-Identifier: MIT */
#include "objects/latch.h"

#include "memory/copy.h"

/* From here on a reader asks for a pause; and gives up. */
#define PATIENT_TRIES 3U
#define MOST_TRIES 1000000U

/* Bytes that a reader copies in one pause, when they come from another CPU's cache. */
#define BYTES_PER_PAUSE 32U
#define PAUSES_LEAST 32U
#define PAUSES_MOST 200000U

bool seam_latch_again(const struct seam_latch *latch, unsigned *tries)
{
    if (++*tries > PATIENT_TRIES) {
        store_relaxed(latch->quiet_wanted, 1); /* only a wish: it orders nothing */
    }
    return *tries < MOST_TRIES;
}

/** Writes nothing for about as long as a reader needs to copy everything. */
static SEAM_COLD void keep_quiet(const struct seam_latch *latch)
{
    uint64_t pauses = PAUSES_LEAST + latch->bytes / BYTES_PER_PAUSE;
    pauses = pauses < PAUSES_MOST ? pauses : PAUSES_MOST;
    store_relaxed(latch->quiet_wanted, 0); /* whoever is not done raises it again */
    for (uint64_t i = 0; i < pauses; i++) {
        cpu_relax();
    }
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
    if (unlikely(load_relaxed(latch->quiet_wanted) != 0)) { /* only a wish */
        keep_quiet(latch);
    }
}
