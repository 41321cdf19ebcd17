/* SPDX-License-Identifier: MIT */
/* Locked lists, the reading side: no lock, only the latch. */
#include <errno.h>

#include "objects/list_index.h"
#include "objects/snapshot.h"

/* Elements between two looks at whether a snapshot is in vain already. */
#define LOOK_EVERY 64U

/** One attempt; what it says counts only if the latch says that it was whole. */
static ssize_t get_once(const struct seam_list *list, const uint8_t *index, size_t place,
                        void *buffer, size_t buffer_size)
{
    const uint8_t *bytes;
    uint64_t size;
    uint64_t count = seam_index_count(index);
    if (count > list->capacity) {
        return -EBADMSG;
    }
    if (place == SEAM_LAST) {
        place = count - 1;
    }
    if (place >= count) {
        return -ERANGE;
    }
    int error = seam_index_find(list, index, place, &bytes, &size);
    if (error != 0) {
        return error;
    }
    if (size > buffer_size) {
        return -EMSGSIZE;
    }
    copy_racy(buffer, bytes, size);
    return (ssize_t)size;
}

ssize_t seam_list_locked_get(const struct seam_list *list, size_t index, void *buffer,
                             size_t buffer_size)
{
    const uint8_t *copy;
    struct seam_latch_tries tries = {0};
    do {
        uint64_t sequence = seam_latch_look(&list->latch, &copy);
        ssize_t result = get_once(list, copy, index, buffer, buffer_size);
        if (likely(seam_latch_is(&list->latch, sequence))) {
            seam_latch_done(&list->latch, &tries);
            return result;
        }
    } while (seam_latch_again(&list->latch, &tries, list->element_bytes));
    return -EAGAIN;
}

ssize_t seam_list_locked_length(const struct seam_list *list)
{
    const uint8_t *copy;
    struct seam_latch_tries tries = {0};
    do {
        uint64_t sequence = seam_latch_look(&list->latch, &copy);
        uint64_t count = seam_index_count(copy);
        if (likely(seam_latch_is(&list->latch, sequence))) {
            seam_latch_done(&list->latch, &tries);
            return count <= list->capacity ? (ssize_t)count : -EBADMSG;
        }
    } while (seam_latch_again(&list->latch, &tries, sizeof(uint64_t)));
    return -EAGAIN;
}

/** One attempt. @return 0; -ENOMEM; else torn, or damaged */
static int copy_once(const struct seam_list *list, uint64_t sequence, const uint8_t *index,
                     struct seam_snapshot *snapshot)
{
    uint64_t count = seam_index_count(index);
    if (count > list->capacity) {
        return -EBADMSG;
    }
    int error = seam_snapshot_expect(snapshot, count);
    seam_snapshot_empty(snapshot);
    for (uint64_t i = 0; i < count && error == 0; i++) {
        const uint8_t *bytes;
        uint64_t size;
        if (i % LOOK_EVERY == 0 && !seam_latch_is(&list->latch, sequence)) {
            return -EBADMSG;
        }
        error = seam_index_find(list, index, i, &bytes, &size);
        uint8_t *to = error == 0 ? seam_snapshot_add(snapshot, size) : NULL;
        if (to != NULL) {
            copy_racy(to, bytes, size);
        } else if (error == 0) {
            error = -ENOMEM;
        }
    }
    return error;
}

/** How much a snapshot takes, at most. */
static uint64_t bytes_of(const struct seam_list *list, const uint8_t *index)
{
    uint64_t count = seam_index_count(index);
    return (count < list->capacity ? count : list->capacity) * list->slot_stride;
}

int seam_list_locked_snapshot(const struct seam_list *list, struct seam_snapshot *snapshot)
{
    const uint8_t *copy;
    struct seam_latch_tries tries = {0};
    int result = -EAGAIN;
    do {
        uint64_t sequence = seam_latch_look(&list->latch, &copy);
        result = copy_once(list, sequence, copy, snapshot);
        if (result == -ENOMEM || likely(seam_latch_is(&list->latch, sequence))) {
            seam_latch_done(&list->latch, &tries);
            break;
        }
        result = -EAGAIN;
    } while (seam_latch_again(&list->latch, &tries, bytes_of(list, copy)));
    if (result != 0) {
        seam_snapshot_empty(snapshot);
    }
    return result;
}
