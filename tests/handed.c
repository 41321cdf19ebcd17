/* SPDX-License-Identifier: MIT */
/* Locks, values, arrays and lists that a process forks with, and holders that die. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "any.h"
#include "seam/seam.h"

/* ---- fork ---- */

static void refuse_lock_and_value(struct seam_lock *lock, struct seam_value *value)
{
    int64_t number = 10;
    CHECK(seam_lock_lock(lock) == -EPERM, "lock");
    CHECK(seam_lock_try_lock(lock) == -EPERM, "try_lock");
    CHECK(seam_lock_lock_until(lock, 0) == -EPERM, "lock_until");
    CHECK(seam_lock_unlock(lock) == -EPERM, "unlock");
    CHECK(seam_lock_owner(lock) == -EPERM, "owner");
    {
        SEAM_LOCK_SCOPE(scope, lock);
        CHECK(scope.error == -EPERM, "scope");
    }
    CHECK(seam_value_load(value, &number) == -EPERM, "load");
    CHECK(seam_value_store(value, 1) == -EPERM, "store");
    CHECK(seam_value_add(value, 1, NULL) == -EPERM, "add");
    CHECK(seam_value_sub(value, 1, NULL) == -EPERM, "sub");
    CHECK(seam_value_exchange(value, 1, NULL) == -EPERM, "exchange");
    CHECK(seam_value_compare_exchange(value, &number, 1) == -EPERM, "compare_exchange");
    CHECK(seam_value_wait(value, 1, NULL) == -EPERM, "wait");
    CHECK(seam_value_wait_until(value, 1, NULL, 0) == -EPERM, "wait_until");
    CHECK(seam_value_add_double(value, 1, NULL) == -EPERM, "before the type is looked at");
    CHECK(seam_value_type(value) == SEAM_INT64, "what it is can be asked");
}

static void refuse_double(const struct seam_value *other)
{
    struct seam_value *value = (struct seam_value *)other;
    double number = 0;
    CHECK(seam_value_load_double(value, &number) == -EPERM, "load");
    CHECK(seam_value_store_double(value, 1) == -EPERM, "store");
    CHECK(seam_value_add_double(value, 1, NULL) == -EPERM, "add");
    CHECK(seam_value_sub_double(value, 1, NULL) == -EPERM, "sub");
    CHECK(seam_value_exchange_double(value, 1, NULL) == -EPERM, "exchange");
    CHECK(seam_value_compare_exchange_double(value, &number, 1) == -EPERM, "compare_exchange");
    CHECK(seam_value_wait_double(value, 1, NULL) == -EPERM, "wait");
    CHECK(seam_value_wait_double_until(value, 1, NULL, 0) == -EPERM, "wait_until");
}

static void refuse_array(struct seam_array *array)
{
    int64_t number = 10;
    struct seam_array_info info;
    CHECK(seam_array_get(array, 0, &number) == -EPERM, "get");
    CHECK(seam_array_set(array, 0, &number) == -EPERM, "set");
    CHECK(seam_array_add(array, 0, &number, NULL) == -EPERM, "add");
    CHECK(seam_array_compare_exchange(array, 0, &number, &number) == -EPERM, "compare_exchange");
    CHECK(seam_array_fill(array, 0, 1, &number) == -EPERM, "fill");
    CHECK(seam_array_copy_in(array, 0, 1, &number) == -EPERM, "copy_in");
    CHECK(seam_array_copy_out(array, 0, 1, &number) == -EPERM, "copy_out");
    CHECK(seam_array_snapshot(array, 0, 1, &number) == -EPERM, "snapshot");
    CHECK(seam_array_begin(array) == -EPERM, "begin");
    CHECK(seam_array_try_begin(array) == -EPERM, "try_begin");
    CHECK(seam_array_begin_until(array, 0) == -EPERM, "begin_until");
    CHECK(seam_array_commit(array) == -EPERM, "commit");
    CHECK(seam_array_abort(array) == -EPERM, "abort");
    seam_array_info(array, &info);
    CHECK(info.length == 8, "what it is can be asked");
}

static int nothing(size_t index, const void *data, size_t size, void *context)
{
    (void)index;
    (void)data;
    (void)size;
    (void)context;
    return 0;
}

static ssize_t leave(void *element, size_t size, size_t most, void *context)
{
    (void)element;
    (void)most;
    (void)context;
    return (ssize_t)size;
}

static void refuse_list(struct seam_list *list)
{
    int64_t number = 10;
    struct seam_snapshot *snapshot = NULL;
    struct seam_list_info info;
    CHECK(seam_list_length(list) == -EPERM, "length");
    CHECK(seam_list_get(list, 0, &number, 8) == -EPERM, "get");
    CHECK(seam_list_index_of(list, &number, 8) == -EPERM, "index_of");
    CHECK(seam_list_snapshot(list, &snapshot) == -EPERM && snapshot == NULL, "snapshot");
    CHECK(seam_list_iterate(list, nothing, NULL) == -EPERM, "iterate");
    CHECK(seam_list_append(list, &number, 8) == -EPERM, "append");
    CHECK(seam_list_insert(list, 0, &number, 8) == -EPERM, "insert");
    CHECK(seam_list_set(list, 0, &number, 8) == -EPERM, "set");
    CHECK(seam_list_pop(list, 0, &number, 8) == -EPERM, "pop");
    CHECK(seam_list_remove(list, 0) == -EPERM, "remove");
    CHECK(seam_list_clear(list) == -EPERM, "clear");
    CHECK(seam_list_update(list, 0, leave, NULL) == -EPERM, "update");
    CHECK(seam_list_add_int64(list, 0, 1, NULL) == -EPERM, "add");
    CHECK(seam_list_multiply_int64(list, 0, 1, NULL) == -EPERM, "multiply");
    CHECK(seam_list_add_double(list, 0, 1, NULL) == -EPERM, "add");
    CHECK(seam_list_multiply_double(list, 0, 1, NULL) == -EPERM, "multiply");
    seam_list_info(list, &info);
    CHECK(info.capacity == 8, "what it is can be asked");
}

/** A child's parent's handles are of no use, but from each it gets one of its own. */
static int use_inherited(void *context)
{
    void **objects = context;
    refuse_lock_and_value(objects[ANY_LOCK], objects[ANY_VALUE]);
    refuse_lock_and_value(objects[ANY_LOCK], objects[ANY_VALUE_RAW]);
    refuse_array(objects[ANY_ARRAY]);
    refuse_array(objects[ANY_ARRAY_LOCKED]);
    refuse_list(objects[ANY_LIST]);
    refuse_list(objects[ANY_LIST_LOCKED]);
    EACH_KIND(kind)
    {
        void *own = NULL;
        int64_t number = 10;
        CHECK(any_pass(kind, objects[kind], 0, SEAM_READ_ONLY) == -EPERM, "%s", any_name(kind));
        CHECK(any_reopen(kind, objects[kind], NULL, &own) == 0, "%s", seam_error_detail());
        any_close(kind, objects[kind]);
        CHECK(any_read(kind, own, &number) == 0 && number == 10, "%s", any_name(kind));
        CHECK(any_change(kind, own, 20) == 0, "%s", any_name(kind));
        any_close(kind, own);
    }
    return 0;
}

static void fork_with(const struct any_options *options)
{
    void *objects[ANY_KINDS] = {0};
    any_create_all(objects, options);
    CHECK(test_join(test_spawn(use_inherited, objects)), "child");
    any_expect_all(objects, 20);
    EACH_KIND(kind)
    {
        CHECK(any_change(kind, objects[kind], 30) == 0, "the parent goes on: %s", any_name(kind));
    }
    any_expect_all(objects, 30);
    any_close_all(objects);
}

static int use_inherited_double(void *value)
{
    refuse_double(value);
    seam_value_close(value);
    return 0;
}

static void case_fork(void)
{
    const struct seam_value_options real = {.type = SEAM_DOUBLE};
    struct seam_value *value;
    fork_with(NULL);
    CHECK(seam_value_create(NULL, &real, &value) == 0, "create");
    CHECK(test_join(test_spawn(use_inherited_double, value)), "child");
    seam_value_close(value);
}

static void case_fork_one_way(void)
{
    const struct any_options one_way = {.region = {.one_way = true}};
    fork_with(&one_way);
}

/* ---- what is held when a process forks ---- */

static int close_held(void *context)
{
    void **held = context;
    struct seam_lock *lock;
    struct seam_array *array;
    CHECK(seam_lock_reopen(held[0], NULL, &lock) == 0, "reopen");
    CHECK(seam_array_reopen(held[1], NULL, &array) == 0, "reopen");
    seam_lock_close(held[0]);
    seam_array_close(held[1]);
    CHECK(seam_lock_owner(lock) == getppid(), "it is the parent's still");
    CHECK(seam_lock_try_lock(lock) == -EAGAIN, "lock");
    CHECK(seam_lock_lock_until(lock, seam_deadline_in_ns(1000000)) == -ETIMEDOUT, "lock");
    CHECK(seam_array_try_begin(array) == -EAGAIN, "begin");
    CHECK(seam_array_begin_until(array, seam_deadline_in_ns(1000000)) == -ETIMEDOUT, "begin");
    seam_lock_close(lock);
    seam_array_close(array);
    return 0;
}

/** A child that closes its copy of a handle neither gives the lock back nor ends a transaction. */
static void case_held(void)
{
    const struct seam_array_options locked = {.mode = SEAM_LOCKED, .length = 2};
    struct seam_lock *lock;
    struct seam_array *array;
    int64_t number = 5, seen = 0;
    CHECK(seam_lock_create(NULL, NULL, &lock) == 0, "create");
    CHECK(seam_array_create(NULL, &locked, &array) == 0, "create");
    CHECK(seam_lock_lock(lock) == 0 && seam_array_begin(array) == 0, "begin");
    CHECK(seam_array_set(array, 1, &number) == 0, "set");
    CHECK(test_join(test_spawn(close_held, (void *[]){lock, array})), "child");
    CHECK(seam_lock_lock(lock) == -EDEADLK && seam_lock_unlock(lock) == 0, "still held");
    CHECK(seam_array_commit(array) == 0, "commit");
    CHECK(seam_array_get(array, 1, &seen) == 0 && seen == 5, "committed");
    seam_array_close(array);
    seam_lock_close(lock);
}

/* ---- a holder that is killed ---- */

static int take_and_pause(void *context)
{
    struct seam_lock *lock;
    struct seam_array *array;
    void **held = context;
    const int64_t number = 7;
    CHECK(seam_lock_reopen(held[0], NULL, &lock) == 0, "reopen");
    CHECK(seam_array_reopen(held[1], NULL, &array) == 0, "reopen");
    CHECK(seam_lock_lock(lock) == 0 && seam_array_begin(array) == 0, "begin");
    CHECK(seam_array_fill(array, 0, 2, &number) == 0, "fill");
    (void)raise(SIGSTOP);
    return 1;
}

/** Who waits for a lock is told of its holder's death; an array is what it was before. */
static void case_killed(void)
{
    const struct seam_array_options locked = {.mode = SEAM_LOCKED, .length = 2};
    struct seam_lock *lock;
    struct seam_array *array;
    int64_t numbers[2] = {1, 2};
    int status;
    CHECK(seam_lock_create(NULL, NULL, &lock) == 0, "create");
    CHECK(seam_array_create(NULL, &locked, &array) == 0, "create");
    CHECK(seam_array_copy_in(array, 0, 2, numbers) == 0, "copy_in");
    pid_t child = test_spawn(take_and_pause, (void *[]){lock, array});
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status), "stopped");
    CHECK(seam_lock_owner(lock) == child, "its pid");
    CHECK(seam_lock_try_lock(lock) == -EAGAIN, "stopped is not dead");
    CHECK(seam_array_try_begin(array) == -EAGAIN, "stopped is not dead");
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child, "kill");
    CHECK(seam_lock_owner(lock) == child, "as far as is known");
    CHECK(seam_lock_lock(lock) == -EOWNERDEAD, "told");
    CHECK(seam_lock_unlock(lock) == 0 && seam_lock_lock(lock) == 0, "once");
    CHECK(seam_array_begin(array) == 0, "nothing to be told: it is whole");
    CHECK(seam_array_copy_out(array, 0, 2, numbers) == 0, "copy_out");
    CHECK(numbers[0] == 1 && numbers[1] == 2, "all or nothing");
    seam_array_close(array);
    seam_lock_close(lock);
}

static const struct test_case cases[] = {
    {"fork", case_fork},
    {"fork-one-way", case_fork_one_way},
    {"held", case_held},
    {"killed", case_killed},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
