/* SPDX-License-Identifier: MIT */
#include "tool/describe.h"

#include <stdio.h>
#include <string.h>

#include "tool/tool.h"

/** Bytes of the UTF-8 sequence at @p at; 0: it is none. */
static size_t sequence_at(const uint8_t *at)
{
    /* By first byte: up to where, how many bytes, and the range of the second one. */
    static const struct {
        uint8_t last, bytes, least, most;
    } sequences[] = {{0x7f, 1, 0, 0},       {0xc1, 0, 0, 0},       {0xdf, 2, 0x80, 0xbf},
                     {0xe0, 3, 0xa0, 0xbf}, {0xec, 3, 0x80, 0xbf}, {0xed, 3, 0x80, 0x9f},
                     {0xef, 3, 0x80, 0xbf}, {0xf0, 4, 0x90, 0xbf}, {0xf3, 4, 0x80, 0xbf},
                     {0xf4, 4, 0x80, 0x8f}, {0xff, 0, 0, 0}};
    size_t i = 0;
    while (at[0] > sequences[i].last) {
        i++;
    }
    size_t bytes = sequences[i].bytes;
    if (bytes > 1 && (at[1] < sequences[i].least || at[1] > sequences[i].most)) {
        return 0;
    }
    for (size_t k = 2; k < bytes; k++) {
        if (at[k] < 0x80 || at[k] > 0xbf) {
            return 0;
        }
    }
    return bytes;
}

/** JSON is UTF-8, names are any bytes: what does not fit is U+FFFD. */
static void add_text(cJSON *json, const char *name, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char whole[3 * TOOL_NAME];
    size_t length = 0;
    while (*text != '\0' && length + 4 < sizeof(whole)) {
        size_t bytes = sequence_at((const uint8_t *)text);
        memcpy(whole + length, bytes != 0 ? text : replacement, bytes != 0 ? bytes : 3);
        length += bytes != 0 ? bytes : 3;
        text += bytes != 0 ? bytes : 1;
    }
    whole[length] = '\0';
    cJSON_AddStringToObject(json, name, whole);
}

static void add_number(cJSON *json, const char *name, uint64_t number)
{
    cJSON_AddNumberToObject(json, name, (double)number); /* exact up to 2^53 */
}

static void add_word(cJSON *json, const char *name, const struct tool_choice *choices, int value)
{
    cJSON_AddStringToObject(json, name, tool_word(choices, value));
}

static void describe_channel(cJSON *json, const struct seam_object_info *info)
{
    add_word(json, "policy", tool_policies, info->channel.policy);
    add_number(json, "capacity", info->channel.capacity);
    add_number(json, "max_message", info->channel.max_message);
    add_number(json, "max_readers", info->channel.max_readers);
    if (info->channel.many_writers) {
        cJSON_AddNullToObject(json, "max_writers");
    } else {
        add_number(json, "max_writers", info->channel.writers);
    }
    add_word(json, "writer", tool_writers, info->writer);
    add_number(json, "writers_so_far", info->writers_so_far);
    add_number(json, "readers", info->readers);
    add_number(json, "messages", info->published);
    add_number(json, "message_bytes", info->published_bytes);
    add_number(json, "lost", info->lost);
    cJSON_AddBoolToObject(json, "reader_sleeps", info->reader_sleeps);
    cJSON_AddBoolToObject(json, "writer_sleeps", info->writer_sleeps);
}

static void describe_elements(cJSON *json, const struct seam_object_info *info)
{
    if (info->kind != SEAM_KIND_LIST) {
        add_word(json, "type", tool_types, info->type);
    }
    add_number(json, "length", info->length);
    add_number(json, "element_bytes", info->element_bytes);
}

cJSON *describe_object(const struct seam_object_info *info)
{
    char permissions[8];
    cJSON *json = cJSON_CreateObject();
    if (json == NULL) {
        return NULL;
    }
    (void)snprintf(permissions, sizeof(permissions), "%04o", (unsigned)info->permissions & 07777U);
    add_text(json, "name", info->name);
    add_word(json, "state", tool_states, info->state);
    if (info->error != 0) {
        cJSON_AddStringToObject(json, "refused_for", info->detail);
    }
    add_number(json, "owner", info->owner);
    add_number(json, "group", info->group);
    cJSON_AddStringToObject(json, "permissions", permissions);
    cJSON_AddNumberToObject(json, "created", (double)info->created_ns / 1e9);
    add_number(json, "memory_bytes", info->memory_bytes);
    if (info->kind == 0) {
        return json;
    }
    add_word(json, "kind", tool_kinds, info->kind);
    add_word(json, "mode", tool_modes, info->mode);
    if (info->holder != 0) {
        add_number(json, "lock_holder", (uint64_t)info->holder);
        cJSON_AddBoolToObject(json, "lock_holder_is_dead", info->holder_is_dead);
    }
    if (info->kind == SEAM_KIND_CHANNEL) {
        describe_channel(json, info);
    } else if (info->kind != SEAM_KIND_LOCK) {
        describe_elements(json, info);
    }
    return json;
}

cJSON *describe_party(const char *role, const struct seam_party *party)
{
    cJSON *json = cJSON_CreateObject();
    if (json == NULL) {
        return NULL;
    }
    cJSON_AddStringToObject(json, "role", role);
    cJSON_AddBoolToObject(json, "alive", party->is_alive);
    add_number(json, "pid", (uint64_t)party->pid);
    if (party->role == SEAM_WRITER) {
        add_number(json, "lane", party->lane);
    }
    if (party->role != SEAM_READER) {
        return json;
    }
    if (party->cursor[0] != '\0') {
        add_text(json, "cursor", party->cursor);
    }
    add_number(json, "lag_messages", party->lag_messages);
    add_number(json, "lag_bytes", party->lag_bytes);
    return json;
}

bool describe_print(cJSON *json)
{
    char *text = json != NULL ? cJSON_Print(json) : NULL;
    if (text != NULL) {
        (void)puts(text);
    } else {
        tool_error("no memory");
    }
    cJSON_free(text);
    cJSON_Delete(json);
    return text != NULL;
}
