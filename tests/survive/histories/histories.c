/* SPDX-License-Identifier: MIT */
/*
 * Processes use an object all at once and put down what they did and when. Then it is checked
 * whether there is an order of all their operations, one that keeps to real time, which explains
 * what each of them saw (linearizability). Round after round, each with a new object.
 *
 *     histories WHAT MODE PLACE COUNT [FIRST_POSITION FIRST_SEQUENCE]
 *     histories wrong
 *
 * PLACE: apart (the processes are spread over the CPUs) or together (all on one CPU). COUNT:
 * operations. `wrong` shows that the checkers find wrong histories.
 */
#include "histories.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "channel/test_hooks.h"
#include "figure.h"
#include "support.h"

#define QUOTA 20000U

static const char *const mode_names[] = {"", "lock-free", "locked"};

/* ---- what histories.h promises ---- */

struct event *note(struct actor *me, enum event_kind kind, uint64_t value, uint32_t start,
                   uint32_t end)
{
    struct history *history = me->history;
    CHECK(history->count < EVENTS_MOST, "too many events");
    struct event *event = &history->events[history->count++];
    *event = (struct event){.value = value, .start = start, .end = end, .kind = (uint16_t)kind};
    return event;
}

bool has_room(const struct actor *me, uint32_t count)
{
    return me->history->count + count <= EVENTS_MOST;
}

uint64_t roll(struct actor *me, uint64_t below)
{
    return (test_mix(me->dice++) >> 8) % below;
}

void wait_for_all(struct actor *me)
{
    atomic_fetch_add(&me->stage->ready, 1);
    while (atomic_load(&me->stage->ready) < me->stage->actors) {
        (void)sched_yield();
    }
}

void breathe(struct actor *me, uint64_t one_in)
{
    if (me->crowded && roll(me, one_in) == 0) {
        (void)sched_yield();
    }
}

bool refuse(struct verdict *verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(verdict->why, sizeof(verdict->why), format, arguments);
    va_end(arguments);
    verdict->wrong = true;
    return false;
}

void *table_of(uint64_t count, size_t bytes)
{
    void *table = calloc(count, bytes);
    CHECK(table != NULL, "%" PRIu64 " times %zu bytes", count, bytes);
    return table;
}

/**
 * Alone is an operation if the time did not move on in it, and none that ended later had started
 * when it ended.
 */
void settle(struct stage *stage)
{
    uint32_t times = atomic_load(&stage->time) + 1;
    uint32_t *started = table_of(times, sizeof(*started)); /* by end; then: that, or later */
    memset(started, 0xff, times * sizeof(*started));
    for (unsigned i = 0; i < stage->actors; i++) {
        const struct history *history = &stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            started[history->events[k].end] = history->events[k].start;
        }
    }
    for (uint32_t t = times - 1; t-- > 0;) {
        started[t] = started[t] < started[t + 1] ? started[t] : started[t + 1];
    }
    for (unsigned i = 0; i < stage->actors; i++) {
        struct history *history = &stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            struct event *event = &history->events[k];
            if (event->unsure &&
                (event->start != event->end || started[event->end + 1] <= event->end)) {
                event->kind = EVENT_NOTHING;
            }
        }
    }
    free(started);
}

/* ---- rounds ---- */

/** A test, and what it has shown so far. */
struct test {
    struct round round;
    bool together;
    bool wrapping;
    uint64_t operations, pairs;
    unsigned index; /* of the actor to be started */
};

/** Puts this process on the CPU where its actor belongs, of those that it may use. */
static void take_place(const struct test *test, unsigned actor)
{
    cpu_set_t allowed, mine;
    CHECK(sched_getaffinity(0, sizeof(allowed), &allowed) == 0, "%s", strerror(errno));
    unsigned count = (unsigned)CPU_COUNT(&allowed);
    unsigned wanted = (test->together ? (unsigned)getppid() : actor) % count;
    CPU_ZERO(&mine);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && wanted-- == 0) {
            CPU_SET(cpu, &mine);
        }
    }
    CHECK(sched_setaffinity(0, sizeof(mine), &mine) == 0, "%s", strerror(errno));
}

static int play(void *context)
{
    const struct test *test = context;
    const struct round *round = &test->round;
    struct actor me = {
        .stage = round->stage,
        .history = &round->stage->histories[test->index],
        .index = test->index,
        .crowded = test->together,
        .dice = test_mix((uint64_t)getpid() << 32 ^ round->number),
    };
    take_place(test, test->index);
    round->game->act(round, &me);
    return 0;
}

static void run_round(struct test *test)
{
    struct round *round = &test->round;
    struct stage *stage = round->stage;
    struct verdict verdict = {0};
    stage->actors = round->game->actors;
    atomic_store(&stage->time, 0);
    atomic_store(&stage->ready, 0);
    atomic_store(&stage->done, 0);
    round->game->create(round);
    for (test->index = 0; test->index < stage->actors; test->index++) {
        stage->histories[test->index].count = 0;
        (void)test_spawn(play, test);
    }
    for (unsigned i = 0; i < stage->actors; i++) {
        int status;
        CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0, "round %" PRIu64,
              round->number);
    }
    settle(stage);
    CHECK(round->game->check(round, &verdict), "round %" PRIu64 ": %s", round->number, verdict.why);
    for (unsigned i = 0; i < stage->actors; i++) {
        for (uint32_t k = 0; k < stage->histories[i].count; k++) {
            test->operations += stage->histories[i].events[k].kind != EVENT_NOTHING;
        }
    }
    test->pairs += verdict.pairs;
    round->number++;
}

static const struct game *find_game(const char *what)
{
    static const struct game *const games[] = {channel_games, number_games, array_games, list_games,
                                               fifo_games};
    for (size_t i = 0; i < sizeof(games) / sizeof(games[0]); i++) {
        for (const struct game *game = games[i]; game->what != NULL; game++) {
            if (strcmp(game->what, what) == 0) {
                return game;
            }
        }
    }
    return NULL;
}

static void parse(struct test *test, int argc, char **argv)
{
    CHECK(argc == 5 || argc == 7, "usage: histories WHAT MODE PLACE COUNT [POSITION SEQUENCE]");
    struct round *round = &test->round;
    round->game = find_game(argv[1]);
    round->mode = strcmp(argv[2], "locked") == 0 ? SEAM_LOCKED : SEAM_LOCK_FREE;
    CHECK(round->game != NULL && (round->game->modes >> round->mode & 1) != 0, "no %s %s", argv[1],
          argv[2]);
    test->together = strcmp(argv[3], "together") == 0;
    if (argc == 7) {
        test->wrapping = true;
        seam_test_first_position = strtoull(argv[5], NULL, 0);
        seam_test_first_sequence = strtoull(argv[6], NULL, 0);
    }
}

int main(int argc, char **argv)
{
    struct test test = {.round = {.stage = test_shared(sizeof(struct stage))}};
    if (argc == 2 && strcmp(argv[1], "wrong") == 0) {
        test_checkers(test.round.stage);
        return 0;
    }
    parse(&test, argc, argv);
    cpu_set_t allowed;
    CHECK(sched_getaffinity(0, sizeof(allowed), &allowed) == 0, "%s", strerror(errno));
    if (!test.together && CPU_COUNT(&allowed) < 2) {
        return TEST_SKIPPED;
    }
    test_begin();
    uint64_t count = strtoull(argv[4], NULL, 10);
    uint64_t of_each = count / test.round.game->actors;
    test.round.quota = of_each < QUOTA ? (uint32_t)of_each : QUOTA;
    while (test.operations < count) {
        (void)alarm(TEST_HANG_S);
        run_round(&test);
    }
    test_end();
    char row[96];
    (void)snprintf(row, sizeof(row), "histories: %s %s, %s%s", argv[1], mode_names[test.round.mode],
                   test.together ? "one core" : "two cores", test.wrapping ? ", wrapping" : "");
    test_figure(row, "%" PRIu64 " operations, %" PRIu64 " checked pairs", test.operations,
                test.pairs);
    return 0;
}
