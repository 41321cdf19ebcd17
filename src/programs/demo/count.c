/* SPDX-License-Identifier: MIT */
/*
 * Three ways to change one number from several processes: atomic adds; a raw value that is loaded,
 * added to and stored under a lock (Python's `with lock: balance.value += 1`); and, to show what
 * goes wrong, just the same without the lock.
 */
#include "demo/count.h"

#include <errno.h>
#include <inttypes.h>

#include "demo/children.h"
#include "demo/objects.h"
#include "demo/print.h"
#include "signals.h"

/*
 * Load, add and store take some nanoseconds, and a process takes some ten thousands to wake up: a
 * hundred such steps of one could be over before the other begins, and with a single CPU they
 * always would be. So each of the first steps naps between load and store, with the lock or
 * without it; the kernel makes some tens of microseconds of that. Those after them are as fast as
 * they are.
 */
#define SLOW_STEPS 100
#define NAP_NS INT64_C(1)

/** A process's part. */
struct role {
    const char *name;
    int64_t by;
};

/** What is to be done. */
struct plan {
    const struct role *roles; /* the processes take turns in choosing one */
    size_t role_count, processes;
    int64_t start, times;
};

/** The number, and what all processes need for it. */
struct account {
    const struct demo_options *options;
    const struct plan *plan;
    struct seam_value *value;
    struct seam_lock *lock; /* NULL: atomic adds, or --no-lock */
    struct demo_team team;
};

static bool is_raw(const struct demo_options *options)
{
    return options->mode == SEAM_LOCKED || options->no_lock;
}

static const struct role *role_of(const struct plan *plan, size_t index)
{
    return &plan->roles[index % plan->role_count];
}

static int64_t expected(const struct plan *plan)
{
    int64_t sum = plan->start;
    for (size_t i = 0; i < plan->processes; i++) {
        sum += role_of(plan, i)->by * plan->times;
    }
    return sum;
}

/* ---- the children ---- */

static int add_by_hand(struct seam_value *value, int64_t by, bool slowly)
{
    int64_t now;
    int error = seam_value_load(value, &now);
    if (error != 0) {
        return error;
    }
    if (slowly) {
        demo_nap(NAP_NS);
    }
    return seam_value_store(value, now + by);
}

static int add_under_lock(const struct account *account, int64_t by, bool slowly)
{
    SEAM_LOCK_SCOPE(scope, account->lock);
    if (scope.error == -EOWNERDEAD) {
        /* It has stored or it has not: one number is never half changed. */
        demo_note(account->options, "took the lock from a process that died with it");
    } else if (scope.error != 0) {
        return scope.error;
    }
    return add_by_hand(account->value, by, slowly);
}

static int add(const struct account *account, int64_t by, bool slowly)
{
    if (account->lock != NULL) {
        return add_under_lock(account, by, slowly);
    }
    return is_raw(account->options) ? add_by_hand(account->value, by, slowly)
                                    : seam_value_add(account->value, by, NULL);
}

static enum demo_status add_all(const struct account *account, const struct role *role)
{
    if (!demo_team_wait(&account->team)) {
        return DEMO_FAILED;
    }
    for (int64_t i = 0; i < account->plan->times && signals_caught() == 0; i++) {
        int error = add(account, role->by, i < SLOW_STEPS);
        if (error != 0) {
            demo_object_error("change", "the value", error);
            return DEMO_FAILED;
        }
    }
    if (signals_caught() != 0) {
        return DEMO_FAILED;
    }
    demo_note(account->options, "%s: added %" PRId64 " to the value, %" PRId64 " times", role->name,
              role->by, account->plan->times);
    return DEMO_OK;
}

static enum demo_status be_adder(void *context, size_t index)
{
    const struct account *parents = context;
    struct account own = *parents;
    enum demo_status status = DEMO_FAILED;
    if (!demo_value_reopen(own.options, parents->value, &own.value)) {
        return DEMO_FAILED;
    }
    if (own.lock == NULL || demo_lock_reopen(own.options, parents->lock, &own.lock)) {
        status = add_all(&own, role_of(own.plan, index));
        seam_lock_close(own.lock);
    }
    seam_value_close(own.value);
    return status;
}

/* ---- the parent ---- */

static enum demo_status run_team(struct account *account, struct demo_child *children,
                                 int64_t *ret_result)
{
    const struct plan *plan = account->plan;
    for (size_t i = 0; i < plan->processes; i++) {
        children[i] = (struct demo_child){.name = role_of(plan, i)->name};
    }
    account->team = (struct demo_team){
        .options = account->options, .children = children, .count = plan->processes};
    (void)seam_value_store(account->value, plan->start);
    enum demo_status status = demo_team_run(&account->team, be_adder, account);
    int64_t result;
    if (status == DEMO_OK) {
        (void)seam_value_load(account->value, &result);
        status = demo_printf("%" PRId64, result) == 0 ? DEMO_OK : DEMO_FAILED;
        *ret_result = result;
    }
    return status;
}

/** Does the whole of it once. @return DEMO_OK whatever the result is */
static enum demo_status run_once(const struct demo_options *options, const struct plan *plan,
                                 int64_t *ret_result)
{
    struct account account = {.options = options, .plan = plan};
    struct demo_child children[DEMO_PROCESSES_MOST];
    enum seam_mode mode = is_raw(options) ? SEAM_RAW : SEAM_LOCK_FREE;
    bool locks = is_raw(options) && !options->no_lock;
    enum demo_status status = DEMO_FAILED;
    if (!demo_value_create(options, mode, &account.value)) {
        return DEMO_FAILED;
    }
    if (!locks || demo_lock_create(options, &account.lock)) {
        status = run_team(&account, children, ret_result);
        seam_lock_close(account.lock);
    }
    seam_value_close(account.value);
    return status;
}

static enum demo_status run(const struct demo_options *options, const struct plan *plan)
{
    const int64_t wanted = expected(plan);
    uint64_t right = 0;
    demo_note(options, "the value starts at %" PRId64 " and should end at %" PRId64, plan->start,
              wanted);
    if (options->no_lock) {
        demo_error("--no-lock: the result may be wrong; %" PRId64 " would be right", wanted);
    }
    for (uint64_t i = 0; i < options->repeat; i++) {
        int64_t result = 0;
        enum demo_status status = run_once(options, plan, &result);
        if (status != DEMO_OK) {
            return status;
        }
        right += result == wanted ? 1 : 0;
    }
    if ((options->given & DEMO_REPEAT) != 0 &&
        demo_printf("right %" PRIu64 " of %" PRIu64 " times", right, options->repeat) != 0) {
        return DEMO_FAILED;
    }
    if (right == options->repeat || options->no_lock) {
        return DEMO_OK;
    }
    demo_error("the result is wrong: %" PRId64 " would be right", wanted);
    return DEMO_FAILED;
}

enum demo_status demo_bank(const struct demo_options *options)
{
    static const struct role roles[] = {{"depositor", 1}, {"withdrawer", -1}};
    const struct plan plan = {
        .roles = roles, .role_count = 2, .processes = 2, .start = 200, .times = 100};
    return run(options, &plan);
}

enum demo_status demo_counter(const struct demo_options *options)
{
    static const struct role adder = {"adder", 1};
    const struct plan plan = {.roles = &adder,
                              .role_count = 1,
                              .processes = (size_t)options->processes,
                              .times = (int64_t)options->times};
    return run(options, &plan);
}
