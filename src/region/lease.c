/* SPDX-License-Identifier: MIT */
#include "region/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "region/error.h"
#include "region/file.h"

uint64_t seam_fork_generation = 1;

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct seam_lease_fd *registry;
static pthread_once_t registry_once = PTHREAD_ONCE_INIT;
static int registry_error;

static void before_fork(void)
{
    pthread_mutex_lock(&registry_lock);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&registry_lock);
}

static void after_fork_in_child(void)
{
    for (struct seam_lease_fd *l = registry; l != NULL; l = l->next) {
        close(l->fd);
        l->fd = -1;
    }
    registry = NULL;
    seam_fork_generation++;
    pthread_mutex_unlock(&registry_lock);
}

static void install_fork_handlers(void)
{
    registry_error = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

int seam_lease_open(struct seam_lease_fd *lease, int fd, int spare)
{
    pthread_once(&registry_once, install_fork_handlers);
    if (registry_error != 0) {
        return seam_fail(registry_error, "pthread_atfork");
    }
    pthread_mutex_lock(&registry_lock);
    int own = seam_file_reopen(fd, O_RDWR);
    if (own == -EACCES && spare >= 0) {
        own = spare;
    }
    if (own >= 0) {
        *lease = (struct seam_lease_fd){.fd = own, .next = registry};
        if (registry != NULL) {
            registry->previous = lease;
        }
        registry = lease;
    }
    pthread_mutex_unlock(&registry_lock);
    if (own != spare && spare >= 0) {
        close(spare);
    }
    return own >= 0 ? 0 : own;
}

void seam_lease_close(struct seam_lease_fd *lease)
{
    pthread_mutex_lock(&registry_lock);
    if (lease->fd >= 0) { /* else the fork handler closed it and emptied the list */
        if (lease->previous != NULL) {
            lease->previous->next = lease->next;
        } else {
            registry = lease->next;
        }
        if (lease->next != NULL) {
            lease->next->previous = lease->previous;
        }
        close(lease->fd);
        lease->fd = -1;
    }
    pthread_mutex_unlock(&registry_lock);
}

void seam_lease_set_user(struct seam_lease_fd *lease, const void *user)
{
    pthread_mutex_lock(&registry_lock);
    lease->user = user;
    pthread_mutex_unlock(&registry_lock);
}

bool seam_lease_any_user(bool (*matches)(const void *user, void *context), void *context)
{
    bool found = false;
    pthread_mutex_lock(&registry_lock);
    for (const struct seam_lease_fd *l = registry; l != NULL && !found; l = l->next) {
        found = l->user != NULL && matches(l->user, context);
    }
    pthread_mutex_unlock(&registry_lock);
    return found;
}

static struct flock range(int byte, short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

int seam_lease_take(const struct seam_lease_fd *lease, int byte, bool exclusive)
{
    struct flock lock = range(byte, exclusive ? F_WRLCK : F_RDLCK);
    if (TEMP_FAILURE_RETRY(fcntl(lease->fd, F_OFD_SETLK, &lock)) == 0) {
        return 0;
    }
    if (errno == EAGAIN || errno == EACCES) {
        return seam_fail(EBUSY, "lease");
    }
    return seam_fail_errno("fcntl(F_OFD_SETLK)");
}

void seam_lease_drop(const struct seam_lease_fd *lease, int byte)
{
    struct flock lock = range(byte, F_UNLCK);
    (void)TEMP_FAILURE_RETRY(fcntl(lease->fd, F_OFD_SETLK, &lock));
}

bool seam_lease_held_by_others(const struct seam_lease_fd *lease, int byte)
{
    struct flock lock = range(byte, F_WRLCK);
    if (TEMP_FAILURE_RETRY(fcntl(lease->fd, F_OFD_GETLK, &lock)) != 0) {
        return true; /* can't tell: nobody is declared dead on that ground */
    }
    return lock.l_type != F_UNLCK;
}
