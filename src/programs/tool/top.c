/* SPDX-License-Identifier: MIT */
/* seam top: what goes through the channels, refreshed again and again. */
#include <errno.h>
#include <inttypes.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "tool/screen.h"
#include "tool/tool.h"

/** One channel at two moments. */
struct row {
    struct seam_object_info now;
    uint64_t messages_before, bytes_before, lost_before;
    uint64_t lag_messages, lag_bytes; /* of the slowest reader */
    bool is_there, was_there;
};

struct top {
    const struct seam_region_options *region;
    struct row *rows;
    size_t count, room;
    int64_t looked_ns; /* when it looked last */
    double seconds;    /* between the two moments; 0: there is but one */
    bool out_of_memory;
};

/* ---- looking ---- */

static struct row *row_of(struct top *top, const char *name)
{
    for (size_t i = 0; i < top->count; i++) {
        if (strcmp(top->rows[i].now.name, name) == 0) {
            return &top->rows[i];
        }
    }
    if (top->count == top->room) {
        size_t room = 2 * top->room + 16;
        void *rows = realloc(top->rows, room * sizeof(*top->rows));
        if (rows == NULL) {
            return NULL;
        }
        top->rows = rows;
        top->room = room;
    }
    struct row *row = &top->rows[top->count++];
    *row = (struct row){.is_there = false};
    return row;
}

static void look_at_readers(struct row *row, const struct seam_region_options *region)
{
    static struct seam_party parties[TOOL_PARTIES];
    ssize_t count = seam_channel_parties(row->now.name, region, parties, TOOL_PARTIES);
    row->lag_messages = row->lag_bytes = 0;
    for (ssize_t i = 0; i < count && i < TOOL_PARTIES; i++) {
        if (parties[i].lag_bytes >= row->lag_bytes) {
            row->lag_messages = parties[i].lag_messages;
            row->lag_bytes = parties[i].lag_bytes;
        }
    }
}

static int note(const struct seam_object_info *info, void *context)
{
    struct top *top = context;
    if (info->kind != SEAM_KIND_CHANNEL ||
        (info->state != SEAM_STATE_IN_USE && info->state != SEAM_STATE_IDLE)) {
        return 0;
    }
    struct row *row = row_of(top, info->name);
    if (row == NULL) {
        top->out_of_memory = true;
        return 0;
    }
    row->messages_before = row->now.published;
    row->bytes_before = row->now.published_bytes;
    row->lost_before = row->now.lost;
    row->now = *info;
    row->is_there = true;
    look_at_readers(row, top->region);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->now.name, ((const struct row *)b)->now.name);
}

static int look(struct top *top)
{
    int64_t now_ns = seam_deadline_in_ns(0);
    top->seconds = top->looked_ns == 0 ? 0 : (double)(now_ns - top->looked_ns) / 1e9;
    top->looked_ns = now_ns;
    for (size_t i = 0; i < top->count; i++) {
        top->rows[i].was_there = top->rows[i].is_there;
        top->rows[i].is_there = false;
    }
    int error = seam_object_visit(top->region, note, top);
    size_t kept = 0;
    for (size_t i = 0; i < top->count; i++) {
        if (top->rows[i].is_there) {
            top->rows[kept++] = top->rows[i];
        }
    }
    top->count = kept;
    if (kept > 0) {
        qsort(top->rows, kept, sizeof(*top->rows), by_name);
    }
    return error;
}

/* ---- showing ---- */

static const char heading[] =
    "WRITER READERS     MSG/S  BYTES/S         LAG    BYTES    LOST/S  NAME";

/** How much more there is now, for each second; a channel made anew begins again. */
static double rate(const struct top *top, const struct row *row, uint64_t now, uint64_t before)
{
    return top->seconds > 0 && row->was_there && now >= before
               ? (double)(now - before) / top->seconds
               : 0;
}

static void format_row(const struct top *top, const struct row *row, char *line, size_t room)
{
    char name[TOOL_NAME], bytes[TOOL_TEXT], lag[TOOL_TEXT];
    (void)snprintf(
        line, room, "%-6s %7u %9.0f %8s %11" PRIu64 " %8s %9.0f  %s",
        tool_word(tool_writers, row->now.writer), row->now.readers,
        rate(top, row, row->now.published, row->messages_before),
        tool_bytes((uint64_t)rate(top, row, row->now.published_bytes, row->bytes_before), bytes),
        row->lag_messages, tool_bytes(row->lag_bytes, lag),
        rate(top, row, row->now.lost, row->lost_before), tool_printable(row->now.name, name));
}

/** @return whether there is still somebody to show it to */
static bool show_plain(const struct top *top)
{
    char line[SEAM_NAME_MAX + 128];
    (void)puts(heading);
    for (size_t i = 0; i < top->count; i++) {
        format_row(top, &top->rows[i], line, sizeof(line));
        (void)puts(line);
    }
    (void)putchar('\n');
    return fflush(stdout) == 0;
}

static void show_screen(const struct top *top)
{
    char line[SEAM_NAME_MAX + 128];
    int rows, columns;
    getmaxyx(stdscr, rows, columns);
    (void)erase();
    (void)attron(A_REVERSE);
    (void)mvprintw(0, 0, "%-*.*s", columns, columns, heading);
    (void)attroff(A_REVERSE);
    for (size_t i = 0; i < top->count && (int)i + 2 < rows; i++) {
        format_row(top, &top->rows[i], line, sizeof(line));
        (void)mvprintw((int)i + 1, 0, "%.*s", columns, line);
    }
    (void)mvprintw(rows - 1, 0, "%.*s", columns, "q: quit");
    (void)refresh();
}

/** @return whether to go on */
static bool wait_plain(int64_t until_ns)
{
    while (signals_caught() == 0 && seam_deadline_in_ns(0) < until_ns) {
        (void)usleep(50000);
    }
    return signals_caught() == 0;
}

static bool wait_screen(const struct top *top, int64_t until_ns)
{
    while (signals_caught() == 0 && seam_deadline_in_ns(0) < until_ns) {
        int key = getch(); /* waits for a tenth of a second */
        if (key == 'q') {
            return false;
        }
        if (key == KEY_RESIZE) {
            show_screen(top);
        }
    }
    return signals_caught() == 0;
}

static int watch(struct top *top, bool screen, int64_t interval_ns, uint64_t count)
{
    int error = look(top);
    for (uint64_t i = 0; error == 0; i++) {
        if (screen) {
            show_screen(top);
        } else if (i > 0 && !show_plain(top)) { /* rates need two looks */
            break;
        }
        int64_t until_ns = seam_deadline_in_ns(interval_ns);
        if (i >= count || !(screen ? wait_screen(top, until_ns) : wait_plain(until_ns))) {
            break;
        }
        error = look(top);
    }
    return error;
}

static bool parse_interval(const char *word, double *ret_seconds)
{
    char *end;
    *ret_seconds = strtod(word, &end);
    if (end == word || *end != '\0' || !(*ret_seconds >= 0.1 && *ret_seconds <= 86400)) {
        (void)tool_usage_error(&tool_top, "--interval is 0.1 to 86400 seconds, not \"%s\"", word);
        return false;
    }
    return true;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"interval", required_argument, NULL, 1},
                                            {"count", required_argument, NULL, 2},
                                            TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    uint64_t count = UINT64_MAX;
    double interval = 1;
    for (int option;
         (option = tool_next_option(&tool_top, argc, argv, options, &arguments)) != -1;) {
        if (option == 1 ? !parse_interval(optarg, &interval)
                        : !tool_parse_size(&tool_top, "count", optarg, &count)) {
            return TOOL_USAGE;
        }
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind < argc) {
        return tool_usage_error(&tool_top, "`top` takes no \"%s\"", argv[optind]);
    }
    tool_leave_out_others(&arguments);
    struct top top = {.region = &arguments.region};
    const bool screen = screen_begin();
    int error = watch(&top, screen, (int64_t)(interval * 1e9), count);
    screen_end();
    if (error != 0) {
        (void)tool_visit_error(error);
    } else if (top.out_of_memory) {
        tool_error("no memory for all channels");
    }
    free(top.rows);
    return error == 0 && !top.out_of_memory ? TOOL_OK : TOOL_FAILED;
}

const struct tool_command tool_top = {"top",
                                      "[--interval=SECONDS] [--count=N]",
                                      "show what goes through the channels, live",
                                      "      --interval=SECONDS   between two looks (default: 1)\n"
                                      "      --count=N            end after so many\n",
                                      run,
                                      false};
