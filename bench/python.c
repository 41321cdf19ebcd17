/* SPDX-License-Identifier: MIT */
#include "python.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER 128

/* A socket and not two pipes: who writes to a dead one gets an error there and no signal. */
static struct {
    pid_t pid; /* 0: not tried yet; -1: there is none */
    int socket;
    const char *missing;
} python;

/** One line without its end. Nothing comes behind it: each is an answer. */
static bool receive_line(char text[ANSWER])
{
    size_t got = 0;
    while (got < ANSWER) {
        ssize_t more = recv(python.socket, text + got, ANSWER - got, 0);
        if (more <= 0 && !(more < 0 && errno == EINTR)) {
            return false;
        }
        got += more > 0 ? (size_t)more : 0;
        if (got > 0 && text[got - 1] == '\n') {
            text[got - 1] = '\0';
            return true;
        }
    }
    return false;
}

/** @return the process or -errno */
static pid_t spawn(int theirs, const struct cpus *cpus)
{
    char name[] = "python3", script[] = OBJECTS_SCRIPT, here[16], there[16];
    char *const argv[] = {name, script, here, there, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    (void)snprintf(here, sizeof(here), "%d", cpus->here);
    (void)snprintf(there, sizeof(there), "%d", cpus->there);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return -error;
    }
    error = posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, theirs, STDOUT_FILENO);
    }
    if (error == 0) {
        error = posix_spawnp(&pid, name, &actions, NULL, argv, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -error;
}

/** @return why there is none, or NULL */
static const char *try_start(const struct cpus *cpus)
{
    int ends[2];
    char text[ANSWER];
    if (access(OBJECTS_SCRIPT, R_OK) != 0) {
        return "objects.py not found";
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return "no socket for python3";
    }
    python.socket = ends[0];
    python.pid = spawn(ends[1], cpus);
    (void)close(ends[1]);
    if (python.pid < 0) {
        (void)close(ends[0]);
        return python.pid == -ENOENT ? "python3 not found" : "python3 does not start";
    }
    if (!receive_line(text) || strcmp(text, "ready") != 0) {
        python_end();
        return "python3 has no multiprocessing"; /* it has told why on standard error */
    }
    return NULL;
}

const char *python_start(const struct cpus *cpus)
{
    if (python.pid == 0) {
        python.missing = try_start(cpus);
        python.pid = python.missing != NULL ? -1 : python.pid;
    }
    return python.missing;
}

int python_run(const char *operation, uint64_t count, int64_t *ret_ns, uint64_t *ret_there)
{
    char text[ANSWER];
    int size = snprintf(text, sizeof(text), "%s %" PRIu64 "\n", operation, count);
    if (send(python.socket, text, (size_t)size, MSG_NOSIGNAL) != size || !receive_line(text)) {
        return -ECHILD;
    }
    char *middle, *end;
    int64_t ns = strtoll(text, &middle, 10);
    uint64_t there = strtoull(middle, &end, 10);
    if (middle == text || end == middle || *end != '\0') {
        (void)fprintf(stderr, "objects.py: %s %" PRIu64 ": %s\n", operation, count, text);
        return -EBADMSG;
    }
    *ret_ns = ns;
    *ret_there = there;
    return 0;
}

void python_end(void)
{
    if (python.pid > 0) {
        (void)close(python.socket);
        while (waitpid(python.pid, NULL, 0) < 0 && errno == EINTR) {
        }
        python.pid = -1;
        python.missing = "python3 has ended";
    }
}
