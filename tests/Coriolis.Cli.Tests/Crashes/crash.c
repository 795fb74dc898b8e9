// Loaded into a process (LD_PRELOAD), ends it at its n-th change of a file below one directory, or at its n-th message to another machine:
//   CRASH_ROOT  the directory
//   CRASH_AT    n, from 0
//   CRASH_HOW   "kill": just before the change; "torn": after half of it, when it is a write;
//               "power": just before it, and every byte that was written but not synchronised is taken back,
//               as a power failure may do. Names are kept: a name that outlives its bytes is the worse case;
//               "message": just before something is sent over the network. Changes of files do not count then.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct lost { off_t offset; size_t length; off_t size; char *bytes; struct timespec modified; struct lost *earlier; };
struct file { dev_t device; ino_t inode; int fd; struct lost *last; struct file *next; };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static const char *root;
static long at = -1, seen;
static int torn, power, message;

static void *real(const char *name)
{
    static void *(*find)(void *, const char *);
    if (!find) find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    if (!find) find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    return find(RTLD_NEXT, name);
}

#define REAL(type, name, ...) static type (*next_)(__VA_ARGS__); if (!next_) next_ = real(name)

__attribute__((constructor)) static void start(void)
{
    const char *how = getenv("CRASH_HOW"), *n = getenv("CRASH_AT");
    root = getenv("CRASH_ROOT");
    at = n ? atol(n) : -1;
    torn = how && !strcmp(how, "torn");
    power = how && !strcmp(how, "power");
    message = how && !strcmp(how, "message");
}

static int below(const char *path) { return root && path && !strncmp(path, root, strlen(root)); }

static int below_fd(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static void die(void)
{
    for (struct file *file = files; file; file = file->next)
        for (struct lost *lost = file->last; lost; lost = lost->earlier) {
            REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
            struct timespec times[2] = { { 0, UTIME_OMIT }, lost->modified };
            if (lost->length) next_(file->fd, lost->bytes, lost->length, lost->offset);
            static int (*cut)(int, off_t);
            if (!cut) cut = real("ftruncate64");
            if (cut(file->fd, lost->size)) abort();
            futimens(file->fd, times);
        }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// Called with the gate held, before a change.
static int reached(void) { return !message && seen++ == at; }

static struct file *find(int fd)
{
    struct stat stat;
    if (fstat(fd, &stat)) return NULL;
    for (struct file *file = files; file; file = file->next)
        if (file->device == stat.st_dev && file->inode == stat.st_ino) return file;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    REAL(int, "open64", const char *, int, ...);
    struct file *file = calloc(1, sizeof *file);
    file->device = stat.st_dev, file->inode = stat.st_ino, file->fd = next_(path, O_RDWR | O_CLOEXEC);
    file->next = files;
    return files = file;
}

static void remember(int fd, off_t offset, size_t length)
{
    struct file *file = power ? find(fd) : NULL;
    struct stat stat;
    if (!file || file->fd < 0 || fstat(fd, &stat)) return;
    struct lost *lost = calloc(1, sizeof *lost);
    lost->offset = offset, lost->size = stat.st_size, lost->modified = stat.st_mtim;
    lost->bytes = malloc(length ? length : 1);
    ssize_t got = length ? pread(file->fd, lost->bytes, length, offset) : 0;
    lost->length = got > 0 ? got : 0;
    lost->earlier = file->last;
    file->last = lost;
}

// A long range is mostly hole: only what is data needs to be remembered.
static void remember_range(int fd, off_t offset, off_t end)
{
    struct file *file = power ? find(fd) : NULL;
    if (!file || file->fd < 0) return;
    remember(fd, offset, 0);
    for (off_t data = lseek(file->fd, offset, SEEK_DATA); data >= 0 && data < end; data = lseek(file->fd, data, SEEK_DATA)) {
        off_t hole = lseek(file->fd, data, SEEK_HOLE);
        remember(fd, data, (hole < end ? hole : end) - data);
        data = hole;
    }
}

static void forget(int fd)
{
    struct file *file = power ? find(fd) : NULL;
    while (file && file->last) {
        struct lost *lost = file->last;
        file->last = lost->earlier;
        free(lost->bytes);
        free(lost);
    }
}

#define ENTER pthread_mutex_lock(&gate); if (reached()) die()
#define LEAVE pthread_mutex_unlock(&gate)

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    if (!below_fd(fd)) return next_(fd, bytes, length, offset);
    pthread_mutex_lock(&gate);
    if (reached()) {
        if (torn) next_(fd, bytes, length >= 8192 ? length / 8192 * 4096 : length / 2, offset);
        die();
    }
    remember(fd, offset, length);
    ssize_t result = next_(fd, bytes, length, offset);
    pthread_mutex_unlock(&gate);
    return result;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
    REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off_t);
    if (!below_fd(fd)) return next_(fd, parts, count, offset);
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    ENTER;
    remember(fd, offset, length);
    ssize_t result = next_(fd, parts, count, offset);
    LEAVE;
    return result;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!below_fd(fd)) return next_(fd, bytes, length);
    ENTER;
    remember(fd, lseek(fd, 0, SEEK_CUR), length);
    ssize_t result = next_(fd, bytes, length);
    LEAVE;
    return result;
}

int ftruncate64(int fd, off_t size)
{
    REAL(int, "ftruncate64", int, off_t);
    if (!below_fd(fd)) return next_(fd, size);
    struct stat stat;
    ENTER;
    if (!fstat(fd, &stat)) remember_range(fd, size, stat.st_size);
    int result = next_(fd, size);
    LEAVE;
    return result;
}

int fallocate64(int fd, int mode, off_t offset, off_t length)
{
    REAL(int, "fallocate64", int, int, off_t, off_t);
    if (!below_fd(fd)) return next_(fd, mode, offset, length);
    ENTER;
    remember_range(fd, offset, offset + length);
    int result = next_(fd, mode, offset, length);
    LEAVE;
    return result;
}

int fallocate(int fd, int mode, off_t offset, off_t length) { return fallocate64(fd, mode, offset, length); }

int fsync(int fd)
{
    REAL(int, "fsync", int);
    if (!below_fd(fd)) return next_(fd);
    pthread_mutex_lock(&gate);
    if (power && reached()) die();
    int result = next_(fd);
    if (!result) forget(fd);
    pthread_mutex_unlock(&gate);
    return result;
}

// Connections inside the machine are those of the runtime's own diagnostics.
static int leaves(int fd)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    return !getsockname(fd, (struct sockaddr *)&own, &length) && (own.ss_family == AF_INET || own.ss_family == AF_INET6);
}

static void sending(int fd)
{
    if (!message || !leaves(fd)) return;
    pthread_mutex_lock(&gate);
    if (seen++ == at) die();
    pthread_mutex_unlock(&gate);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    REAL(ssize_t, "send", int, const void *, size_t, int);
    sending(fd);
    return next_(fd, bytes, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *parts, int flags)
{
    REAL(ssize_t, "sendmsg", int, const struct msghdr *, int);
    sending(fd);
    return next_(fd, parts, flags);
}

#define CHANGE_OF_NAME(name, parameters, path, ...) \
    int name parameters \
    { \
        static int (*next_) parameters; \
        if (!next_) next_ = real(#name); \
        if (!below(path)) return next_(__VA_ARGS__); \
        ENTER; \
        int result = next_(__VA_ARGS__); \
        LEAVE; \
        return result; \
    }

CHANGE_OF_NAME(rename, (const char *from, const char *to), to, from, to)
CHANGE_OF_NAME(link, (const char *from, const char *to), to, from, to)
CHANGE_OF_NAME(symlink, (const char *from, const char *to), to, from, to)
CHANGE_OF_NAME(unlink, (const char *path), path, path)
CHANGE_OF_NAME(rmdir, (const char *path), path, path)
CHANGE_OF_NAME(mkdir, (const char *path, mode_t mode), path, path, mode)

int open64(const char *path, int flags, ...)
{
    REAL(int, "open64", const char *, int, ...);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (!(flags & (O_CREAT | O_TRUNC)) || !below(path)) return next_(path, flags, mode);
    ENTER;
    int result = next_(path, flags, mode);
    LEAVE;
    return result;
}

// Functions that .NET looks up by name would otherwise be those of the C library itself.
void *dlsym(void *library, const char *name)
{
    static void *(*find)(void *, const char *);
    if (!find) find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    if (!find) find = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    if (!strcmp(name, "fallocate")) return fallocate;
    if (!strcmp(name, "fsync")) return fsync;
    return find(library, name);
}
