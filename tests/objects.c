/* SPDX-License-Identifier: MIT */
/*
 * Linearizability by counting: several processes change one object, others look at it.
 *
 *     objects WHAT MODE COUNT     each player makes so many changes, nobody is killed
 *     objects WHAT MODE -ROUNDS   they play on while so many of them are killed at random
 *
 * WHAT: value, lock, array, list.
 */
#include "objects.h"

#include <inttypes.h>
#include <string.h>

#include "figure.h"

/* ---- what the games use ---- */

void game_must(int result, const char *what)
{
    CHECK(result == 0, "%s: %s: %s", what, seam_error_detail(), strerror(-result));
}

void game_begin_life(const struct game *game)
{
    uint64_t began = atomic_load(&game->record->players[game->place].began);
    uint64_t done = atomic_load(&game->record->players[game->place].done);
    CHECK(began == done || began == done + 1, "%" PRIu64 " begun, %" PRIu64 " done", began, done);
    atomic_fetch_add(&game->record->players[game->place].doubtful, began - done);
    atomic_store(&game->record->players[game->place].done, began);
}

bool game_goes_on(const struct game *game)
{
    if (game->count > 0) {
        return atomic_load(&game->record->players[game->place].done) < game->count;
    }
    return !atomic_load(&game->record->stop);
}

uint64_t game_begin(const struct game *game)
{
    return atomic_fetch_add(&game->record->players[game->place].began, 1);
}

void game_done(const struct game *game)
{
    atomic_fetch_add(&game->record->players[game->place].done, 1);
}

uint64_t game_total_done(const struct game *game)
{
    uint64_t total = 0;
    for (int i = 0; i < PLAYERS; i++) {
        total += atomic_load(&game->record->players[i].done);
    }
    return total;
}

uint64_t game_total_doubtful(const struct game *game)
{
    uint64_t total = 0;
    for (int i = 0; i < PLAYERS; i++) {
        total += atomic_load(&game->record->players[i].doubtful);
    }
    return total;
}

void game_check_total(const struct game *game, uint64_t result)
{
    uint64_t most = game_total_done(game);
    uint64_t least = most - game_total_doubtful(game);
    CHECK(result >= least && result <= most, "%" PRIu64 " is not in %" PRIu64 " to %" PRIu64,
          result, least, most);
}

/* ---- the game ---- */

static pid_t start(struct game *game, int place)
{
    game->place = place;
    return test_spawn(place < PLAYERS ? game->part->play : game->part->watch, game);
}

/** Kills one, or stops it for a while, and starts its successor. */
static pid_t strike(struct game *game, int place, pid_t player, uint64_t dice)
{
    if (!test_strike(player, dice)) {
        return player;
    }
    game->kills++;
    return start(game, place);
}

static void play(struct game *game, uint64_t rounds)
{
    pid_t players[PLAYERS + WATCHERS];
    for (int i = 0; i < PLAYERS + WATCHERS; i++) {
        players[i] = start(game, i);
    }
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t dice = test_mix(round + (uint64_t)getpid() * 1000003);
        int place = (int)(dice % (PLAYERS + WATCHERS));
        (void)usleep((useconds_t)(dice >> 32) % 1500);
        players[place] = strike(game, place, players[place], dice >> 8);
    }
    for (int i = 0; i < PLAYERS + WATCHERS; i++) {
        if (i == 0 && rounds > 0) {
            atomic_store(&game->record->stop, true);
        }
        if (i == PLAYERS) {
            atomic_store(&game->record->stop, true); /* all changes have been made */
        }
        CHECK(test_join(players[i]), "process %d failed", i);
    }
}

int main(int argc, char **argv)
{
    static const struct part *const parts[] = {&value_game, &lock_game, &array_game, &list_game};
    CHECK(argc == 4, "usage: objects WHAT MODE COUNT");
    long long count = strtoll(argv[3], NULL, 10);
    struct game game = {
        .mode = strcmp(argv[2], "locked") == 0 ? SEAM_LOCKED : SEAM_LOCK_FREE,
        .count = count > 0 ? (uint64_t)count : 0,
        .record = test_shared(sizeof(struct record)),
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(argv[1], parts[i]->what) == 0) {
            game.part = parts[i];
        }
    }
    CHECK(game.part != NULL && count != 0, "nobody plays %s", argv[1]);
    test_begin();
    game.part->create(&game);
    play(&game, count < 0 ? (uint64_t)-count : 0);
    game.part->check(&game);
    uint64_t changes = game_total_done(&game), doubtful = game_total_doubtful(&game);
    uint64_t looks = atomic_load(&game.record->looks);
    CHECK(changes > 0 && doubtful <= game.kills, "nothing happened");
    char row[64];
    (void)snprintf(row, sizeof(row), "%s: %s%s", count < 0 ? "objects killed at random" : "objects",
                   argv[1], game.mode == SEAM_LOCKED ? " locked" : "");
    test_figure(row,
                "%" PRIu64 " kills, %" PRIu64 " changes, %" PRIu64 " in doubt, %" PRIu64 " looks",
                game.kills, changes, doubtful, looks);
    test_end();
    return 0;
}
