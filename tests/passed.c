/* SPDX-License-Identifier: MIT */
/* Locks, values, arrays and lists that go over a socket, and rights that do not. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "any.h"
#include "objects/array.h"
#include "objects/list.h"
#include "objects/value.h"

static int take_all(void *context)
{
    const int *sockets = context;
    void *objects[ANY_KINDS] = {0};
    close(sockets[0]);
    EACH_KIND(kind)
    {
        int error = any_take(kind, sockets[1], NULL, &objects[kind]);
        CHECK(error == 0, "%s: %s: %d", any_name(kind), seam_error_detail(), error);
    }
    any_expect_all(objects, 10);
    EACH_KIND(kind)
    {
        CHECK(any_change(kind, objects[kind], 20) == 0, "%s", any_name(kind));
        CHECK(any_take((kind + 2) % ANY_KINDS, sockets[1], NULL, &objects[kind]) == -EPROTO,
              "another kind than %s: %s", any_name(kind), seam_error_detail());
    }
    CHECK(any_take(ANY_LOCK, sockets[1], NULL, &objects[0]) == -EPIPE, "end");
    any_close_all(objects);
    return 0;
}

/** An anonymous object goes to a process that shares nothing else. */
static void case_passed(void)
{
    void *objects[ANY_KINDS] = {0}, *named = NULL;
    int sockets[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    pid_t child = test_spawn(take_all, sockets);
    close(sockets[1]);
    any_create_all(objects, NULL);
    for (int twice = 0; twice < 2; twice++) {
        EACH_KIND(kind)
        {
            CHECK(any_pass(kind, objects[kind], sockets[0], SEAM_READ_WRITE) == 0, "%s: %s",
                  any_name(kind), seam_error_detail());
        }
    }
    CHECK(any_create(ANY_LIST, "named", NULL, &named) == 0, "create");
    CHECK(any_pass(ANY_LIST, named, sockets[0], SEAM_READ_ONLY) == -ENOTSUP, "it has a name");
    any_close(ANY_LIST, named);
    CHECK(any_unlink(ANY_LIST, "named", NULL) == 0, "unlink");
    close(sockets[0]);
    CHECK(test_join(child), "child");
    any_expect_all(objects, 20);
    any_close_all(objects);
}

/** The sockets of take_to_read, and what comes through them. */
struct read_only {
    int ours, theirs;
    bool one_way;
};

static int take_to_read(void *context)
{
    const struct read_only *sockets = context;
    const struct any_options reading = {.access = SEAM_READ_ONLY};
    close(sockets->ours);
    EACH_KIND(kind)
    {
        void *object = NULL;
        int64_t number = 0;
        if (kind == ANY_LOCK) {
            continue;
        }
        CHECK(any_take(kind, sockets->theirs, NULL, &object) == -EACCES, "%s to be written: %s",
              any_name(kind), seam_error_detail());
        CHECK(any_take(kind, sockets->theirs, &reading, &object) == 0, "%s", seam_error_detail());
        CHECK(any_read(kind, object, &number) == 0 && number == 10, "%s", any_name(kind));
        CHECK(any_change(kind, object, 20) == -EACCES, "%s", any_name(kind));
        void *second = NULL;
        CHECK(!sockets->one_way || any_reopen(kind, object, NULL, &second) == -EACCES, "one way");
        any_close(kind, object);
    }
    return 0;
}

/** What is passed to be read is not written; and what is one_way is not passed for writing. */
static void pass_read_only(const struct any_options *options)
{
    void *objects[ANY_KINDS] = {0};
    int sockets[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    struct read_only context = {sockets[0], sockets[1], options != NULL};
    pid_t child = test_spawn(take_to_read, &context);
    close(sockets[1]);
    any_create_all(objects, options);
    EACH_KIND(kind)
    {
        if (options != NULL) {
            CHECK(any_pass(kind, objects[kind], sockets[0], SEAM_READ_WRITE) == -EACCES, "%s",
                  any_name(kind));
        }
        for (int twice = 0; twice < 2 && kind != ANY_LOCK; twice++) {
            CHECK(any_pass(kind, objects[kind], sockets[0], SEAM_READ_ONLY) == 0, "%s: %s",
                  any_name(kind), seam_error_detail());
        }
    }
    CHECK(test_join(child), "child");
    close(sockets[0]);
    any_expect_all(objects, 10);
    any_close_all(objects);
}

static void case_passed_read_only(void)
{
    pass_read_only(NULL);
    const struct any_options one_way = {.region = {.one_way = true}};
    pass_read_only(&one_way);
}

/* ---- read-only is the kernel's matter ---- */

static int write_to_it(void *context)
{
    (void)signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
    *(volatile uint8_t *)context = 1;
    return 0;
}

/** Writes to memory in a child. @return whether that killed it */
static bool is_protected(void *memory)
{
    int status;
    pid_t child = test_spawn(write_to_it, memory);
    CHECK(waitpid(child, &status, 0) == child, "wait");
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void case_read_only(void)
{
    const struct any_options reading = {.access = SEAM_READ_ONLY};
    void *objects[ANY_KINDS] = {0}, *readers[ANY_KINDS] = {0};
    any_create_all(objects, NULL);
    EACH_KIND(kind)
    {
        if (kind != ANY_LOCK) {
            CHECK(any_reopen(kind, objects[kind], &reading, &readers[kind]) == 0, "reopen");
        }
    }
    CHECK(!is_protected(((struct seam_array *)objects[ANY_ARRAY])->object.data), "writer");
    CHECK(is_protected(((struct seam_array *)readers[ANY_ARRAY])->object.data), "array");
    CHECK(is_protected(((struct seam_array *)readers[ANY_ARRAY_LOCKED])->object.head), "array");
    CHECK(is_protected(((struct seam_list *)readers[ANY_LIST])->object.data), "list");
    CHECK(is_protected(((struct seam_list *)readers[ANY_LIST_LOCKED])->object.data), "list");
    CHECK(is_protected(((struct seam_value *)readers[ANY_VALUE])->object.head), "value");
    CHECK(is_protected(((struct seam_value *)readers[ANY_VALUE_RAW])->object.head), "value");
    any_close_all(readers);
    any_close_all(objects);
}

static const struct test_case cases[] = {
    {"passed", case_passed},
    {"passed-read-only", case_passed_read_only},
    {"read-only", case_read_only},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
