/* SPDX-License-Identifier: MIT */
#include "demo/objects.h"

#include <errno.h>
#include <string.h>

void demo_object_error(const char *action, const char *what, int error)
{
    /* Only what gives a handle says what it stumbled over. */
    bool has_detail = strcmp(action, "create") == 0 || strcmp(action, "open") == 0;
    demo_error("cannot %s %s: %s%s%s", action, what, has_detail ? seam_error_detail() : "",
               has_detail ? ": " : "", strerror(-error));
}

bool demo_value_create(const struct demo_options *options, enum seam_mode mode,
                       struct seam_value **ret_value)
{
    const struct seam_value_options wanted = {.mode = mode, .wait = options->wait};
    int error = seam_value_create(NULL, &wanted, ret_value);
    if (error != 0) {
        demo_object_error("create", "a value", error);
    }
    return error == 0;
}

bool demo_value_reopen(const struct demo_options *options, const struct seam_value *parents,
                       struct seam_value **ret_value)
{
    const struct seam_value_options wanted = {.wait = options->wait};
    int error = seam_value_reopen(parents, &wanted, ret_value);
    if (error != 0) {
        demo_object_error("open", "the value", error);
    }
    return error == 0;
}

bool demo_value_wait(struct seam_value *value, int64_t *now)
{
    int error = seam_value_wait_until(value, *now, now, seam_deadline_in_ns(DEMO_SLICE_NS));
    if (error == 0 || error == -ETIMEDOUT) {
        return true;
    }
    demo_object_error("wait for", "the value", error);
    return false;
}

bool demo_lock_create(const struct demo_options *options, struct seam_lock **ret_lock)
{
    const struct seam_lock_options wanted = {.wait = options->wait};
    int error = seam_lock_create(NULL, &wanted, ret_lock);
    if (error != 0) {
        demo_object_error("create", "a lock", error);
    }
    return error == 0;
}

bool demo_lock_reopen(const struct demo_options *options, const struct seam_lock *parents,
                      struct seam_lock **ret_lock)
{
    const struct seam_lock_options wanted = {.wait = options->wait};
    int error = seam_lock_reopen(parents, &wanted, ret_lock);
    if (error != 0) {
        demo_object_error("open", "the lock", error);
    }
    return error == 0;
}
