#include "worker/adapters/log.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

static const char *const level_words[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

bool log_level_of(const char *word, enum log_level *ret_level)
{
	for (size_t i = 0; i < ARRAY_LEN(level_words); i++) {
		if (strcmp(word, level_words[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static bool is_left_out(const struct log_field *field)
{
	return !field->is_number && !field->text.at;
}

/* ---- As JSON --------------------------------------------------------------------------------- */

static void write_field(struct writer *writer, const struct log_field *field)
{
	if (field->is_number)
		writer_integer(writer, field->key, field->number);
	else
		writer_string(writer, field->key, span_part(field->text, 0, LIMIT_LOG_VALUE));
}

static void add_json(struct buf *line, const char *time, enum log_level level, const char *event,
                     const struct log_field *fields)
{
	struct writer *writer = writer_new();

	writer_text(writer, "ts", time);
	writer_text(writer, "level", level_words[level]);
	writer_text(writer, "event", event);
	for (; fields && fields->key; fields++) {
		if (!is_left_out(fields))
			write_field(writer, fields);
	}
	writer_finish(writer, line);
}

/* ---- As text --------------------------------------------------------------------------------- */

/* Every byte of it is printable ASCII that needs no quotes. */
static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return text.len > 0;
}

static uint32_t code_point(const char *at, size_t len)
{
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t point = (unsigned char)at[0] & first_bits[len];

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	return point;
}

/* What would move a terminal's cursor, colour it, break the line or turn its direction round. */
static bool is_shown_escaped(uint32_t point)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		if (point >= ranges[i].from && point <= ranges[i].to)
			return true;
	}
	return false;
}

/* One character, or one byte where the text is not UTF-8. Returns its length. */
static size_t add_character(struct buf *line, struct span rest)
{
	size_t len = text_utf8_length(rest);
	uint32_t point = len ? code_point(rest.at, len) : 0;

	if (len == 0)
		buf_addf(line, "\\x%02x", (unsigned)(unsigned char)rest.at[0]);
	else if (point == '\n')
		buf_add_text(line, "\\n");
	else if (point == '"' || point == '\\')
		buf_addf(line, "\\%c", (int)point);
	else if (is_shown_escaped(point))
		buf_addf(line, "\\u%04x", (unsigned)point);
	else
		buf_add(line, span_part(rest, 0, len));
	return len ? len : 1;
}

static void add_quoted(struct buf *line, struct span text)
{
	buf_add_char(line, '"');
	for (size_t at = 0; at < text.len;)
		at += add_character(line, span_part(text, at, text.len));
	buf_add_char(line, '"');
}

static void add_field(struct buf *line, const struct log_field *field)
{
	struct span text = span_part(field->text, 0, LIMIT_LOG_VALUE);

	buf_addf(line, " %s=", field->key);
	if (field->is_number)
		buf_addf(line, "%" PRId64, field->number);
	else if (is_plain(text))
		buf_add(line, text);
	else
		add_quoted(line, text);
}

static void add_text(struct buf *line, const char *time, enum log_level level, const char *event,
                     const struct log_field *fields)
{
	static const char *const words[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

	buf_addf(line, "%s %s %s", time, words[level], event);
	for (; fields && fields->key; fields++) {
		if (!is_left_out(fields))
			add_field(line, fields);
	}
}

/* ---- The line -------------------------------------------------------------------------------- */

static void write_once(int fd, const struct buf *line)
{
	ssize_t lost = write(fd, line->at, line->len);

	(void)lost;
}

void log_event(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields)
{
	struct buf line = buf_with_max(LIMIT_LOG_LINE);
	char time[TEXT_TIME_SIZE];

	if (level < log->level)
		return;
	text_time(log->now_ms(), time);
	(log->json ? add_json : add_text)(&line, time, level, event, fields);
	buf_add_char(&line, '\n');
	write_once(log->fd, &line);
	buf_clear(&line);
}
