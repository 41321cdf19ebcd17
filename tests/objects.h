/* SPDX-License-Identifier: MIT */
/*
 * A game on one shared object: players change it all the time, watchers look at it all the time,
 * and in the end everything must add up, although each of them may have been killed at any moment.
 */
#ifndef SEAM_TESTS_OBJECTS_H
#define SEAM_TESTS_OBJECTS_H

#include <stdatomic.h>

#include "support.h"

#define PLAYERS 3
#define WATCHERS 2
#define TOTAL_MOST (UINT64_C(1) << 40)

/** What those who play tell the test; outlives each of them. */
struct record {
    _Atomic bool stop;
    struct {
        _Alignas(128) _Atomic uint64_t began, done; /* changes that were begun; that returned */
        _Atomic uint64_t doubtful;                  /* that were begun by one who was killed */
    } players[PLAYERS];
    _Atomic uint64_t looks;           /* of watchers */
    _Alignas(128) uint64_t board[16]; /* for the game's own use */
};

struct game {
    const struct part *part;
    enum seam_mode mode;
    uint64_t count; /* changes that each player makes; with kills it goes on until stopped */
    int place;      /* of the player or watcher in this process */
    uint64_t kills; /* so far */
    struct record *record;
    void *object; /* the test's own handle */
    void *marks;  /* for the game's own use, shared */
};

/** One kind of game. */
struct part {
    const char *what;
    void (*create)(struct game *game);
    int (*play)(void *game);  /* context of a child: a struct game */
    int (*watch)(void *game); /* likewise */
    void (*check)(struct game *game);
};

extern const struct part value_game, lock_game, array_game, list_game;

/** Whether a player should go on. Also notes what its predecessor left in doubt, when it begins. */
bool game_goes_on(const struct game *game);
void game_begin_life(const struct game *game);

/** Around each change. @return its number, from 0 */
uint64_t game_begin(const struct game *game);
void game_done(const struct game *game);

/** Sums over all players. */
uint64_t game_total_done(const struct game *game);
uint64_t game_total_doubtful(const struct game *game);

/** Fails unless @p result is what all changes make, those in doubt counted or not. */
void game_check_total(const struct game *game, uint64_t result);

/** Fails unless @p result is 0, and says what was tried. */
void game_must(int result, const char *what);

#endif
