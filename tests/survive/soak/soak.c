/* SPDX-License-Identifier: MIT */
/*
 * Hours in minutes: processes open, use and close one of everything, make and remove names, and
 * are killed at random, again and again. Those who live on have as much memory, as many mappings
 * and descriptors in the end as they had after a first round; the directory has as many files and
 * blocks; and there is room for as many readers and writers.
 *
 *     soak SECONDS [counts]     counts: memory and mappings are an emulator's or a sanitizer's own
 */
#include "soak.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "figure.h"
#include "proc.h"

enum { SURVIVORS = 2, MORTALS = 3 };

/** Memory that may be touched late: some pages of stack and heap, whatever the time. */
#define SLACK_KB 64

/** What a process has. */
struct holdings {
    size_t anonymous_kb, mappings, descriptors;
};

struct record {
    _Atomic uint64_t round; /* odd: survivors are to stop and look at themselves */
    _Atomic uint64_t seen[SURVIVORS];
    struct holdings holdings[SURVIVORS];
    _Atomic bool stop;
    struct soak_counts counts;
};

struct soak {
    struct record *record;
    unsigned seconds;
    bool memory;
    int place;
    uint64_t kills;
};

/** What is compared. */
struct state {
    struct holdings holdings[SURVIVORS + 1]; /* the last are the test's own */
    uint64_t files, blocks;
    int room[SOAK_THINGS];
};

/* ---- those who play ---- */

static void scratch_name(int place, char ret_name[32])
{
    (void)snprintf(ret_name, 32, "scratch-%d", place);
}

/** Makes a name of its own and removes it; a predecessor may have been killed anywhere in it. */
static void make_and_remove(const struct soak *soak, uint64_t dice)
{
    char name[32];
    scratch_name(soak->place, name);
    int error = soak_unlink(0, name); /* whatever it is */
    CHECK(error == 0 || error == -ENOENT, "unlink: %s: %s", seam_error_detail(), strerror(-error));
    error = soak_create((int)(dice % SOAK_THINGS), name);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    error = soak_unlink(0, name);
    CHECK(error == 0, "unlink: %s: %s", seam_error_detail(), strerror(-error));
    atomic_fetch_add(&soak->record->counts.created, 1);
}

static void play_once(const struct soak *soak, uint64_t dice)
{
    struct soak_counts *counts = &soak->record->counts;
    int thing = (int)((dice >> 8) % SOAK_THINGS);
    bool writer = (dice >> 16) % 2 == 0;
    if (dice % 8 == 0) {
        make_and_remove(soak, dice >> 24);
        return;
    }
    void *handle = soak_open(thing, writer, counts);
    if (handle != NULL) {
        soak_use(thing, handle, writer, dice >> 24, counts);
        soak_close(thing, handle);
    }
}

static int play_until_killed(void *context)
{
    const struct soak *soak = context;
    (void)alarm(soak->seconds + TEST_HANG_S);
    for (uint64_t i = (uint64_t)getpid() << 32; !atomic_load(&soak->record->stop); i++) {
        play_once(soak, test_mix(i));
    }
    return 0;
}

/* ---- what one has ---- */

static void look_at_oneself(struct holdings *ret_holdings)
{
    *ret_holdings = (struct holdings){
        .anonymous_kb = proc_sum("/proc/self/smaps_rollup", "Anonymous:", NULL),
        .mappings = proc_mappings(NULL),
        .descriptors = proc_descriptors(4096),
    };
}

static void *handles[SOAK_THINGS];

static void keep_all(struct soak_counts *counts)
{
    for (int i = 0; i < SOAK_THINGS; i++) {
        do {
            handles[i] = soak_open(i, false, counts);
        } while (handles[i] == NULL);
    }
}

static void leave_all(void)
{
    for (int i = 0; i < SOAK_THINGS; i++) {
        soak_close(i, handles[i]);
    }
}

/** Has everything open all the time, and opens and closes more; reads what comes. */
static int live_on(void *context)
{
    const struct soak *soak = context;
    struct record *record = soak->record;
    (void)alarm(soak->seconds + TEST_HANG_S);
    keep_all(&record->counts);
    for (uint64_t i = (uint64_t)getpid() << 32; !atomic_load(&record->stop); i++) {
        uint64_t round = atomic_load(&record->round);
        if (round % 2 != 0) {
            if (atomic_load(&record->seen[soak->place]) != round) {
                look_at_oneself(&record->holdings[soak->place]);
                atomic_store(&record->seen[soak->place], round);
            }
            (void)usleep(1000);
            continue;
        }
        int thing = (int)(i % SOAK_THINGS);
        soak_use(thing, handles[thing], false, i, &record->counts);
        play_once(soak, test_mix(i));
    }
    leave_all();
    return 0;
}

/* ---- the test ---- */

static struct state now;

static int count_file(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)path;
    (void)flag;
    (void)place;
    now.files++;
    now.blocks += (uint64_t)status->st_blocks;
    return 0;
}

/** What the killed have left of names that they made. */
static void clear_scratch(void)
{
    char name[32];
    for (int place = 0; place < SURVIVORS + MORTALS; place++) {
        scratch_name(place, name);
        int error = soak_create(0, name); /* clears what is aside, too */
        CHECK(error == 0 || error == -EEXIST, "%s: %s", seam_error_detail(), strerror(-error));
        CHECK(soak_unlink(0, name) == 0, "%s", seam_error_detail());
    }
}

/** Has the survivors stop, looks at everything, and lets them go on. */
static void take_stock(struct soak *soak, struct state *ret_state)
{
    struct record *record = soak->record;
    uint64_t round = atomic_fetch_add(&record->round, 1) + 1;
    for (int i = 0; i < SURVIVORS; i++) {
        while (atomic_load(&record->seen[i]) != round) {
            int status;
            CHECK(waitpid(-1, &status, WNOHANG) == 0, "a survivor ended: %x", (unsigned)status);
            (void)usleep(1000);
        }
    }
    memset(&now, 0, sizeof(now));
    clear_scratch();
    for (int i = 0; i < SOAK_THINGS; i++) {
        now.room[i] = soak_room(i);
    }
    CHECK(nftw(test_dir(), count_file, 16, FTW_PHYS) == 0, "%s", strerror(errno));
    memcpy(now.holdings, record->holdings, sizeof(record->holdings));
    look_at_oneself(&now.holdings[SURVIVORS]);
    *ret_state = now;
    atomic_fetch_add(&record->round, 1);
}

/** Mortals play, are killed and replaced; none of them is left at the end. */
static void play_round(struct soak *soak, int64_t nanoseconds)
{
    pid_t mortals[MORTALS];
    int64_t end = seam_deadline_in_ns(nanoseconds);
    for (int i = 0; i < MORTALS; i++) {
        soak->place = SURVIVORS + i;
        mortals[i] = test_spawn(play_until_killed, soak);
    }
    for (uint64_t i = 0; seam_deadline_in_ns(0) < end || i < 50; i++) {
        uint64_t dice = test_mix(i + ((uint64_t)getpid() << 32) + soak->kills);
        int which = (int)(dice % MORTALS);
        (void)usleep((useconds_t)(dice >> 32) % 8000);
        if (test_strike(mortals[which], dice >> 8)) {
            soak->kills++;
            soak->place = SURVIVORS + which;
            mortals[which] = test_spawn(play_until_killed, soak);
        }
    }
    for (int i = 0; i < MORTALS; i++) {
        CHECK(test_strike(mortals[i], 1), "kill");
        soak->kills++;
    }
}

static void compare(const struct soak *soak, const struct state *before, const struct state *after)
{
    CHECK(before->files == after->files && before->blocks == after->blocks,
          "%" PRIu64 " files with %" PRIu64 " blocks, then %" PRIu64 " with %" PRIu64,
          before->files, before->blocks, after->files, after->blocks);
    for (int i = 0; i < SOAK_THINGS; i++) {
        CHECK(before->room[i] == after->room[i], "%s: room for %d, then %d", soak_name(i),
              before->room[i], after->room[i]);
    }
    for (int i = 0; i <= SURVIVORS; i++) {
        const struct holdings *old = &before->holdings[i], *new = &after->holdings[i];
        CHECK(old->descriptors == new->descriptors, "%d: %zu descriptors, then %zu", i,
              old->descriptors, new->descriptors);
        if (soak->memory) {
            CHECK(old->mappings == new->mappings, "%d: %zu mappings, then %zu", i, old->mappings,
                  new->mappings);
            CHECK(new->anonymous_kb <= old->anonymous_kb + SLACK_KB, "%d: %zu KiB, then %zu", i,
                  old->anonymous_kb, new->anonymous_kb);
        }
    }
}

static void report(const struct soak *soak, const struct state *after)
{
    const struct soak_counts *c = &soak->record->counts;
    size_t fds = 0, mappings = 0;
    for (int i = 0; i <= SURVIVORS; i++) {
        fds += after->holdings[i].descriptors;
        mappings += after->holdings[i].mappings;
    }
    test_figure("soak",
                "%u s, %" PRIu64 " kills, %" PRIu64 " opens and closes, %" PRIu64
                " names made and removed, %" PRIu64 " messages, %" PRIu64
                " changes; as many descriptors (%zu), mappings (%zu), files and blocks as before",
                soak->seconds, soak->kills, atomic_load(&c->opened), atomic_load(&c->created),
                atomic_load(&c->received), atomic_load(&c->changed), fds, mappings);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2 || argc == 3, "usage: soak SECONDS [counts]");
    struct soak soak = {.record = test_shared(sizeof(struct record)), .memory = argc == 2};
    soak.seconds = (unsigned)strtoul(argv[1], NULL, 10);
    pid_t survivors[SURVIVORS];
    struct state before, after;
    test_begin();
    (void)alarm(soak.seconds + TEST_HANG_S);
    for (int i = 0; i < SOAK_THINGS; i++) {
        CHECK(soak_create(i, soak_name(i)) == 0, "%s: %s", soak_name(i), seam_error_detail());
    }
    for (int i = 0; i < SURVIVORS; i++) {
        soak.place = i;
        survivors[i] = test_spawn(live_on, &soak);
    }
    play_round(&soak, (int64_t)soak.seconds * 200000000); /* a fifth, to warm up */
    take_stock(&soak, &before);
    play_round(&soak, (int64_t)soak.seconds * 800000000);
    take_stock(&soak, &after);
    compare(&soak, &before, &after);
    atomic_store(&soak.record->stop, true);
    for (int i = 0; i < SURVIVORS; i++) {
        CHECK(test_join(survivors[i]), "survivor %d", i);
    }
    for (int i = 0; i < SOAK_THINGS; i++) {
        CHECK(soak_unlink(i, soak_name(i)) == 0, "%s", seam_error_detail());
    }
    report(&soak, &after);
    test_end();
    return 0;
}
