#include "common/base/pointer.h"

#include "common/base/reader.h"

#include "common/base/banned.h"

static bool is_escape(struct span text)
{
	return text.len >= 2 && text.at[0] == '~' && (text.at[1] == '0' || text.at[1] == '1');
}

bool pointer_is_valid(struct span pointer)
{
	if (pointer.len && pointer.at[0] != '/')
		return false;
	for (size_t at = 0; at < pointer.len; at++) {
		if (pointer.at[at] == '~' && !is_escape(span_part(pointer, at, 2)))
			return false;
	}
	return true;
}

/* Takes one character off the part, unescaped. */
static char next_char(struct span *part)
{
	bool escape = is_escape(*part);
	char c = !escape ? part->at[0] : part->at[1] == '0' ? '~' : '/';

	*part = span_part(*part, escape ? 2 : 1, part->len);
	return c;
}

static bool names(struct span part, struct span key)
{
	size_t at = 0;

	while (part.len && at < key.len) {
		if (next_char(&part) != key.at[at++])
			return false;
	}
	return part.len == 0 && at == key.len;
}

static bool enter_member(struct reader *reader, struct span part)
{
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (names(part, key))
			return true;
		reader_skip(reader);
	}
	return false;
}

/* "0", "7", "12", but not "07". */
static bool is_index(struct span part)
{
	return part.len && span_only(part, "0123456789") && (part.at[0] != '0' || part.len == 1);
}

static bool enter_element(struct reader *reader, struct span part)
{
	size_t index = 0;

	if (!is_index(part) || part.len > 9)
		return false;
	for (size_t at = 0; at < part.len; at++)
		index = 10 * index + (size_t)(part.at[at] - '0');
	reader_array(reader);
	while (reader_element(reader)) {
		if (index-- == 0)
			return true;
		reader_skip(reader);
	}
	return false;
}

static bool enter(struct reader *reader, struct span part)
{
	enum json_type type = reader_peek(reader);

	if (type == JSON_OBJECT)
		return enter_member(reader, part);
	return type == JSON_ARRAY && enter_element(reader, part);
}

bool pointer_find(struct span json, struct span pointer, struct span *ret_value)
{
	struct span rest = span_part(pointer, 1, pointer.len);
	bool found = true, more = pointer.len > 0;
	struct reader reader;

	reader_init(&reader, json);
	while (found && more) {
		size_t before = rest.len;
		struct span part = span_cut(&rest, '/');

		found = enter(&reader, part);
		more = part.len < before;
	}
	found = found && reader_raw(&reader, ret_value);
	reader_clear(&reader);
	return found;
}
