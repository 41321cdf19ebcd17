/* SPDX-License-Identifier: MIT */
/* Wrong histories, which the checkers must refuse, and right ones like them, which they must not.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "figure.h"
#include "histories.h"
#include "support.h"

#define LINES_MOST 10

/** An operation; each actor's are in order. */
struct line {
    unsigned actor;
    enum event_kind kind;
    uint64_t value, other;
    uint32_t start, end;
};

struct tale {
    const char *name;
    bool right;
    struct line lines[LINES_MOST];
};

#define W(actor, value, start, end)                      \
    {                                                    \
        actor, EVENT_WRITE, (value) << 20, 0, start, end \
    }
#define R(actor, value, start, end)                     \
    {                                                   \
        actor, EVENT_READ, (value) << 20, 0, start, end \
    }
#define X(actor, old, value, start, end)                          \
    {                                                             \
        actor, EVENT_SWAP, (value) << 20, (old) << 20, start, end \
    }

static const struct tale of_registers[] = {
    {"in turn", true, {W(0, 1, 0, 0), R(1, 1, 1, 1), W(0, 2, 2, 2), R(1, 2, 3, 3)}},
    {"nothing yet", true, {R(1, 0, 0, 0), W(0, 1, 1, 1), R(1, 1, 2, 2)}},
    {"early", true, {R(1, 1, 0, 0), W(0, 1, 0, 1)}},
    {"late", true, {W(0, 1, 0, 0), R(1, 1, 1, 2), W(0, 2, 1, 1)}},
    {"two at once, either first", true, {W(0, 1, 0, 0), W(1, 2, 0, 1), R(2, 1, 2, 2)}},
    {"swaps in turn", true, {X(0, 0, 1, 0, 0), X(1, 1, 2, 1, 1), R(2, 2, 2, 2)}},
    {"seen before it ended", true, {X(0, 0, 1, 0, 2), X(1, 1, 2, 0, 1), R(2, 2, 1, 3)}},
    {"stale", false, {W(0, 1, 0, 0), W(0, 2, 1, 1), R(1, 1, 2, 2)}},
    {"stale nothing", false, {W(0, 1, 0, 0), R(1, 0, 1, 1)}},
    {"from the future", false, {R(1, 1, 0, 0), W(0, 1, 1, 1)}},
    {"never written", false, {W(0, 1, 0, 0), R(1, 2, 1, 1)}},
    {"written twice", false, {W(0, 1, 0, 0), W(1, 1, 1, 1)}},
    {"one reader goes back", false, {W(0, 1, 0, 0), W(0, 2, 1, 4), R(1, 2, 2, 2), R(1, 1, 3, 3)}},
    {"another goes back", false, {W(0, 1, 0, 0), W(0, 2, 1, 4), R(1, 2, 2, 2), R(2, 1, 3, 3)}},
    {"back to nothing", false, {W(0, 1, 0, 2), R(1, 1, 0, 0), R(2, 0, 1, 1)}},
    {"a moment inside", false, {W(0, 1, 0, 0), W(1, 2, 1, 1), R(2, 1, 2, 2)}},
    {"a moment inside, later", false, {W(0, 1, 0, 0), R(0, 1, 4, 4), W(1, 2, 1, 2), R(2, 2, 1, 3)}},
    {"two orders",
     false,
     {W(0, 1, 0, 0), W(1, 2, 0, 1), R(2, 1, 2, 2), R(2, 2, 3, 3), R(2, 1, 4, 4)}},
    {"a lost swap", false, {X(0, 0, 1, 0, 0), X(1, 0, 2, 1, 1)}},
    {"a swap of what is gone", false, {X(0, 0, 1, 0, 0), W(0, 2, 1, 1), X(1, 1, 3, 2, 2)}},
    {"swaps the wrong way round", false, {X(0, 1, 2, 0, 0), X(1, 0, 1, 1, 1)}},
    {"swaps in a circle", false, {X(0, 2, 1, 0, 1), X(1, 1, 2, 0, 0)}},
    {"stale within swaps",
     false,
     {X(0, 0, 1, 0, 0), X(0, 1, 2, 1, 1), R(1, 1, 2, 2), X(0, 2, 3, 3, 3)}},
};

#define STEP(actor, value, start, end)          \
    {                                           \
        actor, EVENT_STEP, value, 0, start, end \
    }
#define LEAST(actor, value, start, end)          \
    {                                            \
        actor, EVENT_LEAST, value, 0, start, end \
    }
#define MOST(actor, value, start, end)          \
    {                                           \
        actor, EVENT_MOST, value, 0, start, end \
    }

static const struct tale of_counters[] = {
    {"in turn", true, {STEP(0, 0, 0, 0), LEAST(1, 1, 1, 1), MOST(1, 1, 2, 2), STEP(0, 1, 3, 3)}},
    {"early", true, {STEP(0, 0, 0, 1), LEAST(1, 1, 0, 0)}},
    {"late", true, {STEP(0, 0, 0, 0), MOST(1, 0, 0, 1)}},
    {"too early", false, {LEAST(1, 1, 0, 0), STEP(0, 0, 1, 1)}},
    {"too late", false, {STEP(0, 0, 0, 0), MOST(1, 0, 1, 1)}},
    {"goes back", false, {STEP(0, 0, 0, 2), LEAST(1, 1, 0, 0), MOST(2, 0, 1, 1)}},
    {"lost", false, {STEP(0, 0, 0, 0), STEP(1, 0, 1, 1)}},
    {"with a gap", false, {STEP(0, 0, 0, 0), STEP(1, 2, 1, 1)}},
    {"never so many", false, {STEP(0, 0, 0, 0), LEAST(1, 2, 1, 1)}},
    {"wrong way round", false, {STEP(0, 1, 0, 0), STEP(1, 0, 1, 1)}},
};

#define SEND(actor, number, start, end)                                      \
    {                                                                        \
        actor, EVENT_SEND, (uint64_t)(actor) << 32 | (number), 0, start, end \
    }
#define RECV(actor, sender, number, start, end)                               \
    {                                                                         \
        actor, EVENT_RECV, (uint64_t)(sender) << 32 | (number), 0, start, end \
    }
#define EMPTY(actor, start, end)             \
    {                                        \
        actor, EVENT_EMPTY, 0, 0, start, end \
    }
#define FULL(actor, start, end)             \
    {                                       \
        actor, EVENT_FULL, 0, 0, start, end \
    }

/* Senders are 0 and 1, receivers 2 and 3; of the first ones, each receives all. */
static const struct tale of_broadcasts[] = {
    {"in turn", true, {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1), RECV(3, 0, 1, 2, 2)}},
    {"before it ended", true, {SEND(0, 1, 0, 2), RECV(2, 0, 1, 0, 0), RECV(3, 0, 1, 1, 1)}},
    {"empty, just before",
     true,
     {SEND(0, 1, 0, 0), EMPTY(2, 0, 1), RECV(2, 0, 1, 2, 2), RECV(3, 0, 1, 3, 3)}},
    {"full",
     true,
     {SEND(0, 1, 0, 0), SEND(0, 2, 1, 1), FULL(0, 2, 2), RECV(2, 0, 1, 3, 3), RECV(2, 0, 2, 4, 4),
      RECV(3, 0, 1, 5, 5), RECV(3, 0, 2, 6, 6)}},
    {"lost to one", false, {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1)}},
    {"twice",
     false,
     {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1), RECV(2, 0, 1, 2, 2), RECV(3, 0, 1, 3, 3)}},
    {"before it was sent", false, {RECV(2, 0, 1, 0, 0), SEND(0, 1, 1, 1), RECV(3, 0, 1, 2, 2)}},
    {"never sent", false, {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1), RECV(3, 0, 2, 2, 2)}},
    {"out of order",
     false,
     {SEND(0, 1, 0, 0), SEND(0, 2, 1, 1), RECV(2, 0, 2, 2, 2), RECV(2, 0, 1, 3, 3),
      RECV(3, 0, 1, 4, 4), RECV(3, 0, 2, 5, 5)}},
    {"later sender first",
     false,
     {SEND(0, 1, 0, 0), SEND(1, 1, 1, 1), RECV(2, 1, 1, 2, 2), RECV(2, 0, 1, 3, 3),
      RECV(3, 1, 1, 4, 4), RECV(3, 0, 1, 5, 5)}},
    {"receivers do not agree",
     false,
     {SEND(0, 1, 0, 1), SEND(1, 1, 0, 0), RECV(2, 1, 1, 2, 2), RECV(2, 0, 1, 3, 3),
      RECV(3, 0, 1, 4, 4), RECV(3, 1, 1, 5, 5)}},
    {"false empty",
     false,
     {SEND(0, 1, 0, 0), EMPTY(2, 1, 1), RECV(2, 0, 1, 2, 2), RECV(3, 0, 1, 3, 3)}},
    {"empty, though another has it",
     false,
     {SEND(0, 1, 0, 3), RECV(2, 0, 1, 0, 0), EMPTY(3, 1, 1), RECV(3, 0, 1, 2, 2)}},
    {"false full",
     false,
     {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1), RECV(3, 0, 1, 2, 2), FULL(0, 3, 3)}},
};

static const struct tale of_work[] = {
    {"in turn",
     true,
     {SEND(0, 1, 0, 0), SEND(1, 1, 1, 1), RECV(2, 0, 1, 2, 2), RECV(3, 1, 1, 3, 3),
      EMPTY(2, 4, 4)}},
    {"both at once",
     true,
     {SEND(0, 1, 0, 0), SEND(1, 1, 1, 1), RECV(2, 1, 1, 2, 2), RECV(3, 0, 1, 2, 3)}},
    {"empty between two",
     true,
     {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 3), EMPTY(3, 1, 2), SEND(1, 1, 2, 4),
      RECV(3, 1, 1, 5, 5)}},
    {"lost", false, {SEND(0, 1, 0, 0), SEND(0, 2, 1, 1), RECV(2, 0, 1, 2, 2)}},
    {"twice", false, {SEND(0, 1, 0, 0), RECV(2, 0, 1, 1, 1), RECV(3, 0, 1, 2, 2)}},
    {"overtaken",
     false,
     {SEND(0, 1, 0, 0), SEND(0, 2, 1, 1), RECV(2, 0, 2, 2, 2), RECV(3, 0, 1, 3, 3)}},
    {"overtaken by another's",
     false,
     {SEND(0, 1, 0, 0), SEND(1, 1, 1, 1), RECV(2, 1, 1, 2, 2), RECV(3, 0, 1, 3, 3)}},
    {"one goes back",
     false,
     {SEND(0, 1, 0, 0), SEND(0, 2, 1, 1), RECV(2, 0, 2, 2, 2), RECV(2, 0, 1, 3, 3)}},
    {"false empty", false, {SEND(0, 1, 0, 0), EMPTY(2, 1, 1), RECV(3, 0, 1, 2, 2)}},
    {"never empty, by two in turn",
     false,
     {SEND(0, 1, 0, 0), EMPTY(2, 1, 4), SEND(0, 2, 1, 1), RECV(3, 0, 1, 2, 2),
      RECV(3, 0, 2, 5, 5)}},
    {"false full", false, {SEND(0, 1, 0, 0), FULL(1, 1, 1), RECV(3, 0, 1, 2, 2)}},
};

/** Puts a tale on the stage. */
static void tell(struct stage *stage, const struct tale *tale)
{
    uint32_t time = 0;
    stage->actors = ACTORS_MOST;
    for (unsigned i = 0; i < ACTORS_MOST; i++) {
        stage->histories[i].count = 0;
    }
    for (int i = 0; i < LINES_MOST && tale->lines[i].kind != EVENT_NOTHING; i++) {
        const struct line *line = &tale->lines[i];
        struct actor actor = {.stage = stage, .history = &stage->histories[line->actor]};
        note(&actor, line->kind, line->value, line->start, line->end)->other = line->other;
        time = line->end >= time ? line->end + 1 : time;
    }
    atomic_store(&stage->time, time);
}

static const struct queue_rules broadcast = {.senders = 2, .receivers = 2, .fits = 2};
static const struct queue_rules work = {.senders = 2, .receivers = 2, .fits = 2, .shared = true};

static bool check_as_registers(const struct stage *stage, struct verdict *verdict)
{
    return check_registers(stage, 1, verdict);
}

static bool check_as_counter(const struct stage *stage, struct verdict *verdict)
{
    return check_counter(stage, 0, verdict);
}

static bool check_as_broadcast(const struct stage *stage, struct verdict *verdict)
{
    return check_queue(stage, &broadcast, verdict);
}

static bool check_as_work(const struct stage *stage, struct verdict *verdict)
{
    return check_queue(stage, &work, verdict);
}

/** What is unsure counts only where it was alone. */
static void test_settling(struct stage *stage)
{
    static const struct tale tale = {
        .lines = {EMPTY(0, 0, 0), EMPTY(1, 0, 2), EMPTY(0, 1, 1), EMPTY(0, 3, 3)}};
    static const unsigned kept[] = {EVENT_NOTHING, EVENT_NOTHING, EVENT_EMPTY};
    tell(stage, &tale);
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t k = 0; k < stage->histories[i].count; k++) {
            stage->histories[i].events[k].unsure = true;
        }
    }
    settle(stage);
    for (unsigned k = 0; k < 3; k++) {
        CHECK(stage->histories[0].events[k].kind == kept[k], "settled %u", k);
    }
    CHECK(stage->histories[1].events[0].kind == EVENT_NOTHING, "settled");
}

#define TALES(tales, check)                                      \
    {                                                            \
#tales, tales, sizeof(tales) / sizeof((tales)[0]), check \
    }

void test_checkers(struct stage *stage)
{
    static const struct {
        const char *name;
        const struct tale *tales;
        size_t count;
        bool (*check)(const struct stage *, struct verdict *);
    } all[] = {
        TALES(of_registers, check_as_registers),
        TALES(of_counters, check_as_counter),
        TALES(of_broadcasts, check_as_broadcast),
        TALES(of_work, check_as_work),
    };
    unsigned refused = 0, accepted = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (size_t k = 0; k < all[i].count; k++) {
            struct verdict verdict = {0};
            tell(stage, &all[i].tales[k]);
            bool right = all[i].check(stage, &verdict);
            CHECK(right == all[i].tales[k].right && right == !verdict.wrong, "%s, %s: %s",
                  all[i].name, all[i].tales[k].name, right ? "accepted" : verdict.why);
            refused += !right;
            accepted += right;
        }
    }
    test_settling(stage);
    test_figure("histories' checkers", "%u wrong histories refused, %u right ones accepted",
                refused, accepted);
}
