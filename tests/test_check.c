/* SPDX-License-Identifier: MIT */
/* Whether what must hold for an object does: found where it does not, and not where it does. */
#include "inspect.h"

#include <pthread.h>

#include "channel/handle.h"

TestSuite(check, .init = test_begin, .fini = test_end);

static _Atomic bool enough;

static const char *wrong_with(const char *name)
{
    const char *wrong = NULL;
    cr_assert_eq(seam_object_check(name, NULL, &wrong), 0, "%s", seam_error_detail());
    return wrong;
}

Test(check, what_is_whole_is_found_to_be)
{
    const enum seam_policy policies[] = {SEAM_LOSSLESS, SEAM_OVERWRITE, SEAM_WORK_QUEUE};
    for (size_t i = 0; i < 6; i++) {
        const struct seam_channel_options options = {.policy = policies[i % 3],
                                                     .capacity = 4096,
                                                     .max_message = 64,
                                                     .writers = i < 3 ? 1 : 3};
        struct seam_channel *writer = must_create("x", &options), *reader = must_open("x", NULL);
        for (size_t sent = 0; sent < 1000; sent++) {
            char buffer[64];
            uint64_t text[8] = {sent, ~sent};
            cr_assert_eq(seam_channel_try_send(writer, text, sent % 64), 0);
            if (sent % 50 == 0) {
                cr_expect_null(wrong_with("x"), "%s", wrong_with("x"));
            }
            (void)!seam_channel_try_recv(reader, buffer, sizeof(buffer));
        }
        seam_channel_close(reader);
        seam_channel_close(writer);
        cr_expect_null(wrong_with("x"));
        collect("x");
    }
}

static void *send_on(void *context)
{
    struct seam_channel *writer = must_create("x", context);
    for (uint64_t sent = 0; !load_relaxed(&enough); sent++) {
        int error = seam_channel_send_until(writer, &(uint64_t[8]){sent}, sent % 64,
                                            seam_deadline_in_ns(10000000));
        cr_assert(error == 0 || error == -ETIMEDOUT, "%s", strerror(-error));
    }
    seam_channel_close(writer);
    return NULL;
}

static void *recv_on(void *context)
{
    struct seam_channel *reader = must_open("x", context);
    char buffer[64];
    while (!load_relaxed(&enough)) {
        (void)!seam_channel_recv_until(reader, buffer, sizeof(buffer), 0);
    }
    seam_channel_close(reader);
    return NULL;
}

static void check_beside(struct seam_channel_options *options, int looks)
{
    pthread_t writer, reader;
    struct seam_object_info info = {0};
    store_relaxed(&enough, false);
    cr_assert_eq(pthread_create(&writer, NULL, send_on, options), 0);
    while (seam_object_inspect("x", NULL, &info) != 0 || info.published < 1000) {
    }
    cr_assert_eq(pthread_create(&reader, NULL, recv_on, NULL), 0);
    while (info.published < 100000) {
        cr_assert_eq(seam_object_inspect("x", NULL, &info), 0);
    }
    for (int i = 0; i < looks; i++) {
        const char *wrong = wrong_with("x");
        cr_expect_null(wrong, "%s", wrong);
    }
    store_relaxed(&enough, true);
    pthread_join(reader, NULL);
    pthread_join(writer, NULL);
    collect("x");
}

/** What is overwritten, or passed by a reader, while it is looked at is not taken for damage. */
Test(check, what_changes_all_the_time_is_whole)
{
    struct seam_channel_options small = {
        .policy = SEAM_OVERWRITE, .capacity = 65536, .max_message = 64};
    struct seam_channel_options large = {.capacity = 1 << 26, .max_message = 64};
    check_beside(&small, 200);
    check_beside(&large, 10);
}

Test(check, what_readers_missed_is_added_up)
{
    const struct seam_channel_options options = {
        .policy = SEAM_OVERWRITE, .capacity = 4096, .max_message = 64};
    struct seam_channel *writer = must_create("x", &options);
    struct seam_channel *readers[] = {must_open("x", NULL), must_open("x", NULL)};
    struct seam_channel_stats stats;
    uint64_t lost = 0;
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "12345678");
    }
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(seam_channel_try_recv(readers[i], &(char[64]){0}, 64), -EOVERFLOW);
        cr_assert_eq(seam_channel_stats(readers[i], &stats), 0);
        cr_expect_gt(stats.lost, 500);
        lost += stats.lost;
        cr_expect_eq(info_of("x").lost, lost);
        seam_channel_close(readers[i]);
    }
    cr_expect_eq(info_of("x").lost, lost, "also when they are gone");
    seam_channel_close(writer);
    collect("x");
}

Test(check, what_is_not_there_is_not_whole)
{
    const char *wrong;
    cr_expect_eq(seam_object_check("x", NULL, &wrong), -ENOENT);
}

Test(check, what_is_damaged_is_named)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 64};
    static const struct {
        const char *what;
        size_t offset;
        uint64_t value;
    } cases[] = {
        {"the newest message", offsetof(struct seam_log_head, newest), 3},
        {"how far the ring is prepared", offsetof(struct seam_log_head, prepared), 8},
        {"the messages in the ring", 4096 + 16, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seam_channel *writer = must_create("x", &options);
        for (int sent = 0; sent < 10; sent++) {
            must_send(writer, "12345678");
        }
        if (i == 0) {
            store_relaxed(&writer->log.head->previous, 5);
        }
        uint64_t value = cases[i].value + (i == 1 ? writer->log.first_position : 0);
        memcpy(writer->region.log->base + cases[i].offset, &value, 8);
        cr_assert_not_null(wrong_with("x"), "%s", cases[i].what);
        cr_expect_str_eq(wrong_with("x"), cases[i].what);
        seam_channel_close(writer);
        collect("x");
    }
    struct seam_channel *writer = must_create("x", &options), *reader = must_open("x", NULL);
    const uint64_t cursors[] = {writer->log.first_position + (UINT64_C(1) << 40), 4};
    for (size_t i = 0; i < 2; i++) {
        store_relaxed(&reader->slot->cursor, cursors[i]);
        cr_assert_not_null(wrong_with("x"));
        cr_expect_str_eq(wrong_with("x"), "a reader's cursor");
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
    change("x/log", offsetof(struct seam_stamp, policy), &(uint32_t){99}, 4);
    cr_expect_str_eq(wrong_with("x"), "policy");
    change("x/log", offsetof(struct seam_stamp, layout_version), &(uint32_t){99}, 4);
    cr_expect_str_eq(wrong_with("x"), "layout version");
    collect("x");
}
