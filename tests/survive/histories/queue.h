/* SPDX-License-Identifier: MIT */
/* What the two halves of the checker of queues share. */
#ifndef SEAM_TESTS_SURVIVE_HISTORIES_QUEUE_H
#define SEAM_TESTS_SURVIVE_HISTORIES_QUEUE_H

#include "histories.h"

#define NEVER UINT32_MAX

/** A message that was sent. */
struct sent {
    uint32_t start;
    uint32_t seen; /* its sending had ended, or somebody's receiving it */
};

/** What became of it in one view. */
struct taken {
    uint32_t start, end; /* NEVER: it was not received */
};

struct queue {
    const struct stage *stage;
    const struct queue_rules *rules;
    struct verdict *verdict;
    uint32_t times;                  /* entries of a table by time */
    uint32_t count;                  /* messages in all */
    uint32_t first[ACTORS_MOST + 1]; /* place of each sender's first message */
    struct sent *sent;               /* by place */
    struct taken *taken;             /* by place, in the view that is looked at */
    uint32_t *order;                 /* places as the first view received them */
};

/** Which receivers a view is made of: of a shared queue all, else one. */
struct view {
    unsigned from, to;
};

/** Which senders' messages are looked at together: with lanes one's, else all. */
struct lane {
    unsigned from, to;
};

static inline unsigned lane_count(const struct queue *queue)
{
    return queue->rules->lanes ? queue->rules->senders : 1;
}

static inline struct lane lane_at(const struct queue *queue, unsigned lane)
{
    return queue->rules->lanes ? (struct lane){lane, lane + 1}
                               : (struct lane){0, queue->rules->senders};
}

static inline unsigned view_count(const struct queue *queue)
{
    return queue->rules->shared ? 1 : queue->rules->receivers;
}

static inline struct view view_at(const struct queue *queue, unsigned view)
{
    unsigned from = queue->rules->senders, all = queue->rules->receivers;
    return queue->rules->shared ? (struct view){from, from + all}
                                : (struct view){from + view, from + view + 1};
}

/** That who found nothing was not wrong. */
bool check_empty(const struct queue *queue, struct view view);

/** That who found no room was not wrong. */
bool check_full(const struct queue *queue);

#endif
