/* SPDX-License-Identifier: MIT */
/* Locks, values and arrays between threads, see stage.h. */
#include "stage.h"

#include <errno.h>

#include "channel/handle.h"
#include "objects/array.h"
#include "seam/seam.h"

/* ---- locks and values ---- */

static void *act_lock(void *context)
{
    struct actor *actor = context;
    struct seam_lock *lock = actor->object;
    for (int i = 0; i < STAGE_COUNT; i++) {
        int error = i % 3 == 0 ? seam_lock_try_lock(lock) : seam_lock_lock(lock);
        CHECK(error == 0 || (i % 3 == 0 && error == -EAGAIN), "lock: %d", error);
        if (error == 0) {
            actor->stage->counter++;
            actor->taken++;
            CHECK(seam_lock_unlock(lock) == 0, "unlock");
        }
        (void)seam_lock_owner(lock);
    }
    return NULL;
}

/** The first tells of each number that it has written; the others see what it tells. */
static void *act_value(void *context)
{
    struct actor *actor = context;
    struct seam_value *value = actor->object;
    int64_t now = 0;
    for (int64_t i = 0; actor->number == 0 && i < STAGE_COUNT; i++) {
        actor->stage->plain[i] = i;
        int64_t old = i;
        CHECK(i % 4 == 0   ? seam_value_store(value, i + 1) == 0
              : i % 4 == 1 ? seam_value_add(value, 1, NULL) == 0
              : i % 4 == 2 ? seam_value_exchange(value, i + 1, NULL) == 0
                           : seam_value_compare_exchange(value, &old, i + 1) == 1,
              "change");
    }
    while (actor->number != 0 && now < STAGE_COUNT) {
        CHECK(seam_value_wait(value, now, &now) == 0, "wait");
        CHECK(actor->stage->plain[now - 1] == now - 1, "what was written before");
        CHECK(seam_value_load(value, &now) == 0, "load");
        CHECK(actor->stage->plain[now - 1] == now - 1, "what was written before");
    }
    return NULL;
}

/* ---- arrays ---- */

/** Takes some from one element and gives it to another: the sum stays. */
static void transfer(struct seam_array *array, uint64_t random)
{
    const int64_t some = (int64_t)(random % 100), back = -some;
    CHECK(seam_array_begin(array) == 0, "begin");
    CHECK(seam_array_add(array, random / 128 % STAGE_LENGTH, &some, NULL) == 0, "add");
    CHECK(seam_array_add(array, random / 65536 % STAGE_LENGTH, &back, NULL) == 0, "add");
    CHECK(random / 8 % 8 == 0 ? seam_array_abort(array) == 0 : seam_array_commit(array) == 0,
          "end");
}

static void *act_array_locked(void *context)
{
    struct actor *actor = context;
    struct seam_array *array = actor->object;
    int64_t numbers[STAGE_LENGTH], one;
    for (uint64_t i = 0; actor->number != 0 && i < STAGE_COUNT; i++) {
        transfer(array, test_mix(i + STAGE_COUNT * (uint64_t)actor->number));
    }
    while (actor->number == 0 && !load_acquire(&actor->stage->done)) {
        int64_t sum = 0;
        CHECK(seam_array_snapshot(array, 0, STAGE_LENGTH, numbers) == 0, "snapshot");
        for (size_t i = 0; i < STAGE_LENGTH; i++) {
            sum += numbers[i];
        }
        CHECK(sum == 0, "torn: %lld", (long long)sum);
        CHECK(seam_array_get(array, 5, &one) == 0, "get");
    }
    return NULL;
}

/** The first sets elements to tell of what it has written; all add to the last one. */
static void *act_array(void *context)
{
    struct actor *actor = context;
    struct seam_array *array = actor->object;
    const int64_t one = 1;
    int64_t numbers[8];
    for (int64_t i = 1; i <= STAGE_COUNT; i++) {
        CHECK(seam_array_add(array, 63, &one, NULL) == 0, "add");
        if (actor->number == 0) {
            actor->stage->plain[i - 1] = i;
            CHECK(i % 2 == 0 ? seam_array_set(array, 7, &i) == 0
                             : seam_array_fill(array, 6, 2, &i) == 0,
                  "set");
            continue;
        }
        CHECK(i % 2 == 0 ? seam_array_get(array, 7, &numbers[7]) == 0
                         : seam_array_copy_out(array, 0, 8, numbers) == 0,
              "get");
        CHECK(numbers[7] == 0 || actor->stage->plain[numbers[7] - 1] == numbers[7],
              "what was written before");
    }
    return NULL;
}

/* ---- elements of each size ---- */

union element {
    int8_t bytes1;
    int16_t bytes2;
    int32_t bytes4;
    int64_t bytes8;
};

static union element element_of(const struct seam_array *array, int64_t number)
{
    union element element = {.bytes8 = 0};
    switch (array->element_bytes) {
    case 1:
        element.bytes1 = (int8_t)number;
        break;
    case 2:
        element.bytes2 = (int16_t)number;
        break;
    case 4:
        element.bytes4 = (int32_t)number;
        break;
    default:
        element.bytes8 = number;
    }
    return element;
}

static int64_t number_of(const struct seam_array *array, const union element *element)
{
    return array->element_bytes == 1   ? element->bytes1
           : array->element_bytes == 2 ? element->bytes2
           : array->element_bytes == 4 ? element->bytes4
                                       : element->bytes8;
}

static void tell_element(void *object, int64_t number)
{
    struct seam_array *array = object;
    union element old = element_of(array, number - 1), new = element_of(array, number);
    const union element one = element_of(array, 1);
    CHECK(number % 2 == 0 ? seam_array_add(array, 0, &one, NULL) == 0
                          : seam_array_compare_exchange(array, 0, &old, &new) == 1,
          "change");
}

static int64_t listen_to_element(void *object, int64_t turn)
{
    union element now;
    (void)turn;
    CHECK(seam_array_get(object, 0, &now) == 0, "get");
    return number_of(object, &now);
}

/** All changes of elements of all sizes, in lock-free mode. */
static void case_elements(void)
{
    for (enum seam_type type = SEAM_INT8; type <= SEAM_INT64; type++) {
        const struct seam_array_options options = {.type = type, .length = 1};
        struct seam_array *array = NULL;
        CHECK(seam_array_create(NULL, &options, &array) == 0, "%s", seam_error_detail());
        stage_tale(array, tell_element, listen_to_element);
        seam_array_close(array);
    }
}

/* ---- a mapping that handles share ---- */

static void *leave_mapping(void *context)
{
    struct seam_mapping *mapping = context;
    CHECK(mapping->writable, "still there");
    seam_mapping_release(mapping);
    return NULL;
}

/** The last one out frees what others have looked at before they left. */
static void case_mapping(void)
{
    const struct seam_channel_options options = {.region = {.one_way = true}};
    struct seam_channel *channel = test_create(&options);
    struct seam_mapping *mapping = seam_mapping_share(channel->region.log);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, leave_mapping, mapping) == 0, "thread");
    while (load_relaxed(&mapping->references) > 1) { /* orders nothing */
        (void)usleep(100);
    }
    seam_channel_close(channel);
    CHECK(pthread_join(thread, NULL) == 0, "join");
}

/* ---- cases ---- */

static void case_lock(void)
{
    stage_run(ANY_LOCK, act_lock, -1);
}

static void case_value(void)
{
    stage_run(ANY_VALUE, act_value, -1);
}

static void case_array(void)
{
    stage_run(ANY_ARRAY, act_array, -1);
}

static void case_array_locked(void)
{
    stage_run(ANY_ARRAY_LOCKED, act_array_locked, 0);
}

static const struct test_case cases[] = {
    {"lock", case_lock},         {"value", case_value},
    {"array", case_array},       {"array-locked", case_array_locked},
    {"elements", case_elements}, {"mapping", case_mapping},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
