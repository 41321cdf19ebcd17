/* SPDX-License-Identifier: MIT */
/* Names that several want at once, rights to write, sockets, and a full file system. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "channel/handle.h"
#include "proc.h"
#include "seam/seam.h"

#define NAME "access"

/* ---- names ---- */

static int create_or_lose(void *context)
{
    _Atomic int *winners = context;
    struct seam_channel *channel;
    for (int i = 0; i < 300; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "race-%d", i);
        int error = seam_channel_create(name, NULL, &channel);
        if (error == 0) {
            atomic_fetch_add(&winners[i], 1);
            seam_channel_close(channel);
        } else {
            CHECK(error == -EEXIST, "%s: %s", seam_error_detail(), strerror(-error));
        }
    }
    return 0;
}

/** Of those who create one name at the same time one wins, and it is there complete. */
static void case_race(void)
{
    _Atomic int *winners = test_shared(300 * sizeof(int));
    pid_t rivals[3];
    for (int i = 0; i < 3; i++) {
        rivals[i] = test_spawn(create_or_lose, winners);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(test_join(rivals[i]), "rival");
    }
    for (int i = 0; i < 300; i++) {
        struct seam_channel *channel;
        char name[32];
        (void)snprintf(name, sizeof(name), "race-%d", i);
        CHECK(atomic_load(&winners[i]) == 1, "%d winners of %s", atomic_load(&winners[i]), name);
        CHECK(seam_channel_open(name, NULL, &channel) == 0, "%s", seam_error_detail());
        seam_channel_close(channel);
        CHECK(seam_channel_unlink(name, NULL) == 0, "%s", seam_error_detail());
    }
}

static int come_and_go(void *context)
{
    const struct seam_channel_options options = {
        .region = {.unlink_last = true}, .many_writers = true, .role = SEAM_WRITER};
    (void)context;
    for (int i = 0; i < 2000; i++) {
        struct seam_channel *channel;
        int error = seam_channel_open(NAME, &options, &channel);
        if (error == -ENOENT) {
            error = seam_channel_create(NAME, &options, &channel);
        }
        if (error == 0) {
            CHECK(seam_channel_try_send(channel, "x", 1) != -EPERM, "send");
            seam_channel_close(channel);
        } else {
            CHECK(error == -EEXIST || error == -ENOENT, "%s: %s", seam_error_detail(),
                  strerror(-error));
        }
    }
    return 0;
}

/** The last one out removes the name, whoever comes in meanwhile. test_end finds what is left. */
static void case_last_out(void)
{
    pid_t guests[3];
    for (int i = 0; i < 3; i++) {
        guests[i] = test_spawn(come_and_go, NULL);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(test_join(guests[i]), "guest");
    }
}

/* ---- rights ---- */

static int write_to_log(void *context)
{
    struct seam_channel *reader = context;
    (void)signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
    *(volatile uint8_t *)reader->log.ring = 1;
    return 0;
}

static int open_and_write_to_log(void *context)
{
    struct seam_channel *reader;
    (void)context;
    CHECK(seam_channel_open(NAME, NULL, &reader) == 0, "open: %s", seam_error_detail());
    return write_to_log(reader);
}

/** The log of a reader is mapped so that writing to it faults. */
static void case_read_only(void)
{
    struct seam_channel *writer = test_create(NULL);
    struct seam_channel *reader = test_reopen(writer, SEAM_READER);
    int status;
    pid_t child = test_spawn(write_to_log, reader);
    CHECK(waitpid(child, &status, 0) == child, "wait");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "status %x", (unsigned)status);
    CHECK(mprotect(reader->log.ring, 4096, PROT_READ | PROT_WRITE) != 0, "mprotect");
    seam_channel_close(reader);
    seam_channel_close(writer);
    const struct seam_channel_options as_reader = {.role = SEAM_READER};
    struct seam_channel *creator = test_create(&as_reader);
    child = test_spawn(write_to_log, creator);
    CHECK(waitpid(child, &status, 0) == child, "wait");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "creating gives no right to write");
    seam_channel_close(creator);
    CHECK(seam_channel_create(NAME, NULL, &writer) == 0, "create");
    child = test_spawn(open_and_write_to_log, NULL);
    CHECK(waitpid(child, &status, 0) == child, "wait");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "by name");
    seam_channel_close(writer);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink");
}

static int take_and_read(void *context)
{
    struct seam_channel *reader, *writer;
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    char buffer[8];
    const int *sockets = context;
    int socket = sockets[1];
    close(sockets[0]);
    CHECK(seam_channel_take(socket, NULL, &reader) == 0, "take: %s", seam_error_detail());
    CHECK(seam_channel_recv(reader, buffer, sizeof(buffer)) == 5, "recv");
    CHECK(memcmp(buffer, "hello", 5) == 0, "bytes");
    CHECK(seam_channel_take(socket, &as_writer, &writer) == -EACCES, "read-only was sent");
    CHECK(seam_channel_take(socket, NULL, &writer) == -EPROTO, "no descriptors");
    CHECK(seam_channel_take(socket, NULL, &writer) == -EPIPE, "end");
    seam_channel_close(reader);
    return 0;
}

/** An anonymous channel goes over a socket to a process that shares nothing else. */
static void case_passed(void)
{
    int sockets[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    pid_t child = test_spawn(take_and_read, sockets);
    close(sockets[1]);
    const struct seam_channel_options options = {.region = {.one_way = true}};
    struct seam_channel *writer = test_create(&options);
    CHECK(seam_channel_pass(writer, sockets[0], SEAM_WRITER) == -EACCES, "one way");
    CHECK(seam_channel_pass(writer, sockets[0], SEAM_READER) == 0, "%s", seam_error_detail());
    CHECK(seam_channel_send(writer, "hello", 5) == 0, "send");
    CHECK(seam_channel_pass(writer, sockets[0], SEAM_OBSERVER) == 0, "%s", seam_error_detail());
    CHECK(write(sockets[0], "x", 1) == 1, "write");
    close(sockets[0]);
    CHECK(test_join(child), "child");
    seam_channel_close(writer);
}

/** What could shrink under a mapping, or is not what it says, is not taken, and not kept. */
static void case_not_taken(void)
{
    int sockets[2];
    struct seam_channel *named, *taken;
    struct stat log;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    CHECK(seam_channel_create(NAME, NULL, &named) == 0, "create");
    const struct seam_channel_options one_way = {.region = {.one_way = true}};
    struct seam_channel *sealed = test_create(&one_way);
    const int unsealed[] = {named->region.log_fd, named->region.desk_fd, named->region.desk_fd};
    const int half[] = {sealed->region.log_fd, named->region.desk_fd, named->region.desk_fd};
    const int swapped[] = {sealed->region.desk_fd, sealed->region.log_fd, sealed->region.log_fd};
    const int strange[] = {sealed->region.log_fd, sealed->region.desk_fd, sealed->region.log_fd};
    const int many[] = {sealed->region.log_fd,  sealed->region.desk_fd, sealed->region.desk_fd,
                        sealed->region.desk_fd, sealed->region.desk_fd, sealed->region.desk_fd};
    const int *wrong[] = {unsealed, half, swapped, strange, many, many};
    const size_t counts[] = {3, 3, 3, 3, 6, 2};
    size_t before = proc_descriptors(256);
    for (size_t i = 0; i < 6; i++) {
        test_send_descriptors(sockets[0], wrong[i], counts[i]);
        int error = seam_channel_take(sockets[1], NULL, &taken);
        CHECK(error == -EPROTO, "%zu: %s: %s", i, seam_error_detail(), strerror(-error));
        CHECK(proc_descriptors(256) == before, "%zu: descriptors stay open", i);
    }
    CHECK(seam_channel_pass(named, sockets[0], SEAM_READER) == -ENOTSUP, "it has a name");
    CHECK(fstat(sealed->region.log_fd, &log) == 0 && (log.st_mode & 07777) == 0600, "mode");
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed->region.log_fd, 0) ==
              MAP_FAILED,
          "one way: no second writer");
    seam_channel_close(sealed);
    seam_channel_close(named);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink");
}

/* ---- full file system ---- */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(fd);
    return written;
}

/** Puts a file system of 64 KiB on the test's directory, for this process alone. */
static bool mount_small_tmpfs(void)
{
    char uid_map[64], gid_map[64];
    (void)snprintf(uid_map, sizeof(uid_map), "0 %u 1", (unsigned)geteuid());
    (void)snprintf(gid_map, sizeof(gid_map), "0 %u 1", (unsigned)getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uid_map) && write_file("/proc/self/gid_map", gid_map) &&
           mount("none", test_dir(), "tmpfs", 0, "size=64k") == 0;
}

static int fill_small_tmpfs(void *context)
{
    struct seam_channel *channel, *second;
    const struct seam_channel_options small = {.capacity = 4096, .max_message = 100};
    (void)context;
    if (!mount_small_tmpfs()) {
        printf("no user and mount namespaces here: %s\n", strerror(errno));
        (void)fflush(stdout);
        return TEST_SKIPPED;
    }
    int error = seam_channel_create(NAME, NULL, &channel);
    CHECK(error == -ENOSPC, "512 KiB in 64: %s: %s", seam_error_detail(), strerror(-error));
    CHECK(strcmp(seam_error_detail(), "posix_fallocate") == 0, "%s", seam_error_detail());
    CHECK(seam_channel_create(NAME, &small, &channel) == 0, "%s", seam_error_detail());
    const struct seam_channel_options bigger = {.capacity = 65536, .max_message = 100};
    CHECK(seam_channel_create("second", &bigger, &second) == -ENOSPC, "no room for a second");
    for (int i = 0; i < 1000; i++) {
        CHECK(seam_channel_send(channel, "still no SIGBUS", 15) == 0, "send");
    }
    seam_channel_close(channel);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink");
    CHECK(rmdir(test_dir()) != 0 && errno == EBUSY, "nothing is left but the mount");
    return 0;
}

static void case_full(void)
{
    int status;
    pid_t child = test_spawn(fill_small_tmpfs, NULL);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status), "status %x", (unsigned)status);
    test_end();
    _exit(WEXITSTATUS(status));
}

static const struct test_case cases[] = {
    {"race", case_race},           {"last-out", case_last_out}, {"read-only", case_read_only},
    {"not-taken", case_not_taken}, {"passed", case_passed},     {"full", case_full},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
