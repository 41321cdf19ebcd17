/* SPDX-License-Identifier: MIT */
/* seam array: arrays of numbers from a shell. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/numbers.h"
#include "tool/tool.h"

enum verb { PRINT, GET, SET, ADD };

/** A verb and how many words it takes behind the NAME. */
static const struct {
    const char *name;
    int words;
} verbs[] = {[PRINT] = {"print", 0}, [GET] = {"get", 1}, [SET] = {"set", 2}, [ADD] = {"add", 2}};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_one(const struct seam_array_info *info, const void *element)
{
    struct number number;
    if (info->type == SEAM_BYTES) {
        (void)fwrite(element, 1, info->element_bytes, stdout);
        (void)putchar('\n');
        return;
    }
    number_from_element(info->type, element, &number);
    number_print(&number);
}

/** All at one moment, if the array is of locked mode. */
static int print_all(const struct seam_array *array, const struct seam_array_info *info)
{
    char *elements = calloc(info->length, info->element_bytes);
    int error = elements == NULL ? -ENOMEM : seam_array_copy_out(array, 0, info->length, elements);
    for (size_t i = 0; error == 0 && i < info->length; i++) {
        print_one(info, elements + i * info->element_bytes);
    }
    free(elements);
    return error;
}

/** The bytes of a word: text is filled up with zeros. @return NULL after telling the user */
static char *element_of(const struct seam_array_info *info, const char *word)
{
    struct number number;
    char *element = calloc(1, info->element_bytes);
    if (element == NULL) {
        tool_error("no memory");
        return NULL;
    }
    if (info->type == SEAM_BYTES) {
        if (strnlen(word, info->element_bytes + 1) <= info->element_bytes) {
            for (size_t i = 0; word[i] != '\0'; i++) { /* an element has no zero byte behind it */
                element[i] = word[i];
            }
            return element;
        }
        (void)tool_usage_error(&tool_array, "\"%s\" is longer than %zu bytes", word,
                               info->element_bytes);
    } else if (number_parse(&tool_array, word, info->type, &number)) {
        number_to_element(&number, element);
        return element;
    }
    free(element);
    return NULL;
}

static enum tool_status say(int error, const char *verb, const char *name)
{
    if (error == 0) {
        return TOOL_OK;
    }
    return tool_index_error(verb, name, error);
}

static enum tool_status change(struct seam_array *array, const struct seam_array_info *info,
                               enum verb verb, char **words, size_t index)
{
    char *element = element_of(info, words[2]);
    if (element == NULL) {
        return TOOL_USAGE;
    }
    int error = verb == SET ? seam_array_set(array, index, element)
                            : seam_array_add(array, index, element, NULL);
    free(element);
    return say(error, verbs[verb].name, words[0]);
}

static enum tool_status print_at(const struct seam_array *array, const struct seam_array_info *info,
                                 const char *name, size_t index)
{
    char *element = calloc(1, info->element_bytes);
    int error = element == NULL ? -ENOMEM : seam_array_get(array, index, element);
    if (error == 0) {
        print_one(info, element);
    }
    free(element);
    return say(error, "get", name);
}

/** @param words  NAME [INDEX [ELEMENT]] */
static enum tool_status act(enum verb verb, const struct tool_arguments *arguments, char **words)
{
    const struct seam_array_options options = {
        .region = arguments->region,
        .access = verb == SET || verb == ADD ? SEAM_READ_WRITE : SEAM_READ_ONLY,
    };
    struct seam_array_info info;
    struct seam_array *array = NULL;
    size_t index = 0;
    if (verb != PRINT && !tool_parse_index(&tool_array, words[1], &index)) {
        return TOOL_USAGE;
    }
    int error = seam_array_open(words[0], &options, &array);
    if (error != 0) {
        return tool_name_error("open", words[0], error);
    }
    seam_array_info(array, &info);
    index = index == SEAM_LAST ? info.length - 1 : index;
    enum tool_status status = verb == PRINT ? say(print_all(array, &info), "print", words[0])
                              : verb == GET ? print_at(array, &info, words[0], index)
                                            : change(array, &info, verb, words, index);
    seam_array_close(array);
    return status;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    while (tool_next_option(&tool_array, argc, argv, options, &arguments) != -1) {
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    argc = tool_drop_dashes(argc, argv);
    for (size_t verb = 0; optind < argc && verb < VERBS; verb++) {
        if (strcmp(verbs[verb].name, argv[optind]) != 0) {
            continue;
        }
        if (argc - optind != verbs[verb].words + 2) {
            static const char *const more[] = {" alone", " and an INDEX",
                                               ", an INDEX and a NUMBER"};
            return tool_usage_error(&tool_array, "`array %s` takes a NAME%s", verbs[verb].name,
                                    more[verbs[verb].words]);
        }
        return act((enum verb)verb, &arguments, argv + optind + 1);
    }
    return tool_usage_error(&tool_array, "`array` needs a verb, such as print");
}

const struct tool_command tool_array = {
    "array",
    "VERB NAME [INDEX] [NUMBER]",
    "print and change arrays",
    "  print NAME                all elements, each as a line\n"
    "  get NAME INDEX            one of them; `last` is the last one\n"
    "  set NAME INDEX NUMBER\n"
    "  add NAME INDEX NUMBER\n\n",
    run,
    .options_first = true};
