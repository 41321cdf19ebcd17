/* SPDX-License-Identifier: MIT */
#include "soak.h"

#include <errno.h>
#include <string.h>

#include "any.h"

#define MOST 600U
#define CHANNELS 5
#define READERS 16U
#define LANES 8U
#define PATIENCE_NS 1000000

_Static_assert(CHANNELS + ANY_KINDS == SOAK_THINGS, "each kind once");

static const char *const channels[CHANNELS] = {"lossless", "overwrite", "work", "lanes", "locked"};

const char *soak_name(int thing)
{
    static const char *const objects[] = {"lock",         "value", "raw-value",  "array",
                                          "locked-array", "list",  "locked-list"};
    return thing < CHANNELS ? channels[thing] : objects[thing - CHANNELS];
}

/* ---- channels ---- */

static struct seam_channel_options channel_options(int thing, enum seam_role role)
{
    struct seam_channel_options options = {
        .region = {.prefault = true},
        .role = role,
        .max_message = MOST,
        .capacity = 8192,
        .max_readers = READERS,
        .policy = thing == 1   ? SEAM_OVERWRITE
                  : thing == 2 ? SEAM_WORK_QUEUE
                               : SEAM_LOSSLESS,
        .mode = thing == 4 ? SEAM_LOCKED : SEAM_LOCK_FREE,
        .many_writers = thing == 0 || thing == 4,
        .writers = thing == 3 ? LANES : 0,
        .follow = true,
    };
    return options;
}

static void send_some(struct seam_channel *channel, uint64_t dice, struct soak_counts *counts)
{
    uint8_t message[MOST];
    int error = 0;
    for (uint64_t i = 0; i < 32 && error == 0; i++) {
        uint64_t number = test_mix(dice + i) >> 16;
        size_t size = test_message_size(number, MOST);
        test_message_fill(message, size, number);
        error = seam_channel_send_until(channel, message, size, seam_deadline_in_ns(PATIENCE_NS));
        CHECK(error == 0 || error == -ETIMEDOUT, "send: %s", strerror(-error));
        atomic_fetch_add(&counts->sent, error == 0);
    }
}

static void receive_some(struct seam_channel *channel, struct soak_counts *counts)
{
    uint8_t message[MOST];
    ssize_t size = 0;
    for (int i = 0; i < 48 && size != -ETIMEDOUT; i++) {
        size = seam_channel_recv_until(channel, message, MOST, seam_deadline_in_ns(PATIENCE_NS));
        CHECK(size >= 8 || size == -ETIMEDOUT || size == -EOVERFLOW, "recv: %s",
              strerror((int)-size));
        if (size >= 0) {
            uint64_t number = test_message_number(message);
            CHECK((size_t)size == test_message_size(number, MOST) &&
                      test_message_is(message, (size_t)size, number),
                  "a message was spoilt");
            atomic_fetch_add(&counts->received, 1);
        }
    }
}

/* ---- objects ---- */

static void use_lock(struct seam_lock *lock, uint64_t dice)
{
    int error = dice % 2 == 0 ? seam_lock_lock(lock) : seam_lock_try_lock(lock);
    CHECK(error == 0 || error == -EOWNERDEAD || error == -EAGAIN, "lock: %s", strerror(-error));
    if (error != -EAGAIN) {
        CHECK(seam_lock_unlock(lock) == 0, "unlock");
    }
}

static void change(enum any_kind kind, void *object, uint64_t dice, struct soak_counts *counts)
{
    if (kind == ANY_LOCK) {
        use_lock(object, dice);
    } else {
        int error = any_change(kind, object, (int64_t)dice);
        CHECK(error == 0 || error == -ENOSPC, "%s: %s", any_name(kind), strerror(-error));
        if (error == -ENOSPC && kind == ANY_LIST_LOCKED) {
            CHECK(seam_list_clear(object) == 0, "clear");
        }
    }
    atomic_fetch_add(&counts->changed, 1);
}

static void look(enum any_kind kind, const void *object)
{
    int64_t number;
    int error = any_read(kind, object, &number);
    CHECK(error >= 0 || error == -ERANGE || error == -EAGAIN, "%s: %s", any_name(kind),
          strerror(-error));
}

/* ---- all of them ---- */

int soak_create(int thing, const char *name)
{
    struct seam_channel_options options = channel_options(thing, SEAM_WRITER);
    struct seam_channel *channel = NULL;
    void *object = NULL;
    enum any_kind kind = (enum any_kind)(thing - CHANNELS);
    int error = thing < CHANNELS ? seam_channel_create(name, &options, &channel)
                                 : any_create(kind, name, NULL, &object);
    if (error == 0) {
        soak_close(thing, thing < CHANNELS ? (void *)channel : object);
    }
    return error;
}

void *soak_open(int thing, bool writer, struct soak_counts *counts)
{
    const struct any_options any = {.region = {.prefault = true},
                                    .access = writer ? SEAM_READ_WRITE : SEAM_READ_ONLY};
    struct seam_channel_options options =
        channel_options(thing, writer ? SEAM_WRITER : SEAM_READER);
    struct seam_channel *channel = NULL;
    void *object = NULL;
    enum any_kind kind = (enum any_kind)(thing - CHANNELS);
    int error = thing < CHANNELS ? seam_channel_open(soak_name(thing), &options, &channel)
                                 : any_open(kind, soak_name(thing), &any, &object);
    /* The only writer is somebody else; or an overwriting one was too fast to be joined. */
    CHECK(error == 0 || error == -EBUSY || error == -EAGAIN, "%s: %s: %s", soak_name(thing),
          seam_error_detail(), strerror(-error));
    atomic_fetch_add(error == 0 ? &counts->opened : &counts->refused, 1);
    return thing < CHANNELS ? (void *)channel : object;
}

void soak_use(int thing, void *handle, bool writer, uint64_t dice, struct soak_counts *counts)
{
    if (thing < CHANNELS) {
        if (writer) {
            send_some(handle, dice, counts);
        } else {
            receive_some(handle, counts);
        }
        return;
    }
    for (uint64_t i = 0; i < 8; i++) {
        if (writer) {
            change((enum any_kind)(thing - CHANNELS), handle, dice + i, counts);
        } else {
            look((enum any_kind)(thing - CHANNELS), handle);
        }
    }
}

void soak_close(int thing, void *handle)
{
    if (thing < CHANNELS) {
        seam_channel_close(handle);
    } else {
        any_close((enum any_kind)(thing - CHANNELS), handle);
    }
}

int soak_unlink(int thing, const char *name)
{
    return thing < CHANNELS ? seam_channel_unlink(name, NULL)
                            : any_unlink((enum any_kind)(thing - CHANNELS), name, NULL);
}

static int room_for(int thing, enum seam_role role)
{
    struct seam_channel *open[READERS + 1];
    struct seam_channel_options options = channel_options(thing, role);
    int count = 0, error = 0;
    while (error == 0 && count < (int)READERS) {
        error = seam_channel_open(soak_name(thing), &options, &open[count]);
        count += error == 0;
    }
    CHECK(error == 0 || error == -EUSERS || error == -EBUSY, "%s: %s: %s", soak_name(thing),
          seam_error_detail(), strerror(-error));
    for (int i = 0; i < count; i++) {
        seam_channel_close(open[i]);
    }
    return count;
}

int soak_room(int thing)
{
    return thing < CHANNELS ? room_for(thing, SEAM_READER) + 100 * room_for(thing, SEAM_WRITER) : 0;
}
