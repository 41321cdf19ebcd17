/* SPDX-License-Identifier: MIT */
/*
 * While one process writes and another reads, a third scribbles over all that they share, as fast
 * as it can: anything anywhere, and values that look right from afar where they do the most harm.
 * Every call comes back; nobody crashes.
 *
 *     mutator PLOT|all MILLISECONDS [SEED]
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../../figure.h"
#include "../../support.h"
#include "memory/atomic.h"
#include "scene.h"
#include "watch.h"

/* Writes between two looks at whether it is over. */
#define STROKES 512

/** What the processes tell each other. */
struct stage {
    _Atomic bool over;
    _Atomic uint32_t ready; /* players that have their handles */
    _Atomic uint64_t calls[2], strokes;
};

struct player {
    struct stage *stage;
    const struct scene_plot *plot;
    enum scene_who who;
    unsigned number;
    uint64_t seed;
};

/* ---- who is harmed ---- */

/** Whether handles that are there suffice for the operation. */
static bool can_do(const struct scene_operation *operation, enum scene_who who)
{
    /* What comes after needs memory that is whole. */
    return (operation->who & (unsigned)who) == (unsigned)operation->who && operation->after == NULL;
}

static int play(void *context)
{
    const struct player *player = context;
    struct stage *stage = player->stage;
    const struct scene_operation *operations = player->plot->operations;
    struct scene *scene = scene_join(player->plot, player->who);
    (void)alarm(0); /* the parent watches */
    (void)add_relaxed(&stage->ready, 1);
    for (uint64_t i = 0; !load_relaxed(&stage->over); i++) {
        uint64_t dice = test_mix(player->seed + i), count = 1;
        while (operations[count].name != NULL) {
            count++;
        }
        const struct scene_operation *operation = &operations[dice % count];
        if (can_do(operation, player->who)) {
            int64_t begun = seam_deadline_in_ns(0);
            if (operation->before != NULL) {
                operation->before(scene);
            }
            operation->during(scene);
            CHECK(seam_deadline_in_ns(0) - begun < SCENE_LATE_NS, "%s: late", operation->name);
            (void)add_relaxed(&stage->calls[player->number], 1);
        }
    }
    scene_close(scene);
    return 0;
}

/* ---- who harms ---- */

struct target {
    uint8_t *log, *desk;
    size_t log_bytes, desk_bytes;
    uint64_t page_bytes, capacity;
};

static uint8_t *map_file(const char *name, const char *file, size_t *ret_bytes)
{
    char path[256];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s/%s 0/%s", test_dir(), name, file);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && fstat(fd, &status) == 0, "%s: %s", path, strerror(errno));
    *ret_bytes = (size_t)status.st_size;
    void *at = mmap(NULL, *ret_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(at != MAP_FAILED, "%s", strerror(errno));
    (void)close(fd);
    return at;
}

/** A word that matters: of the heads, or anywhere. Not of the stamp: that is for who opens. */
static _Atomic uint64_t *choose_word(const struct target *target, uint64_t dice)
{
    const size_t stamp = sizeof(struct seam_stamp), head = sizeof(struct seam_log_head);
    uint8_t *at = NULL;
    switch (dice % 4) {
    case 0:
        at = target->log + stamp + (dice >> 8) % (head - stamp);
        break;
    case 1:
        at = target->desk + 128 + (dice >> 8) % (sizeof(struct seam_desk) + 256 - 128);
        break;
    case 2: /* a lock has nothing there */
        at = target->log + (target->page_bytes + (dice >> 8) % (dice >> 63 == 0 ? 512U : 4096U)) %
                               (target->log_bytes - sizeof(uint64_t));
        at = at < target->log + stamp ? target->log + stamp : at;
        break;
    default:
        at = target->log + stamp + (dice >> 8) % (target->log_bytes - stamp);
        break;
    }
    return (_Atomic uint64_t *)(void *)(at - (uintptr_t)at % 8);
}

/** Plausible, or anything. @param newest  where the writer is, or what it was made to believe */
static uint64_t choose_value(uint64_t dice, uint64_t old, uint64_t newest)
{
    const uint64_t small = (dice >> 16) % 4096;
    switch ((dice >> 8) % 8) {
    case 0:
        return dice * UINT64_C(0x9e3779b97f4a7c15);
    case 1:
        return newest + small / 8 * 8;
    case 2:
        return newest - small / 8 * 8;
    case 3:
        return old + small - 2048;
    case 4:
        return old ^ UINT64_C(1) << small % 64;
    case 5: /* a header of the next sequence numbers */
        return (old & UINT64_C(0xffffffff00000000)) + (small % 3 << 32) + small / 3;
    case 6:
        return small % 9;
    default:
        return 0 - small % 9;
    }
}

static int mutate(void *context)
{
    const struct player *player = context;
    struct stage *stage = player->stage;
    struct target target = {.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE)};
    target.log = map_file(player->plot->name, "log", &target.log_bytes);
    target.desk = map_file(player->plot->name, "desk", &target.desk_bytes);
    struct seam_log_head *head = (struct seam_log_head *)(void *)target.log;
    (void)alarm(0);
    for (uint64_t i = 0; !load_relaxed(&stage->over); i++) {
        for (uint64_t j = 0; j < STROKES; j++) {
            uint64_t dice = test_mix(player->seed + i * STROKES + j);
            _Atomic uint64_t *word = choose_word(&target, dice);
            store_relaxed(word, choose_value(test_mix(dice), load_relaxed(word),
                                             load_relaxed(&head->newest)));
        }
        (void)add_relaxed(&stage->strokes, STROKES);
        /* Slow and fast in turns: some damage has time to be believed. */
        (void)usleep(test_mix(i) % 4 == 0 ? 0 : (useconds_t)(test_mix(i) >> 32) % 300);
    }
    /* A lock whose holder is made to be a living one would be waited for, for ever. */
    store_relaxed(&head->write_lock.holder, 0);
    store_relaxed(&((struct seam_object_head *)(void *)target.log)->lock.holder, 0);
    store_relaxed(&((struct seam_desk *)(void *)target.desk)->lock.holder, 0);
    return 0;
}

/* ---- the parent ---- */

/** Lets the players go on for a while, and ends them. */
static void direct(struct player *players, int64_t ms)
{
    struct stage *stage = players[0].stage;
    pid_t children[3];
    for (int i = 0; i < 2; i++) {
        children[i] = test_spawn(play, &players[i]);
    }
    for (int i = 0; load_relaxed(&stage->ready) < 2; i++) {
        CHECK(i < 60000, "nobody plays");
        (void)usleep(1000);
    }
    children[2] = test_spawn(mutate, &players[2]);
    int64_t until = seam_deadline_in_ns(ms * 1000000);
    /* At least a few calls of each, however slow the machine is. */
    while (seam_deadline_in_ns(0) < until || load_relaxed(&stage->calls[0]) < 20 ||
           load_relaxed(&stage->calls[1]) < 20) {
        for (int i = 0; i < 3; i++) {
            CHECK(waitpid(children[i], NULL, WNOHANG) == 0, "%s: one has died",
                  players[0].plot->name);
        }
        (void)usleep(2000);
    }
    store_relaxed(&stage->over, true);
    for (int i = 2; i >= 0; i--) {
        const _Atomic uint64_t *progress = i < 2 ? &stage->calls[i] : &stage->strokes;
        CHECK(watch_child(children[i], progress) == 0, "%s: one has died", players[0].plot->name);
    }
}

static void run(const struct scene_plot *plot, struct stage *stage, uint64_t seed, int64_t ms)
{
    struct player players[3];
    for (unsigned i = 0; i < 3; i++) {
        players[i] = (struct player){stage, plot, i == 0 ? SCENE_WRITES : SCENE_READS, i,
                                     test_mix(seed + i)};
    }
    store_relaxed(&stage->over, false);
    store_relaxed(&stage->ready, 0);
    scene_unlink(plot, SCENE_SOME);
    scene_close(scene_open(plot, SCENE_SOME));
    direct(players, ms);
    scene_unlink(plot, SCENE_SOME);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3 || argc == 4, "usage: mutator PLOT|all MILLISECONDS [SEED]");
    struct stage *stage = test_shared(sizeof(*stage));
    uint64_t seed =
        argc == 4 ? strtoull(argv[3], NULL, 0) : test_mix((uint64_t)seam_deadline_in_ns(0));
    uint64_t calls[2] = {0};
    int played = 0;
    test_begin();
    (void)alarm(0);
    printf("seed %#" PRIx64 "\n", seed);
    for (size_t i = 0; i < SCENE_PLOTS; i++) {
        const struct scene_plot *plot = scene_plot(i);
        if (strcmp(argv[1], "all") == 0 || strcmp(argv[1], plot->name) == 0) {
            store_relaxed(&stage->calls[0], 0);
            store_relaxed(&stage->calls[1], 0);
            run(plot, stage, seed + i, strtoll(argv[2], NULL, 10));
            calls[0] += load_relaxed(&stage->calls[0]);
            calls[1] += load_relaxed(&stage->calls[1]);
            played++;
        }
    }
    CHECK(played > 0, "no such plot: %s", argv[1]);
    test_end();
    char row[64];
    (void)snprintf(row, sizeof(row), "a live scribbler: %s", argv[1]);
    test_figure(row,
                "%" PRIu64 " operations that write, %" PRIu64 " that read, %" PRIu64
                " words overwritten meanwhile, 0 crashes or hangs",
                calls[0], calls[1], load_relaxed(&stage->strokes));
    return 0;
}
