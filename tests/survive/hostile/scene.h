/* SPDX-License-Identifier: MIT */
/*
 * A channel or object with its handles, what may be done with it, and every word of its shared
 * memory by name: so that a test can damage each word under each operation, and put all of it,
 * shared and private, back to where it was.
 *
 * Operations check what holds whatever the memory says: sizes are within bounds, and nothing is
 * written past the end of a buffer, behind which lies a page that nobody may touch.
 */
#ifndef SEAM_TESTS_HOSTILE_SCENE_H
#define SEAM_TESTS_HOSTILE_SCENE_H

#include "channel/handle.h"
#include "objects/object.h"
#include "seam/seam.h"

/** Longest message of the channels here, whose ring is one page. */
#define SCENE_MESSAGE 900U

/** Longest element of the locked list. */
#define SCENE_ELEMENT 24U

/** Elements of arrays and lists. */
#define SCENE_LENGTH 8U

/** No wait with a deadline may take longer than that, on however loaded a machine. */
#define SCENE_LATE_NS INT64_C(20000000000)

/** Which handles there are, and which an operation uses. */
enum scene_who {
    SCENE_ANY = 0,
    SCENE_WRITES = 1,
    SCENE_READS = 2,
    SCENE_ALL = 3,
};

/** How full a channel's ring is. */
enum scene_state {
    SCENE_SOME,    /* messages are there, and there is room */
    SCENE_DRAINED, /* all have been received */
    SCENE_FULL,    /* no room for any */
    SCENE_STATES,
};

/** What an operation is about: fuzz targets choose by it. */
enum scene_topic {
    SCENE_OPEN = 1,
    SCENE_JOIN = 2,
    SCENE_SEND = 4,
    SCENE_RECV = 8,
    SCENE_VALUE = 16,
    SCENE_ARRAY = 32,
    SCENE_LIST = 64,
    SCENE_LOCK = 128,
    SCENE_END = 256,
};

struct scene;

struct scene_operation {
    const char *name;
    enum scene_who who;
    enum scene_topic topic;
    void (*before)(struct scene *scene); /* while the memory is whole; or NULL */
    void (*during)(struct scene *scene); /* while it is not */
    void (*after)(struct scene *scene);  /* when it is whole again; or NULL */
    bool waits;                          /* for a lock, as long as a living handle has it */
};

/** A kind of channel or object. Some members are for channels only. */
struct scene_plot {
    const char *name;
    enum seam_kind kind;
    void (*create)(struct scene *scene); /* puts some things in */
    void (*open)(struct scene *scene);   /* the handles */
    void (*act)(struct scene *scene);    /* brings about the state */
    void (*close)(struct scene *scene);
    uint64_t (*read)(struct scene *scene);    /* a hash of what is there */
    const struct scene_operation *operations; /* ended by one without a name */
    unsigned states;                          /* how many of enum scene_state there are */
    bool in_turns;                            /* there is a lock */
    enum seam_policy policy;
    enum seam_mode mode;
    enum seam_type type;
    unsigned writers;
    bool many_writers;
};

/** The kinds, and how many. */
extern const struct scene_plot scene_channel_plots[6];
extern const struct scene_plot scene_object_plots[9];

#define SCENE_PLOTS 15U

/** The plot of number @p number. */
const struct scene_plot *scene_plot(size_t number);

/** A word that can be damaged: 4 or 8 bytes. */
struct scene_word {
    const char *name;
    uint8_t *at;
    unsigned bytes;
};

#define SCENE_WORDS 512U
#define SCENE_NASTY 128U
#define SCENE_PROPS 32U

struct scene {
    const struct scene_plot *plot;
    char name[32]; /* the plot's and the state's number */
    enum scene_state state;
    void (*calm)(void); /* called after each operation, if not NULL: lies are over */
    enum scene_who who;
    /* Channel. */
    struct seam_channel *writer, *rival, *reader, *guest, *extra;
    /* Object: one handle that writes, and one that only reads (lock: both lock). */
    void *object, *viewer, *late;
    struct seam_object *bases[2];
    struct seam_region *region; /* of a handle that may write the log */
    size_t shown;               /* bytes that peek has shown */
    const uint8_t *shown_at;
    uint8_t *ends[3]; /* buffers end here: output, descriptions of messages, input */
    struct scene_word words[SCENE_WORDS];
    size_t word_count;
    uint64_t nasty[SCENE_NASTY]; /* values worth a try in any word */
    size_t nasty_count;
    struct {
        void *at;
        uint8_t *copy;
        size_t bytes;
    } props[SCENE_PROPS];
    size_t prop_count;
    uint64_t hash;
};

/** Makes it anew, with all handles, and remembers its state. */
struct scene *scene_open(const struct scene_plot *plot, enum scene_state state);

/** Opens the one in state SCENE_SOME that is there, with handles for @p who. Nothing is remembered.
 */
struct scene *scene_join(const struct scene_plot *plot, enum scene_who who);

void scene_close(struct scene *scene);

/** Removes its name, if it is there. */
void scene_unlink(const struct scene_plot *plot, enum scene_state state);

/** Puts shared and private memory back to what they were. */
void scene_restore(struct scene *scene);

/** Checks that what was there is still there, and restores. */
void scene_check(struct scene *scene);

/** Runs an operation, with @p damage in between if it is not NULL, and restores. */
void scene_run(struct scene *scene, const struct scene_operation *operation,
               void (*damage)(struct scene *scene, void *context), void *context);

/** The id of the handle that has the lock, as it stands there now, belongs to somebody alive. */
bool scene_lock_is_taken(const struct scene *scene);

/* ---- for the plots ---- */

/** Remembers @p bytes at @p at, for scene_restore. */
void scene_keep(struct scene *scene, void *at, size_t bytes);

/** Likewise a handle, but for its lease, which is in a list with those of other handles. */
void scene_keep_handle(struct scene *scene, void *handle, size_t bytes,
                       struct seam_lease_fd *lease);

/** Names words of shared memory, one after the other. */
void scene_name(struct scene *scene, const char *name, const volatile void *at, unsigned bytes,
                size_t count);

/** Adds a value and its neighbours to the nasty ones. */
void scene_add_nasty(struct scene *scene, uint64_t value);

/** Memory that ends at a page that nobody may touch. */
void *scene_output(const struct scene *scene, size_t bytes);
void *scene_input(const struct scene *scene, size_t bytes);
struct iovec *scene_messages(const struct scene *scene, size_t count);

/** Adds bytes to a hash. */
uint64_t scene_hash(uint64_t hash, const void *data, size_t size);

/** Soon, and not yet. */
int64_t scene_soon(void);

/** Names what all objects and channels have in their desk. */
void scene_name_desk(struct scene *scene, struct seam_desk *desk);
void scene_name_lock(struct scene *scene, const char *name, struct seam_mutex_line *line);
void scene_name_stamp(struct scene *scene, struct seam_stamp *stamp);

#endif
