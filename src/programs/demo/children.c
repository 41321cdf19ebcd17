/* SPDX-License-Identifier: MIT */
#include "demo/children.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/objects.h"
#include "signals.h"

#define END_NAP_NS INT64_C(1000000)

/* ---- one ---- */

static _Noreturn void be_child(demo_work *work, void *context, size_t index, pid_t parent)
{
    enum demo_status status = DEMO_FAILED;
    /* No other signal ends a process that is stopped, or that waits for one that is. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A parent that died before the call above sends no signal any more. */
    if (getppid() == parent) {
        status = work(context, index);
    }
    signals_die();
    _exit(status);
}

bool demo_child_start(struct demo_child *child, demo_work *work, void *context, size_t index)
{
    const pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        be_child(work, context, index, parent);
    }
    if (pid < 0) {
        demo_error("cannot start the %s: fork: %s", child->name, strerror(errno));
        return false;
    }
    child->pid = pid;
    return true;
}

static void reap(struct demo_child *child, int flags)
{
    pid_t ended;
    do {
        ended = waitpid(child->pid, &child->wait_status, flags);
    } while (ended < 0 && errno == EINTR);
    child->ended = ended == child->pid;
}

void demo_child_look(struct demo_child *child)
{
    if (!child->ended) {
        reap(child, WNOHANG);
    }
}

bool demo_child_wait(struct demo_child *child)
{
    demo_child_look(child);
    while (!child->ended && signals_caught() == 0) {
        /* waitpid would sleep on when a signal came just before it; this does not. */
        int fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
        if (fd < 0) {
            demo_nap(END_NAP_NS); /* no descriptor is left */
        } else {
            (void)signals_wait_for_fd(fd, POLLIN);
            (void)close(fd);
        }
        demo_child_look(child);
    }
    return child->ended;
}

void demo_child_kill(struct demo_child *child)
{
    if (child->pid > 0 && !child->ended) {
        (void)kill(child->pid, SIGKILL);
        reap(child, 0);
    }
}

enum demo_status demo_child_judge(const struct demo_child *child, const char *when)
{
    if (WIFSIGNALED(child->wait_status)) {
        int number = WTERMSIG(child->wait_status);
        demo_error("the %s (process %ld) was killed by signal %d (%s) %s", child->name,
                   (long)child->pid, number, strsignal(number), when);
        return DEMO_DIED;
    }
    return WEXITSTATUS(child->wait_status) == 0 ? DEMO_OK : DEMO_FAILED; /* it has said why */
}

/* ---- several ---- */

static bool start_all(struct demo_team *team, demo_work *work, void *context)
{
    for (size_t i = 0; i < team->count; i++) {
        if (!demo_child_start(&team->children[i], work, context, i)) {
            return false;
        }
        demo_note(team->options, "started the %s, process %ld", team->children[i].name,
                  (long)team->children[i].pid);
    }
    return true;
}

/** Gives the start signal when all that live are ready. @return false: there is none */
static bool give_signal(struct demo_team *team)
{
    int64_t ready = 0;
    size_t ended = 0;
    while ((size_t)ready + ended < team->count) {
        if (signals_caught() != 0 || !demo_value_wait(team->ready, &ready)) {
            return false;
        }
        ended = 0;
        for (size_t i = 0; i < team->count; i++) {
            demo_child_look(&team->children[i]);
            ended += team->children[i].ended ? 1 : 0;
        }
    }
    (void)seam_value_store(team->go, 1);
    return true;
}

static bool wait_for_all(struct demo_team *team)
{
    for (size_t i = 0; i < team->count; i++) {
        if (!demo_child_wait(&team->children[i])) {
            return false;
        }
    }
    return true;
}

/** @return the worst that happened to any of them */
static enum demo_status judge_all(const struct demo_team *team)
{
    enum demo_status worst = DEMO_OK;
    for (size_t i = 0; i < team->count; i++) {
        enum demo_status status = demo_child_judge(&team->children[i], "before it was done");
        worst = status > worst ? status : worst;
    }
    return worst;
}

static enum demo_status run(struct demo_team *team, demo_work *work, void *context)
{
    enum demo_status status = DEMO_FAILED;
    if (start_all(team, work, context) && give_signal(team) && wait_for_all(team)) {
        status = judge_all(team);
    }
    for (size_t i = 0; i < team->count; i++) {
        demo_child_kill(&team->children[i]);
    }
    return status;
}

enum demo_status demo_team_run(struct demo_team *team, demo_work *work, void *context)
{
    enum demo_status status = DEMO_FAILED;
    if (demo_value_create(team->options, SEAM_LOCK_FREE, &team->ready)) {
        if (demo_value_create(team->options, SEAM_LOCK_FREE, &team->go)) {
            status = run(team, work, context);
            seam_value_close(team->go);
        }
        seam_value_close(team->ready);
    }
    return status;
}

bool demo_team_wait(const struct demo_team *team)
{
    struct seam_value *ready = NULL, *go = NULL;
    int64_t now = 0;
    if (demo_value_reopen(team->options, team->ready, &ready) &&
        demo_value_reopen(team->options, team->go, &go)) {
        demo_note(team->options, "ready");
        (void)seam_value_add(ready, 1, NULL);
        while (now == 0 && signals_caught() == 0 && demo_value_wait(go, &now)) {
        }
    }
    seam_value_close(go);
    seam_value_close(ready);
    return now != 0;
}
