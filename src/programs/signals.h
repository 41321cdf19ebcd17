/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C and its like only set a flag. Every loop of the program looks at it at least every tenth
 * of a second, closes what it has open, and main then dies by the same signal.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/** Installs the handlers, and has failed writes report an error instead of killing the program. */
void signals_install(void);

/** @return the number of the signal that asked the program to end, or 0 */
int signals_caught(void);

/** The program is to end as if this signal had come: SIGPIPE, where a write said EPIPE. */
void signals_end_by(int number);

/** Dies by the signal that was caught, so that the parent sees it. @return if there was none */
void signals_die(void);

/**
 * Waits until @p fd is ready for @p events (as for poll). A signal is never missed: it is let in
 * only while the program waits.
 * @return 0: ready; -EINTR: the program is to end; other -errno
 */
int signals_wait_for_fd(int fd, short events);

#endif
