/* SPDX-License-Identifier: MIT */
/* Looking at names from outside, and collecting those that nobody has open. */
#include "inspect.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "any.h"
#include "channel/handle.h"
#include "proc.h"

TestSuite(inspect, .init = test_begin, .fini = test_end);

static struct seam_object_info unused;

/* ---- one name ---- */

Test(inspect, a_name_tells_what_it_stands_for)
{
    static const enum seam_kind kinds[] = {SEAM_KIND_LOCK,  SEAM_KIND_VALUE, SEAM_KIND_VALUE,
                                           SEAM_KIND_ARRAY, SEAM_KIND_ARRAY, SEAM_KIND_LIST,
                                           SEAM_KIND_LIST};
    EACH_KIND(kind)
    {
        const struct any_options options = {.region = {.mode = 0640}};
        struct timespec now;
        void *object = NULL;
        cr_assert_eq(any_create(kind, "thing", &options, &object), 0);
        struct seam_object_info info = info_of("thing");
        (void)clock_gettime(CLOCK_REALTIME, &now);
        cr_expect_eq(info.kind, kinds[kind], "%s", any_name(kind));
        cr_expect_eq(info.state, SEAM_STATE_IN_USE);
        cr_expect_eq(info.error, 0);
        cr_expect_eq(info.owner, geteuid());
        cr_expect_eq(info.permissions, 0640);
        cr_expect(info.created_ns <= now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
        cr_expect_geq(info.memory_bytes, 8192);
        cr_expect_eq(info.holder, 0);
        bool has_elements = info.kind == SEAM_KIND_ARRAY || info.kind == SEAM_KIND_LIST;
        cr_expect_eq(info.length, has_elements ? 8 : info.kind == SEAM_KIND_VALUE ? 1 : 0);
        any_close(kind, object);
        cr_expect_eq(info_of("thing").state, SEAM_STATE_IDLE);
        collect("thing");
    }
}

Test(inspect, a_channel_tells_who_writes_and_what)
{
    const struct seam_channel_options as_reader = {
        .role = SEAM_READER, .max_message = 100, .policy = SEAM_LOSSLESS};
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *reader = must_create("news", &as_reader);
    cr_expect_eq(info_of("news").writer, SEAM_WRITER_NONE);
    struct seam_channel *writer = must_open("news", &as_writer);
    must_send(writer, "12345");
    must_send(writer, "678");
    struct seam_object_info info = info_of("news");
    cr_expect_eq(info.kind, SEAM_KIND_CHANNEL);
    cr_expect_eq(info.writer, SEAM_WRITER_ALIVE);
    cr_expect_eq(info.published, 2);
    cr_expect_eq(info.published_bytes, 8);
    cr_expect_eq(info.readers, 1);
    cr_expect_eq(info.channel.max_message, 100);
    cr_expect_eq(info.channel.policy, SEAM_LOSSLESS);
    cr_expect_eq(info.channel.writers, 1);
    cr_expect_eq(info.channel.memory_bytes, info.memory_bytes);
    seam_channel_close(writer);
    cr_expect_eq(info_of("news").writer, SEAM_WRITER_ENDED);
    writer = must_open("news", &as_writer);
    seam_lease_drop(&writer->region.lease, SEAM_LEASE_WRITER);
    cr_expect_eq(info_of("news").writer, SEAM_WRITER_DEAD);
    seam_channel_close(writer);
    seam_channel_close(reader);
    cr_expect_eq(info_of("news").readers, 0);
    collect("news");
}

Test(inspect, a_lock_tells_who_holds_it)
{
    struct seam_lock *lock = NULL;
    cr_assert_eq(seam_lock_create("lock", NULL, &lock), 0);
    cr_assert_eq(seam_lock_lock(lock), 0);
    struct seam_object_info info = info_of("lock");
    cr_expect_eq(info.holder, getpid());
    cr_expect_not(info.holder_is_dead);
    cr_expect_eq(seam_lock_unlock(lock), 0);
    cr_expect_eq(info_of("lock").holder, 0);
    seam_lock_close(lock);
    /* As it is after a million handles. */
    change("lock/log", offsetof(struct seam_object_head, lock.last_id), &(uint32_t){1U << 21}, 4);
    cr_assert_eq(seam_lock_open("lock", NULL, &lock), 0);
    cr_assert_eq(seam_lock_lock(lock), 0);
    cr_expect_not(info_of("lock").holder_is_dead);
    cr_expect_eq(seam_lock_unlock(lock), 0);
    seam_lock_close(lock);
    collect("lock");
}

Test(inspect, what_can_not_be_opened_says_why)
{
    static const struct {
        const char *field;
        size_t offset, bytes;
        uint64_t value;
        enum seam_state state;
        int error;
    } cases[] = {
        {"boot id", offsetof(struct seam_stamp, boot_id), 8, 1, SEAM_STATE_STALE, -ESTALE},
        {"layout version", offsetof(struct seam_stamp, layout_version), 4, 99, SEAM_STATE_REFUSED,
         -EPROTO},
        {"kind", offsetof(struct seam_stamp, kind), 4, 6, SEAM_STATE_REFUSED, -EPROTO},
        {"kind", offsetof(struct seam_stamp, kind), 4, 0, SEAM_STATE_REFUSED, -EPROTO},
        {"lanes", offsetof(struct seam_stamp, lanes), 8, 0, SEAM_STATE_REFUSED, -EPROTO},
        {"max_readers", offsetof(struct seam_stamp, max_readers), 8, UINT64_MAX, SEAM_STATE_REFUSED,
         -EPROTO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seam_channel *writer = must_create("x", NULL);
        must_send(writer, "kept");
        seam_channel_close(writer);
        change("x/log", (off_t)cases[i].offset, &cases[i].value, cases[i].bytes);
        struct seam_object_info info = info_of("x");
        cr_expect_eq(info.state, cases[i].state, "%s", cases[i].field);
        cr_expect_eq(info.error, cases[i].error);
        cr_expect_str_eq(info.detail, cases[i].field);
        bool is_told = info.state == SEAM_STATE_STALE;
        cr_expect_eq(info.kind, is_told ? SEAM_KIND_CHANNEL : 0);
        cr_expect_eq(info.published, is_told ? 1 : 0);
        cr_expect_eq(info.writer, is_told ? SEAM_WRITER_ENDED : 0);
        struct seam_party party;
        cr_expect_eq(seam_channel_parties("x", NULL, &party, 1), cases[i].error);
        cr_expect_str_eq(seam_error_detail(), cases[i].field);
        collect("x");
    }
    cr_expect_eq(seam_object_inspect("x", NULL, &unused), -ENOENT);
    cr_expect_eq(seam_channel_parties("x", NULL, NULL, 0), -ENOENT);
    cr_expect_eq(seam_object_inspect(".x", NULL, &unused), -EINVAL);
}

/** Any word of the files may be anything: what is told may be wrong, and that is all. */
Test(inspect, nonsense_is_told_but_not_followed)
{
    const uint64_t values[] = {0, 1, 7, UINT64_MAX, UINT64_C(1) << 63, 4096, INT64_MAX};
    const struct seam_channel_options options = {
        .capacity = 4096, .max_message = 64, .max_readers = 2, .writers = 2};
    struct seam_channel *writer = must_create("x", &options);
    struct seam_channel *reader = must_open("x", NULL);
    must_send(writer, "something");
    uint8_t *pages[] = {writer->region.log->base, (uint8_t *)writer->desk};
    for (size_t page = 0; page < 2; page++) {
        for (size_t word = page == 0 ? 256 : 24; word < 4096; word += 8) {
            uint64_t before;
            memcpy(&before, pages[page] + word, 8);
            for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
                struct seam_party parties[8];
                memcpy(pages[page] + word, &values[i], 8);
                (void)info_of("x");
                ssize_t count = seam_channel_parties("x", NULL, parties, 8);
                cr_assert(count >= 0 && count <= 4, "%zd", count);
            }
            if (page == 0) {
                const char *wrong;
                cr_expect_eq(seam_object_check("x", NULL, &wrong), 0);
            }
            memcpy(pages[page] + word, &before, 8);
        }
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
    collect("x");
}

/* ---- who is there ---- */

Test(inspect, parties_tell_how_far_behind_they_are)
{
    const struct seam_channel_options options = {.max_message = 64}, keeper = {.cursor = "keeper"};
    struct seam_channel *writer = must_create("x", &options);
    struct seam_channel *durable = must_open("x", &keeper), *quick = must_open("x", NULL);
    struct seam_party parties[4];
    for (int i = 0; i < 3; i++) {
        must_send(writer, "12345678");
        must_recv(quick, "12345678");
    }
    must_recv(durable, "12345678");
    seam_channel_close(durable);
    cr_assert_eq(seam_channel_parties("x", NULL, parties, 4), 3);
    cr_expect_eq(parties[0].role, SEAM_WRITER);
    cr_expect(parties[0].is_alive);
    cr_expect_eq(parties[0].pid, getpid());
    for (int i = 1; i < 3; i++) {
        bool is_durable = parties[i].cursor[0] != '\0';
        cr_expect_eq(parties[i].role, SEAM_READER);
        cr_expect_eq(parties[i].is_alive, !is_durable);
        cr_expect_eq(parties[i].lag_messages, is_durable ? 2 : 0);
        cr_expect_eq(parties[i].lag_bytes, is_durable ? 32 : 0);
        cr_expect_str_eq(parties[i].cursor, is_durable ? "keeper" : "");
    }
    cr_expect_eq(seam_channel_parties("x", NULL, parties, 1), 3, "however much room there is");
    seam_channel_close(quick);
    seam_channel_close(writer);
    collect("x");
}

Test(inspect, lanes_and_work_queues_are_added_up)
{
    const struct seam_channel_options options = {.writers = 3, .policy = SEAM_WORK_QUEUE};
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *first = must_create("x", &options), *second = must_open("x", &as_writer);
    struct seam_channel *reader = must_open("x", NULL);
    struct seam_party parties[4];
    for (int i = 0; i < 5; i++) {
        must_send(first, "x");
        must_send(second, "x");
    }
    must_recv(reader, "x");
    seam_channel_close(second);
    cr_assert_eq(seam_channel_parties("x", NULL, parties, 4), 2, "the second writer is gone");
    cr_expect(parties[0].is_alive && parties[0].lane == 0);
    cr_expect(parties[1].is_alive && parties[1].role == SEAM_READER);
    cr_expect_eq(parties[1].lag_messages, 9);
    seam_channel_close(reader);
    seam_channel_close(first);
    cr_expect_eq(info_of("x").writer, SEAM_WRITER_ENDED, "though the third lane never had one");
    collect("x");
}

/** I4: killed between announcing a message and committing it, a writer has sent nothing more. */
Test(inspect, what_is_announced_only_is_not_behind)
{
    for (enum seam_policy policy = SEAM_LOSSLESS; policy <= SEAM_WORK_QUEUE; policy += 2) {
        const struct seam_channel_options options = {.policy = policy, .max_message = 64};
        struct seam_channel *writer = must_create("x", &options), *reader = must_open("x", NULL);
        struct seam_party party = {0};
        for (int i = 0; i < 100; i++) {
            must_send(writer, "12345678");
            must_recv(reader, "12345678");
        }
        struct seam_log_head *head = writer->log.head;
        store_relaxed(&head->newest, writer->tail.position);
        store_relaxed(&head->newest_sequence, load_relaxed(&head->newest_sequence) + 1);
        seam_channel_close(writer);
        cr_assert_eq(seam_channel_parties("x", NULL, &party, 1), 1);
        cr_expect_eq(party.role, SEAM_READER);
        cr_expect_eq(party.lag_messages, 0);
        cr_expect_eq(party.lag_bytes, 0);
        seam_channel_close(reader);
        collect("x");
    }
}

/* ---- all names ---- */

struct seen {
    unsigned count;
    struct seam_object_info last;
};

static int note(const struct seam_object_info *info, void *context)
{
    struct seen *seen = context;
    seen->count++;
    seen->last = *info;
    return 0;
}

static struct seen visit(const struct seam_region_options *region)
{
    struct seen seen = {0};
    cr_assert_eq(seam_object_visit(region, note, &seen), 0, "%s", seam_error_detail());
    return seen;
}

static int stop(const struct seam_object_info *info, void *context)
{
    (void)info;
    ++*(int *)context;
    return 77;
}

Test(inspect, visiting_passes_over_what_is_nobodys_object)
{
    const uid_t nobody = 65534;
    const struct seam_region_options theirs = {.owner = &nobody}, nowhere = {.dir = "/nowhere"};
    int count = 0;
    cr_assert_eq(mkdir(path_of("directory"), 0700), 0);
    cr_assert_eq(symlink("directory", path_of("link")), 0);
    cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
    close(open(path_of("directory/log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open(path_of("directory/desk"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_expect_eq(visit(NULL).count, 0);
    cr_expect_eq(seam_object_inspect("directory", NULL, &unused), -EPROTO);
    cr_expect_eq(seam_object_inspect("link", NULL, &unused), -EPROTO);
    change("directory/log", 0, "some other program's log", 24);
    cr_expect_eq(seam_object_inspect("directory", NULL, &unused), -EPROTO);
    seam_channel_close(must_create("one", NULL));
    seam_channel_close(must_create("two", NULL));
    cr_expect_eq(visit(NULL).count, 2);
    cr_expect_eq(visit(&theirs).count, 0);
    cr_expect_eq(seam_object_visit(NULL, stop, &count), 77);
    cr_expect_eq(count, 1);
    cr_expect_eq(seam_object_visit(&nowhere, stop, &count), -ENOENT);
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0); /* the lowest that is free */
    close(next);
    const struct rlimit few = {(rlim_t)next + 2, before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    cr_expect_eq(seam_object_visit(NULL, stop, &count), -EMFILE, "not that there is nothing");
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    char long_name[SEAM_NAME_MAX + 2] = "", one[256];
    memset(long_name, 'x', SEAM_NAME_MAX + 1);
    (void)snprintf(one, sizeof(one), "%s", path_of("one"));
    cr_assert_eq(rename(one, path_of(long_name)), 0);
    cr_expect_eq(visit(NULL).count, 1, "that is no name");
    (void)snprintf(one, sizeof(one), "%s", path_of(long_name));
    cr_assert_eq(rename(one, path_of("one")), 0);
    collect("one");
    collect("two");
    unlink(path_of("directory/log"));
    unlink(path_of("directory/desk"));
    rmdir(path_of("directory"));
    unlink(path_of("link"));
    unlink(path_of("fifo"));
}

Test(inspect, leavings_are_found_unless_somebody_is_at_them)
{
    char too_long[256] = ".seam-";
    memset(too_long + 6, 'x', SEAM_NAME_MAX + 1);
    cr_assert_eq(mkdir(path_of(too_long), 0700), 0);
    cr_expect_eq(visit(NULL).count, 0, "that was never one of ours");
    cr_assert_eq(rmdir(path_of(too_long)), 0);
    cr_assert_eq(mkdir(path_of(".seam-x"), 0700), 0);
    close(open(path_of(".seam-x/log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    struct seen seen = visit(NULL);
    cr_expect_eq(seen.count, 1);
    cr_expect_eq(seen.last.state, SEAM_STATE_UNFINISHED);
    cr_expect_str_eq(seen.last.name, "x");
    cr_assert_eq(mkdir(path_of(".seam-x/y"), 0700), 0);
    cr_expect_eq(seam_object_collect("x/y", NULL), -EINVAL, "it is no name");
    cr_expect_eq(rmdir(path_of(".seam-x/y")), 0, "and is still there");
    int fd = open(path_of(".seam-x"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    cr_expect_eq(visit(NULL).count, 0);
    cr_expect_eq(seam_object_collect("x", NULL), -EBUSY);
    close(fd);
    collect("x");
    cr_expect_eq(visit(NULL).count, 0);
    cr_expect_eq(seam_object_collect("x", NULL), -ENOENT);
}

Test(inspect, what_is_in_use_is_not_collected)
{
    struct seam_channel *writer = must_create("x", NULL);
    cr_expect_eq(seam_object_collect("x", NULL), -EBUSY);
    struct seam_channel *reader = must_open("x", NULL);
    seam_channel_close(writer);
    cr_expect_eq(seam_object_collect("x", NULL), -EBUSY);
    seam_channel_close(reader);
    collect("x");
}

Test(inspect, looking_leaves_nothing_open)
{
    struct seam_party parties[4];
    seam_channel_close(must_create("x", NULL));
    size_t before = proc_descriptors(1024);
    for (int i = 0; i < 3; i++) {
        (void)info_of("x");
        (void)visit(NULL);
        cr_expect_geq(seam_channel_parties("x", NULL, parties, 4), 0);
        cr_expect_eq(seam_object_collect(".", NULL), -EINVAL);
    }
    collect("x");
    cr_expect_eq(seam_object_inspect("x", NULL, &unused), -ENOENT);
    cr_expect_eq(proc_descriptors(1024), before);
}

/* ---- a flight recorder ---- */

Test(inspect, what_was_kept_over_a_restart_can_be_read)
{
    const struct seam_channel_options to_read = {.region = {.after_restart = true},
                                                 .role = SEAM_OBSERVER};
    const struct seam_channel_options to_write = {.region = {.after_restart = true},
                                                  .role = SEAM_WRITER};
    struct seam_channel *channel = must_create("x", NULL), *other;
    must_send(channel, "kept");
    seam_channel_close(channel);
    change("x/log", offsetof(struct seam_stamp, boot_id), &(uint64_t){1}, 8);
    cr_expect_eq(seam_channel_open("x", NULL, &other), -ESTALE);
    cr_expect_eq(seam_channel_open("x", &to_write, &other), -EINVAL);
    cr_expect_str_eq(seam_error_detail(), "after_restart");
    channel = must_open("x", &to_read);
    must_recv(channel, "kept");
    cr_expect_eq(seam_channel_recv(channel, &(char[8]){0}, 8), -EPIPE);
    cr_expect_eq(seam_channel_reopen(channel, &to_write, &other), -EINVAL);
    seam_channel_close(channel);
    collect("x");
}
