/* SPDX-License-Identifier: MIT */
#include "tool/describe.h"

#include <stdio.h>

#include "tool/tool.h"

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
    cJSON_AddStringToObject(json, "name", info->name);
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
        cJSON_AddStringToObject(json, "cursor", party->cursor);
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
