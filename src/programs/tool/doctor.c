/* SPDX-License-Identifier: MIT */
/* seam doctor: whether this machine has what seam likes, and whether what there is, is whole. */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tool/colour.h"
#include "tool/tool.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* Less room than this is soon full. */
#define ROOM_LEAST ((uint64_t)64 << 20)

/** What has been found so far. */
struct visit {
    const struct seam_region_options *region;
    unsigned things_to_do;
};

__attribute__((format(printf, 1, 2))) static void say_ok(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%sOK%s    ", colour_begin(COLOUR_GOOD), colour_end(COLOUR_GOOD));
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    (void)vfprintf(stdout, format, arguments);
    (void)fputs("\n", stdout);
    va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void say_to_do(struct visit *visit, const char *format,
                                                            ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%sTO DO%s ", colour_begin(COLOUR_BAD), colour_end(COLOUR_BAD));
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    (void)vfprintf(stdout, format, arguments);
    (void)fputs("\n", stdout);
    va_end(arguments);
    visit->things_to_do++;
}

/* ---- the machine ---- */

static void look_at_kernel(struct visit *visit)
{
    struct utsname name;
    char *end = NULL;
    if (uname(&name) != 0) {
        return;
    }
    unsigned long major = strtoul(name.release, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
    if (major > 5 || (major == 5 && minor >= 16)) {
        say_ok("Linux %s", name.release);
    } else {
        say_to_do(visit, "Linux %s works, but slower: 5.16 or newer has all that is made use of",
                  name.release);
    }
}

static void look_at_calls(struct visit *visit)
{
    const int wanted = MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
    long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    if (commands >= 0 && (commands & wanted) == wanted) {
        say_ok("membarrier: sending needs no fence");
    } else {
        say_to_do(visit,
                  "membarrier is missing or forbidden: each message costs a fence. Allow it in "
                  "the container's seccomp profile");
    }
    if (syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) < 0 && errno == EINVAL) {
        say_ok("futex_waitv: waiting for several things sleeps");
    } else {
        say_to_do(visit, "futex_waitv is missing or forbidden: waiting for several things wakes up "
                         "every few milliseconds. Allow it in the container's seccomp profile");
    }
}

static void look_at_cpus(struct visit *visit)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
    if (count > 1) {
        say_ok("%d CPUs: waiting spins where that pays", count);
    } else {
        say_to_do(visit, "one CPU only: each message costs a wake-up. Give the program two");
    }
}

static void look_at_room(struct visit *visit)
{
    const char *dir = visit->region->dir != NULL ? visit->region->dir : secure_getenv("SEAM_DIR");
    dir = dir != NULL && dir[0] != '\0' ? dir : "/dev/shm";
    struct statvfs status;
    char text[TOOL_TEXT];
    if (statvfs(dir, &status) != 0) {
        say_to_do(visit, "%s: %s", dir, strerror(errno));
        return;
    }
    uint64_t room = (uint64_t)status.f_bavail * status.f_frsize;
    if (room >= ROOM_LEAST) {
        say_ok("%s has room for %s", dir, tool_bytes(room, text));
    } else {
        say_to_do(visit,
                  "%s has room for %s only. Run `seam gc`, or make it larger: docker run "
                  "--shm-size, or mount -o remount,size=",
                  dir, tool_bytes(room, text));
    }
}

static void look_at_huge_pages(void)
{
    static const char path[] = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";
    char line[128] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(line, sizeof(line), file) == NULL) {
        say_ok("huge pages: this kernel has none; they are only a hint");
    } else if (strstr(line, "[never]") != NULL || strstr(line, "[deny]") != NULL) {
        say_ok("huge pages are off for shared memory; for rings of many MiB, `advise` in %s helps",
               path);
    } else {
        say_ok("huge pages are to be had");
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void look_at_limits(void)
{
    struct rlimit limit;
    char text[TOOL_TEXT];
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        say_ok("at most %s can be kept in memory by lock_memory (ulimit -l)",
               limit.rlim_cur == RLIM_INFINITY ? "all" : tool_bytes(limit.rlim_cur, text));
    }
}

/* ---- what there is ---- */

static int look_at_object(const struct seam_object_info *info, void *context)
{
    struct visit *visit = context;
    const char *wrong = NULL;
    char name[TOOL_NAME];
    (void)tool_printable(info->name, name);
    if (info->state == SEAM_STATE_UNFINISHED) {
        say_to_do(visit, "%s was left unfinished. Run `seam gc`", name);
        return 0;
    }
    if (info->state == SEAM_STATE_STALE) {
        const bool has_messages = info->kind == SEAM_KIND_CHANNEL && info->published > 0;
        say_to_do(visit, "%s is from before the machine's last start. %s`seam rm` removes it", name,
                  has_messages ? "`seam sub` prints its last messages, " : "");
        return 0;
    }
    int error = seam_object_check(info->name, visit->region, &wrong);
    if (error != 0) {
        return error == -ENOENT || error == -EPROTO ? 0 : error; /* gone meanwhile */
    }
    if (wrong != NULL && strcmp(wrong, "layout version") == 0) {
        say_to_do(visit,
                  "%s was made by another version of seam. Remove it (`seam rm --force %s`) when "
                  "its users have ended",
                  name, name);
    } else if (wrong != NULL) {
        say_to_do(visit,
                  "%s is damaged: %s. Something else than seam has written there; remove it "
                  "(`seam rm --force %s`) and make it anew",
                  name, wrong, name);
    } else if (info->holder_is_dead) {
        say_ok("%s is whole; the next one to lock it takes it from process %ld, which died", name,
               (long)info->holder);
    } else {
        say_ok("%s is whole", name);
    }
    return 0;
}

static enum tool_status look_at_names(struct visit *visit, int count, char **names)
{
    struct seam_object_info info;
    enum tool_status status = TOOL_OK;
    for (int i = 0; i < count; i++) {
        int error = seam_object_inspect(names[i], visit->region, &info);
        if (error == 0) {
            error = look_at_object(&info, visit);
        }
        if (error != 0) {
            status = tool_name_error("look at", names[i], error);
        }
    }
    return status;
}

static enum tool_status look_at_all(struct visit *visit)
{
    look_at_kernel(visit);
    look_at_calls(visit);
    look_at_cpus(visit);
    look_at_room(visit);
    look_at_huge_pages();
    look_at_limits();
    int error = seam_object_visit(visit->region, look_at_object, visit);
    return error == 0 ? TOOL_OK : tool_visit_error(error);
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    struct visit visit = {.region = &arguments.region};
    while (tool_next_option(&tool_doctor, argc, argv, options, &arguments) != -1) {
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    tool_leave_out_others(&arguments);
    enum tool_status status =
        optind < argc ? look_at_names(&visit, argc - optind, argv + optind) : look_at_all(&visit);
    return status == TOOL_OK && visit.things_to_do > 0 ? TOOL_FAILED : status;
}

const struct tool_command tool_doctor = {
    "doctor",
    "[NAME]...",
    "check this machine and all objects, and say what to do",
    "Each line says OK or TO DO; with names, only those are looked at.\n\n",
    run,
    false};
