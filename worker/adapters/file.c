#include "worker/adapters/file.h"

#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define PIECE 65536

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

static struct file_stream *open_stream(const char *path, struct err *reterr)
{
	struct file_stream *stream = xcalloc(1, sizeof(*stream));
	bool standard_input = strcmp(path, "-") == 0;

	stream->path = xstrdup(standard_input ? "standard input" : path);
	stream->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (stream->fd >= 0)
		return stream;
	err_set(reterr, ERR_BROKEN, "%s: %s", path, strerror(errno));
	destroy(stream);
	return NULL;
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

bool file_read(const char *path, struct buf *out, struct err *reterr)
{
	struct file_stream *stream = open_stream(path, reterr);
	bool ended, ok;

	if (!stream)
		return false;
	ok = file_stream_fill(stream, out, &ended, reterr);
	if (ok && !ended)
		ok = err_set(reterr, ERR_BROKEN, "%s: over %zu bytes", path, out->max - 1);
	destroy(stream);
	return ok;
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
