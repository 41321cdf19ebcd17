/* SPDX-License-Identifier: MIT */
#include "channel/lanes.h"

#include <stdlib.h>

#include "region/error.h"

void seam_lane_view(struct seam_channel *channel, unsigned lane)
{
    const struct seam_stamp *s = &channel->region.stamp;
    struct seam_log_head *head = seam_region_head(&channel->region, lane);
    channel->log = (struct seam_log){
        .head = head,
        .ring = (uint8_t *)head + s->page_bytes,
        .mask = (s->capacity - 1) & ~UINT64_C(7),
        .capacity = s->capacity,
        .max_message = s->max_message,
        /* What is prepared can't be read back: that matters only to readers nobody waits for. */
        .chunk = s->capacity / (channel->never_waits ? 32 : SEAM_LOOK_EVERY),
        .first_position = s->first_position,
        .first_sequence = s->first_sequence,
    };
    channel->slots = seam_lane_slots(channel, lane);
    channel->lane = lane;
}

/* ---- a writer ---- */

int seam_lane_take(struct seam_channel *channel)
{
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_LANE + (int)i, true);
        if (error == 0) {
            seam_lane_view(channel, i);
            /* Relaxed: says only where to look; readers that sleep look after their barrier. */
            (void)or_relaxed(&seam_region_head(&channel->region, 0)->opened, UINT64_C(1) << i);
            return 0;
        }
        if (error != -EBUSY) {
            return error;
        }
    }
    return seam_fail(EUSERS, "lanes");
}

/* ---- a reader ---- */

int seam_lanes_open(struct seam_channel *channel)
{
    unsigned count = seam_lane_count(channel);
    if (count == 1) {
        return 0;
    }
    struct seam_lanes *lanes = calloc(1, sizeof(*lanes) + count * sizeof(lanes->lane[0]));
    if (lanes == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    lanes->count = count;
    for (unsigned i = 0; i < count; i++) {
        seam_lane_view(channel, i);
        lanes->lane[i].log = channel->log;
        lanes->lane[i].slots = channel->slots;
    }
    lanes->current = count - 1;
    channel->lanes = lanes;
    return 0;
}

/** Puts down where the reader is in the lane it has been in. */
static void save(const struct seam_channel *channel)
{
    struct seam_lane *lane = &channel->lanes->lane[channel->lanes->current];
    lane->next = channel->next;
}

static void load(struct seam_channel *channel, unsigned number)
{
    const struct seam_lane *lane = &channel->lanes->lane[number];
    channel->lanes->current = number;
    channel->lane = number;
    channel->log = lane->log;
    channel->slots = lane->slots;
    channel->next = lane->next;
    if (channel->slot != NULL) {
        channel->slot = &lane->slots[channel->slot_index];
    }
}

void seam_lanes_select(struct seam_channel *channel, unsigned lane)
{
    if (channel->lanes != NULL && channel->lanes->current != lane) {
        save(channel);
        load(channel, lane);
    }
}

/** Lanes that ever had a writer. */
static uint64_t opened(const struct seam_channel *channel)
{
    /* Relaxed: see seam_lane_take */
    return load_relaxed(&seam_region_head(&channel->region, 0)->opened);
}

static uint64_t position_in(const struct seam_channel *channel, const struct seam_lane *lane)
{
    if (seam_shares_cursor(channel)) {
        return load_relaxed(&lane->slots[0].cursor); /* looked at properly after */
    }
    return lane == &channel->lanes->lane[channel->lanes->current] ? channel->next.position
                                                                  : lane->next.position;
}

static bool is_readable_in(const struct seam_channel *channel, const struct seam_lane *lane)
{
    /* Relaxed: looked at properly after. */
    return load_relaxed(seam_log_word(&lane->log, position_in(channel, lane))) != 0;
}

static bool is_overtaken_in(const struct seam_channel *channel, const struct seam_lane *lane)
{
    return !seam_shares_cursor(channel) && !seam_log_valid(&lane->log, position_in(channel, lane));
}

typedef bool lane_fn(const struct seam_channel *channel, const struct seam_lane *lane);

/** The first lane after @p from, and that one last, of which @p is says so. @return count: none */
static inline unsigned find_lane(const struct seam_channel *channel, unsigned from, lane_fn *is)
{
    const struct seam_lanes *lanes = channel->lanes;
    uint64_t bits = opened(channel);
    for (unsigned i = 1; i <= lanes->count; i++) {
        unsigned number = (from + i) % lanes->count;
        if ((bits >> number & 1) != 0 && is(channel, &lanes->lane[number])) {
            return number;
        }
    }
    return lanes->count;
}

void seam_lanes_turn(struct seam_channel *channel)
{
    struct seam_lanes *lanes = channel->lanes;
    if (!seam_lanes_is_over(channel) && seam_lane_readable(channel)) {
        return;
    }
    unsigned next = find_lane(channel, lanes->current, is_readable_in);
    if (next == lanes->count) {
        next = find_lane(channel, lanes->current, is_overtaken_in);
    }
    if (next == lanes->count) {
        return; /* the attempt finds nothing where it is, either */
    }
    seam_lanes_select(channel, next);
    lanes->began = channel->stats.received;
    channel->waited_at = channel->next.sequence - 1; /* so far in this turn, see recv_at_once */
    seam_set_fast_recv_key(channel);
}

bool seam_lanes_readable(const struct seam_channel *channel)
{
    return find_lane(channel, channel->lanes->current, is_readable_in) < channel->lanes->count;
}

bool seam_lanes_overtaken(const struct seam_channel *channel)
{
    return find_lane(channel, channel->lanes->current, is_overtaken_in) < channel->lanes->count;
}
