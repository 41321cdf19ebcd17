/* SPDX-License-Identifier: MIT */
/*
 * A machine with one CPU, or so the system says here: nobody spins on it, as whoever is waited for
 * needs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "channel/handle.h"
#include "support.h"

#define ONLINE "/sys/devices/system/cpu/online"
#define BURSTS 200U
#define BURST 20U

/** For this process and its children alone. */
static bool pretend_one_cpu(void)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/online", test_dir());
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, "0\n", 2) == 2 && close(fd) == 0, "%s: %s", path, strerror(errno));
    bool done = unshare(CLONE_NEWNS) == 0 &&
                mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount(path, ONLINE, NULL, MS_BIND, NULL) == 0;
    CHECK(unlink(path) == 0, "%s", strerror(errno));
    return done && sysconf(_SC_NPROCESSORS_ONLN) == 1;
}

static int send_bursts(void *context)
{
    struct seam_channel *writer = test_reopen(context, SEAM_WRITER);
    for (uint64_t i = 0; i < (uint64_t)BURSTS * BURST; i++) {
        CHECK(seam_channel_send(writer, &i, sizeof(i)) == 0, "send");
        if (i % BURST == BURST - 1) {
            (void)usleep(100);
        }
    }
    seam_channel_close(writer);
    return 0;
}

static void receive_bursts(enum seam_wait wait)
{
    const struct seam_channel_options options = {.role = SEAM_READER, .wait = wait};
    struct seam_channel *reader = test_create(&options);
    uint64_t number, count = 0;
    ssize_t size;
    pid_t writer = test_spawn(send_bursts, reader);
    while (seam_channel_writer(reader) == SEAM_WRITER_NONE) {
        (void)usleep(1000);
    }
    while ((size = seam_channel_recv(reader, &number, sizeof(number))) == sizeof(number)) {
        CHECK(number == count, "%zu", (size_t)number);
        count++;
    }
    CHECK(size == -EPIPE && count == (uint64_t)BURSTS * BURST, "%zu: %zd", (size_t)count, size);
    CHECK(test_join(writer), "writer");
    const struct seam_waiter *waiter = &reader->waiter;
    CHECK(!waiter->may_spin && waiter->spin_ns == 0 && waiter->patience == 0, "it spins");
    CHECK(waiter->strategy != SEAM_WAIT_SPIN && waiter->sleeps > 0, "it does not sleep");
    seam_channel_close(reader);
}

static int wait_alone(void *context)
{
    (void)context;
    if (!pretend_one_cpu()) {
        printf("needs root, and a C library that asks " ONLINE "\n");
        (void)fflush(stdout);
        return TEST_SKIPPED;
    }
    for (enum seam_wait wait = SEAM_WAIT_ADAPTIVE; wait <= SEAM_WAIT_SLEEP; wait++) {
        receive_bursts(wait);
    }
    return 0;
}

int main(void)
{
    int status;
    test_begin();
    pid_t child = test_spawn(wait_alone, NULL);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status), "status %x", (unsigned)status);
    test_end();
    return WEXITSTATUS(status);
}
