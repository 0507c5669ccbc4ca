/*
 * shim: stands between a program and the files below a folder, and writes down what it does to
 * them.
 *
 * Loaded with LD_PRELOAD. From its records follows what a power cut would leave (remains.py).
 * SHIM_FOLDER names the folder, and SHIM_LOG the file to append to; it is opened at once, so that
 * nothing needs a right to it later. At the SHIM_CUT-th call that changes or syncs anything the
 * program ends as by kill -9, before the call has its effect.
 *
 * A record is a struct record and so many bytes: what was written, or names, each with a NUL.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIED 137
#define FDS  1024

enum kind {
	FOUND = 'f', /* opened: a name of what was there */
	MADE = 'm',  /* and of what was not */
	WRITTEN = 'w',
	RESIZED = 't', /* its length is offset from now on */
	SYNCED = 's',  /* a file; or a folder, which is its names */
	REMOVED = 'r', /* a name */
	RENAMED = 'n', /* from a name to another */
};

struct record {
	uint64_t kind, inode, offset, size;
};

static struct {
	char folder[PATH_MAX]; /* with a slash at its end */
	int log;
	long cut, calls;
	char *paths[FDS]; /* of what is open, owned; NULL: it is of no concern */
} shim = { .log = -1 };

/* A pointer to a function is no pointer to an object, but dlsym() knows no other. */
#define REAL(name)                                                   \
	static __typeof__(&name) real;                               \
	do {                                                         \
		void *found = real ? NULL : dlsym(RTLD_NEXT, #name); \
		if (found)                                           \
			memcpy(&real, &found, sizeof(real));         \
	} while (0)

__attribute__((constructor)) static void begin(void)
{
	const char *folder = getenv("SHIM_FOLDER"), *log = getenv("SHIM_LOG");
	const char *cut = getenv("SHIM_CUT");

	if (!folder || !log)
		return;
	snprintf(shim.folder, sizeof(shim.folder), "%s/", folder);
	shim.cut = cut ? strtol(cut, NULL, 10) : 0;
	shim.log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* ---- records --------------------------------------------------------------------------------- */

static ssize_t write_plainly(int fd, const void *bytes, size_t size)
{
	REAL(write);
	return real(fd, bytes, size);
}

static void note(struct record record, const void *bytes)
{
	int saved = errno;

	(void)!write_plainly(shim.log, &record, sizeof(record));
	if (record.size)
		(void)!write_plainly(shim.log, bytes, record.size);
	errno = saved;
}

static uint64_t inode_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static bool is_watched(int fd)
{
	return shim.log >= 0 && fd >= 0 && fd < FDS && shim.paths[fd];
}

/* Something is about to change, unless this is where the program ends. */
static void step(void)
{
	if (++shim.calls == shim.cut)
		_exit(DIED);
}

/* A whole path of a name, whatever folder it is in; NULL: it is of no concern. */
static char *path_of(int folder, const char *name)
{
	size_t length = strlen(shim.folder) - 1;
	char path[2 * PATH_MAX];

	if (shim.log < 0 || !name)
		return NULL;
	if (name[0] == '/' || !is_watched(folder))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), "%s/%s", shim.paths[folder], name);
	if (strncmp(path, shim.folder, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return strdup(path);
}

/* Below the folder; "" is the folder itself. */
static const char *name_of(const char *path)
{
	size_t length = strlen(shim.folder);

	return strlen(path) < length ? "" : path + length;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static void on_open(int fd, char *path, bool there, int flags)
{
	const char *name = name_of(path);

	if (fd < 0 || fd >= FDS) {
		free(path);
		return;
	}
	free(shim.paths[fd]);
	shim.paths[fd] = path;
	note((struct record){ there ? FOUND : MADE, inode_of(fd), 0, strlen(name) + 1 }, name);
	if (there && flags & O_TRUNC)
		note((struct record){ RESIZED, inode_of(fd), 0, 0 }, NULL);
}

static int open_in(int folder, const char *name, int flags, mode_t mode)
{
	char *path = path_of(folder, name);
	bool there = path && access(path, F_OK) == 0;
	int fd;

	REAL(openat);
	if (path && ((flags & O_CREAT && !there) || flags & O_TRUNC))
		step();
	fd = real(folder, name, flags, mode);
	if (path)
		on_open(fd, path, there, flags);
	return fd;
}

static mode_t mode_of(int flags, va_list rest)
{
	return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                           \
	int name(const char *path, int flags, ...)           \
	{                                                    \
		va_list rest;                                \
		mode_t mode;                                 \
                                                             \
		va_start(rest, flags);                       \
		mode = mode_of(flags, rest);                 \
		va_end(rest);                                \
		return open_in(AT_FDCWD, path, flags, mode); \
	}

#define OPENAT(name)                                           \
	int name(int folder, const char *path, int flags, ...) \
	{                                                      \
		va_list rest;                                  \
		mode_t mode;                                   \
                                                               \
		va_start(rest, flags);                         \
		mode = mode_of(flags, rest);                   \
		va_end(rest);                                  \
		return open_in(folder, path, flags, mode);     \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int fd)
{
	REAL(close);
	if (is_watched(fd)) {
		free(shim.paths[fd]);
		shim.paths[fd] = NULL;
	}
	return real(fd);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void on_written(int fd, const void *bytes, ssize_t size, int64_t offset)
{
	if (size > 0 && is_watched(fd))
		note((struct record){ WRITTEN, inode_of(fd), (uint64_t)offset, (uint64_t)size },
		     bytes);
}

#define PWRITE(name)                                                       \
	ssize_t name(int fd, const void *bytes, size_t size, off_t offset) \
	{                                                                  \
		ssize_t n;                                                 \
                                                                           \
		REAL(name);                                                \
		if (is_watched(fd))                                        \
			step();                                            \
		n = real(fd, bytes, size, offset);                         \
		on_written(fd, bytes, n, offset);                          \
		return n;                                                  \
	}

PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *bytes, size_t size)
{
	bool watched = is_watched(fd);
	off_t offset = watched ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n;

	if (watched)
		step();
	n = write_plainly(fd, bytes, size);
	on_written(fd, bytes, n, offset);
	return n;
}

#define TRUNCATE(name)                                                                             \
	int name(int fd, off_t length)                                                             \
	{                                                                                          \
		int result;                                                                        \
                                                                                                   \
		REAL(name);                                                                        \
		if (is_watched(fd))                                                                \
			step();                                                                    \
		result = real(fd, length);                                                         \
		if (result == 0 && is_watched(fd))                                                 \
			note((struct record){ RESIZED, inode_of(fd), (uint64_t)length, 0 }, NULL); \
		return result;                                                                     \
	}

TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name)                                                                 \
	int name(int fd)                                                           \
	{                                                                          \
		int result;                                                        \
                                                                                   \
		REAL(name);                                                        \
		if (is_watched(fd))                                                \
			step();                                                    \
		result = real(fd);                                                 \
		if (result == 0 && is_watched(fd))                                 \
			note((struct record){ SYNCED, inode_of(fd), 0, 0 }, NULL); \
		return result;                                                     \
	}

SYNC(fsync)
SYNC(fdatasync)

/* ---- names ----------------------------------------------------------------------------------- */

static int remove_in(int folder, const char *name, int flags)
{
	char *path = path_of(folder, name);
	int result;

	REAL(unlinkat);
	if (path)
		step();
	result = real(folder, name, flags);
	if (path && result == 0)
		note((struct record){ REMOVED, 0, 0, strlen(name_of(path)) + 1 }, name_of(path));
	free(path);
	return result;
}

int unlink(const char *name)
{
	return remove_in(AT_FDCWD, name, 0);
}

int unlinkat(int folder, const char *name, int flags)
{
	return remove_in(folder, name, flags);
}

static void on_renamed(const char *from, const char *to)
{
	char names[2 * PATH_MAX];
	size_t first = strlen(name_of(from)) + 1, second = strlen(name_of(to)) + 1;

	memcpy(names, name_of(from), first);
	memcpy(names + first, name_of(to), second);
	note((struct record){ RENAMED, 0, 0, first + second }, names);
}

int renameat(int folder, const char *name, int other, const char *to)
{
	char *before = path_of(folder, name), *after = path_of(other, to);
	int result;

	REAL(renameat);
	if (before && after)
		step();
	result = real(folder, name, other, to);
	if (before && after && result == 0)
		on_renamed(before, after);
	free(before);
	free(after);
	return result;
}

int rename(const char *name, const char *to)
{
	return renameat(AT_FDCWD, name, AT_FDCWD, to);
}
