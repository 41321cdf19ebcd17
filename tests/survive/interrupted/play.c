/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <sched.h>
#include <string.h>
#include <sys/wait.h>

#include "proc.h"

static const struct act_group *const groups[] = {&acts_sending,   &acts_receiving, &acts_joining,
                                                 &acts_regions,   &acts_passing,   &acts_objects,
                                                 &acts_inspecting};

static const struct act_group *find_group(const char *name)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(groups[i]->name, name) == 0) {
            return groups[i];
        }
    }
    CHECK(false, "no group %s", name);
}

/** Test and child take turns, which is much cheaper on one CPU. */
static void stay_on_one_cpu(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
}

void play_group(const char *name, play_fn *play, void *context)
{
    const struct act_group *group = find_group(name);
    struct act_report *report = test_shared(sizeof(*report));
    stay_on_one_cpu();
    test_begin();
    for (size_t i = 0; i < group->count; i++) {
        const struct act *act = &group->acts[i];
        for (enum seam_mode mode = SEAM_LOCK_FREE;
             mode <= (act->locked ? SEAM_LOCKED : SEAM_LOCK_FREE); mode++) {
            struct act_scene scene = {.act = act, .mode = mode, .report = report};
            play(&scene, context);
        }
    }
    test_end();
}

static size_t count_descriptors(void)
{
    return proc_descriptors(64);
}

/** Of what may be the library's. */
static size_t count_mappings(void)
{
    return proc_mappings(test_dir()) + proc_mappings("memfd:");
}

static void prepare(void *context)
{
    struct act_scene *scene = context;
    scene->report->descriptors[0] = count_descriptors();
    scene->report->mappings[0] = count_mappings();
    if (scene->act->enter != NULL) {
        scene->act->enter(scene);
    }
}

static int perform(void *context)
{
    struct act_scene *scene = context;
    scene->report->result = scene->act->perform(scene);
    scene->report->performed = true;
    (void)snprintf(scene->report->detail, sizeof(scene->report->detail), "%s", seam_error_detail());
    scene->act->leave(scene);
    scene->report->descriptors[1] = count_descriptors();
    scene->report->mappings[1] = count_mappings();
    return 0;
}

struct tracee play_start(struct act_scene *scene, const struct library *library)
{
    memset(scene->report, 0, sizeof(*scene->report));
    scene->seen = 0;
    scene->descriptors = count_descriptors();
    if (scene->act->before != NULL) {
        scene->act->before(scene);
    }
    return tracer_start(library, prepare, perform, scene);
}

void play_check_end(const struct act_scene *scene, const struct tracee *tracee)
{
    const struct act_report *report = scene->report;
    CHECK(WIFEXITED(tracee->exit_status) && WEXITSTATUS(tracee->exit_status) == 0, "%s: status %x",
          scene->act->name, (unsigned)tracee->exit_status);
    CHECK(report->performed, "%s: not performed", scene->act->name);
    CHECK(report->descriptors[0] == report->descriptors[1], "%s: %zu descriptors, then %zu",
          scene->act->name, report->descriptors[0], report->descriptors[1]);
    CHECK(report->mappings[0] == report->mappings[1], "%s: %zu mappings, then %zu",
          scene->act->name, report->mappings[0], report->mappings[1]);
}

void play_end(struct act_scene *scene)
{
    scene->act->after(scene);
    act_expect_no_files();
    CHECK(count_descriptors() == scene->descriptors, "%s: a descriptor is left", scene->act->name);
}
