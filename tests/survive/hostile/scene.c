/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <string.h>
#include <sys/mman.h>

#include "../../support.h"

#define AREA_BYTES 65536U

/* ---- buffers ---- */

/** @return the end of AREA_BYTES, at a page that nobody may touch */
static uint8_t *guarded_area(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *area =
        mmap(NULL, AREA_BYTES + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED, "%s", strerror(errno));
    CHECK(mprotect(area + AREA_BYTES, page, PROT_NONE) == 0, "%s", strerror(errno));
    for (size_t i = 0; i < AREA_BYTES; i++) {
        area[i] = (uint8_t)(i * 7);
    }
    return area + AREA_BYTES;
}

static void *last_of(uint8_t *end, size_t bytes)
{
    CHECK(bytes <= AREA_BYTES, "%zu", bytes);
    return end - bytes;
}

void *scene_output(const struct scene *scene, size_t bytes)
{
    return last_of(scene->ends[0], bytes);
}

struct iovec *scene_messages(const struct scene *scene, size_t count)
{
    return last_of(scene->ends[1], count * sizeof(struct iovec));
}

void *scene_input(const struct scene *scene, size_t bytes)
{
    return last_of(scene->ends[2], bytes);
}

/* ---- small things ---- */

uint64_t scene_hash(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return test_mix(hash + size);
}

int64_t scene_soon(void)
{
    return seam_deadline_in_ns(2000);
}

/* Leases know these bits of an id. */
#define ID_BITS ((UINT32_C(1) << 30) - 1)

bool scene_lock_is_taken(const struct scene *scene)
{
    const struct seam_channel *channels[] = {scene->writer, scene->rival, scene->reader,
                                             scene->guest, scene->extra};
    const struct seam_mutex *mutexes[7] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        if (channels[i] != NULL && channels[i]->mutex.line != NULL) {
            mutexes[count++] = &channels[i]->mutex;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (scene->bases[i] != NULL && scene->bases[i]->mutex.line != NULL) {
            mutexes[count++] = &scene->bases[i]->mutex;
        }
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t holder;
        memcpy(&holder, (const void *)&mutexes[0]->line->holder, sizeof(holder));
        if (holder != 0 && ((mutexes[i]->id ^ holder) & ID_BITS) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- words ---- */

void scene_name(struct scene *scene, const char *name, const volatile void *at, unsigned bytes,
                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CHECK(scene->word_count < SCENE_WORDS, "%s", name);
        scene->words[scene->word_count++] =
            (struct scene_word){name, (uint8_t *)(uintptr_t)at + i * bytes, bytes};
    }
}

void scene_name_stamp(struct scene *scene, struct seam_stamp *stamp)
{
    scene_name(scene, "stamp", stamp, 4, sizeof(*stamp) / 4);
}

void scene_name_lock(struct scene *scene, const char *name, struct seam_mutex_line *line)
{
    scene_name(scene, name, line, 4, sizeof(*line) / 4);
}

void scene_name_desk(struct scene *scene, struct seam_desk *desk)
{
    scene_name(scene, "desk magic and generation", desk, 4, 6);
    scene_name(scene, "data_wanted and fences", &desk->data_wanted, 4, 2);
    scene_name(scene, "space_wanted", &desk->space_wanted, 4, 1);
    scene_name(scene, "woken_ns", &desk->woken_ns, 8, 1);
    scene_name_lock(scene, "desk lock", &desk->lock);
    scene_name(scene, "quiet_wanted", &desk->quiet_wanted, 4, 1);
    scene_name(scene, "lost", &desk->lost, 8, 1);
}

void scene_add_nasty(struct scene *scene, uint64_t value)
{
    const int64_t steps[] = {0, 1, -1, 8, -8};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        CHECK(scene->nasty_count < SCENE_NASTY, "too many");
        scene->nasty[scene->nasty_count++] = value + (uint64_t)steps[i];
    }
}

static void add_common_nasty(struct scene *scene)
{
    const uint64_t values[] = {0,
                               64,
                               4096,
                               UINT64_C(1) << 31,
                               UINT64_C(1) << 32,
                               UINT64_C(1) << 63,
                               UINT64_C(0x0000000800000008),
                               UINT64_C(0x8000000080000000)};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        scene_add_nasty(scene, values[i]);
    }
}

/* ---- coming and going ---- */

const struct scene_plot *scene_plot(size_t number)
{
    const size_t channels = sizeof(scene_channel_plots) / sizeof(scene_channel_plots[0]);
    return number < channels ? &scene_channel_plots[number]
                             : &scene_object_plots[number - channels];
}

static void name_it(char *ret_name, size_t bytes, const struct scene_plot *plot,
                    enum scene_state state)
{
    (void)snprintf(ret_name, bytes, "%s %d", plot->name, (int)state);
}

static struct scene *new_scene(const struct scene_plot *plot, enum scene_state state,
                               enum scene_who who)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    CHECK(scene != NULL, "%s", strerror(errno));
    scene->plot = plot;
    scene->state = state;
    name_it(scene->name, sizeof(scene->name), plot, state);
    scene->who = who;
    for (size_t i = 0; i < sizeof(scene->ends) / sizeof(scene->ends[0]); i++) {
        scene->ends[i] = guarded_area();
    }
    return scene;
}

struct scene *scene_open(const struct scene_plot *plot, enum scene_state state)
{
    struct scene *scene = new_scene(plot, state, SCENE_ALL);
    plot->create(scene);
    plot->open(scene);
    plot->act(scene);
    add_common_nasty(scene);
    for (size_t i = 0; i < scene->prop_count; i++) {
        scene->props[i].copy = malloc(scene->props[i].bytes);
        CHECK(scene->props[i].copy != NULL, "%s", strerror(errno));
        memcpy(scene->props[i].copy, scene->props[i].at, scene->props[i].bytes);
    }
    scene->hash = plot->read(scene);
    scene_restore(scene);
    return scene;
}

struct scene *scene_join(const struct scene_plot *plot, enum scene_who who)
{
    struct scene *scene = new_scene(plot, SCENE_SOME, who);
    plot->open(scene);
    return scene;
}

void scene_close(struct scene *scene)
{
    scene->plot->close(scene);
    for (size_t i = 0; i < scene->prop_count; i++) {
        free(scene->props[i].copy);
    }
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof(scene->ends) / sizeof(scene->ends[0]); i++) {
        (void)munmap(scene->ends[i] - AREA_BYTES, AREA_BYTES + page);
    }
    free(scene);
}

void scene_unlink(const struct scene_plot *plot, enum scene_state state)
{
    char name[32];
    name_it(name, sizeof(name), plot, state);
    (void)!seam_channel_unlink(name, NULL);
}

/* ---- back to where it was ---- */

void scene_keep(struct scene *scene, void *at, size_t bytes)
{
    CHECK(scene->prop_count < SCENE_PROPS, "too many");
    scene->props[scene->prop_count].at = at;
    scene->props[scene->prop_count++].bytes = bytes;
}

void scene_keep_handle(struct scene *scene, void *handle, size_t bytes, struct seam_lease_fd *lease)
{
    uint8_t *begin = handle, *behind = (uint8_t *)(lease + 1);
    scene_keep(scene, begin, (size_t)((uint8_t *)lease - begin));
    scene_keep(scene, behind, (size_t)(begin + bytes - behind));
}

void scene_restore(struct scene *scene)
{
    for (size_t i = 0; i < scene->prop_count; i++) {
        memcpy(scene->props[i].at, scene->props[i].copy, scene->props[i].bytes);
    }
}

void scene_check(struct scene *scene)
{
    CHECK(scene->plot->read(scene) == scene->hash, "%s: not as before", scene->plot->name);
    scene_restore(scene);
}

void scene_run(struct scene *scene, const struct scene_operation *operation,
               void (*damage)(struct scene *scene, void *context), void *context)
{
    if (operation->before != NULL) {
        operation->before(scene);
    }
    if (damage != NULL) {
        damage(scene, context);
    }
    if (!operation->waits || !scene->plot->in_turns || !scene_lock_is_taken(scene)) {
        int64_t begun = seam_deadline_in_ns(0);
        operation->during(scene);
        CHECK(seam_deadline_in_ns(0) - begun < SCENE_LATE_NS, "%s: late", operation->name);
    }
    if (scene->calm != NULL) {
        scene->calm();
    }
    scene_restore(scene);
    if (operation->after != NULL) {
        operation->after(scene);
    }
}
