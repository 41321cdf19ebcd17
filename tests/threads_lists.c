/* SPDX-License-Identifier: MIT */
/* Lists between threads, see stage.h. */
#include "stage.h"

#include <errno.h>
#include <string.h>

#include "memory/cell.h"
#include "objects/list.h"
#include "seam/seam.h"

/** Whoever finds a number in the list finds what was written before it was appended. */
static int look_up(size_t index, const void *data, size_t size, void *context)
{
    const struct stage *stage = context;
    int64_t number;
    CHECK(size == sizeof(number), "size at %zu", index);
    memcpy(&number, data, sizeof(number));
    CHECK(number >= 0 && stage->plain[number] == number, "what was written before");
    return 0;
}

/** Two append even and odd numbers, one reads. */
static void *act_list(void *context)
{
    struct actor *actor = context;
    struct seam_list *list = actor->object;
    for (int64_t i = actor->number; actor->number < 2 && i < STAGE_COUNT; i += 2) {
        actor->stage->plain[i] = i;
        CHECK(seam_list_append_int64(list, i) >= 0, "append");
    }
    while (actor->number == 2 && !load_acquire(&actor->stage->done)) {
        ssize_t length = seam_list_length(list);
        int64_t last = 0;
        CHECK(length >= 0, "length");
        CHECK(length == 0 || seam_list_get_int64(list, (size_t)length - 1, &last) == 0, "get");
        CHECK(length == 0 || look_up(0, &last, 8, actor->stage) == 0, "get");
        CHECK(seam_list_iterate(list, look_up, actor->stage) == 0, "iterate");
        (void)usleep(100); /* or it would be all that runs */
    }
    return NULL;
}

/** One appends and is interrupted before it counts the element; the others find it nevertheless. */
static void *act_list_uncounted(void *context)
{
    struct actor *actor = context;
    struct seam_list *list = actor->object;
    if (actor->number == 0) {
        actor->stage->plain[7] = 7;
        CHECK(fill_cell(&list->cells[0], 7), "fill"); /* Z1, pairs with Z2 in length_of */
        return NULL;
    }
    while (seam_list_length(list) == 0) {
        (void)usleep(100);
    }
    CHECK(seam_list_iterate(list, look_up, actor->stage) == 0, "iterate");
    return NULL;
}

static ssize_t to_number(void *element, size_t size, size_t most, void *context)
{
    (void)most;
    memcpy(element, context, size);
    return (ssize_t)size;
}

static void tell_element(void *object, int64_t number)
{
    CHECK(number % 2 == 0 ? seam_list_set(object, 0, &number, sizeof(number)) == 0
                          : seam_list_update(object, 0, to_number, &number) == 0,
          "change");
}

/** Looks, and leaves all as it is. */
static ssize_t look_and_leave(void *element, size_t size, size_t most, void *context)
{
    (void)most;
    memcpy(context, element, size);
    return -ECANCELED;
}

static int copy_number(size_t index, const void *data, size_t size, void *context)
{
    (void)index;
    memcpy(context, data, size);
    return 0;
}

static int64_t listen_to_element(void *object, int64_t turn)
{
    int64_t number = 0;
    CHECK(turn % 3 == 0   ? seam_list_get_int64(object, 0, &number) == 0
          : turn % 3 == 1 ? seam_list_iterate(object, copy_number, &number) == 0
                          : seam_list_update(object, 0, look_and_leave, &number) == -ECANCELED,
          "look");
    return number;
}

static ssize_t swap_ends(void *element, size_t size, size_t most, void *context)
{
    (void)most;
    (void)context;
    uint8_t *bytes = element, first = bytes[0];
    bytes[0] = bytes[size - 1];
    bytes[size - 1] = first;
    return (ssize_t)size;
}

/** Elements whose bytes are all the same, whatever is done to them. */
static void *act_list_locked(void *context)
{
    struct actor *actor = context;
    struct seam_list *list = actor->object;
    uint8_t bytes[STAGE_LONGEST], other[STAGE_LONGEST];
    for (uint64_t i = 0; i < STAGE_COUNT; i++) {
        uint64_t random = test_mix(i + STAGE_COUNT * (uint64_t)actor->number);
        size_t size = 1 + random / 16 % STAGE_LONGEST, index = random / 65536 % 4;
        ssize_t result = 0;
        memset(bytes, (int)random, size);
        switch (actor->number == 2 ? 6 : random % 7) {
        case 0:
            result = seam_list_append(list, bytes, size);
            break;
        case 1:
            result = seam_list_insert(list, index, bytes, size);
            break;
        case 2:
            result = seam_list_set(list, index, bytes, size);
            break;
        case 3:
            result = seam_list_update(list, index, swap_ends, NULL);
            break;
        case 4:
            result = seam_list_remove(list, index);
            break;
        default:
            result = random % 7 == 5 && actor->number != 2
                         ? seam_list_pop(list, index, other, sizeof(other))
                         : seam_list_get(list, index, other, sizeof(other));
            for (ssize_t k = 1; k < result; k++) {
                CHECK(other[k] == other[0], "torn");
            }
            break;
        }
        CHECK(result >= 0 || result == -ERANGE || result == -ENOSPC, "%zd", result);
    }
    return NULL;
}

static void case_list(void)
{
    stage_run(ANY_LIST, act_list, 2);
}

static void case_list_uncounted(void)
{
    stage_run(ANY_LIST, act_list_uncounted, -1);
}

/** All changes of one element, in lock-free mode. */
static void case_list_elements(void)
{
    const struct seam_list_options options = {.capacity = 1, .element_bytes = 8};
    struct seam_list *list = NULL;
    CHECK(seam_list_create(NULL, &options, &list) == 0, "%s", seam_error_detail());
    CHECK(seam_list_append_int64(list, 0) == 0, "append");
    stage_tale(list, tell_element, listen_to_element);
    seam_list_close(list);
}

static void case_list_locked(void)
{
    stage_run(ANY_LIST_LOCKED, act_list_locked, -1);
}

static const struct test_case cases[] = {
    {"list", case_list},
    {"list-elements", case_list_elements},
    {"list-locked", case_list_locked},
    {"list-uncounted", case_list_uncounted},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
