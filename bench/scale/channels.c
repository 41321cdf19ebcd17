/* SPDX-License-Identifier: MIT */
/* What a channel costs where there are many: time to come and go, memory, file descriptors. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"
#include "../failure.h"
#include "../limits.h"
#include "memory/atomic.h"
#include "scale.h"

/* Processes that share them, where one may not have as many descriptors as they take. */
#define PARTS_MOST 64
#define HANG_S 100

/** Open file descriptors of this process. */
static double count_descriptors(void)
{
    double count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return 0;
    }
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/** How many handles, of three descriptors each, this process may have. */
static unsigned handles_most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max < 200000 ? (unsigned)(limit.rlim_max - 100) / 3 : 50000;
}

/** What one process has of them. Its figures are sums, in nanoseconds. */
struct part {
    unsigned amount;
    int64_t create, open, send, close;
    double descriptors;
    size_t memory_bytes;
    int error;
    _Atomic uint32_t ready; /* a futex */
};

/** Makes them all. @return 0 or -errno */
static int create_all(struct part *part, struct seam_channel **writers)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 64};
    double descriptors = count_descriptors();
    int64_t before = now_ns();
    for (unsigned i = 0; i < part->amount; i++) {
        int error = seam_channel_create(NULL, &options, &writers[i]);
        if (error != 0) {
            return error;
        }
    }
    part->create = now_ns() - before;
    part->descriptors = count_descriptors() - descriptors;
    return 0;
}

/** Opens each once more, sends a message through it and closes it again. */
static int use_all(struct part *part, struct seam_channel *const *writers)
{
    for (unsigned i = 0; i < part->amount; i++) {
        struct seam_channel *reader;
        char byte;
        int64_t before = now_ns();
        int error = seam_channel_reopen(writers[i], NULL, &reader);
        int64_t opened = now_ns();
        if (error != 0) {
            return error;
        }
        error = seam_channel_send(writers[i], "x", 1);
        if (error == 0 && seam_channel_recv(reader, &byte, 1) != 1) {
            error = -EBADMSG;
        }
        part->send += now_ns() - opened;
        part->open += opened - before;
        seam_channel_close(reader);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/** In a process of its own. @param go  at its end when all have been measured */
static _Noreturn void be_part(struct part *part, int go)
{
    struct seam_channel **writers = calloc(part->amount, sizeof(struct seam_channel *));
    struct seam_channel_info info = {0};
    char byte;
    part->error = writers != NULL ? create_all(part, writers) : -ENOMEM;
    part->error = part->error == 0 ? use_all(part, writers) : part->error;
    part->error = part->error == 0 ? seam_channel_info(writers[0], &info) : part->error;
    part->memory_bytes = info.memory_bytes;
    store_release(&part->ready, 1); /* T1, pairs with T2 in start_part */
    futex_wake_one(&part->ready);
    (void)!read(go, &byte, 1);
    int64_t before = now_ns();
    for (unsigned i = 0; writers != NULL && i < part->amount; i++) {
        seam_channel_close(writers[i]);
    }
    part->close = now_ns() - before;
    _exit(0);
}

/** @return a pid, once its channels are open; or -errno */
static pid_t start_part(struct part *part, const int go[2])
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(go[1]);
        (void)alarm(HANG_S); /* nobody waits for one that failed otherwise */
        be_part(part, go[0]);
    }
    while (pid > 0 && load_acquire(&part->ready) == 0) { /* T2, pairs with T1 in be_part */
        futex_wait(&part->ready, 0);
    }
    return pid > 0 ? pid : -errno;
}

static void add_part(struct scale_channels *row, const struct part *part)
{
    row->create_us += (double)part->create / row->amount / 1e3;
    row->open_us += (double)part->open / row->amount / 1e3;
    row->send_us += (double)part->send / row->amount / 1e3;
    row->close_us += (double)part->close / row->amount / 1e3;
    row->descriptors += part->descriptors / row->amount;
    row->kib = (double)part->memory_bytes / 1024;
}

/** All are open at once, in as many processes as it takes. */
static int measure_channels(struct scale_channels *row, struct part *parts, unsigned most)
{
    pid_t pids[PARTS_MOST] = {0};
    unsigned count = 0, left = row->amount;
    int go[2], error = pipe(go) == 0 ? 0 : -errno;
    if (error != 0) {
        return error;
    }
    for (; left > 0 && count < PARTS_MOST && error == 0; count++) {
        struct part *part = &parts[count];
        *part = (struct part){.amount = left < most ? left : most};
        left -= part->amount;
        pids[count] = start_part(part, go);
        error = pids[count] > 0 ? part->error : pids[count];
    }
    (void)close(go[1]);
    for (unsigned i = 0; i < count; i++) {
        while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR) {
        }
        add_part(row, &parts[i]);
    }
    (void)close(go[0]);
    row->measured = error == 0 && left == 0;
    return error == 0 && left > 0 ? -EMFILE : error;
}

void scale_run_channels(struct shim_state *state, void *context)
{
    struct scale_channels *row = context;
    struct part *parts = mmap(NULL, PARTS_MOST * sizeof(*parts), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (shim_repeat(state, row->amount)) {
        int error =
            parts != MAP_FAILED ? measure_channels(row, parts, handles_most() - 1) : -ENOMEM;
        if (error != 0) {
            fail(state, error);
            continue;
        }
        shim_set_time(state, row->create_us * row->amount * 1e-6);
        shim_counter(state, "create_us", row->create_us);
        shim_counter(state, "open_us", row->open_us);
        shim_counter(state, "send_us", row->send_us);
        shim_counter(state, "close_us", row->close_us);
        shim_counter(state, "kib", row->kib);
        shim_counter(state, "descriptors", row->descriptors);
    }
    if (parts != MAP_FAILED) {
        (void)munmap(parts, PARTS_MOST * sizeof(*parts));
    }
}
