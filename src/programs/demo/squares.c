/* SPDX-License-Identifier: MIT */
#include "demo/squares.h"

#include <inttypes.h>

#include "demo/children.h"
#include "demo/objects.h"
#include "demo/print.h"

static const int64_t numbers[] = {5, 6, 7, 8};
#define COUNT (sizeof(numbers) / sizeof(numbers[0]))

/** What parent and child share. */
struct squares {
    const struct demo_options *options;
    struct seam_array *array;
    struct seam_value *sum;
};

/* ---- the child ---- */

static enum demo_status square_all(const struct demo_options *options, struct seam_array *array,
                                   struct seam_value *sum)
{
    for (size_t i = 0; i < COUNT; i++) {
        const int64_t square = numbers[i] * numbers[i];
        int error = seam_array_set(array, i, &square);
        if (error == 0) {
            error = seam_value_add(sum, square, NULL);
        }
        if (error != 0) {
            demo_object_error("change", "the array or the sum", error);
            return DEMO_FAILED;
        }
        demo_note(options, "squarer: the square of %" PRId64 " is %" PRId64, numbers[i], square);
    }
    return DEMO_OK;
}

static enum demo_status be_squarer(void *context, size_t index)
{
    const struct squares *parents = context;
    (void)index;
    struct seam_array *array;
    struct seam_value *sum;
    const struct seam_array_options wanted = {.wait = parents->options->wait};
    enum demo_status status = DEMO_FAILED;
    int error = seam_array_reopen(parents->array, &wanted, &array);
    if (error != 0) {
        demo_object_error("open", "the array", error);
        return DEMO_FAILED;
    }
    if (demo_value_reopen(parents->options, parents->sum, &sum)) {
        status = square_all(parents->options, array, sum);
        seam_value_close(sum);
    }
    seam_array_close(array);
    return status;
}

/* ---- the parent ---- */

static enum demo_status print_results(const struct squares *squares)
{
    int64_t results[COUNT], sum;
    int error = seam_array_copy_out(squares->array, 0, COUNT, results);
    if (error == 0) {
        error = seam_value_load(squares->sum, &sum);
    }
    if (error != 0) {
        demo_object_error("read", "the array or the sum", error);
        return DEMO_FAILED;
    }
    if (demo_print_numbers(results, COUNT) != 0 || demo_printf("%" PRId64, sum) != 0) {
        return DEMO_FAILED;
    }
    return DEMO_OK;
}

static enum demo_status run(struct squares *squares)
{
    struct demo_child child = {.name = "squarer"};
    enum demo_status status = DEMO_FAILED;
    if (!demo_child_start(&child, be_squarer, squares, 0)) {
        return DEMO_FAILED;
    }
    if (demo_child_wait(&child)) {
        status = demo_child_judge(&child, "before it was done");
    }
    demo_child_kill(&child);
    return status == DEMO_OK ? print_results(squares) : status;
}

enum demo_status demo_squares(const struct demo_options *options)
{
    struct squares squares = {.options = options};
    const struct seam_array_options wanted = {
        .type = SEAM_INT64, .length = COUNT, .mode = options->mode, .wait = options->wait};
    int error = seam_array_create(NULL, &wanted, &squares.array);
    if (error != 0) {
        demo_object_error("create", "an array of 4 numbers", error);
        return DEMO_FAILED;
    }
    enum demo_status status = DEMO_FAILED;
    if (demo_value_create(options, SEAM_LOCK_FREE, &squares.sum)) {
        status = run(&squares);
        seam_value_close(squares.sum);
    }
    seam_array_close(squares.array);
    return status;
}
