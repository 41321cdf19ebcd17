/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "../../support.h"

#define DAMAGES_MOST 3U
#define CHECK_EVERY 64

static struct scene *scenes[SCENE_PLOTS][SCENE_STATES];

/** The number of a plot that the target is about, as @p dice falls. */
static size_t choose_plot(uint64_t dice)
{
    size_t fitting[SCENE_PLOTS], count = 0;
    for (size_t i = 0; i < SCENE_PLOTS; i++) {
        for (size_t j = 0; fuzz_target.kinds[j] != 0; j++) {
            if (scene_plot(i)->kind == fuzz_target.kinds[j]) {
                fitting[count++] = i;
            }
        }
    }
    CHECK(count > 0, "%s", fuzz_target.name);
    return fitting[dice % count];
}

static const struct scene_operation *choose_operation(const struct scene *scene, uint64_t dice)
{
    const struct scene_operation *fitting[32], *operation = scene->plot->operations;
    size_t count = 0;
    for (; operation->name != NULL; operation++) {
        if ((operation->topic & fuzz_target.topic) != 0) {
            fitting[count++] = operation;
        }
    }
    CHECK(count > 0 && count <= 32, "%s: %s", fuzz_target.name, scene->plot->name);
    return fitting[dice % count];
}

static struct scene *choose_scene(struct fuzz_input *input)
{
    size_t plot = choose_plot(fuzz_take(input, 1));
    uint64_t state = fuzz_take(input, 1) % scene_plot(plot)->states;
    if (scenes[plot][state] == NULL) {
        scenes[plot][state] = scene_open(scene_plot(plot), (enum scene_state)state);
        scenes[plot][state]->calm = oracle_end;
    }
    return scenes[plot][state];
}

/** The damages, and from then on the lies. */
static void deceive(struct scene *scene, void *context)
{
    struct fuzz_input *input = context;
    oracle_begin(input, scene->nasty, scene->nasty_count);
    for (uint64_t count = fuzz_take(input, 1) % (DAMAGES_MOST + 1); count > 0; count--) {
        const struct scene_word *word = &scene->words[fuzz_take(input, 2) % scene->word_count];
        uint64_t value = 0;
        memcpy(&value, word->at, word->bytes);
        value = fuzz_lie(input, value);
        memcpy(word->at, &value, word->bytes);
    }
}

void fuzz_one(const uint8_t *data, size_t size)
{
    static unsigned inputs;
    struct fuzz_input input = {data, size};
    struct scene *scene = choose_scene(&input);
    const struct scene_operation *operation = choose_operation(scene, fuzz_take(&input, 1));
    scene_run(scene, operation, deceive, &input);
    if (++inputs % CHECK_EVERY == 0) {
        scene_check(scene);
    }
}

void fuzz_end(void)
{
    for (size_t i = 0; i < SCENE_PLOTS; i++) {
        for (size_t j = 0; j < SCENE_STATES; j++) {
            if (scenes[i][j] != NULL) {
                scene_check(scenes[i][j]);
                scene_close(scenes[i][j]);
                scenes[i][j] = NULL;
                scene_unlink(scene_plot(i), (enum scene_state)j);
            }
        }
    }
}
