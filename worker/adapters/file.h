/*
 * file: whole small files, and lines of large ones.
 */
#ifndef EVERGOLD_ADAPTERS_FILE_H
#define EVERGOLD_ADAPTERS_FILE_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends a whole file. ERR_BROKEN, naming the path: unreadable, or over the buf's max. */
bool file_read(const char *path, struct buf *out, struct err *reterr) MUST_USE;

/*
 * The same for what is read again and again while the loop waits: whatever the path names, nothing
 * is waited for. A pipe is ERR_BROKEN, as is a terminal.
 */
bool file_read_at_once(const char *path, struct buf *out, struct err *reterr) MUST_USE;

/* The same for a file in a folder that is open. */
bool file_read_in(int folder, const char *name, struct buf *out, struct err *reterr) MUST_USE;

/*
 * Makes a file in an open folder, or replaces it; only its owner may read it. It appears as a
 * whole and survives a power cut (a hidden one beside it, fsync, rename, fsync of the folder).
 * ERR_BROKEN: it is as it was, or may not survive. A name has at most 400 bytes.
 */
bool file_put(int folder, const char *name, struct span bytes, struct err *reterr) MUST_USE;

/* A file that is read piece by piece. "-" is standard input. */
struct file_stream;

void file_stream_close(struct file_stream *stream);
struct file_stream *file_stream_open(const char *path, struct err *reterr) OWNED(file_stream_close);

/*
 * Fills the buf from the stream up to its max. True: the file has ended. What did not fit is read
 * next.
 */
bool file_stream_fill(struct file_stream *stream, struct buf *buf, bool *ret_ended,
                      struct err *reterr) MUST_USE;

/* Writes all of it to a descriptor. ERR_BROKEN: it cannot be written. */
bool file_write(int fd, struct span bytes, struct err *reterr) MUST_USE;

#endif
