/* SPDX-License-Identifier: MIT */
/* Locked lists: thousands of calls at random, each compared with a plain list. */
#include "unit.h"

#include "lists.h"

TestSuite(list_model, .init = test_begin, .fini = test_end);

/** One list with two handles, and what it should hold. */
struct game {
    struct seam_list *handles[2];
    struct seam_list *list; /* the one whose turn it is */
    struct model model;
    uint64_t random;
    size_t capacity, most;
    struct seam_snapshot *snapshot; /* used again and again */
};

/** The next number below @p most. */
static size_t draw(struct game *game, size_t most)
{
    game->random = test_mix(game->random);
    return (size_t)(game->random >> 16) % most;
}

/** Random bytes of a random size, often none, the longest, or one too long. */
static size_t draw_element(struct game *game, uint8_t *bytes)
{
    size_t kind = draw(game, 8);
    size_t size = kind == 0   ? 0
                  : kind == 1 ? game->most
                  : kind == 2 ? game->most + 1 + draw(game, 5)
                              : draw(game, game->most + 1);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)draw(game, 3); /* many zeros, at the end, too; and many equal ones */
    }
    return size;
}

/** An index: mostly of an element, often the last one's, sometimes none. */
static size_t draw_index(struct game *game)
{
    size_t kind = draw(game, 10);
    return kind == 0   ? SEAM_LAST
           : kind == 1 ? game->model.count + draw(game, 3)
           : kind == 2 ? SIZE_MAX - 1 - draw(game, 3)
                       : draw(game, game->model.count + 1);
}

/** What an index means; the count: out of range. */
static size_t resolve(const struct game *game, size_t index)
{
    const size_t count = game->model.count;
    if (index == SEAM_LAST && count > 0) {
        return count - 1;
    }
    return index < count ? index : count;
}

static void play_insert(struct game *game)
{
    uint8_t bytes[MODEL_ELEMENT + 8];
    struct model *model = &game->model;
    size_t size = draw_element(game, bytes), index = draw(game, model->count + 2);
    bool append = draw(game, 2) == 0;
    ssize_t right = append ? (ssize_t)model->count : 0;
    if (size > game->most) {
        right = -EMSGSIZE;
    } else if (!append && index > model->count) {
        right = -ERANGE;
    } else if (model->count == game->capacity) {
        right = -ENOSPC;
    }
    ssize_t result = append ? seam_list_append(game->list, bytes, size)
                            : seam_list_insert(game->list, index, bytes, size);
    cr_assert_eq(result, right, "%zd, not %zd", result, right);
    if (result >= 0) {
        model_insert(model, append ? model->count : index, bytes, size);
    }
}

static void play_set(struct game *game)
{
    uint8_t bytes[MODEL_ELEMENT + 8];
    size_t size = draw_element(game, bytes), index = draw_index(game), at = resolve(game, index);
    int right = size > game->most ? -EMSGSIZE : at == game->model.count ? -ERANGE : 0;
    cr_assert_eq(seam_list_set(game->list, index, bytes, size), right);
    if (right == 0) {
        model_put(&game->model, at, bytes, size);
    }
}

static void play_remove(struct game *game)
{
    uint8_t buffer[MODEL_ELEMENT + 1];
    struct model *model = &game->model;
    size_t index = draw_index(game), at = resolve(game, index);
    size_t room = draw(game, game->most + 1),
           size = at < model->count ? model->elements[at].size : 0;
    bool pop = draw(game, 2) == 0;
    ssize_t right = at == model->count ? -ERANGE
                    : !pop             ? 0
                    : size > room      ? -EMSGSIZE
                                       : (ssize_t)size;
    memset(buffer, 0xa5, sizeof(buffer));
    ssize_t result =
        pop ? seam_list_pop(game->list, index, buffer, room) : seam_list_remove(game->list, index);
    cr_assert_eq(result, right, "%zd, not %zd", result, right);
    size_t written = pop && result > 0 ? size : 0;
    cr_assert_eq(memcmp(buffer, model->elements[at < model->count ? at : 0].bytes, written), 0);
    cr_assert_eq(buffer[written], 0xa5, "nothing behind it");
    if (result >= 0) {
        model_remove(model, at);
    }
}

/** What an update makes of an element: other bytes, maybe of another size, or an error. */
struct remake {
    const struct game *game;
    size_t at, size;
    ssize_t result;
    uint8_t bytes[MODEL_ELEMENT + 8];
    int calls;
};

static ssize_t remake(void *element, size_t size, size_t most, void *context)
{
    struct remake *r = context;
    const struct model *model = &r->game->model;
    r->calls++;
    CHECK(most == r->game->most && size == model->elements[r->at].size, "sizes");
    CHECK(memcmp(element, model->elements[r->at].bytes, size) == 0, "bytes");
    memcpy(element, r->bytes, r->size <= most ? r->size : most);
    return r->result;
}

static void play_update(struct game *game)
{
    struct remake r = {.game = game};
    size_t index = draw_index(game);
    r.at = resolve(game, index);
    r.size = draw_element(game, r.bytes);
    r.result = draw(game, 8) == 0 ? -EILSEQ : (ssize_t)r.size;
    int right = r.at == game->model.count ? -ERANGE
                : r.result < 0            ? -EILSEQ
                : r.size > game->most     ? -EMSGSIZE
                                          : 0;
    int result = seam_list_update(game->list, index, remake, &r);
    cr_assert_eq(result, right, "%d, not %d", result, right);
    cr_assert_eq(r.calls, right != -ERANGE);
    if (result == 0) {
        model_put(&game->model, r.at, r.bytes, r.size);
    }
}

static void play_search(struct game *game)
{
    uint8_t bytes[MODEL_ELEMENT + 8];
    const struct model *model = &game->model;
    size_t size = draw_element(game, bytes);
    if (model->count > 0 && draw(game, 2) == 0) {
        size_t at = draw(game, model->count);
        size = model->elements[at].size;
        memcpy(bytes, model->elements[at].bytes, size);
    }
    ssize_t right = -ENOENT;
    for (size_t i = model->count; i-- > 0;) {
        if (model->elements[i].size == size && memcmp(model->elements[i].bytes, bytes, size) == 0) {
            right = (ssize_t)i;
        }
    }
    cr_assert_eq(seam_list_index_of(game->list, bytes, size), right);
}

static void play(struct game *game)
{
    game->list = game->handles[draw(game, 2)];
    size_t verb = draw(game, 100);
    if (verb < 40) {
        play_insert(game);
    } else if (verb < 55) {
        play_set(game);
    } else if (verb < 75) {
        play_remove(game);
    } else if (verb < 90) {
        play_update(game);
    } else if (verb < 99) {
        play_search(game);
    } else {
        cr_assert_eq(seam_list_clear(game->list), 0);
        game->model.count = 0;
    }
    cr_assert_eq(seam_list_snapshot(game->list, &game->snapshot), 0);
    cr_assert_eq(seam_snapshot_length(game->snapshot), game->model.count);
}

Test(list_model, of_any_calls, .timeout = 120)
{
    const size_t capacities[] = {1, 2, 3, 8, 63}, sizes[] = {1, 7, 8, 13, MODEL_ELEMENT};
    for (size_t i = 0; i < 25; i++) {
        struct game game = {.capacity = capacities[i % 5], .most = sizes[i / 5], .random = i};
        game.handles[0] = list_new(SEAM_LOCKED, game.capacity, game.most);
        game.handles[1] = list_again(game.handles[0], NULL);
        for (int k = 0; k < 1200; k++) {
            play(&game);
            list_expect(game.list, &game.model, "after a call");
        }
        seam_snapshot_free(game.snapshot);
        seam_list_close(game.handles[0]);
        seam_list_close(game.handles[1]);
    }
}
