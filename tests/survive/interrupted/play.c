/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

static const struct act_group *const groups[] = {&acts_sending, &acts_receiving, &acts_joining,
                                                 &acts_regions, &acts_objects};

void play_begin(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
    test_begin();
}

const struct act_group *play_find_group(const char *name)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(groups[i]->name, name) == 0) {
            return groups[i];
        }
    }
    CHECK(false, "no group %s", name);
}

bool play_prepare(struct act_scene *scene, const struct act *act, enum seam_mode mode)
{
    static struct act_report *report;
    report = report != NULL ? report : test_shared(sizeof(*report));
    *scene = (struct act_scene){.act = act, .mode = mode, .report = report};
    return mode == SEAM_LOCKED ? act->locked : act->lock_free;
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 64; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static size_t count_mappings(void)
{
    size_t count = 0;
    char line[4096 + 128];
    FILE *maps = fopen("/proc/self/maps", "re");
    CHECK(maps != NULL, "%s", strerror(errno));
    while (fgets(line, sizeof(line), maps) != NULL) {
        count += strstr(line, test_dir()) != NULL || strstr(line, "memfd:") != NULL;
    }
    (void)fclose(maps);
    return count;
}

static void prepare(void *context)
{
    struct act_scene *scene = context;
    scene->report->descriptors[0] = count_descriptors();
    scene->report->mappings[0] = count_mappings();
    scene->act->enter(scene);
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
    scene->act->before(scene);
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
