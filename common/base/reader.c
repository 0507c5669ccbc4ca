#include "common/base/reader.h"

#include "common/base/mem.h"
#include "common/base/text.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define NUMBER_MAX 64 /* characters */

void reader_init(struct reader *reader, struct span text)
{
	*reader = (struct reader){ .text = text, .unescaped = buf_with_max(text.len) };
}

void reader_clear(struct reader *reader)
{
	free(reader->keys);
	buf_wipe(&reader->unescaped); /* it may be a secret */
	*reader = (struct reader){ 0 };
}

static bool fail(struct reader *reader, enum reader_fault fault, const char *what)
{
	if (reader->fault == READER_FINE) {
		reader->fault = fault;
		reader->fault_at = reader->at;
		reader->fault_what = what;
	}
	return false;
}

static bool refuse(struct reader *reader, const char *what)
{
	return fail(reader, READER_SYNTAX, what);
}

/* The next byte that is not white space; 0 at the end and after a fault (a NUL is a fault). */
static char next(struct reader *reader)
{
	struct span text = reader->text;

	if (reader->fault != READER_FINE)
		return '\0';
	while (reader->at < text.len &&
	       (text.at[reader->at] == ' ' || text.at[reader->at] == '\n' ||
	        text.at[reader->at] == '\t' || text.at[reader->at] == '\r'))
		reader->at++;
	return reader->at < text.len ? text.at[reader->at] : '\0';
}

static struct reader_level *level(struct reader *reader)
{
	return &reader->levels[reader->depth];
}

enum json_type reader_peek(struct reader *reader)
{
	char c = next(reader);

	if (reader->fault != READER_FINE || (reader->depth == 0 && level(reader)->started))
		return JSON_END;
	switch (c) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return JSON_NUMBER;
		refuse(reader, "a value is missing");
		return JSON_END;
	}
}

/* Counts a value that begins; the root may do so once. */
static bool begin(struct reader *reader)
{
	if (reader->fault != READER_FINE)
		return false;
	if (++reader->tokens > LIMIT_JSON_TOKENS)
		return fail(reader, READER_LIMIT, "too many values");
	if (reader->depth == 0)
		level(reader)->started = true;
	return true;
}

static void mismatch(struct reader *reader)
{
	size_t len = reader->key.len;

	if (!reader->mismatch && reader->fault == READER_FINE) {
		reader->mismatch = true;
		if (len >= sizeof(reader->mismatch_where))
			len = sizeof(reader->mismatch_where) - 1;
		if (len)
			memcpy(reader->mismatch_where, reader->key.at, len);
	}
	reader_skip(reader);
}

/* An absent one lies in the text no deeper than the scalar that stands in its place. */
static void enter(struct reader *reader, bool object, bool absent)
{
	if (reader->depth >= LIMIT_JSON_DEPTH + (absent ? 1 : 0)) {
		fail(reader, READER_LIMIT, "nested too deeply");
		return;
	}
	reader->depth++;
	*level(reader) = (struct reader_level){
		.first_key = reader->n_keys,
		.object = object,
		.absent = absent,
	};
}

static void enter_if(struct reader *reader, enum json_type type)
{
	bool here = reader_peek(reader) == type;

	if (!here) {
		mismatch(reader);
	} else if (begin(reader)) {
		reader->at++;
	}
	if (reader->fault == READER_FINE)
		enter(reader, type == JSON_OBJECT, !here);
}

void reader_object(struct reader *reader)
{
	enter_if(reader, JSON_OBJECT);
}

void reader_array(struct reader *reader)
{
	enter_if(reader, JSON_ARRAY);
}

/* True when another member or element begins; leaves the level when it has ended. */
static bool advance(struct reader *reader, char closing)
{
	bool absent = level(reader)->absent;
	char c = absent ? closing : next(reader);

	if (reader->fault != READER_FINE)
		return false;
	assert(reader->depth > 0 && level(reader)->object == (closing == '}'));
	if (c == closing) {
		reader->at += absent ? 0 : 1;
		reader->n_keys = level(reader)->first_key;
		reader->key = reader->n_keys ? reader->keys[reader->n_keys - 1] : SPAN_NONE;
		reader->depth--;
		return false;
	}
	if (level(reader)->started) {
		if (c != ',')
			return refuse(reader, "a comma or the end is missing");
		reader->at++;
	}
	level(reader)->started = true;
	return true;
}

bool reader_element(struct reader *reader)
{
	return advance(reader, ']');
}

/*
 * A loop of its own, because most bytes are plain: where the next step does not depend on what was
 * read, the processor runs ahead.
 */
static size_t skip_plain(struct span text, size_t at)
{
	while (at < text.len && (unsigned char)text.at[at] >= 0x20 &&
	       (unsigned char)text.at[at] < 0x80 && text.at[at] != '"' && text.at[at] != '\\')
		at++;
	return at;
}

/* Finds the closing quote; what lies before it is UTF-8 without control characters. */
static bool scan_string(struct reader *reader, struct span *ret_raw, bool *ret_escapes)
{
	struct span text = reader->text;
	size_t at = skip_plain(text, reader->at + 1);

	*ret_escapes = false;
	while (at < text.len && text.at[at] != '"') {
		bool escape = text.at[at] == '\\', control = (unsigned char)text.at[at] < 0x20;
		size_t length = escape ? 2 : text_utf8_length(span_part(text, at, 4));

		if (control || length == 0) {
			reader->at = at;
			return refuse(reader, control ? "a control character" : "not UTF-8");
		}
		*ret_escapes |= escape;
		at = skip_plain(text, at + length);
	}
	if (at >= text.len)
		return refuse(reader, "a string without an end");
	*ret_raw = span_part(text, reader->at + 1, at - reader->at - 1);
	reader->at = at + 1;
	return true;
}

/* 0..15, or 16 when c is no hexadecimal digit. */
static uint32_t hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10 : 16;
}

static bool hex4(struct span raw, size_t at, uint32_t *ret_unit)
{
	uint32_t unit = 0;

	if (raw.len < 4 || at > raw.len - 4)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		uint32_t digit = hex_value(raw.at[i]);

		if (digit == 16)
			return false;
		unit = unit << 4 | digit;
	}
	*ret_unit = unit;
	return true;
}

/* raw.at[at] is the 'u' of an escape. Returns how many bytes it takes up, 0 when it is wrong. */
static size_t unescape_unicode(struct span raw, size_t at, struct buf *out)
{
	uint32_t high, low;

	if (!hex4(raw, at + 1, &high) || high == 0 || (high >= 0xdc00 && high <= 0xdfff))
		return 0;
	if (high < 0xd800 || high > 0xdbff) {
		text_add_utf8(out, high);
		return 5;
	}
	if (!span_starts(span_part(raw, at + 5, 2), SPAN("\\u")) || !hex4(raw, at + 7, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return 0;
	text_add_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
	return 11;
}

/* The same for any escape; raw.at[at] is what follows the backslash. */
static size_t unescape_one(struct span raw, size_t at, struct buf *out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (at >= raw.len)
		return 0;
	if (raw.at[at] == 'u')
		return unescape_unicode(raw, at, out);
	letter = memchr(letters, raw.at[at], sizeof(letters) - 1);
	if (!letter)
		return 0;
	buf_add_char(out, meanings[letter - letters]);
	return 1;
}

/* Unescaped text is never longer than its source, so the first reservation lasts for all. */
static bool unescape(struct reader *reader, struct span raw, struct span *ret_text)
{
	struct buf *out = &reader->unescaped;
	size_t start, at = 0;

	if (!out->at)
		buf_reserve(out, reader->text.len);
	start = out->len;
	while (at < raw.len) {
		struct span rest = span_part(raw, at, raw.len);
		struct span plain = span_cut(&rest, '\\');
		size_t taken;

		buf_add(out, plain);
		at += plain.len;
		if (at == raw.len)
			break;
		taken = unescape_one(raw, at + 1, out);
		if (taken == 0)
			return refuse(reader, "a wrong escape in a string");
		at += 1 + taken;
	}
	*ret_text = (struct span){ out->at + start, out->len - start };
	return true;
}

static bool read_string(struct reader *reader, struct span *ret_text)
{
	struct span raw = SPAN_NONE;
	bool escapes = false;

	if (!scan_string(reader, &raw, &escapes))
		return false;
	if (escapes)
		return unescape(reader, raw, ret_text);
	*ret_text = raw;
	return true;
}

static bool remember_key(struct reader *reader, struct span key)
{
	size_t first = level(reader)->first_key;

	for (size_t i = first; i < reader->n_keys; i++) {
		if (span_equal(reader->keys[i], key))
			return refuse(reader, "a duplicate key");
	}
	if (reader->n_keys - first == LIMIT_JSON_MEMBERS)
		return fail(reader, READER_LIMIT, "too many members in an object");
	if (reader->n_keys == reader->cap_keys) {
		reader->cap_keys = reader->cap_keys ? 2 * reader->cap_keys : 16;
		reader->keys = xreallocarray(reader->keys, reader->cap_keys, sizeof(*reader->keys));
	}
	reader->keys[reader->n_keys++] = key;
	return true;
}

bool reader_member(struct reader *reader, struct span *ret_key)
{
	if (!advance(reader, '}'))
		return false;
	if (next(reader) != '"')
		return refuse(reader, "a key is missing");
	if (++reader->tokens > LIMIT_JSON_TOKENS)
		return fail(reader, READER_LIMIT, "too many values");
	if (!read_string(reader, ret_key) || !remember_key(reader, *ret_key))
		return false;
	if (next(reader) != ':')
		return refuse(reader, "a colon is missing");
	reader->at++;
	reader->key = *ret_key;
	return true;
}

bool reader_string(struct reader *reader, struct span *ret_text)
{
	if (reader_peek(reader) != JSON_STRING) {
		mismatch(reader);
		return false;
	}
	return begin(reader) && read_string(reader, ret_text);
}

/* Where the digits end that begin at `at`; 0 when there are none. */
static size_t digits_end(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && text.at[end] >= '0' && text.at[end] <= '9')
		end++;
	return end > at ? end : 0;
}

static bool either(struct span text, size_t at, char a, char b)
{
	return at < text.len && (text.at[at] == a || text.at[at] == b);
}

/* Length of the number at the start of text by RFC 8259, 0 when it is none. */
static size_t number_length(struct span text, bool *ret_integer)
{
	size_t first = either(text, 0, '-', '-') ? 1 : 0, at = digits_end(text, first), whole = at;

	if (at == 0 || (at > first + 1 && text.at[first] == '0'))
		return 0;
	if (either(text, at, '.', '.'))
		at = digits_end(text, at + 1);
	if (at && either(text, at, 'e', 'E')) {
		at += either(text, at + 1, '+', '-') ? 2 : 1;
		at = digits_end(text, at);
	}
	*ret_integer = at == whole;
	return at;
}

static bool read_number(struct reader *reader, double *ret_number)
{
	struct span rest = span_part(reader->text, reader->at, reader->text.len);
	char copy[NUMBER_MAX + 1];
	bool integer;
	size_t len = number_length(rest, &integer);

	if (len == 0 || len > NUMBER_MAX)
		return refuse(reader, "not a number");
	memcpy(copy, rest.at, len);
	copy[len] = '\0';
	*ret_number = strtod(copy, NULL);
	if (!isfinite(*ret_number) || (integer && fabs(*ret_number) >= 0x1p63))
		return refuse(reader, "a number out of range");
	reader->at += len;
	return true;
}

bool reader_number(struct reader *reader, double *ret_number)
{
	if (reader_peek(reader) != JSON_NUMBER) {
		mismatch(reader);
		return false;
	}
	return begin(reader) && read_number(reader, ret_number);
}

static bool read_word(struct reader *reader, struct span word)
{
	if (!span_starts(span_part(reader->text, reader->at, word.len), word))
		return refuse(reader, "not a value");
	reader->at += word.len;
	return true;
}

bool reader_bool(struct reader *reader, bool *ret_value)
{
	if (reader_peek(reader) != JSON_BOOL) {
		mismatch(reader);
		return false;
	}
	if (!begin(reader))
		return false;
	*ret_value = next(reader) == 't';
	return read_word(reader, *ret_value ? SPAN("true") : SPAN("false"));
}

static bool skip_members(struct reader *reader)
{
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key))
		reader_skip(reader);
	return reader->fault == READER_FINE;
}

static bool skip_elements(struct reader *reader)
{
	reader_array(reader);
	while (reader_element(reader))
		reader_skip(reader);
	return reader->fault == READER_FINE;
}

bool reader_skip(struct reader *reader)
{
	struct span text;
	double number;
	bool value;

	switch (reader_peek(reader)) {
	case JSON_OBJECT:
		return skip_members(reader);
	case JSON_ARRAY:
		return skip_elements(reader);
	case JSON_STRING:
		return reader_string(reader, &text);
	case JSON_NUMBER:
		return reader_number(reader, &number);
	case JSON_BOOL:
		return reader_bool(reader, &value);
	case JSON_NULL:
		return begin(reader) && read_word(reader, SPAN("null"));
	case JSON_END:
		break;
	}
	return refuse(reader, "a value is missing");
}

bool reader_raw(struct reader *reader, struct span *ret_json)
{
	size_t start;

	next(reader);
	start = reader->at;
	if (!reader_skip(reader))
		return false;
	*ret_json = span_part(reader->text, start, reader->at - start);
	return true;
}

/* After the root nothing may follow. */
static void finish(struct reader *reader)
{
	if (reader->fault != READER_FINE)
		return;
	next(reader);
	if (reader->depth != 0 || !level(reader)->started)
		refuse(reader, "it ends too early");
	else if (reader->at != reader->text.len)
		refuse(reader, "something follows the value");
}

bool reader_done(struct reader *reader, struct err *reterr)
{
	finish(reader);
	if (reader->fault != READER_FINE)
		return err_set(reterr, ERR_MALFORMED, "not acceptable JSON: %s at byte %zu",
		               reader->fault_what, reader->fault_at);
	if (reader->mismatch)
		return err_set(reterr, ERR_MALFORMED, "wrong type of value%s%s",
		               reader->mismatch_where[0] ? " for " : "", reader->mismatch_where);
	return true;
}

enum reader_fault reader_fault(const struct reader *reader)
{
	if (reader->fault == READER_FINE && reader->mismatch)
		return READER_MISMATCH;
	return reader->fault;
}
