/* SPDX-License-Identifier: MIT */
/* What acts on channels have in common. Messages are numbered from 1 on, whoever sends them. */
#ifndef SEAM_TESTS_SURVIVE_ACTS_CHANNEL_H
#define SEAM_TESTS_SURVIVE_ACTS_CHANNEL_H

#include "acts.h"

/** Messages that are there before an act; one that takes as many takes all there are. */
#define ACT_SENT 3U

/** A durable cursor, made with each lossless channel: what nobody has taken stays. */
#define ACT_CURSOR "keeper"

/** The options of the act's channel, for a handle of role @p role. */
struct seam_channel_options act_options(const struct act_scene *scene, enum seam_role role);

/** Opens the channel; the test fails where that fails. */
struct seam_channel *act_open(const struct act_scene *scene, enum seam_role role);

/** The same as an observer, whom the messages before do not concern. */
struct seam_channel *act_open_for_news(const struct act_scene *scene);

/** Sends message @p number, whoever waits. @return as seam_channel_send_until */
int act_send(struct seam_channel *channel, uint64_t number, int64_t deadline_ns);

/**
 * Takes the next message, whose bytes must be those of its number.
 * @return its number; 0: there is none
 */
uint64_t act_recv(struct seam_channel *channel);

/** Befores: a channel with ACT_SENT messages; the same, whose writer was killed in a message. */
void act_channel_before(struct act_scene *scene);
void act_channel_before_half_sent(struct act_scene *scene);

/** Enters: a writer; a reader with the durable cursor, or what readers have under the policy. */
void act_enter_writer(struct act_scene *scene);
void act_enter_reader(struct act_scene *scene);

/** Leaves: closes the handle. */
void act_channel_leave(struct act_scene *scene);

/** Meanwhile: a writer is stopped; somebody is stopped who is not the writer. */
void act_meanwhile_writer(struct act_scene *scene);
void act_meanwhile_reader(struct act_scene *scene);

/**
 * After: a reader finds each message that was sent, once and whole, a successor writer goes on,
 * whoever died is waited for no longer, has no slot and no lane any more, and nothing is left.
 */
void act_channel_after(struct act_scene *scene);

#endif
