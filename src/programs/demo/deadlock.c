/* SPDX-License-Identifier: MIT */
#include "demo/deadlock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "demo/children.h"
#include "demo/objects.h"
#include "demo/print.h"
#include "signals.h"

#define ACCOUNTS 2U

static const int64_t balances[ACCOUNTS] = {150, 50};
static const int64_t amount = 50; /* to be moved from the first account to the second */
static const int64_t minus_amount = -50;

/** What parent and child share. */
struct bank {
    const struct demo_options *options;
    struct seam_lock *lock;
    struct seam_array *accounts;
    struct seam_value *halfway; /* 1 when the child is in the middle of it */
};

/* ---- locking twice ---- */

static enum demo_status lock_twice(struct seam_lock *lock)
{
    int error = seam_lock_lock(lock);
    if (error != 0) {
        demo_object_error("take", "the lock", error);
        return DEMO_FAILED;
    }
    error = seam_lock_lock(lock);
    (void)seam_lock_unlock(lock);
    if (error != -EDEADLK) {
        demo_error("a lock that was locked twice answered %d, not -EDEADLK", error);
        return DEMO_FAILED;
    }
    if (demo_printf("1. A process locks twice") != 0 ||
        demo_printf("   Process %ld takes a lock, and then wants it again.", (long)getpid()) != 0 ||
        demo_printf("   With an ordinary mutex it would hang for ever: it would wait for the owner "
                    "to let go, and that is itself.") != 0 ||
        demo_printf("   seam_lock_lock answers -EDEADLK (%s) instead.", strerror(EDEADLK)) != 0) {
        return DEMO_FAILED;
    }
    return DEMO_OK;
}

/* ---- the child that is killed ---- */

/** Takes the lock, and does half of the transfer. */
static int begin_transfer(const struct bank *bank)
{
    int error = seam_lock_lock(bank->lock);
    if (error == 0) {
        error = seam_array_begin(bank->accounts);
    }
    if (error == 0) {
        error = seam_array_add(bank->accounts, 0, &minus_amount, NULL);
    }
    return error == 0 ? seam_value_store(bank->halfway, 1) : error;
}

static bool reopen(const struct bank *parents, struct bank *own)
{
    const struct seam_array_options wanted = {.wait = parents->options->wait};
    int error = seam_array_reopen(parents->accounts, &wanted, &own->accounts);
    if (error != 0) {
        demo_object_error("open", "the array", error);
        return false;
    }
    return demo_lock_reopen(parents->options, parents->lock, &own->lock) &&
           demo_value_reopen(parents->options, parents->halfway, &own->halfway);
}

static enum demo_status be_owner(void *context, size_t index)
{
    const struct bank *parents = context;
    struct bank own = {.options = parents->options};
    (void)index;
    if (!reopen(parents, &own)) {
        return DEMO_FAILED;
    }
    int error = begin_transfer(&own);
    if (error != 0) {
        demo_object_error("change", "the accounts", error);
        return DEMO_FAILED;
    }
    while (signals_caught() == 0) {
        demo_nap(DEMO_SLICE_NS); /* the parent kills this process here */
    }
    return DEMO_FAILED;
}

/* ---- the parent, which goes on ---- */

/** Lets the child get halfway, and kills it there. */
static enum demo_status kill_halfway(const struct bank *bank, struct demo_child *child)
{
    int64_t halfway = 0;
    while (halfway == 0 && !child->ended && signals_caught() == 0 &&
           demo_value_wait(bank->halfway, &halfway)) {
        demo_child_look(child);
    }
    if (child->ended) {
        enum demo_status status = demo_child_judge(child, "before it was halfway");
        return status == DEMO_OK ? DEMO_FAILED : status;
    }
    pid_t owner = seam_lock_owner(bank->lock);
    demo_child_kill(child);
    if (halfway == 0) {
        return DEMO_FAILED; /* a signal asks the program to end, or the user has been told */
    }
    return demo_printf("   Process %ld takes the lock, takes %" PRId64
                       " from the first account, and is killed before it has added them to "
                       "the second.",
                       (long)owner, amount) == 0
               ? DEMO_OK
               : DEMO_FAILED;
}

/** Prints the accounts. @return whether their sum is what it was; if not the user has been told */
static bool show(const struct bank *bank, const char *what)
{
    int64_t now[ACCOUNTS];
    int error = seam_array_snapshot(bank->accounts, 0, ACCOUNTS, now);
    if (error != 0) {
        demo_object_error("read", "the accounts", error);
        return false;
    }
    int64_t sum = now[0] + now[1];
    if (sum != balances[0] + balances[1]) {
        demo_error("the accounts hold %" PRId64 " in all, not %" PRId64, sum,
                   balances[0] + balances[1]);
        return false;
    }
    return demo_printf("   %s: [%" PRId64 ", %" PRId64 "], %" PRId64 " in all.", what, now[0],
                       now[1], sum) == 0;
}

static int transfer(struct seam_array *accounts)
{
    int error = seam_array_begin(accounts);
    if (error != 0) {
        return error;
    }
    error = seam_array_add(accounts, 0, &minus_amount, NULL);
    if (error == 0) {
        error = seam_array_add(accounts, 1, &amount, NULL);
    }
    if (error == 0) {
        return seam_array_commit(accounts);
    }
    (void)seam_array_abort(accounts);
    return error;
}

/** Takes the dead process's lock, and does what that could not do. */
static enum demo_status go_on(const struct bank *bank)
{
    SEAM_LOCK_SCOPE(scope, bank->lock);
    if (scope.error != -EOWNERDEAD) {
        demo_error("the lock of a dead owner answered %d, not -EOWNERDEAD", scope.error);
        return DEMO_FAILED;
    }
    if (demo_printf(
            "   The next one does not wait for the dead: seam_lock_lock answers -EOWNERDEAD "
            "(%s), which means: you hold it, check your data.",
            strerror(EOWNERDEAD)) != 0 ||
        !show(bank, "The accounts are whole, as they were before")) {
        return DEMO_FAILED;
    }
    int error = transfer(bank->accounts);
    if (error != 0) {
        demo_object_error("change", "the accounts", error);
        return DEMO_FAILED;
    }
    return show(bank, "After the same transfer by the next one") ? DEMO_OK : DEMO_FAILED;
}

static enum demo_status survive_owner(struct bank *bank)
{
    struct demo_child child = {.name = "owner of the lock"};
    if (demo_printf("2. An owner is killed while it holds the lock") != 0 ||
        !show(bank, "Two accounts under the lock") ||
        !demo_child_start(&child, be_owner, bank, 0)) {
        return DEMO_FAILED;
    }
    enum demo_status status = kill_halfway(bank, &child);
    return status == DEMO_OK ? go_on(bank) : status;
}

static enum demo_status run(struct bank *bank)
{
    int error = seam_array_copy_in(bank->accounts, 0, ACCOUNTS, balances);
    if (error != 0) {
        demo_object_error("fill", "the array", error);
        return DEMO_FAILED;
    }
    enum demo_status status = lock_twice(bank->lock);
    return status == DEMO_OK ? survive_owner(bank) : status;
}

enum demo_status demo_deadlock(const struct demo_options *options)
{
    struct bank bank = {.options = options};
    const struct seam_array_options wanted = {
        .type = SEAM_INT64, .length = ACCOUNTS, .mode = SEAM_LOCKED, .wait = options->wait};
    int error = seam_array_create(NULL, &wanted, &bank.accounts);
    if (error != 0) {
        demo_object_error("create", "an array of 2 numbers", error);
        return DEMO_FAILED;
    }
    enum demo_status status = DEMO_FAILED;
    if (demo_lock_create(options, &bank.lock)) {
        if (demo_value_create(options, SEAM_LOCK_FREE, &bank.halfway)) {
            status = run(&bank);
            seam_value_close(bank.halfway);
        }
        seam_lock_close(bank.lock);
    }
    seam_array_close(bank.accounts);
    return status;
}
