#include "common/base/writer.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/base/banned.h"

struct writer {
	json_t *open[LIMIT_JSON_DEPTH]; /* borrowed but for the first, which owns all */
	size_t depth;
	size_t longest; /* text; 0: any */
};

struct writer *writer_new(void)
{
	struct writer *writer = xcalloc(1, sizeof(*writer));

	writer->open[0] = json_object();
	if (!writer->open[0])
		abort();
	return writer;
}

static void destroy(struct writer *writer)
{
	json_decref(writer->open[0]);
	free(writer);
}

void writer_free(struct writer *writer)
{
	if (writer)
		destroy(writer);
}

/* Hands the value over to what is open. Jansson fails only when memory is out. */
static void put(struct writer *writer, const char *key, json_t *value)
{
	json_t *parent = writer->open[writer->depth];
	int failed = key ? json_object_set_new_nocheck(parent, key, value)
	                 : json_array_append_new(parent, value);

	if (!value || failed)
		abort();
}

static void open_value(struct writer *writer, const char *key, json_t *value)
{
	assert(writer->depth + 1 < LIMIT_JSON_DEPTH);
	put(writer, key, value);
	writer->open[++writer->depth] = value;
}

void writer_object(struct writer *writer, const char *key)
{
	open_value(writer, key, json_object());
}

void writer_array(struct writer *writer, const char *key)
{
	open_value(writer, key, json_array());
}

void writer_end(struct writer *writer)
{
	assert(writer->depth > 0);
	writer->depth--;
}

static json_t *repaired(struct span text)
{
	struct buf clean = buf_with_max(3 * text.len);
	json_t *value;

	for (size_t at = 0; at < text.len;) {
		size_t length = text_utf8_length(span_part(text, at, 4));

		if (length)
			buf_add(&clean, span_part(text, at, length));
		else
			text_add_utf8(&clean, 0xfffd);
		at += length ? length : 1;
	}
	value = json_stringn_nocheck(buf_text(&clean), clean.len);
	buf_clear(&clean);
	return value;
}

static json_t *text_of(struct span text)
{
	return text_is_utf8(text) ? json_stringn_nocheck(text.at, text.len) : repaired(text);
}

static void put_cut(struct writer *writer, const char *key, struct span text)
{
	struct buf shorter = buf_with_max(text.len + sizeof("…"));

	buf_add(&shorter, text_cut(text, writer->longest));
	buf_add_text(&shorter, "…");
	put(writer, key, text_of(buf_span(&shorter)));
	buf_clear(&shorter);
}

void writer_string(struct writer *writer, const char *key, struct span text)
{
	if (!text.at)
		put(writer, key, json_null());
	else if (writer->longest && text.len > writer->longest)
		put_cut(writer, key, text);
	else
		put(writer, key, text_of(text));
}

void writer_cut(struct writer *writer, size_t max)
{
	writer->longest = max;
}

void writer_text(struct writer *writer, const char *key, const char *text)
{
	writer_string(writer, key, span_of(text));
}

void writer_integer(struct writer *writer, const char *key, int64_t number)
{
	put(writer, key, json_integer(number));
}

void writer_time(struct writer *writer, const char *key, int64_t ms)
{
	char time[TEXT_TIME_SIZE];

	text_time(ms, time);
	writer_text(writer, key, ms ? time : NULL);
}

void writer_bool(struct writer *writer, const char *key, bool value)
{
	put(writer, key, json_boolean(value));
}

void writer_null(struct writer *writer, const char *key)
{
	put(writer, key, json_null());
}

void writer_finish(struct writer *writer, struct buf *out)
{
	char *text = json_dumps(writer->open[0], JSON_COMPACT);

	assert(writer->depth == 0);
	if (!text)
		abort();
	buf_add_text(out, text);
	free(text);
	destroy(writer);
}
