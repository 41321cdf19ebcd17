/* SPDX-License-Identifier: MIT */
/* seam list: lists from a shell. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/numbers.h"
#include "tool/tool.h"

#define ELEMENT_MOST ((size_t)1 << 20) /* as the library has it */

/** What the command line says. */
struct request {
    struct seam_list *list;
    const char *name;
    char **words;        /* behind the NAME */
    enum seam_type type; /* SEAM_BYTES: text */
};

/** One verb; what it takes behind the NAME. */
struct verb {
    const char *name;
    int words;
    bool changes;
    int (*run)(const struct request *request);
};

/* The user has been told already. */
#define TOLD 1

/** The bytes that a word stands for. @return false after telling the user */
static bool parse_element(const struct request *r, const char *word, const void **ret_data,
                          size_t *ret_size)
{
    static struct number number;
    if (r->type == SEAM_BYTES) {
        *ret_data = word;
        *ret_size = strlen(word);
        return true;
    }
    *ret_data = &number.as;
    *ret_size = sizeof(number.as);
    return number_parse(&tool_list, word, r->type, &number);
}

static int print_element(size_t index, const void *data, size_t size, void *context)
{
    const struct request *r = context;
    struct number number;
    (void)index;
    if (r->type != SEAM_BYTES && size == sizeof(number.as)) {
        number_from_element(r->type, data, &number);
        number_print(&number);
        return 0;
    }
    (void)fwrite(data, 1, size, stdout);
    return putchar('\n') == EOF ? -EIO : 0;
}

static int print_all(const struct request *r)
{
    return seam_list_iterate(r->list, print_element, (void *)r);
}

static int print_length(const struct request *r)
{
    ssize_t length = seam_list_length(r->list);
    if (length >= 0) {
        (void)printf("%zd\n", length);
    }
    return length < 0 ? (int)length : 0;
}

/** Copies an element with @p copy, and prints it. */
static int print_one(const struct request *r, bool removes)
{
    size_t index;
    if (!tool_parse_index(&tool_list, r->words[0], &index)) {
        return TOLD;
    }
    void *buffer = malloc(ELEMENT_MOST);
    if (buffer == NULL) {
        return -ENOMEM;
    }
    ssize_t size = removes ? seam_list_pop(r->list, index, buffer, ELEMENT_MOST)
                           : seam_list_get(r->list, index, buffer, ELEMENT_MOST);
    int error = size < 0 ? (int)size : print_element(index, buffer, (size_t)size, (void *)r);
    free(buffer);
    return error;
}

static int get(const struct request *r)
{
    return print_one(r, false);
}

static int pop(const struct request *r)
{
    return print_one(r, true);
}

static int append(const struct request *r)
{
    const void *data;
    size_t size;
    if (!parse_element(r, r->words[0], &data, &size)) {
        return TOLD;
    }
    ssize_t index = seam_list_append(r->list, data, size);
    return index < 0 ? (int)index : 0;
}

/** INDEX ELEMENT. */
static int put(const struct request *r, bool inserts)
{
    const void *data;
    size_t index, size;
    if (!tool_parse_index(&tool_list, r->words[0], &index) ||
        !parse_element(r, r->words[1], &data, &size)) {
        return TOLD;
    }
    return inserts ? seam_list_insert(r->list, index, data, size)
                   : seam_list_set(r->list, index, data, size);
}

static int set(const struct request *r)
{
    return put(r, false);
}

static int insert(const struct request *r)
{
    return put(r, true);
}

static int remove_one(const struct request *r)
{
    size_t index;
    return tool_parse_index(&tool_list, r->words[0], &index) ? seam_list_remove(r->list, index)
                                                             : TOLD;
}

static int clear(const struct request *r)
{
    return seam_list_clear(r->list);
}

static const struct verb verbs[] = {
    {"print", 0, false, print_all}, {"length", 0, false, print_length},
    {"get", 1, false, get},         {"append", 1, true, append},
    {"set", 2, true, set},          {"insert", 2, true, insert},
    {"pop", 1, true, pop},          {"remove", 1, true, remove_one},
    {"clear", 0, true, clear},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *word)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, word) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

static enum tool_status act(const struct verb *verb, const struct tool_arguments *arguments,
                            struct request *r)
{
    const struct seam_list_options options = {
        .region = arguments->region,
        .access = verb->changes ? SEAM_READ_WRITE : SEAM_READ_ONLY,
    };
    int error = seam_list_open(r->name, &options, &r->list);
    if (error != 0) {
        return tool_name_error("open", r->name, error);
    }
    error = verb->run(r);
    seam_list_close(r->list);
    if (error < 0) {
        (void)tool_index_error(verb->name, r->name, error);
    }
    return error == 0 ? TOOL_OK : error == TOLD ? TOOL_USAGE : TOOL_FAILED;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"type", required_argument, NULL, 1},
                                            TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    struct request request = {.type = SEAM_BYTES};
    int type = SEAM_BYTES;
    while (tool_next_option(&tool_list, argc, argv, options, &arguments) != -1) {
        if (!tool_parse_choice(&tool_list, "type", optarg, tool_types, &type)) {
            return TOOL_USAGE;
        }
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    request.type = (enum seam_type)type;
    if (type != SEAM_BYTES && seam_type_bytes(request.type) != sizeof(uint64_t)) {
        return tool_usage_error(&tool_list, "--type is int64, uint64, double or bytes");
    }
    argc = tool_drop_dashes(argc, argv);
    const struct verb *verb = optind < argc ? find_verb(argv[optind]) : NULL;
    if (verb == NULL) {
        return tool_usage_error(&tool_list, "`list` needs a verb, such as print");
    }
    if (argc - optind != verb->words + 2) {
        return tool_usage_error(&tool_list, "`list %s` takes a NAME%s", verb->name,
                                verb->words == 0   ? " alone"
                                : verb->words == 1 ? " and one word more"
                                                   : " and two words more");
    }
    request.name = argv[optind + 1];
    request.words = argv + optind + 2;
    return act(verb, &arguments, &request);
}

const struct tool_command tool_list = {
    "list",
    "[--type=TYPE] VERB NAME [INDEX] [ELEMENT]",
    "print and change lists",
    "  print NAME                  all elements, each as a line\n"
    "  length NAME                 how many there are\n"
    "  get NAME INDEX              one of them; `last` is the last one\n"
    "  append NAME ELEMENT\n"
    "  set NAME INDEX ELEMENT\n"
    "  insert NAME INDEX ELEMENT   before that one\n"
    "  pop NAME INDEX              print it and take it out\n"
    "  remove NAME INDEX\n"
    "  clear NAME\n\n"
    "      --type=TYPE   elements are int64, uint64 or double; else text\n",
    run,
    .options_first = true};
