/* SPDX-License-Identifier: MIT */
/*
 * A process performs one operation and is interrupted: killed before each instruction of the
 * library in turn, or stopped there while others go on.
 *
 *     interrupted kill|stop GROUP [STRIDE]
 *
 * With a stride, only every so many instructions, from a random one on. After each try the object
 * must be whole, and nothing may be left behind: see acts.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "acts.h"
#include "figure.h"
#include "play.h"

/** How acts are played, and what all tries have come to. */
struct tally {
    struct library library;
    size_t stride;
    uint64_t operations, instructions, tries;
};

static void finish(struct act_scene *scene, struct tracee *tracee)
{
    play_check_end(scene, tracee);
    const struct act *act = scene->act;
    int result = scene->report->result;
    CHECK(result == act->expected || (act->overtaken != 0 && result == act->overtaken), "%s: %d",
          act->name, result);
}

static void tell(const struct act_scene *scene, struct tally *tally, size_t instructions)
{
    printf("%s%s: %zu\n", scene->act->name, scene->mode == SEAM_LOCKED ? ", locked mode" : "",
           instructions);
    tally->operations++;
    tally->instructions += instructions;
}

/** Performs the act to its end. @return the addresses it came by; to be freed */
static uint64_t *trace(struct act_scene *scene, const struct library *library, size_t *ret_count)
{
    size_t room = 1024, count = 0;
    uint64_t *addresses = malloc(room * sizeof(*addresses));
    struct tracee tracee = play_start(scene, library);
    tracer_arm_all(&tracee);
    while (tracer_next(&tracee)) {
        if (count == room) {
            room *= 2;
            addresses = realloc(addresses, room * sizeof(*addresses));
        }
        CHECK(addresses != NULL, "memory");
        addresses[count++] = tracee.at;
    }
    finish(scene, &tracee);
    tracer_kill(&tracee);
    play_end(scene);
    *ret_count = count;
    return addresses;
}

/**
 * Lets the child go to instruction @p point of what it does, halting only at that address, and
 * behind it, so that the breakpoint there can be set again.
 * @return whether it got there: waiting is not always alike
 */
static bool go_to(struct tracee *tracee, const uint64_t *addresses, size_t point)
{
    size_t passes = 0;
    for (size_t i = 0; i < point; i++) {
        if (addresses[i] == addresses[point]) {
            tracer_arm(tracee, addresses[i + 1]);
            passes++;
        }
    }
    tracer_arm(tracee, addresses[point]);
    while (tracer_next(tracee)) {
        if (tracee->at == addresses[point] && passes-- == 0) {
            return true;
        }
    }
    return false;
}

static bool kill_at(struct act_scene *scene, const struct library *library,
                    const uint64_t *addresses, size_t point)
{
    struct tracee tracee = play_start(scene, library);
    bool reached = go_to(&tracee, addresses, point);
    if (!reached) {
        finish(scene, &tracee);
    }
    tracer_kill(&tracee);
    play_end(scene);
    return reached;
}

static void kill_everywhere(struct act_scene *scene, void *context)
{
    struct tally *tally = context;
    size_t count, first = test_mix((uint64_t)time(NULL)) % tally->stride;
    uint64_t *addresses = trace(scene, &tally->library, &count);
    for (size_t point = first; point < count; point += tally->stride) {
        tally->tries += kill_at(scene, &tally->library, addresses, point);
    }
    tell(scene, tally, count);
    free(addresses);
}

/*
 * A reader that joins looks again where others were faster, which here they always are: from here
 * on it is left alone.
 */
#define DISTURBED_MOST 20000U

/** Stops at each instruction, or at every @p stride-th, and lets others go on meanwhile. */
static void stop_everywhere(struct act_scene *scene, void *context)
{
    struct tally *tally = context;
    size_t count = 0;
    if (scene->act->meanwhile == NULL) {
        return; /* nobody else has it */
    }
    struct tracee tracee = play_start(scene, &tally->library);
    tracer_arm_all(&tracee);
    for (; count < DISTURBED_MOST && tracer_next(&tracee); count++) {
        if (count % tally->stride == 0) {
            scene->act->meanwhile(scene);
            tally->tries++;
        }
    }
    tracer_finish(&tracee);
    finish(scene, &tracee);
    tracer_kill(&tracee);
    play_end(scene);
    tell(scene, tally, count);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3 || argc == 4, "usage: interrupted kill|stop GROUP [STRIDE]");
    bool kills = strcmp(argv[1], "kill") == 0;
    CHECK(kills || strcmp(argv[1], "stop") == 0, "neither kill nor stop");
    if (!tracer_works()) {
        printf("no process can be traced here\n");
        return TEST_SKIPPED;
    }
    struct tally tally = {.library = tracer_read_library(), .stride = 1};
    if (argc == 4) {
        tally.stride = strtoull(argv[3], NULL, 10);
        CHECK(tally.stride > 0, "a stride of 0");
    }
    play_group(argv[2], kills ? kill_everywhere : stop_everywhere, &tally);
    tracer_free_library(&tally.library);
    char row[64];
    (void)snprintf(row, sizeof(row), "%s at every instruction: %s", kills ? "killed" : "stopped",
                   argv[2]);
    test_figure(row, "%" PRIu64 " operations, %" PRIu64 " instructions, %" PRIu64 " tries",
                tally.operations, tally.instructions, tally.tries);
    return 0;
}
