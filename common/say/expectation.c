#include "common/say/expectation.h"

#include "common/base/plain.h"
#include "common/base/reader.h"

#include "common/base/banned.h"

enum key {
	KEY_SOURCE,
	KEY_MESSAGE_ID,
	KEY_TOPIC,
	KEY_TRUST,
	KEY_PUBLISHER,
	KEY_RELEASE,
	KEY_FAMILY,
	KEY_REGION,
	KEY_OUTCOME,
	KEY_REASON,
	KEY_IMAGE_ID,
	KEY_IMAGE_NAME,
	KEY_PIPELINE,
	KEY_PIPELINE_REGION,
	KEY_TOKEN,
	KEY_DETAIL
};

static const char *const names[EXPECTATION_KEYS] = {
	[KEY_SOURCE] = "source",       [KEY_MESSAGE_ID] = "message_id",
	[KEY_TOPIC] = "topic",         [KEY_TRUST] = "trust",
	[KEY_PUBLISHER] = "publisher", [KEY_RELEASE] = "release",
	[KEY_FAMILY] = "family",       [KEY_REGION] = "region",
	[KEY_OUTCOME] = "outcome",     [KEY_REASON] = "reason",
	[KEY_IMAGE_ID] = "image_id",   [KEY_IMAGE_NAME] = "image_name",
	[KEY_PIPELINE] = "pipeline",   [KEY_PIPELINE_REGION] = "pipeline_region",
	[KEY_TOKEN] = "token",         [KEY_DETAIL] = "detail",
};

static const enum key identity[] = { KEY_MESSAGE_ID, KEY_FAMILY, KEY_REGION };

/* ---- reading --------------------------------------------------------------------------------- */

static bool key_of(struct span name, enum key *ret_key)
{
	for (size_t i = 0; i < EXPECTATION_KEYS; i++) {
		if (span_is(name, names[i])) {
			*ret_key = (enum key)i;
			return true;
		}
	}
	return false;
}

static void read_value(struct reader *reader, struct expectation *expectation, enum key key)
{
	struct span text;

	expectation->has[key] = true;
	if (reader_peek(reader) == JSON_NULL)
		reader_skip(reader);
	else if (reader_string(reader, &text))
		expectation->values[key] = arena_text(&expectation->arena, text);
}

/* False: a key that no record has. */
static bool read_members(struct reader *reader, struct expectation *expectation, struct err *reterr)
{
	struct span name;
	enum key key;
	bool known = true;

	reader_object(reader);
	while (reader_member(reader, &name)) {
		if (key_of(name, &key)) {
			read_value(reader, expectation, key);
			continue;
		}
		if (known)
			known = err_set(reterr, ERR_MALFORMED, "no record has the key %.*s",
			                SPAN_ARG(name));
		reader_skip(reader);
	}
	return known;
}

static bool check_identity(const struct expectation *expectation, struct err *reterr)
{
	for (size_t i = 0; i < ARRAY_LEN(identity); i++) {
		if (!expectation->has[identity[i]])
			return err_set(reterr, ERR_MALFORMED, "%s is missing", names[identity[i]]);
	}
	return true;
}

bool expectation_read(struct span line, struct expectation *ret_expectation, struct err *reterr)
{
	struct reader reader;
	struct err unknown = { ERR_NONE, "" };
	bool known, ok;

	*ret_expectation = (struct expectation){ 0 };
	reader_init(&reader, line);
	known = read_members(&reader, ret_expectation, &unknown);
	ok = reader_done(&reader, reterr);
	if (ok && !known) {
		*reterr = unknown;
		ok = false;
	}
	reader_clear(&reader);
	return ok && check_identity(ret_expectation, reterr);
}

void expectation_clear(struct expectation *expectation)
{
	arena_clear(&expectation->arena);
	*expectation = (struct expectation){ 0 };
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool agree(const struct expectation *expected, const struct expectation *came, enum key key)
{
	const char *a = expected->values[key], *b = came->values[key];

	return !expected->has[key] || (!a == !b && span_equal(span_of(a), span_of(b)));
}

bool expectation_is_about(const struct expectation *expected, const struct expectation *came)
{
	return agree(expected, came, KEY_MESSAGE_ID) && agree(expected, came, KEY_FAMILY) &&
	       agree(expected, came, KEY_REGION);
}

bool expectation_is_from(const struct expectation *expected, const struct expectation *came)
{
	return agree(expected, came, KEY_SOURCE);
}

/* A string in quotes, so that it is not taken for null. */
static void add_value(struct buf *out, const char *value)
{
	if (!value) {
		buf_add_text(out, "null");
		return;
	}
	buf_add_char(out, '"');
	plain_add(out, span_of(value));
	buf_add_char(out, '"');
}

void expectation_differences(const struct expectation *expected, const struct expectation *came,
                             struct buf *out)
{
	for (size_t i = 0; i < EXPECTATION_KEYS; i++) {
		if (agree(expected, came, (enum key)i))
			continue;
		buf_addf(out, "    %s: expected ", names[i]);
		add_value(out, expected->values[i]);
		buf_add_text(out, ", came ");
		add_value(out, came->values[i]);
		buf_add_char(out, '\n');
	}
}

/* ---- saying which one ------------------------------------------------------------------------ */

static void add_word(struct buf *out, const struct expectation *expectation, enum key key)
{
	const char *value = expectation->values[key];

	if (!value)
		return;
	if (out->len && out->at[out->len - 1] != ' ')
		buf_add_char(out, ' ');
	plain_add(out, span_of(value));
}

void expectation_add_subject(const struct expectation *expectation, struct buf *out)
{
	add_word(out, expectation, KEY_FAMILY);
	add_word(out, expectation, KEY_REGION);
	buf_add_text(out, expectation->values[KEY_FAMILY] ? " of message" : "message");
	add_word(out, expectation, KEY_MESSAGE_ID);
	if (!expectation->values[KEY_MESSAGE_ID])
		buf_add_text(out, " without id");
	if (!expectation->values[KEY_SOURCE])
		return;
	buf_add_text(out, " (");
	plain_add(out, span_of(expectation->values[KEY_SOURCE]));
	buf_add_char(out, ')');
}

void expectation_add_decision(const struct expectation *expectation, struct buf *out)
{
	add_word(out, expectation, KEY_OUTCOME);
	add_word(out, expectation, KEY_REASON);
	add_word(out, expectation, KEY_IMAGE_ID);
}
