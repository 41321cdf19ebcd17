/* SPDX-License-Identifier: MIT */
/* Pages that are there before they are needed, and pages that stay in memory. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "proc.h"
#include "region/test_hooks.h"

#define NAME "pages"
#define SIZE 4000U
#define CAPACITY ((size_t)256 << 10)

static char buffer[SIZE];

/* ---- counting ---- */

static long faults(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_THREAD, &usage) == 0, "%s", strerror(errno));
    return usage.ru_minflt + usage.ru_majflt;
}

/** Sends, and receives where there is a reader, one and a half laps of a ring of CAPACITY. */
static long faults_of_laps(struct seam_channel *writer, struct seam_channel *reader)
{
    long before = faults();
    for (size_t sent = 0; sent < CAPACITY + CAPACITY / 2; sent += SIZE) {
        CHECK(seam_channel_try_send(writer, buffer, SIZE) == 0, "send");
        CHECK(reader == NULL || seam_channel_try_recv(reader, buffer, SIZE) == SIZE, "recv");
    }
    return faults() - before;
}

static struct seam_channel *create(const char *name, struct seam_region_options region,
                                   enum seam_policy policy, size_t capacity)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {
        .region = region, .policy = policy, .capacity = capacity};
    int error = seam_channel_create(name, &options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

static struct seam_channel *reopen(const struct seam_channel *other,
                                   struct seam_region_options region, enum seam_role role)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {.region = region, .role = role};
    int error = seam_channel_reopen(other, &options, &channel);
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

/* ---- prefault ---- */

static const struct seam_region_options prefault = {.prefault = true};

static long faults_of_channel(struct seam_region_options region)
{
    struct seam_channel *writer = create(NULL, region, SEAM_LOSSLESS, CAPACITY);
    struct seam_channel *reader = reopen(writer, region, SEAM_READER);
    long count = faults_of_laps(writer, reader);
    seam_channel_close(reader);
    seam_channel_close(writer);
    return count;
}

static long faults_of_array(struct seam_region_options region)
{
    struct seam_array *array;
    const struct seam_array_options options = {
        .region = region, .type = SEAM_INT64, .length = CAPACITY / 8};
    CHECK(seam_array_create(NULL, &options, &array) == 0, "%s", seam_error_detail());
    long before = faults();
    for (size_t i = 0; i < options.length; i++) {
        CHECK(seam_array_set(array, i, &(int64_t){1}) == 0, "set");
    }
    long count = faults() - before;
    seam_array_close(array);
    return count;
}

/** Not one page is touched first by a message, and with every other kernel not either. */
static void case_prefault(void)
{
    const long pages = (long)(CAPACITY / (size_t)sysconf(_SC_PAGESIZE));
    /* These also have all code and private memory touched. */
    CHECK(faults_of_channel((struct seam_region_options){0}) > 0, "else nothing is counted");
    CHECK(faults_of_array((struct seam_region_options){0}) > 0, "likewise");
    for (int i = 0; i < 2; i++) {
        seam_test_no_populate = i == 1;
        long channel = faults_of_channel(prefault), array = faults_of_array(prefault);
        CHECK(channel == 0, "%ld faults of %ld pages", channel, pages);
        CHECK(array == 0, "%ld faults of %ld pages", array, pages);
    }
}

static long faults_of_child(void *context, struct seam_region_options region)
{
    struct seam_channel *mine = create(NULL, prefault, SEAM_OVERWRITE, CAPACITY);
    (void)faults_of_laps(mine, NULL); /* has what fork made copy-on-write copied */
    seam_channel_close(mine);
    struct seam_channel *writer = reopen(context, region, SEAM_WRITER);
    long count = faults_of_laps(writer, NULL);
    seam_channel_close(writer);
    return count;
}

static int write_unprepared(void *context)
{
    CHECK(faults_of_child(context, (struct seam_region_options){0}) > 0, "else nothing is counted");
    return 0;
}

static int write_prepared(void *context)
{
    long count = faults_of_child(context, prefault);
    CHECK(count == 0, "%ld faults", count);
    return 0;
}

/** A child that may not map the log again uses the inherited mapping: fork copied no page of it. */
static void case_prefault_inherited(void)
{
    const struct seam_channel_options options = {
        .region = {.one_way = true, .prefault = true},
        .policy = SEAM_OVERWRITE,
        .capacity = CAPACITY,
        .many_writers = true,
    };
    struct seam_channel *channel = test_create(&options);
    CHECK(test_join(test_spawn(write_unprepared, channel)), "child");
    CHECK(test_join(test_spawn(write_prepared, channel)), "child");
    seam_channel_close(channel);
}

/* ---- lock_memory ---- */

/** Without this right the limit counts. */
static void drop_right_to_lock(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    CHECK(syscall(SYS_capget, &header, data) == 0, "%s", strerror(errno));
    data[0].effective &= ~(1U << CAP_IPC_LOCK);
    CHECK(syscall(SYS_capset, &header, data) == 0, "%s", strerror(errno));
}

static void limit_locked_memory(rlim_t bytes)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_MEMLOCK, &limit) == 0, "%s", strerror(errno));
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "%s", strerror(errno));
}

static void expect_refused(int expected)
{
    struct seam_channel *channel = NULL;
    const struct seam_channel_options locked = {.region = {.lock_memory = true}};
    for (int named = 0; named < 2; named++) {
        int next = dup(STDERR_FILENO);
        CHECK(close(next) == 0, "close");
        int error = seam_channel_create(named ? NAME : NULL, &locked, &channel);
        CHECK(error == expected, "%s: %s", seam_error_detail(), strerror(-error));
        CHECK(strcmp(seam_error_detail(), "mlock") == 0, "%s", seam_error_detail());
        CHECK(channel == NULL, "outputs stay untouched");
        CHECK(dup(STDERR_FILENO) == next && close(next) == 0, "a descriptor stays open");
        CHECK(!proc_is_mapped("seam log") && !proc_is_mapped(test_dir()), "no mapping stays");
        CHECK(seam_channel_open(NAME, NULL, &channel) == -ENOENT, "nor a name");
    }
}

static void case_lock(void)
{
    const struct seam_region_options locked = {.lock_memory = true};
    struct seam_channel_info info;
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_MEMLOCK, &limit) == 0, "%s", strerror(errno));
    drop_right_to_lock();
    limit_locked_memory(CAPACITY);
    expect_refused(-ENOMEM);
    limit_locked_memory(0);
    expect_refused(-EPERM);
    limit_locked_memory(limit.rlim_max);
    if (limit.rlim_max < 8 * CAPACITY) {
        printf("no more than %lu bytes may be locked here\n", (unsigned long)limit.rlim_max);
        test_end();
        exit(TEST_SKIPPED);
    }
    size_t before = proc_sum("/proc/self/status", "VmLck:", NULL);
    struct seam_channel *writer = create(NULL, locked, SEAM_LOSSLESS, CAPACITY);
    size_t one = proc_sum("/proc/self/status", "VmLck:", NULL);
    CHECK(seam_channel_info(writer, &info) == 0, "info");
    const size_t each = (info.memory_bytes + info.capacity) / 1024; /* log, ring again, desk */
    CHECK(one == before + each, "%zu KiB after %zu", one, before);
    struct seam_channel *reader = reopen(writer, locked, SEAM_READER);
    size_t two = proc_sum("/proc/self/status", "VmLck:", NULL);
    CHECK(two == one + each, "%zu KiB after %zu", two, one);
    seam_channel_close(reader);
    seam_channel_close(writer);
    CHECK(proc_sum("/proc/self/status", "VmLck:", NULL) == before, "closing unlocks");
}

static const struct test_case cases[] = {
    {"prefault", case_prefault},
    {"prefault-inherited", case_prefault_inherited},
    {"lock", case_lock},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
