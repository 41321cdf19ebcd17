/* SPDX-License-Identifier: MIT */
/* Names go: by unlink, with the last one out, and what killed processes have left of them. */
#include "named.h"

TestSuite(removing, .init = test_begin, .fini = test_end);

Test(removing, leavings_of_a_killed_creator_are_cleared)
{
    cr_assert_eq(mkdir(path_of(".seam-x"), 0700), 0);
    close(open(path_of(".seam-x/log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    seam_channel_close(must_create("x", NULL));
    cr_expect_neq(access(path_of(".seam-x"), F_OK), 0);
    cr_assert_eq(mkdir(path_of(".seam-x"), 0700), 0);
    unlink_channel("x");
    cr_expect_neq(access(path_of(".seam-x"), F_OK), 0);
}

Test(removing, what_is_planted_aside_stops_nobody)
{
    close(open(path_of(".seam-x"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    seam_channel_close(must_create("x", NULL));
    unlink_channel("x");
    cr_expect_eq(unlink(path_of(".seam-x")), 0);
}

Test(removing, last_one_out_removes_the_name)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *writer = must_create("x", &options);
    struct seam_channel *reader = must_open("x", &options);
    seam_channel_close(writer);
    cr_expect_eq(access(path_of("x"), F_OK), 0, "one is still there");
    seam_channel_close(reader);
    cr_expect_neq(access(path_of("x"), F_OK), 0);
}

Test(removing, who_was_refused_does_not_remove_the_name)
{
    seam_channel_close(must_create("x", NULL));
    const struct seam_channel_options wrong = {.region = {.unlink_last = true},
                                               .mode = SEAM_LOCKED};
    struct seam_channel *channel;
    cr_expect_eq(seam_channel_open("x", &wrong, &channel), -EPROTO);
    cr_expect_eq(access(path_of("x"), F_OK), 0);
    unlink_channel("x");
}

Test(removing, a_second_handle_may_remove_what_the_first_would_not)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *writer = must_create("x", NULL);
    struct seam_channel *reader = must_reopen(writer, &options);
    seam_channel_close(writer);
    seam_channel_close(reader);
    cr_expect_neq(access(path_of("x"), F_OK), 0);
}

Test(removing, removing_leaves_a_successor_of_the_name_alone)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *old = must_create("x", &options);
    unlink_channel("x");
    struct seam_channel *new = must_create("x", NULL);
    seam_channel_close(old);
    cr_expect_eq(access(path_of("x"), F_OK), 0, "the name is another channel's now");
    seam_channel_close(new);
    unlink_channel("x");
}
