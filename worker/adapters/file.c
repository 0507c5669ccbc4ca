#include "worker/adapters/file.h"

#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/banned.h"

#define PIECE       65536
#define HIDDEN_SIZE 408

struct file_stream {
	int fd;
	char *path;
};

static void destroy(struct file_stream *stream)
{
	if (stream->fd > STDERR_FILENO)
		close(stream->fd);
	free(stream->path);
	free(stream);
}

void file_stream_close(struct file_stream *stream)
{
	if (stream)
		destroy(stream);
}

/* NULL when fd is none, which errno explains. */
static struct file_stream *make_stream(const char *path, int fd, struct err *reterr)
{
	struct file_stream *stream;

	if (fd < 0) {
		err_set(reterr, ERR_BROKEN, "%s: %s", path, strerror(errno));
		return NULL;
	}
	stream = xcalloc(1, sizeof(*stream));
	stream->path = xstrdup(path);
	stream->fd = fd;
	return stream;
}

static struct file_stream *open_stream(const char *path, struct err *reterr)
{
	if (strcmp(path, "-") == 0)
		return make_stream("standard input", STDIN_FILENO, reterr);
	return make_stream(path, open(path, O_RDONLY | O_CLOEXEC), reterr);
}

struct file_stream *file_stream_open(const char *path, struct err *reterr)
{
	return open_stream(path, reterr);
}

bool file_stream_fill(struct file_stream *stream, struct buf *buf, bool *ret_ended,
                      struct err *reterr)
{
	*ret_ended = false;
	while (buf->len < buf->max && !*ret_ended) {
		size_t room = buf->max - buf->len < PIECE ? buf->max - buf->len : PIECE;
		ssize_t n;

		buf_reserve(buf, room);
		n = read(stream->fd, buf->at + buf->len, room);
		if (n < 0 && errno != EINTR)
			return err_set(reterr, ERR_BROKEN, "%s: %s", stream->path, strerror(errno));
		buf->len += n > 0 ? (size_t)n : 0;
		buf->at[buf->len] = '\0';
		*ret_ended = n == 0;
	}
	return true;
}

/* Closes the stream. */
static bool read_whole(struct file_stream *stream, struct buf *out, struct err *reterr)
{
	bool ended, ok = file_stream_fill(stream, out, &ended, reterr);

	if (ok && !ended)
		ok = err_set(reterr, ERR_BROKEN, "%s: over %zu bytes", stream->path, out->max - 1);
	destroy(stream);
	return ok;
}

bool file_read(const char *path, struct buf *out, struct err *reterr)
{
	struct file_stream *stream = open_stream(path, reterr);

	return stream && read_whole(stream, out, reterr);
}

bool file_read_in(int folder, const char *name, struct buf *out, struct err *reterr)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct file_stream *stream = make_stream(name, fd, reterr);

	return stream && read_whole(stream, out, reterr);
}

static bool is_pipe(const struct file_stream *stream)
{
	struct stat status;

	return fstat(stream->fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

bool file_read_at_once(const char *path, struct buf *out, struct err *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct file_stream *stream = make_stream(path, fd, reterr);

	if (!stream || !is_pipe(stream))
		return stream && read_whole(stream, out, reterr);
	destroy(stream);
	return err_set(reterr, ERR_BROKEN, "%s: it is a pipe, which cannot be read again", path);
}

bool file_write(int fd, struct span bytes, struct err *reterr)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(reterr, ERR_BROKEN, "cannot write: %s", strerror(errno));
		bytes = span_part(bytes, (size_t)n, bytes.len);
	}
	return true;
}

/* Closes the descriptor. */
static bool write_through(int fd, struct span bytes, struct err *reterr)
{
	bool ok = file_write(fd, bytes, reterr);

	if (ok && fsync(fd) != 0)
		ok = err_set(reterr, ERR_BROKEN, "cannot write: %s", strerror(errno));
	if (close(fd) != 0 && ok)
		ok = err_set(reterr, ERR_BROKEN, "cannot write: %s", strerror(errno));
	return ok;
}

bool file_put(int folder, const char *name, struct span bytes, struct err *reterr)
{
	char hidden[HIDDEN_SIZE];
	int fd;

	snprintf(hidden, sizeof(hidden), ".%s.part", name);
	fd = openat(folder, hidden, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(reterr, ERR_BROKEN, "%s: %s", name, strerror(errno));
	if (!write_through(fd, bytes, reterr)) {
		unlinkat(folder, hidden, 0);
		return false;
	}
	return (renameat(folder, hidden, folder, name) == 0 && fsync(folder) == 0) ||
	       err_set(reterr, ERR_BROKEN, "%s: %s", name, strerror(errno));
}
