/* SPDX-License-Identifier: MIT */
#include "demo/list.h"

#include <inttypes.h>
#include <unistd.h>

#include "demo/children.h"
#include "demo/objects.h"
#include "demo/print.h"

#define CAPACITY 100U
#define AT_FIRST 50U
#define APPENDED 10U
#define DOUBLED 5U
#define LENGTH (AT_FIRST + APPENDED)

/* Between two steps of a process, so that those of the two alternate. */
#define STEP_NAP_NS INT64_C(1000000)

/** What parent and children share. */
struct work {
    const struct demo_options *options;
    struct seam_list *list;
    struct demo_team team;
};

/** What a process does; @p step says which of its steps. @return false after telling the user */
typedef bool take_step(struct seam_list *list, int64_t step);

/* ---- the children ---- */

static bool append(struct seam_list *list, int64_t step)
{
    ssize_t index = seam_list_append_int64(list, step);
    if (index < 0) {
        demo_object_error("append to", "the list", (int)index);
        return false;
    }
    return demo_printf("appender[%ld]: appended %" PRId64 " at index %zd", (long)getpid(), step,
                       index) == 0;
}

static bool double_one(struct seam_list *list, int64_t step)
{
    int64_t old;
    int error = seam_list_multiply_int64(list, (size_t)step, 2, &old);
    if (error != 0) {
        demo_object_error("change", "the list", error);
        return false;
    }
    return demo_printf("doubler[%ld]: doubled index %" PRId64 ": %" PRId64 " became %" PRId64,
                       (long)getpid(), step, old, old * 2) == 0;
}

static const struct {
    const char *name;
    take_step *take;
    int64_t steps;
} roles[] = {{"appender", append, APPENDED}, {"doubler", double_one, DOUBLED}};
#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

static enum demo_status be_worker(void *context, size_t index)
{
    const struct work *parents = context;
    struct seam_list *list;
    const struct seam_list_options wanted = {.wait = parents->options->wait};
    int error = seam_list_reopen(parents->list, &wanted, &list);
    if (error != 0) {
        demo_object_error("open", "the list", error);
        return DEMO_FAILED;
    }
    bool good = demo_team_wait(&parents->team);
    for (int64_t step = 0; good && step < roles[index].steps; step++) {
        good = roles[index].take(list, step);
        demo_nap(STEP_NAP_NS);
    }
    seam_list_close(list);
    return good ? DEMO_OK : DEMO_FAILED;
}

/* ---- the parent ---- */

/** What the list must have at an index when all is done. */
static int64_t expected(const struct demo_options *options, size_t index)
{
    if (index >= AT_FIRST) {
        return (int64_t)(index - AT_FIRST);
    }
    return (int64_t)options->start * (index < DOUBLED ? 2 : 1);
}

static enum demo_status print_and_check(const struct work *work)
{
    int64_t numbers[CAPACITY];
    ssize_t length = seam_list_length(work->list);
    if (length < 0) {
        demo_object_error("read", "the list", (int)length);
        return DEMO_FAILED;
    }
    bool right = length == LENGTH;
    for (size_t i = 0; i < (size_t)length; i++) {
        int error = seam_list_get_int64(work->list, i, &numbers[i]);
        if (error != 0) {
            demo_object_error("read", "the list", error);
            return DEMO_FAILED;
        }
        right = right && numbers[i] == expected(work->options, i);
    }
    if (demo_print_numbers(numbers, (size_t)length) != 0) {
        return DEMO_FAILED;
    }
    if (!right) {
        demo_error("the list is wrong: something was lost");
    }
    return right ? DEMO_OK : DEMO_FAILED;
}

static enum demo_status run(struct work *work)
{
    struct demo_child children[ROLE_COUNT];
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        children[i] = (struct demo_child){.name = roles[i].name};
    }
    for (size_t i = 0; i < AT_FIRST; i++) {
        ssize_t index = seam_list_append_int64(work->list, (int64_t)work->options->start);
        if (index < 0) {
            demo_object_error("append to", "the list", (int)index);
            return DEMO_FAILED;
        }
    }
    work->team =
        (struct demo_team){.options = work->options, .children = children, .count = ROLE_COUNT};
    enum demo_status status = demo_team_run(&work->team, be_worker, work);
    return status == DEMO_OK ? print_and_check(work) : status;
}

enum demo_status demo_list(const struct demo_options *options)
{
    struct work work = {.options = options};
    const struct seam_list_options wanted = {
        .capacity = CAPACITY, .mode = options->mode, .wait = options->wait};
    int error = seam_list_create(NULL, &wanted, &work.list);
    if (error != 0) {
        demo_object_error("create", "a list of up to 100 numbers", error);
        return DEMO_FAILED;
    }
    enum demo_status status = run(&work);
    seam_list_close(work.list);
    return status;
}
