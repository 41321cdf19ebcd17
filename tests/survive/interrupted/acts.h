/* SPDX-License-Identifier: MIT */
/*
 * Operations that are interrupted: each with what must hold before it, after it, and while the
 * process that is in the midst of it is stopped. How they are interrupted is interrupted.c's.
 */
#ifndef SEAM_TESTS_SURVIVE_ACTS_H
#define SEAM_TESTS_SURVIVE_ACTS_H

#include "any.h"
#include "support.h"

#define ACT_NAME "act"
#define ACT_MOST 600U  /* longest message */
#define ACT_READERS 4U /* cursors that there is room for */
#define ACT_HANG_NS INT64_C(60000000000)

/** What the process that performs tells the test. */
struct act_report {
    bool performed; /* to its end */
    int result;
    char detail[64];       /* seam_error_detail after it */
    size_t descriptors[2]; /* open before enter, and after leave */
    size_t mappings[2];    /* likewise */
};

/** One try of one act. */
struct act_scene {
    const struct act *act;
    enum seam_mode mode;
    struct act_report *report;        /* shared */
    size_t descriptors;               /* open in the test */
    uint64_t sent;                    /* channels: messages sent before */
    uint64_t seen;                    /* while stopped: the newest number that anybody has seen */
    struct seam_channel *channel;     /* handle of the process that performs */
    void *object, *watcher;           /* other kinds: its handle, and the test's */
    const struct contents *old, *new; /* other kinds: before and after the act */
    bool is_new;                      /* somebody has seen the new */
    bool is_rehearsal;                /* see act_object_before */
};

struct act {
    const char *name;
    struct seam_channel_options options; /* channels: policy and the like */
    enum any_kind kind;                  /* other objects */
    bool locked;                         /* it is performed in locked mode, too */
    int expected;                        /* its result where nothing comes between */
    int overtaken;  /* the same, where others were faster and it may say so; or 0 */
    uint64_t sends; /* channels: messages that it sends, */
    uint64_t takes; /* or takes from the cursor "keeper" */
    void (*before)(struct act_scene *scene);    /* in the test: makes the object; or NULL */
    void (*enter)(struct act_scene *scene);     /* in the process that performs; or NULL */
    int (*perform)(struct act_scene *scene);    /* this is interrupted */
    void (*leave)(struct act_scene *scene);     /* closes what enter and perform have opened */
    void (*meanwhile)(struct act_scene *scene); /* in the test, while the process is stopped; or
                                                   NULL: there is nobody whom that could hold up */
    void (*after)(struct act_scene *scene);     /* in the test: all is whole; removes the object */
};

/** Acts in groups, for tests that run side by side. */
struct act_group {
    const char *name;
    const struct act *acts;
    size_t count;
};
extern const struct act_group acts_sending, acts_receiving, acts_joining, acts_regions,
    acts_passing, acts_objects, acts_inspecting;

/** Whether the act has been performed to its end, and says that it has succeeded. */
static inline bool act_succeeded(const struct act_scene *scene)
{
    return scene->report->performed && scene->report->result == 0;
}

/** Fails unless the test's directory is empty. */
void act_expect_no_files(void);

#endif
