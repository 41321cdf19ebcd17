/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out: each allocation of a call fails in turn, alone and with all that follow it. The
 * call says so, keeps nothing, and works once there is memory again.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "allocator.h"
#include "any.h"
#include "proc.h"
#include "support.h"

#define NAME "starved"
#define DESCRIPTORS 64
#define LENGTH 2
static const char zeros[4000]; /* a long element */

/* ---- calls ---- */

/** What the calls work on. */
struct stage {
    enum any_kind kind;
    struct seam_channel *named, *anonymous; /* writers */
    struct seam_channel *channel;           /* what a call has made, likewise */
    void *source, *object;
    struct seam_list *list;
    struct seam_snapshot *snapshot;
    struct seam_notifier *notifier;
    int sockets[2];
};

struct call {
    const char *name;
    void (*prepare)(struct stage *stage); /* or NULL */
    int (*make)(struct stage *stage);     /* allocations fail in here */
    void (*undo)(struct stage *stage);    /* what make has done; or NULL */
};

static const struct seam_channel_options lanes = {.role = SEAM_READER, .writers = 2};
static const struct seam_channel_options creation = {.writers = 2};
static const struct any_options plain;

static void close_channel(struct stage *stage)
{
    seam_channel_close(stage->channel);
}

static void remove_channel(struct stage *stage)
{
    seam_channel_close(stage->channel);
    CHECK(seam_channel_unlink("new", NULL) == 0, "%s", seam_error_detail());
}

static int create_channel(struct stage *stage)
{
    return seam_channel_create("new", &creation, &stage->channel);
}

static int create_anonymous_channel(struct stage *stage)
{
    return seam_channel_create(NULL, &creation, &stage->channel);
}

static int open_channel(struct stage *stage)
{
    return seam_channel_open(NAME, &lanes, &stage->channel);
}

static int reopen_channel(struct stage *stage)
{
    return seam_channel_reopen(stage->named, &lanes, &stage->channel);
}

/** By new sockets: a call may fail before it has received anything. */
static void pass_channel(struct stage *stage)
{
    (void)close(stage->sockets[0]);
    (void)close(stage->sockets[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, stage->sockets) == 0, "%s", strerror(errno));
    CHECK(seam_channel_pass(stage->anonymous, stage->sockets[0], SEAM_READER) == 0, "%s",
          seam_error_detail());
}

static int take_channel(struct stage *stage)
{
    return seam_channel_take(stage->sockets[1], &lanes, &stage->channel);
}

static void create_new(struct stage *stage)
{
    CHECK(create_channel(stage) == 0 || seam_channel_open("new", NULL, &stage->channel) == 0,
          "what could not be removed is whole");
    seam_channel_close(stage->channel);
}

static int unlink_new(struct stage *stage)
{
    (void)stage;
    return seam_channel_unlink("new", NULL);
}

static void remove_new(struct stage *stage)
{
    CHECK(unlink_new(stage) == -ENOENT, "it is removed");
}

static int collect_new(struct stage *stage)
{
    (void)stage;
    return seam_object_collect("new", NULL);
}

static int look_at(const struct seam_object_info *info, void *context)
{
    (void)context;
    return info->kind != SEAM_KIND_CHANNEL;
}

static int visit(struct stage *stage)
{
    (void)stage;
    return seam_object_visit(NULL, look_at, NULL);
}

static int tell_parties(struct stage *stage)
{
    struct seam_party parties[4];
    (void)stage;
    ssize_t count = seam_channel_parties(NAME, NULL, parties, 4);
    return count < 0 ? (int)count : 0;
}

static int create_notifier(struct stage *stage)
{
    struct seam_waitable thing;
    CHECK(seam_channel_writable(stage->named, 1, &thing) == 0, "writable");
    int error = seam_notifier_create(&thing, 1, &stage->notifier);
    return error == -EAGAIN ? -ENOMEM : error; /* so pthread_create calls it */
}

static void close_notifier(struct stage *stage)
{
    seam_notifier_close(stage->notifier);
}

static int create_object(struct stage *stage)
{
    return any_create(stage->kind, "new", &plain, &stage->object);
}

static void remove_object(struct stage *stage)
{
    any_close(stage->kind, stage->object);
    CHECK(any_unlink(stage->kind, "new", NULL) == 0, "%s", seam_error_detail());
}

static int reopen_object(struct stage *stage)
{
    return any_reopen(stage->kind, stage->source, &plain, &stage->object);
}

static void close_object(struct stage *stage)
{
    any_close(stage->kind, stage->object);
}

static int take_snapshot(struct stage *stage)
{
    return seam_list_snapshot(stage->list, &stage->snapshot);
}

static void free_snapshot(struct stage *stage)
{
    CHECK(seam_snapshot_length(stage->snapshot) == LENGTH, "an element is missing");
    seam_snapshot_free(stage->snapshot);
    stage->snapshot = NULL;
}

/** One of another list, which needs less room. */
static void have_small_snapshot(struct stage *stage)
{
    struct seam_list *small;
    const struct seam_list_options options = {.mode = SEAM_LOCKED, .capacity = LENGTH};
    seam_snapshot_free(stage->snapshot);
    stage->snapshot = NULL;
    CHECK(seam_list_create(NULL, &options, &small) == 0, "%s", seam_error_detail());
    for (int i = 0; i < LENGTH; i++) {
        CHECK(seam_list_append(small, zeros, 8) >= 0, "append");
    }
    CHECK(seam_list_snapshot(small, &stage->snapshot) == 0, "snapshot");
    seam_list_close(small);
}

static int index_of(struct stage *stage)
{
    ssize_t index = seam_list_index_of(stage->list, zeros, sizeof(zeros));
    return index < 0 ? (int)index : 0;
}

static ssize_t change_nothing(void *element, size_t size, size_t most, void *context)
{
    (void)element, (void)most, (void)context;
    return (ssize_t)size;
}

static int update(struct stage *stage)
{
    return seam_list_update(stage->list, 0, change_nothing, NULL);
}

/* ---- trying ---- */

struct state {
    size_t descriptors, mappings;
    int64_t live;
};

static struct state look(void)
{
    return (struct state){
        .descriptors = proc_descriptors(DESCRIPTORS),
        .mappings = proc_mappings(test_dir()) + proc_mappings("memfd:"),
        .live = allocator_live(),
    };
}

/** Makes the call, allocation @p before of which fails. @return whether it got there */
static bool starve(const struct call *call, struct stage *stage, int64_t before, bool on)
{
    if (call->prepare != NULL) {
        call->prepare(stage);
    }
    const struct state was = look();
    allocator_refuse(before, on);
    int error = call->make(stage);
    int64_t refusals = allocator_relent();
    if (error == 0) {
        CHECK(refusals == 0, "%s: does without allocation %lld", call->name, (long long)before);
        if (call->undo != NULL) {
            call->undo(stage);
        }
        return false;
    }
    const struct state now = look();
    CHECK(refusals > 0 && error == -ENOMEM, "%s: %s: %s", call->name, seam_error_detail(),
          strerror(-error));
    CHECK(was.descriptors == now.descriptors, "%s: %zu descriptors, then %zu", call->name,
          was.descriptors, now.descriptors);
    CHECK(was.mappings == now.mappings, "%s: %zu mappings, then %zu", call->name, was.mappings,
          now.mappings);
    CHECK(was.live == now.live, "%s: %lld allocations, then %lld", call->name, (long long)was.live,
          (long long)now.live);
    return true;
}

/** Has each allocation of the call fail. @return how many there are */
static int64_t starve_each(const struct call *call, struct stage *stage)
{
    int64_t before = 0;
    while (starve(call, stage, before, true) && starve(call, stage, before, false)) {
        before++;
    }
    CHECK(before > 0, "%s: allocates nothing", call->name);
    return before;
}

static const struct call channel_calls[] = {
    {"create", NULL, create_channel, remove_channel},
    {"create anonymous", NULL, create_anonymous_channel, close_channel},
    {"open", NULL, open_channel, close_channel},
    {"reopen", NULL, reopen_channel, close_channel},
    {"take", pass_channel, take_channel, close_channel},
    {"unlink", create_new, unlink_new, remove_new},
    {"notifier", NULL, create_notifier, close_notifier},
    {"visit", NULL, visit, NULL},
    {"parties", NULL, tell_parties, NULL},
    {"collect", create_new, collect_new, remove_new},
};

static const struct call object_calls[] = {
    {"create object", NULL, create_object, remove_object},
    {"reopen object", NULL, reopen_object, close_object},
};

static const struct call free_list_calls[] = {
    {"snapshot of numbers", NULL, take_snapshot, free_snapshot},
};

static const struct call locked_list_calls[] = {
    {"snapshot", NULL, take_snapshot, free_snapshot},
    {"snapshot again", have_small_snapshot, take_snapshot, free_snapshot},
    {"index of", NULL, index_of, NULL},
    {"update", NULL, update, NULL},
};

#define EACH(call, calls)                                                                        \
    for (const struct call *call = (calls); call < (calls) + sizeof(calls) / sizeof((calls)[0]); \
         (call)++)

static int64_t starve_channel(struct stage *stage)
{
    int64_t allocations = 0;
    CHECK(seam_channel_create(NAME, &creation, &stage->named) == 0, "%s", seam_error_detail());
    stage->anonymous = test_create(&creation);
    EACH(call, channel_calls)
    {
        allocations += starve_each(call, stage);
    }
    seam_channel_close(stage->anonymous);
    seam_channel_close(stage->named);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "%s", seam_error_detail());
    return allocations;
}

static int64_t starve_object(struct stage *stage)
{
    int64_t allocations = 0, number = 0;
    CHECK(any_create(stage->kind, NULL, &plain, &stage->source) == 0, "%s", seam_error_detail());
    CHECK(any_change(stage->kind, stage->source, 10) == 0, "change");
    EACH(call, object_calls)
    {
        allocations += starve_each(call, stage);
    }
    CHECK(any_read(stage->kind, stage->source, &number) == 0 &&
              (number == 10 || stage->kind == ANY_LOCK),
          "%s", any_name(stage->kind));
    any_close(stage->kind, stage->source);
    return allocations;
}

static int64_t starve_list(struct stage *stage, enum seam_mode mode)
{
    int64_t allocations = 0;
    const size_t bytes = mode == SEAM_LOCKED ? sizeof(zeros) : 8;
    const struct seam_list_options options = {
        .mode = mode, .capacity = 8, .element_bytes = mode == SEAM_LOCKED ? bytes : 0};
    CHECK(seam_list_create(NULL, &options, &stage->list) == 0, "%s", seam_error_detail());
    for (int i = 0; i < LENGTH; i++) {
        CHECK(seam_list_append(stage->list, zeros, bytes) >= 0, "append");
    }
    if (mode == SEAM_LOCKED) {
        EACH(call, locked_list_calls)
        {
            allocations += starve_each(call, stage);
        }
    } else {
        EACH(call, free_list_calls)
        {
            allocations += starve_each(call, stage);
        }
    }
    seam_list_close(stage->list);
    return allocations;
}

int main(void)
{
    struct stage stage = {.sockets = {-1, -1}};
    test_begin();
    int64_t allocations = starve_channel(&stage);
    EACH_KIND(kind)
    {
        stage.kind = kind;
        allocations += starve_object(&stage);
    }
    allocations += starve_list(&stage, SEAM_LOCK_FREE) + starve_list(&stage, SEAM_LOCKED);
    test_end();
    printf("%lld allocations failed\n", (long long)allocations);
    return 0;
}
