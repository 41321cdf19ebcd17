/* SPDX-License-Identifier: MIT */
/*
 * iceoryx by its C interface, messages written and read in place. Its daemon is started with the
 * first link and ended with the last; it has the memory, in pools that it makes by default.
 */
#include <grp.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

#define QUEUE_MESSAGES 256
#define STEP_US 1000

struct link {
    struct peer_link wish;
    pid_t opener;
    char name[64];
    iox_pub_storage_t publisher_memory;
    iox_sub_storage_t subscriber_memory;
    iox_pub_t publisher;
    iox_sub_t subscriber;
};

static pid_t daemon_pid; /* of the process that opened the links */
static int users;

static int start_daemon(void)
{
    pid_t parent = getpid();
    daemon_pid = fork();
    if (daemon_pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() == parent && freopen("/dev/null", "w", stdout) != NULL) {
            (void)execlp("iox-roudi", "iox-roudi", "--log-level", "off", (char *)NULL);
        }
        _exit(127);
    }
    return daemon_pid > 0 ? 0 : -errno;
}

/** Name of the runtime of a process: the opener's, or its peer's. */
static void name_runtime(char name[64], pid_t opener, bool is_peer)
{
    (void)snprintf(name, 64, "seam-bench-%d-%s", (int)opener, is_peer ? "there" : "here");
}

/**
 * The peer's process is killed, and with a dead client the daemon ends before it has tidied up.
 * Where it ended earlier, somebody else's was there, and is let alone.
 */
static void end_daemon(void)
{
    static const char *const files[] = {"/dev/shm/iceoryx_mgmt", "/tmp/roudi.lock",
                                        "/tmp/iox-unique-roudi.lock"};
    const struct group *group = getgrgid(getgid());
    char path[128], name[64];
    bool is_ours = waitpid(daemon_pid, NULL, WNOHANG) == 0;
    if (is_ours) {
        (void)kill(daemon_pid, SIGTERM);
        while (waitpid(daemon_pid, NULL, 0) < 0 && errno == EINTR) {
        }
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
            (void)unlink(files[i]);
        }
        if (group != NULL) { /* it calls the memory for messages after the group */
            (void)snprintf(path, sizeof(path), "/dev/shm/%s", group->gr_name);
            (void)unlink(path);
        }
    }
    for (int is_peer = 0; is_peer < 2; is_peer++) {
        name_runtime(name, getpid(), is_peer);
        (void)snprintf(path, sizeof(path), "/tmp/%s.lock", name);
        (void)unlink(path);
    }
    daemon_pid = 0;
}

static int open_link(void *context, const struct peer_link *wish)
{
    static unsigned number;
    struct link *link = context;
    link->wish = *wish;
    link->opener = getpid();
    (void)snprintf(link->name, sizeof(link->name), "%u", number++);
    return users++ == 0 ? start_daemon() : 0;
}

static int attach(void *context, enum peer_end end)
{
    static pid_t known; /* process that has a runtime */
    struct link *link = context;
    if (known != getpid()) {
        char name[64];
        known = getpid();
        name_runtime(name, link->opener, known != link->opener);
        iox_runtime_init(name); /* waits for the daemon */
    }
    if (end == PEER_SENDER) {
        iox_pub_options_t options;
        iox_pub_options_init(&options);
        options.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
        link->publisher =
            iox_pub_init(&link->publisher_memory, "seam", "bench", link->name, &options);
        return link->publisher != NULL ? 0 : -ENOMEM;
    }
    iox_sub_options_t options;
    iox_sub_options_init(&options);
    options.queueCapacity = QUEUE_MESSAGES;
    options.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
    link->subscriber =
        iox_sub_init(&link->subscriber_memory, "seam", "bench", link->name, &options);
    return link->subscriber != NULL ? 0 : -ENOMEM;
}

static int send(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    while (!iox_pub_has_subscribers(link->publisher)) {
        (void)usleep(STEP_US); /* they find each other by way of the daemon */
    }
    for (uint64_t i = 0; i < count; i++) {
        void *chunk;
        while (iox_pub_loan_chunk(link->publisher, &chunk, (uint32_t)link->wish.size) !=
               AllocationResult_SUCCESS) {
            spin_once();
        }
        payload_write(chunk, link->wish.size, first + i);
        iox_pub_publish_chunk(link->publisher, chunk);
    }
    return 0;
}

static int recv(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        const void *chunk;
        while (iox_sub_take_chunk(link->subscriber, &chunk) != ChunkReceiveResult_SUCCESS) {
            spin_once();
        }
        bool right = payload_is(chunk, link->wish.size, first + i);
        iox_sub_release_chunk(link->subscriber, chunk);
        if (!right) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_link(void *context)
{
    struct link *link = context;
    if (link->publisher != NULL) {
        iox_pub_deinit(link->publisher);
    }
    if (link->subscriber != NULL) {
        iox_sub_deinit(link->subscriber);
    }
    if (--users == 0 && daemon_pid > 0) {
        end_daemon();
    }
}

const struct peer peer_iceoryx = {
    .name = "iceoryx",
    .title = "iceoryx",
    .config = "in place; the sender waits for the receiver",
    .spins = true,
    .own_process = true,
    .context_bytes = sizeof(struct link),
    .open = open_link,
    .attach = attach,
    .send = send,
    .recv = recv,
    .close = close_link,
};
