/* SPDX-License-Identifier: MIT */
/*
 * Every word that others may write is given every wrong value: each of its bytes from 0 to 255, and
 * values that look right from afar. Under each of them every operation is run. None may crash, hang
 * or leave its bounds; what it answers is of no matter.
 *
 *     bytes PLOT|all COUNT|full [SEED]
 *
 * COUNT: so many damages, by chance, for each state of each plot.
 */
#include <inttypes.h>
#include <string.h>

#include "../../figure.h"
#include "../../support.h"
#include "memory/atomic.h"
#include "scene.h"
#include "watch.h"

/* So many faults are shown. */
#define FAULTS_MOST 10
#define CHECK_EVERY 32

/** Where the child is; outlives it. */
struct progress {
    _Atomic uint64_t index, operation; /* of the damage, in the present state of the present plot */
    _Atomic uint64_t damages, operations;
};

struct run {
    struct progress *progress;
    const struct scene_plot *plot;
    enum scene_state state;
    uint64_t first, first_operation; /* where to begin: behind the last fault */
    uint64_t count, seed;            /* count 0: full */
};

struct damage {
    const struct scene_word *word;
    uint64_t value;
    int byte; /* -1: the whole word */
};

/** How many damages there are. */
static uint64_t damage_count(const struct scene *scene)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scene->word_count; i++) {
        count += scene->words[i].bytes * UINT64_C(256) + scene->nasty_count;
    }
    CHECK(count > 0, "nothing can be damaged");
    return count;
}

static struct damage damage_of(const struct scene *scene, uint64_t number)
{
    for (size_t i = 0; i < scene->word_count; i++) {
        const struct scene_word *word = &scene->words[i];
        uint64_t of_bytes = word->bytes * UINT64_C(256), all = of_bytes + scene->nasty_count;
        if (number < of_bytes) {
            return (struct damage){word, number % 256, (int)(number / 256)};
        }
        if (number < all) {
            return (struct damage){word, scene->nasty[number - of_bytes], -1};
        }
        number -= all;
    }
    CHECK(false, "no damage");
}

/** The damage of the run's turn @p index. */
static struct damage choose(const struct run *run, const struct scene *scene, uint64_t index)
{
    uint64_t dice = test_mix(run->seed + test_mix(index * SCENE_STATES + run->state));
    return damage_of(scene, run->count == 0 ? index : dice % damage_count(scene));
}

static void do_damage(struct scene *scene, void *context)
{
    const struct damage *damage = context;
    (void)scene;
    if (damage->byte >= 0) {
        damage->word->at[damage->byte] = (uint8_t)damage->value;
    } else {
        memcpy(damage->word->at, &damage->value, damage->word->bytes);
    }
}

/* ---- the child ---- */

static void damage_once(const struct run *run, struct scene *scene, uint64_t index)
{
    struct damage damage = choose(run, scene, index);
    for (uint64_t i = index == run->first ? run->first_operation : 0;
         scene->plot->operations[i].name != NULL; i++) {
        store_relaxed(&run->progress->operation, i);
        scene_run(scene, &scene->plot->operations[i], do_damage, &damage);
        (void)add_relaxed(&run->progress->operations, 1);
    }
    (void)add_relaxed(&run->progress->damages, 1);
}

static int play(void *context)
{
    const struct run *run = context;
    struct scene *scene = scene_open(run->plot, run->state);
    uint64_t count = run->count == 0 ? damage_count(scene) : run->count;
    (void)alarm(0); /* the parent watches */
    for (uint64_t i = run->first; i < count; i++) {
        store_relaxed(&run->progress->index, i);
        damage_once(run, scene, i);
        if (i % CHECK_EVERY == 0) {
            scene_check(scene);
        }
    }
    scene_check(scene);
    scene_close(scene);
    scene_unlink(run->plot, run->state);
    return 0;
}

/* ---- the parent ---- */

/** Says which damage the child did not survive, and under which operation. */
static void blame(const struct run *run, int status)
{
    uint64_t index = load_relaxed(&run->progress->index);
    uint64_t operation = load_relaxed(&run->progress->operation);
    struct scene *scene = scene_open(run->plot, run->state);
    struct damage damage = choose(run, scene, index);
    printf("%s, state %d, \"%s\": %s (word %zu) byte %d = %#" PRIx64 ": status %#x\n",
           run->plot->name, (int)run->state, run->plot->operations[operation].name,
           damage.word->name, (size_t)(damage.word - scene->words), damage.byte, damage.value,
           (unsigned)status);
    (void)fflush(stdout);
    scene_close(scene);
    scene_unlink(run->plot, run->state);
}

/** @return how many faults there were */
static unsigned run_state(struct run *run)
{
    unsigned faults = 0;
    run->first = run->first_operation = 0;
    for (;;) {
        int status = watch_child(test_spawn(play, run), &run->progress->operations);
        if (status == 0) {
            return faults;
        }
        scene_unlink(run->plot, run->state);
        blame(run, status);
        if (++faults == FAULTS_MOST) {
            return faults;
        }
        run->first = load_relaxed(&run->progress->index);
        run->first_operation = load_relaxed(&run->progress->operation) + 1;
    }
}

int main(int argc, char **argv)
{
    CHECK(argc == 3 || argc == 4, "usage: bytes PLOT|all COUNT|full [SEED]");
    struct run run = {
        .progress = test_shared(sizeof(struct progress)),
        .count = strcmp(argv[2], "full") == 0 ? 0 : strtoull(argv[2], NULL, 10),
        .seed = argc == 4 ? strtoull(argv[3], NULL, 0) : test_mix((uint64_t)seam_deadline_in_ns(0)),
    };
    unsigned faults = 0, played = 0;
    test_begin();
    (void)alarm(0);
    printf("seed %#" PRIx64 "\n", run.seed);
    for (size_t i = 0; i < SCENE_PLOTS; i++) {
        run.plot = scene_plot(i);
        bool wanted = strcmp(argv[1], "all") == 0 || strcmp(argv[1], run.plot->name) == 0;
        for (unsigned state = 0; wanted && state < run.plot->states; state++, played++) {
            run.state = (enum scene_state)state;
            faults += run_state(&run);
        }
    }
    CHECK(played > 0, "no such plot: %s", argv[1]);
    test_end();
    CHECK(faults == 0, "%u faults", faults);
    char row[64];
    (void)snprintf(row, sizeof(row), "every byte hostile: %s", argv[1]);
    test_figure(row, "%" PRIu64 " wrong values, %" PRIu64 " operations on them, 0 crashes or hangs",
                load_relaxed(&run.progress->damages), load_relaxed(&run.progress->operations));
    return 0;
}
