/* SPDX-License-Identifier: MIT */
/* Whether what must hold for a region does: see the invariants in layout.h. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "channel/geometry.h"
#include "channel/log.h"
#include "inspect/view.h"
#include "region/error.h"
#include "region/place.h"
#include "seam/inspect.h"

/* Words are read one after the other, so a live writer can make them look wrong; not every time. */
#define LOOKS 10
static const struct timespec nap = {.tv_nsec = 2000000};

static bool is_record(const struct seam_view *view, uint64_t header)
{
    return header != 0 && (uint32_t)header - UINT64_C(1) <= view->stamp.max_message;
}

/** I1, I4: the newest record is there, or was announced only and the one before is. */
static const char *check_newest(const struct seam_view *view, unsigned lane,
                                const struct seam_log_head *head)
{
    const uint64_t places[] = {load_relaxed(&head->newest), load_relaxed(&head->previous)};
    for (size_t i = 0; i < 2; i++) {
        if (places[i] == SEAM_NOWHERE || /* nobody has sent so many */
            (places[i] % SEAM_HEADER_BYTES == 0 &&
             is_record(view, seam_view_header(view, lane, places[i])))) {
            return NULL;
        }
    }
    return "the newest message";
}

/** I2: no record is committed past what is prepared. */
static const char *check_prepared(const struct seam_log_head *head)
{
    uint64_t newest = load_relaxed(&head->newest);
    return newest != SEAM_NOWHERE && seam_before(load_relaxed(&head->prepared), newest)
               ? "how far the ring is prepared"
               : NULL;
}

/* A ring is read by blocks of so many words; a power of two, and no ring is smaller. */
#define BLOCK_WORDS 512U

/** Reads headers one behind the other. */
struct walk {
    const struct seam_view *view;
    unsigned lane;
    uint64_t begin; /* position of the block; SEAM_NOWHERE: none yet */
    uint64_t words[BLOCK_WORDS];
};

static uint64_t header_at(struct walk *walk, uint64_t position)
{
    uint64_t begin = position & ~(sizeof(walk->words) - 1);
    if (begin != walk->begin) {
        uint64_t offset = seam_view_ring(walk->view, walk->lane, begin);
        bool is_read = seam_view_read(walk->view->log_fd, walk->words, sizeof(walk->words), offset);
        walk->begin = is_read ? begin : SEAM_NOWHERE;
    }
    return walk->begin == begin ? walk->words[(position - begin) / SEAM_HEADER_BYTES] : 0;
}

/** Looked up after the record was read, as a reader does (A4); unreadable is as good as gone. */
static bool is_overwritten(const struct seam_view *view, unsigned lane, uint64_t position)
{
    struct seam_log_head head;
    return !seam_view_read_head(view, lane, &head) ||
           seam_before(position, load_relaxed(&head.prepared) - view->stamp.capacity);
}

/** From one waypoint on each record is followed by the next, up to the end or to the next one. */
static bool are_records(struct walk *walk, uint64_t position, uint64_t sequence)
{
    const uint64_t until = position + walk->view->stamp.capacity / SEAM_WAYPOINTS;
    uint64_t header;
    while (seam_before(position, until) && (header = header_at(walk, position)) != 0) {
        if (!is_record(walk->view, header) || header >> 32 != (uint32_t)sequence) {
            return is_overwritten(walk->view, walk->lane, position);
        }
        position = seam_record_end(position, (uint32_t)header - UINT64_C(1));
        sequence++;
    }
    return true;
}

static const char *check_records(const struct seam_view *view, unsigned lane,
                                 const struct seam_log_head *head)
{
    struct walk walk = {.view = view, .lane = lane, .begin = SEAM_NOWHERE};
    for (unsigned i = 0; i < SEAM_WAYPOINTS; i++) {
        uint64_t position = load_relaxed(&head->waypoints[i].position);
        if (position % SEAM_HEADER_BYTES == 0 &&
            !are_records(&walk, position, load_relaxed(&head->waypoints[i].sequence))) {
            return "the messages in the ring";
        }
    }
    return NULL;
}

/** No cursor is past what is prepared, as it is after the cursors were read: both only grow. */
static const char *check_cursors(const struct seam_view *view, unsigned lane)
{
    struct seam_log_head head;
    struct seam_slot slots[SEAM_READERS_MAX];
    if (!seam_view_read_slots(view, lane, slots) || !seam_view_read_head(view, lane, &head)) {
        return "the cursors";
    }
    for (uint64_t i = 0; i < view->stamp.max_readers; i++) {
        uint64_t cursor = load_relaxed(&slots[i].cursor);
        if (cursor != SEAM_NOWHERE && (cursor % SEAM_HEADER_BYTES != 0 ||
                                       seam_before(load_relaxed(&head.prepared), cursor))) {
            return "a reader's cursor";
        }
    }
    return NULL;
}

static const char *check_lane(const struct seam_view *view, unsigned lane)
{
    struct seam_log_head head;
    if (!seam_view_read_head(view, lane, &head)) {
        return "the log's size";
    }
    const char *wrong = check_newest(view, lane, &head);
    wrong = wrong != NULL ? wrong : check_prepared(&head);
    wrong = wrong != NULL ? wrong : check_records(view, lane, &head);
    return wrong != NULL ? wrong : check_cursors(view, lane);
}

static const char *check_channel(const struct seam_view *view)
{
    const char *wrong = NULL;
    for (unsigned lane = 0; lane < view->stamp.lanes && wrong == NULL; lane++) {
        wrong = check_lane(view, lane);
    }
    return wrong;
}

int seam_object_check(const char *name, const struct seam_region_options *region,
                      const char **ret_wrong)
{
    struct seam_view view;
    int error = seam_view_find(&view, name, seam_view_options(region));
    if (error != 0) {
        return error;
    }
    const char *wrong = view.error != 0 ? view.detail : NULL;
    if (wrong == NULL && view.stamp.kind == SEAM_KIND_CHANNEL) {
        bool fits = seam_check_geometry(&view.stamp) == 0;
        wrong = fits ? check_channel(&view) : seam_last_detail;
        for (int i = 1; fits && i < LOOKS && wrong != NULL; i++) {
            (void)nanosleep(&nap, NULL);
            wrong = check_channel(&view);
        }
    }
    seam_view_close(&view);
    *ret_wrong = wrong;
    return 0;
}
