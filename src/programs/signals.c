/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDING_COUNT (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t caught;

/** Comes again every second: one that came just before a call that blocks ends that all the same.
 */
static void on_signal(int number)
{
    if (number != SIGALRM) {
        caught = number;
    }
    (void)alarm(1);
}

void signals_install(void)
{
    struct sigaction before, action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        /* What nohup, or a shell that started us with `&`, has ignored stays ignored. */
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(ending[i], &action, NULL);
        }
    }
    (void)sigaction(SIGALRM, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL); /* write answers EPIPE */
    (void)sigaction(SIGXFSZ, &action, NULL); /* write answers EFBIG */
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGCHLD, &action, NULL); /* where it is ignored, waitpid knows no child */
}

int signals_caught(void)
{
    return caught;
}

void signals_end_by(int number)
{
    caught = number;
}

void signals_die(void)
{
    int number = caught;
    if (number != 0) {
        const struct sigaction action = {.sa_handler = SIG_DFL};
        (void)sigaction(number, &action, NULL);
        (void)raise(number);
    }
}

int signals_wait_for_fd(int fd, short events)
{
    struct pollfd what = {.fd = fd, .events = events};
    sigset_t block, before;
    sigemptyset(&block);
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        sigaddset(&block, ending[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &block, &before);
    int error = -EINTR;
    while (error == -EINTR && caught == 0) {
        /* The signals are open in here only, so none can come between the look and the sleep. */
        error = ppoll(&what, 1, NULL, &before) >= 0 ? 0 : -errno;
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return caught != 0 ? -EINTR : error;
}
