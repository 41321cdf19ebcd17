/* SPDX-License-Identifier: MIT */
/*
 * Writers and readers are killed, or stopped for a while, at random and started again, thousands
 * of times. Nothing whose send returned is lost, nothing comes twice, nobody hangs.
 *
 *     killed WHAT MODE ROUNDS
 *
 * WHAT: durable (a reader that resumes), overwrite, work (two workers), writers (two at a time, who
 * take turns), lanes (two at a time, each with its own).
 */
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "figure.h"
#include "seam/seam.h"

#define NAME "killed"
#define MOST 600U
#define PLAYERS 4
#define LIVES 40000

/** What the players tell the test; outlives each of them. */
struct record {
    _Atomic bool stop_writing;
    _Atomic bool stop_reading;
    _Atomic uint64_t received;        /* messages the readers have seen */
    _Atomic uint64_t sent[LIVES];     /* per writer's life: sends that have returned */
    _Atomic uint64_t expected[LIVES]; /* per writer's life: number of the next message */
};

struct game {
    const char *what;
    bool lanes;
    enum seam_mode mode;
    struct record *record;
    uint64_t life;           /* of the writer to be started */
    uint64_t killed;         /* so far */
    uint64_t killed_readers; /* of these */
};

static bool is(const struct game *game, const char *what)
{
    return strcmp(game->what, what) == 0;
}

static struct seam_channel_options options_of(const struct game *game, enum seam_role role)
{
    struct seam_channel_options options = {
        .role = role,
        .mode = game->mode,
        .max_message = MOST,
        .capacity = 8192,
        .policy = is(game, "overwrite") ? SEAM_OVERWRITE
                  : is(game, "work")    ? SEAM_WORK_QUEUE
                                        : SEAM_LOSSLESS,
        .many_writers = is(game, "writers") && !game->lanes,
        .writers = game->lanes ? 2 : 0,
        .follow = true,
    };
    if (options.policy == SEAM_LOSSLESS) {
        options.cursor = "keeper";
    }
    return options;
}

static struct seam_channel *open_channel(const struct game *game, enum seam_role role)
{
    struct seam_channel *channel;
    struct seam_channel_options options = options_of(game, role);
    if (role == SEAM_WRITER) {
        options.cursor = NULL;
    }
    /* Not once busy: the kernel gives a dead holder's lease back before it can be waited for. */
    int error = seam_channel_open(NAME, &options, &channel);
    CHECK(error == 0, "open: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

/** A message carries its writer's life and its number within. */
static uint64_t pack(uint64_t life, uint64_t i)
{
    return life << 40 | i;
}

static int play_writer(void *context)
{
    const struct game *game = context;
    struct seam_channel *channel = open_channel(game, SEAM_WRITER);
    uint8_t buffer[MOST];
    for (uint64_t i = 0; !atomic_load(&game->record->stop_writing); i++) {
        uint64_t number = pack(game->life, i);
        size_t size = test_message_size(number, MOST);
        int error;
        if (i % 2 == 0) {
            test_message_fill(buffer, size, number);
            error = seam_channel_send(channel, buffer, size);
        } else {
            void *data;
            error = seam_channel_reserve(channel, MOST, &data);
            CHECK(error == 0, "reserve: %s", strerror(-error));
            test_message_fill(data, size, number);
            error = seam_channel_commit(channel, size);
        }
        CHECK(error == 0, "send: %s", strerror(-error));
        atomic_store(&game->record->sent[game->life], i + 1);
        if (game->life % 4 == 0) {
            (void)usleep(20); /* so that some readers sleep */
        }
    }
    seam_channel_close(channel);
    return 0;
}

/**
 * @param again  whether this very message may have been seen by a reader that was killed then
 * @return whether it has been
 */
static bool check_message(const struct game *game, const void *data, ssize_t size, bool again)
{
    uint64_t number = test_message_number(data);
    uint64_t life = number >> 40;
    uint64_t i = number & ((UINT64_C(1) << 40) - 1);
    CHECK(life < LIVES && (size_t)size == test_message_size(number, MOST), "number %" PRIx64,
          number);
    CHECK(test_message_is(data, (size_t)size, number), "bytes of %" PRIx64, number);
    uint64_t expected = atomic_load(&game->record->expected[life]);
    bool seen = i + 1 == expected;
    if (is(game, "durable") || is(game, "writers")) {
        CHECK(i == expected || (again && seen), "life %" PRIu64 ": %" PRIu64 " not %" PRIu64, life,
              i, expected);
    }
    atomic_store(&game->record->expected[life], i + 1);
    atomic_fetch_add(&game->record->received, 1);
    return seen;
}

/**
 * Looks, notes, releases: a reader killed between the last two sees the message again, so nothing
 * is lost even then.
 */
static int play_reader(void *context)
{
    const struct game *game = context;
    struct seam_channel *channel = open_channel(game, SEAM_READER);
    bool may_repeat = true;
    for (;;) {
        const void *data;
        ssize_t size = seam_channel_peek_until(channel, &data, seam_deadline_in_ns(20000000));
        if (size == -ETIMEDOUT) {
            if (atomic_load(&game->record->stop_reading)) {
                break;
            }
            continue;
        }
        CHECK(size >= 0, "peek: %s", strerror((int)-size));
        bool repeated = check_message(game, data, size, may_repeat);
        CHECK(seam_channel_release(channel) == 0, "release");
        /* With lanes, others' messages may come before the one that comes again. */
        may_repeat = may_repeat && game->lanes && !repeated;
    }
    seam_channel_close(channel);
    return 0;
}

/** Reads what comes by copying; numbers only ever grow, and what is missing has been counted. */
static int play_follower(void *context)
{
    const struct game *game = context;
    struct seam_channel *channel = open_channel(game, SEAM_READER);
    uint8_t buffer[MOST];
    uint64_t last_life = 0, next = 0;
    struct seam_channel_stats stats = {0};
    for (;;) {
        uint64_t lost = stats.lost;
        ssize_t size =
            seam_channel_recv_until(channel, buffer, MOST, seam_deadline_in_ns(20000000));
        CHECK(seam_channel_stats(channel, &stats) == 0, "stats");
        if (size == -ETIMEDOUT && atomic_load(&game->record->stop_reading)) {
            break;
        }
        if (size == -ETIMEDOUT || size == -EOVERFLOW) {
            next += stats.lost - lost;
            continue;
        }
        CHECK(size >= 0, "recv: %s", strerror((int)-size));
        uint64_t number = test_message_number(buffer);
        CHECK(test_message_is(buffer, (size_t)size, number), "bytes of %" PRIx64, number);
        CHECK(stats.received == 1 || number > last_life, "%" PRIx64 " after %" PRIx64, number,
              last_life);
        if (stats.received > 1 && number >> 40 == last_life >> 40 && !is(game, "work")) {
            CHECK((number & ((UINT64_C(1) << 40) - 1)) == next, "gap not counted");
        }
        next = (number & ((UINT64_C(1) << 40) - 1)) + 1;
        last_life = number;
        atomic_fetch_add(&game->record->received, 1);
    }
    seam_channel_close(channel);
    return 0;
}

/** Who plays at place @p place, and what. */
static int (*part_of(const struct game *game, int place))(void *)
{
    if (is(game, "writers")) {
        return place < 2 ? play_writer : place == 2 ? play_reader : NULL;
    }
    if (place == 0) {
        return play_writer;
    }
    if (is(game, "durable")) {
        return place == 1 ? play_reader : NULL;
    }
    return place <= 2 ? play_follower : NULL;
}

static pid_t start(struct game *game, int place)
{
    if (part_of(game, place) == play_writer) {
        game->life++;
        CHECK(game->life < LIVES, "too many lives");
    }
    return test_spawn(part_of(game, place), game);
}

/** Kills the player, or stops it for a while, and starts its successor. */
static pid_t strike(struct game *game, int place, pid_t player, uint64_t dice)
{
    if (!test_strike(player, dice)) {
        return player;
    }
    game->killed++;
    game->killed_readers += part_of(game, place) != play_writer;
    return start(game, place);
}

static void join_all(const struct game *game, const pid_t *players, int count, bool writers)
{
    for (int i = 0; i < count; i++) {
        if ((part_of(game, i) == play_writer) == writers) {
            CHECK(test_join(players[i]), "player %d failed", i);
        }
    }
}

static void check_end(const struct game *game)
{
    uint64_t sent = 0;
    for (uint64_t life = 0; life <= game->life; life++) {
        uint64_t of_life = atomic_load(&game->record->sent[life]);
        sent += of_life;
        if (is(game, "durable") || is(game, "writers")) {
            uint64_t expected = atomic_load(&game->record->expected[life]);
            CHECK(expected >= of_life, "life %" PRIu64 ": %" PRIu64 " sent, %" PRIu64 " came", life,
                  of_life, expected);
        }
    }
    uint64_t received = atomic_load(&game->record->received);
    CHECK(received > 0, "nothing came through");
    /* A killed worker takes at most the message along that it had just claimed. */
    CHECK(!is(game, "work") || received + game->killed_readers >= sent, "more lost than killed");
    char row[64];
    (void)snprintf(row, sizeof(row), "killed at random: %s%s%s", game->what,
                   game->lanes ? " lanes" : "", game->mode == SEAM_LOCKED ? " locked" : "");
    test_figure(row,
                "%" PRIu64 " kills, %" PRIu64 " messages sent, %" PRIu64 " received and checked",
                game->killed, sent, received);
}

int main(int argc, char **argv)
{
    struct seam_channel *channel;
    CHECK(argc == 4, "usage: killed WHAT MODE ROUNDS");
    struct game game = {
        .what = argv[1],
        .mode = strcmp(argv[2], "locked") == 0 ? SEAM_LOCKED : SEAM_LOCK_FREE,
        .record = test_shared(sizeof(struct record)),
    };
    game.lanes = strcmp(game.what, "lanes") == 0;
    game.what = game.lanes ? "writers" : game.what;
    uint64_t rounds = strtoull(argv[3], NULL, 10);
    pid_t players[PLAYERS];
    int count = 0;
    test_begin();
    struct seam_channel_options creating = options_of(&game, SEAM_WRITER);
    CHECK(seam_channel_create(NAME, &creating, &channel) == 0, "create: %s", seam_error_detail());
    seam_channel_close(channel);
    for (; count < PLAYERS && part_of(&game, count) != NULL; count++) {
        players[count] = start(&game, count);
    }
    CHECK(count > 0, "nobody plays %s", game.what);
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t dice = test_mix(round + (uint64_t)getpid() * 1000003);
        int place = (int)(dice % (uint64_t)count);
        (void)usleep((useconds_t)(dice >> 32) % 1500);
        players[place] = strike(&game, place, players[place], dice >> 8);
    }
    /* First the writers: a reader that finds nothing may go only when nothing more can come. */
    atomic_store(&game.record->stop_writing, true);
    join_all(&game, players, count, true);
    atomic_store(&game.record->stop_reading, true);
    join_all(&game, players, count, false);
    check_end(&game);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink: %s", seam_error_detail());
    test_end();
    return 0;
}
