/* SPDX-License-Identifier: MIT */
/* What is known about an object or a party, for programs. */
#ifndef TOOL_DESCRIBE_H
#define TOOL_DESCRIBE_H

#include <cjson/cJSON.h>

#include "seam/seam.h"

/** @return an object with a member for each thing there is to know; NULL: no memory */
cJSON *describe_object(const struct seam_object_info *info);
cJSON *describe_party(const char *role, const struct seam_party *party);

/** Prints it and frees it. @return whether there was memory for that */
bool describe_print(cJSON *json);

#endif
