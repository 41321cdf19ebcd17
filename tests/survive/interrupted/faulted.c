/* SPDX-License-Identifier: MIT */
/*
 * Each system call of an operation fails once with each error that its manual page lists.
 *
 *     faulted GROUP
 *
 * The operation does without, or says so with an error that has a name; nothing leaks, nothing is
 * lost: see acts.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>

#include "figure.h"
#include "play.h"

#define ERRORS_MOST 16

/**
 * A system call and what it can fail with, as far as a caller who is right can meet it; so not
 * ENOENT where what is to be removed is there.
 */
struct call {
    long number;
    const char *name;
    int errors[ERRORS_MOST]; /* ends with 0; none: can't fail */
};

/* What fcntl fails with depends on what it is to do. */
#define CALL_LOCK (-1)
#define CALL_SEALS (-2)

static const struct call calls[] = {
    {SYS_openat,
     "openat",
     {EACCES, EDQUOT, EEXIST, EINTR, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, ENOTDIR, ENXIO,
      EPERM, EROFS}},
    {SYS_close, "close", {EINTR, EIO, ENOSPC, EDQUOT}},
    {SYS_newfstatat, "newfstatat", {EACCES, ELOOP, ENOENT, ENOMEM, ENOTDIR}},
    {SYS_fstat, "fstat", {ENOMEM, EOVERFLOW}},
    {SYS_statx, "statx", {EACCES, ENOENT, ENOMEM, ENOSYS}},
    {SYS_fstatfs, "fstatfs", {EINTR, EIO, ENOMEM, ENOSYS}},
    {SYS_mkdirat,
     "mkdirat",
     {EACCES, EDQUOT, EEXIST, ELOOP, EMLINK, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EPERM, EROFS}},
    {SYS_unlinkat, "unlinkat", {EACCES, EBUSY, EIO, ENOMEM, ENOTEMPTY, EPERM, EROFS}},
    {SYS_renameat2,
     "renameat2",
     {EACCES, EBUSY, EDQUOT, EEXIST, EINVAL, ELOOP, ENOENT, ENOMEM, ENOSPC, ENOSYS, ENOTEMPTY,
      EPERM, EROFS}},
    {SYS_renameat,
     "renameat",
     {EACCES, EBUSY, EDQUOT, EEXIST, ENOENT, ENOMEM, ENOSPC, ENOTEMPTY, EPERM, EROFS}},
    {SYS_fchmod, "fchmod", {EIO, ENOMEM, EPERM, EROFS}},
    {SYS_fallocate, "fallocate", {EFBIG, EINTR, EIO, ENODEV, ENOSPC, EOPNOTSUPP, EPERM}},
    {SYS_ftruncate, "ftruncate", {EFBIG, EINTR, EIO, EPERM}},
    {SYS_memfd_create, "memfd_create", {EINVAL, EMFILE, ENFILE, ENOMEM, EPERM}},
    {SYS_mmap, "mmap", {EACCES, EAGAIN, EINVAL, ENFILE, ENODEV, ENOMEM, EPERM}},
    {SYS_mprotect, "mprotect", {EACCES, ENOMEM}},
    {SYS_mlock, "mlock", {EAGAIN, ENOMEM, EPERM}},
    {SYS_munmap, "munmap", {ENOMEM}},
    {SYS_madvise, "madvise", {EAGAIN, EINVAL, EIO, ENOMEM}},
    {CALL_LOCK, "fcntl(F_OFD_SETLK)", {EACCES, EAGAIN, EINTR, EINVAL, ENOLCK}},
    {CALL_SEALS, "fcntl(F_GET_SEALS)", {EINVAL}},
    {SYS_fcntl, "fcntl", {EBUSY, EINVAL, EPERM}},
    {SYS_flock, "flock", {EINTR, ENOLCK, EWOULDBLOCK}},
    {SYS_futex, "futex", {EAGAIN, EINTR, ETIMEDOUT}},
    {SYS_futex_waitv, "futex_waitv", {EAGAIN, EINTR, ENOSYS, EPERM, ETIMEDOUT}},
    {SYS_membarrier, "membarrier", {EINVAL, ENOSYS, EPERM}},
    {SYS_getdents64, "getdents64", {EIO, ENOENT, ENOMEM}},
    {SYS_getrandom, "getrandom", {EAGAIN, EINTR, ENOSYS}},
    {SYS_pread64, "pread64", {EINTR, EIO}},
    {SYS_read, "read", {EAGAIN, EINTR, EIO}},
    {SYS_readlinkat, "readlinkat", {EACCES, EIO, ELOOP, ENOENT, ENOMEM, ENOTDIR}},
    {SYS_sched_getaffinity, "sched_getaffinity", {EPERM}},
    {SYS_sendmsg, "sendmsg", {EAGAIN, ECONNRESET, EINTR, ENOBUFS, ENOMEM, EPIPE, ETOOMANYREFS}},
    {SYS_recvmsg, "recvmsg", {EAGAIN, ECONNREFUSED, EINTR, ENOMEM}},
    {SYS_brk, "brk", {ENOMEM}},
    {SYS_geteuid, "geteuid", {0}},
    {SYS_getpid, "getpid", {0}},
    {SYS_gettid, "gettid", {0}},
    {SYS_sched_yield, "sched_yield", {0}},
    {SYS_clock_gettime, "clock_gettime", {0}},
    {SYS_clock_nanosleep, "clock_nanosleep", {EINTR}},
    {SYS_rt_sigprocmask, "rt_sigprocmask", {0}},
    {SYS_rt_sigpending, "rt_sigpending", {0}},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait", {EAGAIN, EINTR}},
#if defined(SYS_readlink)
    {SYS_readlink, "readlink", {EACCES, EIO, ELOOP, ENOENT, ENOMEM, ENOTDIR}},
#endif
};

/** What all tries have come to. */
struct tally {
    uint64_t operations, calls, faults, endured;
};

static const struct call *find_call(const struct act_scene *scene, const struct tracee *tracee)
{
    long number = tracee->call;
    if (number == SYS_fcntl) {
        bool is_lock = tracee->argument == F_OFD_SETLK || tracee->argument == F_OFD_GETLK;
        number = is_lock ? CALL_LOCK : tracee->argument == F_GET_SEALS ? CALL_SEALS : number;
    }
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number == number) {
            return &calls[i];
        }
    }
    CHECK(false, "%s makes system call %ld, whose errors are not listed", scene->act->name, number);
}

/** Lets the child go to its system call @p index. @return NULL: it has performed before */
static const struct call *go_to(struct act_scene *scene, struct tracee *tracee, size_t index)
{
    for (size_t i = 0; i <= index; i++) {
        if (!tracer_next_call(tracee) || scene->report->performed) {
            return NULL;
        }
    }
    return find_call(scene, tracee);
}

/** What a fault may be called where its own name would say less. */
static bool is_translated(const struct call *call, int error, int result)
{
    static const struct {
        const char *name;
        int error, result;
    } translations[] = {
        {"openat", ELOOP, -EPROTO},      /* not a plain file */
        {"openat", ENOTDIR, -EPROTO},    /* not a directory */
        {"openat", ENOENT, -EPROTO},     /* log or desk is missing */
        {"newfstatat", ENOENT, -EPROTO}, /* likewise */
        {"openat", EACCES, -EPROTO},     /* another user's log in our directory */
        {"fcntl(F_OFD_SETLK)", EAGAIN, -EBUSY},
        {"fcntl(F_OFD_SETLK)", EACCES, -EBUSY},
        {"fcntl(F_OFD_SETLK)", EAGAIN, -ENOENT}, /* it is just being removed */
        {"fcntl(F_OFD_SETLK)", EACCES, -ENOENT},
        {"renameat2", ENOTEMPTY, -EEXIST},
        {"fcntl(F_GET_SEALS)", EINVAL, -ENOTSUP}, /* a plain file: not anonymous */
        {"fcntl(F_GET_SEALS)", EINVAL, -EPROTO},
        {"pread64", EIO, -EPROTO}, /* from outside: what can't be read is no object */
    };
    for (size_t i = 0; i < sizeof(translations) / sizeof(translations[0]); i++) {
        if (strcmp(translations[i].name, call->name) == 0 && translations[i].error == error &&
            translations[i].result == result) {
            return true;
        }
    }
    return false;
}

/** The operation has done without, or it says what has failed. */
static void check_result(struct act_scene *scene, const struct call *call, int error,
                         struct tally *tally)
{
    const struct act_report *report = scene->report;
    bool endured = report->result == scene->act->expected;
    CHECK(endured || is_translated(call, error, report->result) ||
              (report->result == -error && error != EINTR),
          "%s: %s fails with %s: %s: %s", scene->act->name, call->name, strerror(error),
          report->detail, strerror(-report->result));
    CHECK(endured || report->detail[0] != '\0', "%s: %s fails with %s, which has no name",
          scene->act->name, call->name, strerror(error));
    tally->endured += endured;
}

/** System call @p index fails with each error in turn. @return whether there is such a call */
static bool fail_one(struct act_scene *scene, size_t index, struct tally *tally)
{
    const struct call *call = NULL;
    size_t tries = 0;
    do {
        struct tracee tracee = play_start(scene, NULL);
        call = go_to(scene, &tracee, index);
        int error = call != NULL ? call->errors[tries] : 0;
        if (error != 0) {
            tracer_fail_call(&tracee, error);
            tally->faults++;
        }
        tracer_finish(&tracee);
        if (call == NULL || call->number != SYS_munmap) { /* what is not unmapped stays */
            play_check_end(scene, &tracee);
        }
        if (call != NULL) {
            check_result(scene, call, error, tally);
        }
        tracer_kill(&tracee);
        play_end(scene);
        tries++;
    } while (call != NULL && call->errors[tries - 1] != 0 && call->errors[tries] != 0);
    tally->calls += call != NULL;
    return call != NULL;
}

static void fail_each(struct act_scene *scene, void *context)
{
    struct tally *tally = context;
    size_t index = 0;
    while (fail_one(scene, index, tally)) {
        index++;
    }
    tally->operations++;
}

int main(int argc, char **argv)
{
    CHECK(argc == 2, "usage: faulted GROUP");
    struct tally tally = {0};
    if (!tracer_works()) {
        printf("no process can be traced here\n");
        return TEST_SKIPPED;
    }
    play_group(argv[1], fail_each, &tally);
    char row[64];
    (void)snprintf(row, sizeof(row), "system calls fail: %s", argv[1]);
    test_figure(row,
                "%" PRIu64 " operations, %" PRIu64 " system calls, %" PRIu64 " faults, %" PRIu64
                " of them did no harm",
                tally.operations, tally.calls, tally.faults, tally.endured);
    return 0;
}
