/* SPDX-License-Identifier: MIT */
#include "plants.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "access.h"

#define PATH_BYTES 512

static bool may_give;
static uid_t owner; /* of what is planted, unless it is another's */

static void give(const char *path, uid_t uid)
{
    CHECK(!may_give || lchown(path, uid, (gid_t)-1) == 0, "%s: %s", path, strerror(errno));
}

static void give_to_owner(const char *path)
{
    give(path, owner);
}

static void beneath(const char *path, const char *file, char ret_path[PATH_BYTES])
{
    int length = snprintf(ret_path, PATH_BYTES, "%s/%s", path, file);
    CHECK(length > 0 && length < PATH_BYTES, "%s", path);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    size_t bytes = strlen(text);
    CHECK(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes, "%s: %s", path, strerror(errno));
    close(fd);
    give_to_owner(path);
}

static bool plant_link(const char *path, const char *target)
{
    CHECK(symlink(target, path) == 0, "%s", strerror(errno));
    give_to_owner(path);
    return true;
}

static bool dangling_link(const char *path)
{
    return plant_link(path, access_path("victim/absent"));
}

static bool link_to_file(const char *path)
{
    return plant_link(path, access_path("victim/secret"));
}

static bool link_to_directory(const char *path)
{
    return plant_link(path, access_path("victim"));
}

static bool link_to_region(const char *path)
{
    return plant_link(path, access_path("region"));
}

static bool hard_link(const char *path)
{
    CHECK(link(access_path("victim/secret"), path) == 0, "%s", strerror(errno));
    return true;
}

static bool plant_fifo(const char *path)
{
    CHECK(mkfifo(path, 0600) == 0, "%s", strerror(errno));
    give_to_owner(path);
    return true;
}

static bool plant_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    CHECK(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0, "%s", strerror(errno));
    close(fd);
    give_to_owner(path);
    return true;
}

static bool plant_device(const char *path)
{
    if (mknod(path, S_IFCHR | 0600, makedev(1, 5)) != 0) { /* what /dev/zero is */
        CHECK(errno == EPERM, "%s", strerror(errno));
        return false;
    }
    give_to_owner(path);
    return true;
}

static bool no_device(const char *path)
{
    if (mknod(path, S_IFBLK | 0600, makedev(240, 77)) != 0) {
        CHECK(errno == EPERM, "%s", strerror(errno));
        return false;
    }
    give_to_owner(path);
    return true;
}

static bool empty_directory(const char *path)
{
    CHECK(mkdir(path, 0700) == 0, "%s", strerror(errno));
    give_to_owner(path);
    return true;
}

static bool full_directory(const char *path)
{
    char inside[PATH_BYTES];
    beneath(path, "mine", inside);
    empty_directory(path);
    write_file(inside, "my diary");
    return true;
}

/** With directories where files would be. */
static bool deep_directory(const char *path)
{
    char inside[PATH_BYTES];
    empty_directory(path);
    beneath(path, "log", inside);
    empty_directory(inside);
    beneath(path, "desk", inside);
    return full_directory(inside);
}

static bool foreign_directory(const char *path)
{
    char inside[PATH_BYTES];
    if (!may_give) {
        return false;
    }
    beneath(path, "log", inside);
    CHECK(mkdir(path, 0700) == 0, "%s", strerror(errno));
    write_file(inside, "another's diary");
    give(inside, access_stranger.uid);
    give(path, access_stranger.uid);
    return true;
}

/** One into which everybody may look, and write. */
static bool open_directory(const char *path)
{
    bool planted = foreign_directory(path);
    CHECK(!planted || chmod(path, 0777) == 0, "%s", strerror(errno));
    return planted;
}

static bool text_file(const char *path)
{
    write_file(path, "not a region, and long enough to be taken for a stamp: "
                     "....................................................................."
                     ".....................................................................");
    return true;
}

static bool foreign_file(const char *path)
{
    return may_give && text_file(path) && (give(path, access_stranger.uid), true);
}

#define NOT_A_DIRECTORY "not a directory"
#define NOT_A_FILE "not a plain file"

const struct access_plant access_plants[] = {
    {"dangling link", dangling_link, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"link to a file", link_to_file, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"link to a directory", link_to_directory, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"link to a region", link_to_region, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"hard link", hard_link, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"FIFO", plant_fifo, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"socket", plant_socket, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"device", plant_device, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"no such device", no_device, NOT_A_DIRECTORY, NOT_A_FILE, NOT_A_FILE, false},
    {"empty directory", empty_directory, "log or desk is missing", NOT_A_FILE, NOT_A_FILE, true},
    {"full directory", full_directory, "log or desk is missing", NOT_A_FILE, NOT_A_FILE, false},
    {"deep directory", deep_directory, NOT_A_FILE, NOT_A_FILE, NOT_A_FILE, false},
    {"another's directory", foreign_directory, "owner", NOT_A_FILE, NOT_A_FILE, false},
    {"another's open directory", open_directory, "owner", NOT_A_FILE, NOT_A_FILE, false},
    {"file", text_file, NOT_A_DIRECTORY, "magic", "desk size", false},
    {"another's file", foreign_file, NOT_A_DIRECTORY, "owner", "owner", false},
};

const size_t access_plant_count = sizeof(access_plants) / sizeof(access_plants[0]);

void access_plants_begin(bool by_root, uid_t uid)
{
    may_give = by_root;
    owner = uid;
    CHECK(mkdir(access_path("victim"), 0700) == 0, "%s", strerror(errno));
    give_to_owner(access_path("victim"));
    write_file(access_path("victim/secret"), "a secret that nobody else has to see");
    write_file(access_path("victim/log"), "another diary");
}

void access_plants_end(void)
{
    access_clear(access_path("victim"));
}

/* ---- what all of it looks like ---- */

static uint64_t seen;

static int look(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    char bytes[1024] = {0};
    uint64_t words[] = {status->st_mode, status->st_uid, status->st_ino, status->st_rdev, 0, 0};
    (void)flag;
    if (place->level > 0) { /* the directory of the test itself changes all the time */
        words[4] = (uint64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
        words[5] = (uint64_t)status->st_size;
    }
    if (S_ISLNK(status->st_mode)) {
        CHECK(readlink(path, bytes, sizeof(bytes)) > 0, "%s: %s", path, strerror(errno));
    } else if (S_ISREG(status->st_mode)) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        CHECK(fd >= 0 && read(fd, bytes, sizeof(bytes)) >= 0, "%s: %s", path, strerror(errno));
        close(fd);
    }
    /* Sums, since entries come in any order. */
    seen += access_sum(words, sizeof(words)) ^ access_sum(bytes, sizeof(bytes)) ^
            access_sum(path, strlen(path));
    return 0;
}

uint64_t access_picture(void)
{
    seen = 0;
    CHECK(nftw(test_dir(), look, 16, FTW_PHYS) == 0, "%s", strerror(errno));
    return seen;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status;
    (void)flag;
    (void)place;
    CHECK(remove(path) == 0, "%s: %s", path, strerror(errno));
    return 0;
}

void access_clear(const char *path)
{
    struct stat status;
    if (lstat(path, &status) == 0) {
        CHECK(nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH) == 0, "%s", strerror(errno));
    }
}
