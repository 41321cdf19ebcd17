/* SPDX-License-Identifier: MIT */
/* seam create: a new channel, or another object. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/tool.h"

/* What the command line says; what it does not say is zero, the library's default. */
struct wishes {
    int kind, mode, policy, type;
    uint64_t max_message, capacity, readers, writers, length, element_bytes;
    const char *cursor;
    bool many_writers;
    struct seam_region_options region;
    unsigned given; /* a bit for each option on the command line */
};

enum {
    KIND = 1,
    MODE,
    POLICY,
    TYPE,
    MAX_MESSAGE,
    CAPACITY,
    READERS,
    WRITERS,
    MANY_WRITERS,
    CURSOR,
    LENGTH,
    ELEMENT_BYTES,
    PERMISSIONS,
    HUGE,
};

static const struct option options[] = {{"kind", required_argument, NULL, KIND},
                                        {"mode", required_argument, NULL, MODE},
                                        {"policy", required_argument, NULL, POLICY},
                                        {"type", required_argument, NULL, TYPE},
                                        {"max-message", required_argument, NULL, MAX_MESSAGE},
                                        {"capacity", required_argument, NULL, CAPACITY},
                                        {"readers", required_argument, NULL, READERS},
                                        {"writers", required_argument, NULL, WRITERS},
                                        {"many-writers", no_argument, NULL, MANY_WRITERS},
                                        {"cursor", required_argument, NULL, CURSOR},
                                        {"length", required_argument, NULL, LENGTH},
                                        {"element-bytes", required_argument, NULL, ELEMENT_BYTES},
                                        {"permissions", required_argument, NULL, PERMISSIONS},
                                        {"huge-pages", no_argument, NULL, HUGE},
                                        TOOL_USUAL_OPTIONS};

/** The kinds of objects that an option is for, a bit for each. */
static unsigned kinds_of(int option)
{
    const unsigned channel = 1U << SEAM_KIND_CHANNEL, value = 1U << SEAM_KIND_VALUE,
                   array = 1U << SEAM_KIND_ARRAY, list = 1U << SEAM_KIND_LIST;
    switch (option) {
    case KIND:
    case PERMISSIONS:
    case HUGE:
        return UINT_MAX;
    case MODE:
        return channel | value | array | list;
    case TYPE:
        return value | array;
    case LENGTH:
    case ELEMENT_BYTES:
        return array | list;
    default:
        return channel;
    }
}

static const char *name_of(int option)
{
    const struct option *o = options;
    while (o->val != option) {
        o++;
    }
    return o->name;
}

static bool parse_permissions(const char *word, mode_t *ret_mode)
{
    char *end;
    unsigned long mode = strtoul(word, &end, 8);
    if (word[0] < '0' || word[0] > '7' || *end != '\0' || mode == 0 || (mode & ~0666UL) != 0) {
        (void)tool_usage_error(&tool_create,
                               "--permissions needs octal digits of read and write, such as 640");
        return false;
    }
    *ret_mode = (mode_t)mode;
    return true;
}

/** @return false after telling the user */
static bool parse(int option, struct wishes *w)
{
    const char *name = name_of(option);
    switch (option) {
    case KIND:
        return tool_parse_choice(&tool_create, name, optarg, tool_kinds, &w->kind);
    case MODE:
        return tool_parse_choice(&tool_create, name, optarg, tool_modes, &w->mode);
    case POLICY:
        return tool_parse_choice(&tool_create, name, optarg, tool_policies, &w->policy);
    case TYPE:
        return tool_parse_choice(&tool_create, name, optarg, tool_types, &w->type);
    case MAX_MESSAGE:
        return tool_parse_size(&tool_create, name, optarg, &w->max_message);
    case CAPACITY:
        return tool_parse_size(&tool_create, name, optarg, &w->capacity);
    case READERS:
        return tool_parse_size(&tool_create, name, optarg, &w->readers);
    case WRITERS:
        return tool_parse_size(&tool_create, name, optarg, &w->writers);
    case LENGTH:
        return tool_parse_size(&tool_create, name, optarg, &w->length);
    case ELEMENT_BYTES:
        return tool_parse_size(&tool_create, name, optarg, &w->element_bytes);
    case CURSOR:
        w->cursor = optarg;
        return true;
    case MANY_WRITERS:
        w->many_writers = true;
        return true;
    case HUGE:
        w->region.huge_pages = true;
        return true;
    default:
        return parse_permissions(optarg, &w->region.mode);
    }
}

static int create_channel(const char *name, const struct wishes *w)
{
    const struct seam_channel_options o = {
        .region = w->region,
        .max_message = w->max_message,
        .capacity = w->capacity,
        .max_readers = w->readers < UINT32_MAX ? (unsigned)w->readers : UINT32_MAX,
        .role = SEAM_OBSERVER, /* it has had no writer yet */
        .policy = (enum seam_policy)w->policy,
        .mode = (enum seam_mode)w->mode,
        .cursor = w->cursor,
        .many_writers = w->many_writers,
        .writers = w->writers < UINT32_MAX ? (unsigned)w->writers : UINT32_MAX,
    };
    struct seam_channel *channel = NULL;
    int error = seam_channel_create(name, &o, &channel);
    seam_channel_close(channel);
    return error;
}

static int create_array(const char *name, const struct wishes *w)
{
    const struct seam_array_options o = {.region = w->region,
                                         .type = (enum seam_type)w->type,
                                         .length = w->length,
                                         .element_bytes = w->element_bytes,
                                         .mode = (enum seam_mode)w->mode};
    struct seam_array *array = NULL;
    int error = seam_array_create(name, &o, &array);
    seam_array_close(array);
    return error;
}

static int create_list(const char *name, const struct wishes *w)
{
    const struct seam_list_options o = {.region = w->region,
                                        .capacity = w->length,
                                        .element_bytes = w->element_bytes,
                                        .mode = (enum seam_mode)w->mode};
    struct seam_list *list = NULL;
    int error = seam_list_create(name, &o, &list);
    seam_list_close(list);
    return error;
}

static int create_value(const char *name, const struct wishes *w)
{
    const struct seam_value_options o = {
        .region = w->region, .type = (enum seam_type)w->type, .mode = (enum seam_mode)w->mode};
    struct seam_value *value = NULL;
    int error = seam_value_create(name, &o, &value);
    seam_value_close(value);
    return error;
}

static int create_lock(const char *name, const struct wishes *w)
{
    const struct seam_lock_options o = {.region = w->region};
    struct seam_lock *lock = NULL;
    int error = seam_lock_create(name, &o, &lock);
    seam_lock_close(lock);
    return error;
}

static int create(const char *name, const struct wishes *w)
{
    switch (w->kind) {
    case SEAM_KIND_LOCK:
        return create_lock(name, w);
    case SEAM_KIND_VALUE:
        return create_value(name, w);
    case SEAM_KIND_ARRAY:
        return create_array(name, w);
    case SEAM_KIND_LIST:
        return create_list(name, w);
    default:
        return create_channel(name, w);
    }
}

static enum tool_status run(int argc, char **argv)
{
    struct tool_arguments arguments = {0};
    struct wishes wishes = {.kind = SEAM_KIND_CHANNEL};
    for (int option;
         (option = tool_next_option(&tool_create, argc, argv, options, &arguments)) != -1;) {
        if (!parse(option, &wishes)) {
            return TOOL_USAGE;
        }
        wishes.given |= 1U << option;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    for (int option = KIND; option <= HUGE; option++) {
        if ((wishes.given & 1U << option) != 0 && (kinds_of(option) & 1U << wishes.kind) == 0) {
            return tool_usage_error(&tool_create, "--%s means nothing to a %s", name_of(option),
                                    tool_word(tool_kinds, wishes.kind));
        }
    }
    wishes.region.dir = arguments.region.dir;
    const char *name = tool_only_name(&tool_create, argc, argv);
    if (name == NULL) {
        return TOOL_USAGE;
    }
    int error = create(name, &wishes);
    return error == 0 ? TOOL_OK : tool_name_error("create", name, error);
}

const struct tool_command tool_create = {
    "create",
    "[OPTION]... NAME",
    "make a channel, or another object",
    "      --kind=KIND           channel (default), lock, value, array or list\n"
    "      --mode=MODE           lock-free (default) or locked; values: or raw\n"
    "      --permissions=OCTAL   who may read and write (default: 600)\n"
    "      --huge-pages          ask for huge pages\n\n"
    "Channels:\n"
    "      --policy=POLICY       lossless (default), overwrite or work-queue\n"
    "      --max-message=BYTES   longest message (default: 4096)\n"
    "      --capacity=BYTES      of the ring (default: room for 32 of the longest, 512k to 4M)\n"
    "      --readers=N           cursors that there is room for (default: 16)\n"
    "      --writers=N           at once, each with a ring of its own (default: 1)\n"
    "      --many-writers        any number, who take turns\n"
    "      --cursor=GROUP        make a durable cursor: nothing is lost before its reader comes\n\n"
    "Values and arrays:\n"
    "      --type=TYPE           int8 to int64, uint8 to uint64, float, double; arrays: bytes\n\n"
    "Arrays and lists:\n"
    "      --length=N            elements that there is room for\n"
    "      --element-bytes=N     of each, or of the longest\n\n",
    run,
    false};
