/* SPDX-License-Identifier: MIT */
/* Ways to write that go past the descriptor: through paths, through the writer, with more rights.
 */
#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support.h"

static uint8_t junk[64] = "what nobody but a writer may put here, and nobody has put here";

/** Opens it for writing in each way, and writes. @return whether any of that worked */
static bool write_to_path(const char *path)
{
    static const int flags[] = {O_RDWR, O_WRONLY, O_WRONLY | O_APPEND, O_RDWR | O_TRUNC,
                                O_RDWR | O_CREAT};
    bool works = truncate(path, 0) == 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        int fd = open(path, flags[i] | O_CLOEXEC, 0600);
        if (fd >= 0) {
            (void)!write(fd, junk, sizeof(junk));
            close(fd);
            works = true;
        }
    }
    return works;
}

static bool own_descriptor(const struct access_target *t)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", t->fd);
    return write_to_path(path);
}

static bool mapped_file(const struct access_target *t)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)t->base,
                   (unsigned long)(t->base + t->bytes));
    return write_to_path(path);
}

static bool own_rights(const struct access_target *t)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", t->fd);
    return fchmod(t->fd, 0666) == 0 || chmod(path, 0666) == 0 ||
           fchown(t->fd, getuid(), (gid_t)-1) == 0;
}

static bool name(const struct access_target *t)
{
    return t->path != NULL && write_to_path(t->path);
}

/** Another name for it, or another file in its place. */
static bool other_names(const struct access_target *t)
{
    char source[64], aside[512], directory[512];
    (void)snprintf(source, sizeof(source), "/proc/self/fd/%d", t->fd);
    (void)snprintf(aside, sizeof(aside), "%s/aside-%d", test_dir(), (int)getpid());
    bool works = linkat(AT_FDCWD, source, AT_FDCWD, aside, AT_SYMLINK_FOLLOW) == 0;
    works = works && write_to_path(aside);
    (void)unlink(aside);
    if (t->path == NULL) {
        return works;
    }
    (void)snprintf(directory, sizeof(directory), "%s", t->path);
    *strrchr(directory, '/') = '\0';
    works = rename(t->path, aside) == 0 || unlink(t->path) == 0 || works;
    works = rename(directory, aside) == 0 || rmdir(directory) == 0 || works;
    return chmod(directory, 0777) == 0 || chmod(t->path, 0666) == 0 || works;
}

/** By a handle, which asks for no path; needs rights that only root has. */
static bool handle(const struct access_target *t)
{
    union {
        struct file_handle head;
        char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } it = {.head = {.handle_bytes = MAX_HANDLE_SZ}};
    int mount, fd = -1;
    if (name_to_handle_at(t->fd, "", &it.head, &mount, AT_EMPTY_PATH) == 0) {
        fd = open_by_handle_at(t->fd, &it.head, O_RDWR);
    }
    bool works = fd >= 0;
    (void)close(fd);
    return works;
}

static int become_root(void *context)
{
    return unshare(CLONE_NEWUSER) == 0 && own_descriptor(context) ? 1 : 0;
}

/** All rights, in a user namespace of its own, where the file's owner is nobody. */
static bool user_namespace(const struct access_target *t)
{
    struct access_target copy = *t;
    return !test_join(test_spawn(become_root, &copy));
}

/* ---- through the writer ---- */

static bool writer_vector(const struct access_target *t)
{
    struct iovec from = {.iov_base = junk, .iov_len = sizeof(junk)};
    struct iovec to = {.iov_base = t->writer_base, .iov_len = sizeof(junk)};
    return process_vm_writev(t->writer, &from, 1, &to, 1, 0) > 0;
}

static bool writer_memory(const struct access_target *t)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->writer);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool works = fd >= 0 && pwrite(fd, junk, sizeof(junk), (off_t)(uintptr_t)t->writer_base) > 0;
    (void)close(fd);
    return works;
}

static bool writer_traced(const struct access_target *t)
{
    return ptrace(PTRACE_SEIZE, t->writer, NULL, NULL) == 0 ||
           ptrace(PTRACE_ATTACH, t->writer, NULL, NULL) == 0;
}

static bool writer_descriptor(const struct access_target *t)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)t->writer, t->writer_fd);
    return write_to_path(path);
}

static bool writer_mapped_file(const struct access_target *t)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", (int)t->writer,
                   (unsigned long)t->writer_base, (unsigned long)(t->writer_base + t->bytes));
    return write_to_path(path);
}

static bool writer_stolen(const struct access_target *t)
{
    int process = (int)syscall(SYS_pidfd_open, t->writer, 0);
    int fd = process >= 0 ? (int)syscall(SYS_pidfd_getfd, process, t->writer_fd, 0) : -1;
    bool works = fd >= 0;
    (void)close(fd);
    (void)close(process);
    return works;
}

static bool writer_killed(const struct access_target *t)
{
    return kill(t->writer, SIGKILL) == 0 || kill(t->writer, SIGSTOP) == 0;
}

const struct access_way access_ways_as_another[] = {
    {"/proc/self/fd", own_descriptor},
    {"/proc/self/map_files", mapped_file},
    {"mode and owner", own_rights},
    {"its name", name},
    {"another name", other_names},
    {"file handle", handle},
    {"user namespace", user_namespace},
    {"process_vm_writev", writer_vector},
    {"/proc/PID/mem", writer_memory},
    {"ptrace", writer_traced},
    {"/proc/PID/fd", writer_descriptor},
    {"/proc/PID/map_files", writer_mapped_file},
    {"pidfd_getfd", writer_stolen},
    {"signals", writer_killed},
    {NULL, NULL},
};
