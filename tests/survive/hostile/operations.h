/* SPDX-License-Identifier: MIT */
/* What the files that operate on scenes have of each other. Tables end with an empty entry. */
#ifndef SEAM_TESTS_HOSTILE_OPERATIONS_H
#define SEAM_TESTS_HOSTILE_OPERATIONS_H

#include "scene.h"

extern const struct scene_operation operate_channel[];
extern const struct scene_operation operate_lock[];
extern const struct scene_operation operate_value[];
extern const struct scene_operation operate_array[];
extern const struct scene_operation operate_list[];

/** Opens the scene's lock, value, array or list, or makes it. @return 0 or an error */
int scene_object_open(const struct scene *scene, bool create, enum seam_access access,
                      void **ret_object);
void scene_object_close(const struct scene *scene, void *object);

void operate_send_each(struct scene *scene, struct seam_channel *channel);
void operate_receive_some(struct scene *scene, struct seam_channel *channel);

void operate_open_reader(struct scene *scene);
void operate_open_observer(struct scene *scene);
void operate_open_late(struct scene *scene);
void operate_open_writer(struct scene *scene);
void operate_bereave(struct scene *scene);
void operate_receive_last(struct scene *scene);
void operate_succeed(struct scene *scene);
void operate_return_to_office(struct scene *scene);
void operate_resign(struct scene *scene);
void operate_open_extra(struct scene *scene);
void operate_close_extra(struct scene *scene);
void operate_close_extra_after(struct scene *scene);

#endif
