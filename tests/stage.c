/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <sched.h>

#include "objects/array.h"
#include "objects/list.h"
#include "objects/value.h"

/** Lets @p base look through the mappings of @p first. */
static void share_base(struct seam_object *base, const struct seam_object *first)
{
    base->head = first->head;
    base->data = first->data;
    base->desk = first->desk;
    if (base->mutex.line != NULL) {
        base->mutex.line = &first->head->lock;
        base->mutex.fences = &first->desk->fences;
    }
}

static void share_value(struct seam_value *value, const struct seam_value *first)
{
    share_base(&value->object, &first->object);
    value->number = first->number;
    value->desk = first->desk;
}

static void share_array(struct seam_array *array, const struct seam_array *first)
{
    share_base(&array->object, &first->object);
    array->latch = first->latch;
}

static void share_list(struct seam_list *list, const struct seam_list *first)
{
    share_base(&list->object, &first->object);
    list->latch = first->latch;
    list->cells = first->cells;
    list->slots = first->slots;
}

static void *new_object(enum any_kind kind)
{
    void *object = NULL;
    struct seam_array *array = NULL;
    struct seam_list *list = NULL;
    const struct seam_array_options array_options = {
        .length = STAGE_LENGTH, .mode = kind == ANY_ARRAY_LOCKED ? SEAM_LOCKED : SEAM_LOCK_FREE};
    const struct seam_list_options list_options = {
        .capacity = kind == ANY_LIST_LOCKED ? 4 : STAGE_COUNT,
        .element_bytes = kind == ANY_LIST_LOCKED ? STAGE_LONGEST : 8,
        .mode = kind == ANY_LIST_LOCKED ? SEAM_LOCKED : SEAM_LOCK_FREE};
    if (kind == ANY_ARRAY || kind == ANY_ARRAY_LOCKED) {
        CHECK(seam_array_create(NULL, &array_options, &array) == 0, "%s", seam_error_detail());
        return array;
    }
    if (kind == ANY_LIST || kind == ANY_LIST_LOCKED) {
        CHECK(seam_list_create(NULL, &list_options, &list) == 0, "%s", seam_error_detail());
        return list;
    }
    CHECK(any_create(kind, NULL, NULL, &object) == 0, "%s", seam_error_detail());
    return object;
}

static void *share(enum any_kind kind, void *first)
{
    static const struct seam_array_options any_array;
    static const struct seam_list_options any_list;
    struct seam_lock *lock;
    struct seam_value *value;
    struct seam_array *array;
    struct seam_list *list;
    switch (kind) {
    case ANY_LOCK:
        CHECK(seam_lock_reopen(first, NULL, &lock) == 0, "reopen");
        share_base((struct seam_object *)(void *)lock, first); /* it is nothing but its base */
        return lock;
    case ANY_VALUE:
        CHECK(seam_value_reopen(first, NULL, &value) == 0, "reopen");
        share_value(value, first);
        return value;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        CHECK(seam_array_reopen(first, &any_array, &array) == 0, "reopen");
        share_array(array, first);
        return array;
    default:
        CHECK(seam_list_reopen(first, &any_list, &list) == 0, "reopen");
        share_list(list, first);
        return list;
    }
}

static void *begin(void *context)
{
    struct actor *actor = context;
    (void)pthread_barrier_wait(&actor->stage->start);
    return actor->stage->act(actor);
}

void stage_run(enum any_kind kind, void *(*act)(void *context), int last)
{
    static struct stage stage;
    for (int i = 0; i < 3; i++) {
        stage.actors[i] = (struct actor){.stage = &stage, .number = i};
        stage.actors[i].object = i == 0 ? new_object(kind) : share(kind, stage.actors[0].object);
    }
    stage.act = act;
    CHECK(pthread_barrier_init(&stage.start, NULL, 3) == 0, "barrier");
    for (int i = 0; i < 3; i++) {
        struct actor *actor = &stage.actors[i];
        CHECK(pthread_create(&actor->thread, NULL, begin, actor) == 0, "thread");
    }
    for (int i = 0; i < 3; i++) { /* the one that only looks on comes last */
        int who = last < 0 ? i : (last + 1 + i) % 3;
        store_release(&stage.done, i == 2); /* D1, pairs with D2 */
        CHECK(pthread_join(stage.actors[who].thread, NULL) == 0, "join");
    }
    /* The first one's mapping is what all look through. */
    for (int i = 2; i >= 0; i--) {
        any_close(kind, stage.actors[i].object);
    }
    int64_t taken = stage.actors[0].taken + stage.actors[1].taken + stage.actors[2].taken;
    CHECK(taken == stage.counter, "%lld turns, %lld", (long long)taken, (long long)stage.counter);
}

/* ---- tales ---- */

struct tale {
    void *object;
    int64_t (*listen)(void *object, int64_t turn);
    int64_t plain[TALE_LENGTH + 1]; /* written before the change that tells of it */
    _Atomic int64_t heard;          /* the last change that was heard of; it orders nothing */
};

static void *listen_to(void *context)
{
    struct tale *tale = context;
    for (int64_t turn = 0; load_relaxed(&tale->heard) < TALE_LENGTH; turn++) {
        int64_t number = tale->listen(tale->object, turn);
        CHECK(tale->plain[number] == number, "what was written before");
        store_relaxed(&tale->heard, number);
        (void)sched_yield();
    }
    return NULL;
}

void stage_tale(void *object, void (*tell)(void *object, int64_t number),
                int64_t (*listen)(void *object, int64_t turn))
{
    struct tale tale = {.object = object, .listen = listen};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, listen_to, &tale) == 0, "thread");
    for (int64_t i = 1; i <= TALE_LENGTH; i++) {
        tale.plain[i] = i;
        tell(object, i);
        while (load_relaxed(&tale.heard) < i) {
            (void)sched_yield();
        }
    }
    CHECK(pthread_join(thread, NULL) == 0, "join");
}
