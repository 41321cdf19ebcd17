/* SPDX-License-Identifier: MIT */
/*
 * One hot path, a thousand times, for instructions_test.py: callgrind counts what is executed in
 * measured(). Both ends are in this process, and nobody sleeps.
 *
 *     instructions PATH
 */
#include <stdio.h>
#include <string.h>

#include "seam/seam.h"

#define TIMES 1000

static struct seam_channel *writer, *reader;
static struct seam_value *value;
static struct seam_lock *lock;
static char message[64];

static int send_48(void)
{
    return seam_channel_send(writer, message, 48);
}

static int recv_48(void)
{
    return seam_channel_recv(reader, message, sizeof(message)) == 48 ? 0 : -1;
}

static int find_nothing(void)
{
    return seam_channel_try_recv(reader, message, sizeof(message)) < 0 ? 0 : -1;
}

static int recv_latest(void)
{
    /* With what it reads: there must be something new. */
    return seam_channel_send(writer, message, 48) +
           (seam_channel_recv_latest(reader, message, sizeof(message)) == 48 ? 0 : -1);
}

static int reserve_commit(void)
{
    void *data;
    int error = seam_channel_reserve(writer, 48, &data);
    return error == 0 ? seam_channel_commit(writer, 48) : error;
}

static int peek_release(void)
{
    const void *data;
    return seam_channel_peek(reader, &data) == 48 ? seam_channel_release(reader) : -1;
}

static int value_add(void)
{
    return seam_value_add(value, 1, NULL);
}

static int lock_unlock(void)
{
    return seam_lock_lock(lock) + seam_lock_unlock(lock);
}

struct path {
    const char *name;
    enum seam_mode mode;
    int (*once)(void);
    int sent; /* messages that must be there before */
};

static const struct path paths[] = {
    {"send", SEAM_LOCK_FREE, send_48, 0},
    {"recv", SEAM_LOCK_FREE, recv_48, TIMES + 1},
    {"try_recv-empty", SEAM_LOCK_FREE, find_nothing, 0},
    {"send-recv_latest", SEAM_LOCK_FREE, recv_latest, 0},
    {"reserve-commit", SEAM_LOCK_FREE, reserve_commit, 0},
    {"peek-release", SEAM_LOCK_FREE, peek_release, TIMES + 1},
    {"value-add", SEAM_LOCK_FREE, value_add, 0},
    {"lock-unlock", SEAM_LOCK_FREE, lock_unlock, 0},
    {"locked-send", SEAM_LOCKED, send_48, 0},
    {"locked-recv", SEAM_LOCKED, recv_48, TIMES + 1},
};

/** What callgrind looks at. */
__attribute__((noinline)) static int measured(int (*once)(void))
{
    int error = 0;
    for (int i = 0; i < TIMES; i++) {
        error |= once();
    }
    return error;
}

static int prepare(const struct path *path)
{
    const struct seam_channel_options options = {
        .mode = path->mode, .wait = SEAM_WAIT_SPIN, .capacity = 1 << 20};
    int error = seam_channel_create(NULL, &options, &writer);
    error = error == 0 ? seam_channel_reopen(writer, &(struct seam_channel_options){0}, &reader)
                       : error;
    error = error == 0 ? seam_value_create(NULL, NULL, &value) : error;
    error = error == 0 ? seam_lock_create(NULL, NULL, &lock) : error;
    for (int i = 0; error == 0 && i < path->sent; i++) {
        error = send_48();
    }
    return error == 0 ? path->once() : error; /* the first time binds symbols */
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(argv[1], paths[i].name) == 0) {
            int error = prepare(&paths[i]);
            error = error == 0 ? measured(paths[i].once) : error;
            seam_channel_close(reader);
            seam_channel_close(writer);
            seam_value_close(value);
            seam_lock_close(lock);
            return error != 0;
        }
    }
    (void)fprintf(stderr, "usage: instructions PATH\n");
    return 2;
}
