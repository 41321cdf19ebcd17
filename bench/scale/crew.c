/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../limits.h"
#include "memory/atomic.h"

/* Nobody in here waits with a bound: what hangs ends the program. */
#define HANG_S 100

/* ---- a member ---- */

/** A member of many may run on any CPU but the first one's; the kernel spreads them. */
static int leave_cpu(const struct cpus *cpus)
{
    cpu_set_t others = cpus->allowed;
    if (!cpus_are_two(cpus)) {
        return 0;
    }
    CPU_CLR(cpus->here, &others);
    return sched_setaffinity(0, sizeof(others), &others) == 0 ? 0 : -errno;
}

static void report(struct crew_shared *shared, int error)
{
    if (error != 0) {
        store_relaxed(&shared->error, error); /* K3 publishes it */
    }
    (void)add_acq_rel(&shared->done, 1); /* K3, pairs with K4 in crew_answer: the error */
    if (error != 0) {
        _exit(1);
    }
}

static _Noreturn void be_member(const struct crew *crew, const struct crew_work *work,
                                unsigned index)
{
    struct crew_shared *shared = crew->shared;
    _Atomic uint32_t *asked = &shared->lines[index].asked;
    /* Opened before it is confined: a waiter that may use one CPU only begins with short spins. */
    int error = work->open(work->context, index);
    report(shared, error == 0 ? leave_cpu(crew->cpus) : error);
    for (uint32_t orders = 0;; orders++) {
        /* K2, pairs with K1 in crew_ask: the order and its count */
        while (load_acquire(asked) == orders) {
            futex_wait(asked, orders);
        }
        (void)add_acq_rel(&shared->begun, 1); /* K5, pairs with K6 in crew_await_begin */
        (void)alarm(HANG_S);
        report(shared, work->serve(work->context, shared, shared->order, shared->count));
    }
}

/* ---- this process ---- */

int crew_start(struct crew *crew, const struct cpus *cpus, unsigned count,
               const struct crew_work *work)
{
    *crew = (struct crew){.cpus = cpus, .active = count};
    void *memory = mmap(NULL, sizeof(struct crew_shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    crew->shared = memory;
    pid_t parent = getpid();
    int error = 0;
    for (; crew->count < count && error == 0; crew->count++) {
        pid_t pid = fork();
        if (pid == 0) {
            if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
                _exit(1);
            }
            be_member(crew, work, crew->count);
        }
        crew->members[crew->count] = pid;
        error = pid > 0 ? 0 : -errno;
    }
    (void)alarm(HANG_S);
    error = error == 0 ? crew_answer(crew) : error;
    error = error == 0 ? cpus_pin(cpus->here) : error;
    if (error != 0) {
        crew_end(crew);
    }
    return error;
}

void crew_ask(struct crew *crew, uint32_t order, unsigned active, uint64_t count)
{
    struct crew_shared *shared = crew->shared;
    (void)alarm(HANG_S);
    crew->active = active;
    shared->order = order;
    shared->count = count;
    store_relaxed(&shared->begun, 0); /* K1 publishes all of these */
    store_relaxed(&shared->done, 0);
    store_relaxed(&shared->stop, 0);
    for (unsigned i = 0; i < active; i++) {
        (void)add_acq_rel(&shared->lines[i].asked, 1); /* K1, pairs with K2 in be_member */
        futex_wake_one(&shared->lines[i].asked);
    }
}

void crew_await_begin(const struct crew *crew)
{
    /* K6, pairs with K5 in be_member */
    while (load_acquire(&crew->shared->begun) != crew->active) {
        cpu_relax();
    }
}

void crew_stop(const struct crew *crew)
{
    store_relaxed(&crew->shared->stop, 1); /* no data goes with it */
}

int crew_answer(const struct crew *crew)
{
    /* Not asleep: a CPU that has slept is slower for a while. */
    while (load_acquire(&crew->shared->done) != crew->active && /* K4, pairs with K3 in report */
           load_relaxed(&crew->shared->error) == 0) {
        cpu_relax();
    }
    return load_relaxed(&crew->shared->error);
}

void crew_end(struct crew *crew)
{
    (void)alarm(0);
    for (unsigned i = 0; i < crew->count; i++) {
        /* They have nothing to finish: what they share is anonymous and goes with them. */
        if (crew->members[i] > 0) {
            (void)kill(crew->members[i], SIGKILL);
            while (waitpid(crew->members[i], NULL, 0) < 0 && errno == EINTR) {
            }
        }
    }
    if (crew->shared != NULL) {
        (void)munmap(crew->shared, sizeof(*crew->shared));
    }
    if (crew->cpus != NULL) {
        (void)cpus_unpin(crew->cpus);
    }
    *crew = (struct crew){0};
}
