/* SPDX-License-Identifier: MIT */
/* Python's multiprocessing: both ends are Python's, in peers.py, which says how long it took. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cpus.h"
#include "peer.h"
#include "roster.h"

struct link {
    pid_t pid;
    FILE *orders, *answers;
};

static _Noreturn void become_python(const char *kind, size_t size, int in, int out)
{
    struct cpus cpus;
    char bytes[24], here[16] = "0", there[16] = "0";
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (cpus_choose(&cpus) == 0) {
        (void)snprintf(here, sizeof(here), "%d", cpus.here);
        (void)snprintf(there, sizeof(there), "%d", cpus.there);
    }
    (void)snprintf(bytes, sizeof(bytes), "%zu", size);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
        (void)execlp("python3", "python3", PEERS_SCRIPT, kind, bytes, here, there, (char *)NULL);
    }
    _exit(127);
}

static int open_kind(struct link *link, const struct peer_link *wish, const char *kind)
{
    int to[2], from[2];
    char ready[16];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
        return -errno;
    }
    link->pid = fork();
    if (link->pid == 0) {
        become_python(kind, wish->size, to[0], from[1]);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    link->orders = fdopen(to[1], "w");
    link->answers = fdopen(from[0], "r");
    if (link->orders == NULL || link->answers == NULL) {
        return -ENOMEM;
    }
    bool is_ready = fgets(ready, sizeof(ready), link->answers) != NULL;
    return is_ready && strcmp(ready, "ready\n") == 0 ? 0 : -ENOENT;
}

static int open_pipe(void *context, const struct peer_link *wish)
{
    return open_kind(context, wish, "pipe");
}

static int open_queue(void *context, const struct peer_link *wish)
{
    return open_kind(context, wish, "queue");
}

static int open_array(void *context, const struct peer_link *wish)
{
    return open_kind(context, wish, "array");
}

static int elsewhere(void *context, bool back, uint64_t count, double *ret_ns)
{
    struct link *link = context;
    char answer[64], *end;
    (void)fprintf(link->orders, "%s %" PRIu64 "\n", back ? "trip" : "stream", count);
    if (fflush(link->orders) != 0 || fgets(answer, sizeof(answer), link->answers) == NULL) {
        return -EBADMSG; /* it has told why on standard error */
    }
    double ns = strtod(answer, &end);
    *ret_ns = ns / (double)count;
    return end != answer ? 0 : -EBADMSG;
}

static void close_link(void *context)
{
    struct link *link = context;
    if (link->orders != NULL) {
        (void)fclose(link->orders);
    }
    if (link->answers != NULL) {
        (void)fclose(link->answers);
    }
    if (link->pid > 0) {
        (void)kill(link->pid, SIGKILL); /* its child dies with it */
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

const struct peer peer_py_pipe = {
    .name = "python-pipe",
    .title = "Python Pipe",
    .config = "send_bytes; it sleeps",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct link),
    .open = open_pipe,
    .elsewhere = elsewhere,
    .close = close_link,
};

const struct peer peer_py_queue = {
    .name = "python-queue",
    .title = "Python Queue",
    .config = "up to 1000 bytes objects; it sleeps",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct link),
    .open = open_queue,
    .elsewhere = elsewhere,
    .close = close_link,
};

const struct peer peer_py_array = {
    .name = "python-array",
    .title = "Python Lock and Array",
    .config = "64 slots, polled",
    .spins = true,
    .context_bytes = sizeof(struct link),
    .open = open_array,
    .elsewhere = elsewhere,
    .close = close_link,
};
