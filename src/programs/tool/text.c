/* SPDX-License-Identifier: MIT */
/* Words, names and numbers for people. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tool/tool.h"

const struct tool_choice tool_modes[] = {
    {"lock-free", SEAM_LOCK_FREE}, {"locked", SEAM_LOCKED}, {"raw", SEAM_RAW}, {0}};
const struct tool_choice tool_policies[] = {{"lossless", SEAM_LOSSLESS},
                                            {"overwrite", SEAM_OVERWRITE},
                                            {"work-queue", SEAM_WORK_QUEUE},
                                            {0}};
const struct tool_choice tool_waits[] = {
    {"adaptive", SEAM_WAIT_ADAPTIVE}, {"spin", SEAM_WAIT_SPIN}, {"sleep", SEAM_WAIT_SLEEP}, {0}};
const struct tool_choice tool_kinds[] = {{"channel", SEAM_KIND_CHANNEL}, {"lock", SEAM_KIND_LOCK},
                                         {"value", SEAM_KIND_VALUE},     {"array", SEAM_KIND_ARRAY},
                                         {"list", SEAM_KIND_LIST},       {0}};
const struct tool_choice tool_types[] = {
    {"int8", SEAM_INT8},     {"int16", SEAM_INT16},   {"int32", SEAM_INT32},
    {"int64", SEAM_INT64},   {"uint8", SEAM_UINT8},   {"uint16", SEAM_UINT16},
    {"uint32", SEAM_UINT32}, {"uint64", SEAM_UINT64}, {"float", SEAM_FLOAT},
    {"double", SEAM_DOUBLE}, {"bytes", SEAM_BYTES},   {0}};
const struct tool_choice tool_writers[] = {{"none", SEAM_WRITER_NONE},
                                           {"alive", SEAM_WRITER_ALIVE},
                                           {"ended", SEAM_WRITER_ENDED},
                                           {"dead", SEAM_WRITER_DEAD},
                                           {0}};
const struct tool_choice tool_states[] = {
    {"in use", SEAM_STATE_IN_USE},   {"idle", SEAM_STATE_IDLE},
    {"stale", SEAM_STATE_STALE},     {"unfinished", SEAM_STATE_UNFINISHED},
    {"refused", SEAM_STATE_REFUSED}, {0}};

const char *tool_word(const struct tool_choice *choices, int value)
{
    for (const struct tool_choice *c = choices; c->word != NULL; c++) {
        if (c->value == value) {
            return c->word;
        }
    }
    return "?";
}

const char *tool_printable(const char *name, char *text)
{
    size_t length = 0;
    for (const char *at = name; *at != '\0' && length + 1 < TOOL_NAME; at++) {
        uint8_t byte = (uint8_t)*at, next = (uint8_t)at[1];
        bool commands = byte < ' ' || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
        text[length] = *at;
        if (commands) {
            text[length] = '?';
        }
        length++;
        at += commands && byte == 0xc2; /* of a control of two bytes in UTF-8 */
    }
    text[length] = '\0';
    return text;
}

const char *tool_bytes(uint64_t bytes, char *text)
{
    static const char units[] = "BKMGT";
    size_t unit = 0;
    double number = (double)bytes;
    for (; number >= 1024 && unit + 2 < sizeof(units); unit++) {
        number /= 1024;
    }
    (void)snprintf(text, TOOL_TEXT, unit == 0 || number >= 10 ? "%.0f%c" : "%.1f%c", number,
                   units[unit]);
    return text;
}

const char *tool_age(int64_t created_ns, char *text)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = now.tv_sec - created_ns / 1000000000;
    if (created_ns == 0 || seconds < 0) {
        return "-";
    }
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && seconds < 2 * units[i].seconds) {
        i++;
    }
    (void)snprintf(text, TOOL_TEXT, "%" PRId64 "%c", seconds / units[i].seconds, units[i].unit);
    return text;
}
