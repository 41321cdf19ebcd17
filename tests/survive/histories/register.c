/* SPDX-License-Identifier: MIT */
/*
 * Whether registers were atomic. Source: Gibbons and Korach, "Testing shared memories", 1997: where
 * each value is written once, all operations on a value stand side by side in the order looked for.
 * Such a cluster is ahead of another if one of its operations ended before one of the other's
 * started. An order exists if no two clusters are ahead of each other:
 *
 *     first end .. last start   a cluster that lasts; two of them must not overlap
 *     last start .. first end   a cluster of a moment; must not be inside of one that lasts
 *
 * Here also for read-modify-writes: one that found u and wrote v makes the clusters of u and v
 * neighbours, and so whole chains of clusters take the place of one.
 *
 * Several registers are put one behind the other in time, for their operations say nothing of
 * each other's.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "histories.h"
#include "support.h"

/** All that was done with one value. */
struct cluster {
    uint64_t key;
    uint32_t next;        /* place of the cluster of what took this value's place at once; or 0 */
    uint32_t write_start; /* times are those of `when` */
    uint32_t first_end, last_start;
    uint16_t object;
    bool written;
    bool follows; /* is another one's `next` */
};

struct clusters {
    const struct stage *stage;
    struct verdict *verdict;
    struct cluster *at; /* a hash table; place 0 stays empty */
    uint32_t mask, count, span;
};

/** A place in time that no other register's operations have. */
static uint32_t when(const struct clusters *c, unsigned object, uint32_t time)
{
    return object * c->span + 1 + time;
}

/** @return the cluster's place; its key is 0 if it is new */
static uint32_t find(const struct clusters *c, uint64_t key)
{
    uint32_t place = (uint32_t)test_mix(key) & c->mask;
    while (place == 0 || (c->at[place].key != key && c->at[place].key != 0)) {
        place = (place + 1) & c->mask;
    }
    return place;
}

/** What is small is the number at first, 0, with something added; every register has that. */
static uint64_t key_of(uint64_t value, unsigned object)
{
    return value >> 20 != 0 ? value : (uint64_t)(object + 1) << 60 | value;
}

static bool write_value(struct clusters *c, uint64_t key, unsigned object, uint32_t start,
                        uint32_t end)
{
    struct cluster *cluster = &c->at[find(c, key)];
    if (cluster->written) {
        return refuse(c->verdict, "%" PRIx64 " was written twice: a change was lost", key);
    }
    *cluster = (struct cluster){
        .key = key,
        .object = (uint16_t)object,
        .write_start = start,
        .first_end = end,
        .last_start = start,
        .written = true,
    };
    c->count++;
    return true;
}

/** @return the place of the cluster that was found, or 0 */
static uint32_t found_value(struct clusters *c, const struct event *event, uint64_t value)
{
    uint32_t place = find(c, key_of(value, event->object));
    const struct cluster *cluster = &c->at[place];
    if (!cluster->written || cluster->object != event->object) {
        refuse(c->verdict, "%" PRIx64 " was found in register %u, never written there", value,
               event->object);
        return 0;
    }
    c->verdict->pairs++;
    if (when(c, event->object, event->end) < cluster->write_start) {
        refuse(c->verdict, "%" PRIx64 " was found before it was written", value);
        return 0;
    }
    return place;
}

static bool add_write(struct clusters *c, const struct event *event)
{
    if (event->kind != EVENT_WRITE && event->kind != EVENT_SWAP) {
        return true;
    }
    return write_value(c, key_of(event->value, event->object), event->object,
                       when(c, event->object, event->start), when(c, event->object, event->end));
}

static bool add_read(struct clusters *c, const struct event *event)
{
    if (event->kind != EVENT_READ && event->kind != EVENT_SWAP) {
        return true;
    }
    uint64_t value = event->kind == EVENT_READ ? event->value : event->other;
    uint32_t place = found_value(c, event, value);
    struct cluster *cluster = &c->at[place];
    if (place == 0) {
        return false;
    }
    if (event->kind == EVENT_SWAP) {
        if (cluster->next != 0) {
            return refuse(c->verdict, "%" PRIx64 " was taken twice: a change was lost", value);
        }
        cluster->next = find(c, key_of(event->value, event->object));
        c->at[cluster->next].follows = true;
        return true;
    }
    uint32_t start = when(c, event->object, event->start);
    uint32_t end = when(c, event->object, event->end);
    cluster->first_end = end < cluster->first_end ? end : cluster->first_end;
    cluster->last_start = start > cluster->last_start ? start : cluster->last_start;
    return true;
}

static bool for_each(struct clusters *c, bool (*visit)(struct clusters *, const struct event *))
{
    for (unsigned i = 0; i < c->stage->actors; i++) {
        const struct history *history = &c->stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            if (!visit(c, &history->events[k])) {
                return false;
            }
        }
    }
    return true;
}

/** Makes the chain that begins at @p head one cluster, if its own order is right. */
static bool join_chain(struct clusters *c, struct cluster *head, uint32_t *ret_joined)
{
    for (uint32_t next = head->next; next != 0;) {
        const struct cluster *cluster = &c->at[next];
        c->verdict->pairs++;
        if (cluster->first_end < head->last_start) {
            return refuse(c->verdict, "%" PRIx64 " was over before what it follows", cluster->key);
        }
        if (cluster->last_start > head->last_start) {
            head->last_start = cluster->last_start;
        }
        if (cluster->first_end < head->first_end) {
            head->first_end = cluster->first_end;
        }
        ++*ret_joined;
        next = cluster->next;
    }
    return true;
}

/** Whether the chains have an order; @p begun: by time, the place of the one that lasts from there.
 */
static bool order_chains(struct clusters *c, uint32_t *begun, uint32_t end_of_time)
{
    const struct cluster *last = NULL;
    uint32_t place_of_last = 0;
    for (uint32_t i = 0; i < end_of_time; i++) {
        const struct cluster *cluster = &c->at[begun[i]];
        if (begun[i] != 0) {
            c->verdict->pairs++;
            if (last != NULL && i < last->last_start) {
                return refuse(c->verdict, "%" PRIx64 " was there before and after %" PRIx64,
                              last->key, cluster->key);
            }
            last = cluster;
            place_of_last = begun[i];
        }
        begun[i] = place_of_last; /* from now on: the last one that began by then */
    }
    for (uint32_t place = 1; place <= c->mask; place++) {
        const struct cluster *moment = &c->at[place];
        if (!moment->written || moment->follows || moment->first_end < moment->last_start) {
            continue;
        }
        c->verdict->pairs++;
        uint32_t around = moment->last_start == 0 ? 0 : begun[moment->last_start - 1];
        if (around != 0 && moment->first_end < c->at[around].last_start) {
            return refuse(c->verdict, "%" PRIx64 " was there before and after %" PRIx64,
                          c->at[around].key, moment->key);
        }
    }
    return true;
}

static bool check_order(struct clusters *c, uint32_t end_of_time)
{
    uint32_t joined = 0;
    uint32_t *begun = table_of(end_of_time, sizeof(*begun));
    bool right = true;
    for (uint32_t place = 1; right && place <= c->mask; place++) {
        struct cluster *head = &c->at[place];
        if (head->written && !head->follows) {
            joined++;
            right = join_chain(c, head, &joined);
            if (head->first_end < head->last_start) {
                begun[head->first_end] = place; /* ends are all different within a register */
            }
        }
    }
    if (right && joined != c->count) {
        right = refuse(c->verdict, "changes that follow each other in a circle");
    }
    right = right && order_chains(c, begun, end_of_time);
    free(begun);
    return right;
}

bool check_registers(const struct stage *stage, unsigned objects, struct verdict *verdict)
{
    uint64_t events = objects, size = 16;
    for (unsigned i = 0; i < stage->actors; i++) {
        events += stage->histories[i].count;
    }
    while (size < 2 * events) {
        size *= 2;
    }
    struct clusters c = {
        .stage = stage,
        .verdict = verdict,
        .at = table_of(size, sizeof(struct cluster)),
        .mask = (uint32_t)size - 1,
        .span = atomic_load(&stage->time) + 2,
    };
    bool right = true;
    for (unsigned i = 0; right && i < objects; i++) {
        right = write_value(&c, key_of(0, i), i, i * c.span, i * c.span);
    }
    right = right && for_each(&c, add_write) && for_each(&c, add_read) &&
            check_order(&c, objects * c.span);
    free(c.at);
    return right;
}
