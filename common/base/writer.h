/*
 * writer: all JSON that we write, through Jansson. Keys keep the order in which they were written.
 *
 *	struct writer *writer = writer_new();
 *	writer_string(writer, "QueueUrl", url);
 *	writer_array(writer, "Entries");
 *	writer_object(writer, NULL);
 *	...
 *	writer_end(writer);
 *	writer_end(writer);
 *	writer_finish(writer, &body);
 *
 * The root is an object. Inside an array the key is NULL. Text that is not UTF-8 has each wrong
 * byte replaced by U+FFFD. Everything given is copied.
 */
#ifndef EVERGOLD_BASE_WRITER_H
#define EVERGOLD_BASE_WRITER_H

#include "common/base/buf.h"
#include "common/base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct writer;

void writer_free(struct writer *writer);
struct writer *writer_new(void) OWNED(writer_free);

void writer_object(struct writer *writer, const char *key); /* opens; writer_end() closes */
void writer_array(struct writer *writer, const char *key);
void writer_end(struct writer *writer);
void writer_string(struct writer *writer, const char *key, struct span text); /* at NULL: null */
void writer_text(struct writer *writer, const char *key, const char *text);   /* NULL: null */
void writer_integer(struct writer *writer, const char *key, int64_t number);
void writer_time(struct writer *writer, const char *key, int64_t ms); /* RFC 3339; 0: null */
void writer_bool(struct writer *writer, const char *key, bool value);
void writer_null(struct writer *writer, const char *key);

/* From now on: at most max bytes of each text, whole characters, and "…" for what is cut off. */
void writer_cut(struct writer *writer, size_t max);

/* Appends the compact text to *out, without a line end, and frees the writer. */
void writer_finish(struct writer *writer, struct buf *out);

#endif
