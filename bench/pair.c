/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/atomic.h"

/* For the signal handler; NULL while there is no peer. */
static struct pair_shared *volatile watched;

/** Storing into the words ends every wait on them, also one that is just about to begin. */
static void on_child(int signal_number)
{
    (void)signal_number;
    struct pair_shared *shared = watched;
    if (shared != NULL) {
        limit_break(shared->lines);
        store_relaxed(&shared->answered, LIMIT_BROKEN); /* no data goes with it */
    }
}

static int watch(struct pair_shared *shared)
{
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    watched = shared;
    return sigaction(SIGCHLD, &action, NULL) == 0 ? 0 : -errno;
}

/* ---- the peer ---- */

static void answer(struct pair_shared *shared, uint32_t number, int error)
{
    shared->error = error;
    store_release(&shared->answered, number); /* B3, pairs with B4 in pair_answer: the error */
    futex_wake_one(&shared->answered);
    if (error != 0) {
        _exit(1); /* nobody may wait for what will not come */
    }
}

static _Noreturn void be_peer(const struct pair *pair, const struct pair_work *work)
{
    struct pair_shared *shared = pair->shared;
    int error = work->open(work->context);
    if (error == 0) {
        error = cpus_pin(pair->cpus->there);
    }
    answer(shared, 1, error);
    for (uint32_t done = 1;; done++) {
        /* B2, pairs with B1 in pair_ask: the order and its count */
        while (load_acquire(&shared->asked) == done) {
            futex_wait(&shared->asked, done);
        }
        error = work->serve(work->context, shared, shared->order, shared->count);
        answer(shared, done + 1, error);
    }
}

/** @return in the parent the peer's pid or -errno; in the peer not at all */
static pid_t fork_peer(const struct pair *pair, const struct pair_work *work)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        /* The second question: the parent may have died before the first took effect. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
            _exit(1);
        }
        be_peer(pair, work);
    }
    return pid > 0 ? pid : -errno;
}

/* ---- this side ---- */

int pair_start(struct pair *pair, const struct cpus *cpus, const struct pair_work *work)
{
    *pair = (struct pair){.cpus = cpus};
    void *memory = mmap(NULL, sizeof(struct pair_shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    pair->shared = memory;
    store_relaxed(&pair->shared->asked, 1); /* opening is the first order; the fork publishes it */
    int error = watch(pair->shared);
    if (error == 0) {
        pair->peer = fork_peer(pair, work);
        error = pair->peer > 0 ? pair_answer(pair) : pair->peer;
    }
    if (error == 0) {
        error = cpus_pin(cpus->here);
    }
    if (error != 0) {
        pair_end(pair);
    }
    return error;
}

void pair_ask(const struct pair *pair, uint32_t order, uint64_t count)
{
    struct pair_shared *shared = pair->shared;
    shared->order = order;
    shared->count = count;
    store_relaxed(&shared->stop, 0);                    /* B1 publishes them */
    uint32_t number = load_relaxed(&shared->asked) + 1; /* only this side stores it */
    store_release(&shared->asked, number);              /* B1, pairs with B2 in be_peer */
    futex_wake_one(&shared->asked);
}

int pair_answer(const struct pair *pair)
{
    struct pair_shared *shared = pair->shared;
    uint32_t number = load_relaxed(&shared->asked); /* only this side stores it */
    uint32_t seen;
    /* B4, pairs with B3 in answer: the error */
    while ((seen = load_acquire(&shared->answered)) != number) {
        if (seen == LIMIT_BROKEN) {
            return pair_blame(pair, -ECHILD);
        }
        futex_wait(&shared->answered, seen);
    }
    return shared->error;
}

bool pair_is_busy(const struct pair *pair)
{
    /* Relaxed: no data goes with it. */
    return load_relaxed(&pair->shared->answered) == load_relaxed(&pair->shared->asked) - 1;
}

int pair_blame(const struct pair *pair, int error)
{
    /* Not while it is written: it is stored before the peer ends, and its end brought us here. */
    return pair->shared->error != 0 ? pair->shared->error : error;
}

void pair_end(struct pair *pair)
{
    watched = NULL;
    if (pair->peer > 0) {
        /* It has nothing to finish: what it shares is anonymous and goes with it. */
        (void)kill(pair->peer, SIGKILL);
        while (waitpid(pair->peer, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (pair->shared != NULL) {
        (void)munmap(pair->shared, sizeof(*pair->shared));
    }
    if (pair->cpus != NULL) {
        (void)cpus_unpin(pair->cpus);
    }
    *pair = (struct pair){0};
}
