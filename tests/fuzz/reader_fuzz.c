/*
 * reader: however a caller reads, the verdict on the text is one and the same; what is handed out
 * is UTF-8 without NUL, lies in memory that stays as it is, and is again acceptable JSON when raw.
 */
#include "common/base/reader.h"

#include "common/base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 64 /* strings looked at again at the end */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct verdict {
	enum reader_fault fault;
	size_t at;
};

struct walk {
	struct reader reader;
	struct span kept[KEPT];
	char first[KEPT]; /* a byte of each, as it was when it was read */
	size_t n_kept;
	uint32_t dice; /* which of the wrong things is asked for */
};

static void must(bool held)
{
	if (!held)
		abort();
}

static struct verdict verdict_of(struct reader *reader)
{
	struct verdict verdict;
	struct err err = { 0 };
	bool fine = reader_done(reader, &err);

	verdict = (struct verdict){ reader->fault,
		                    reader->fault == READER_FINE ? 0 : reader->fault_at };
	must(fine == (reader_fault(reader) == READER_FINE));
	must(fine || (err.kind == ERR_MALFORMED && err.text[0]));
	must(verdict.at <= reader->text.len);
	return verdict;
}

static struct verdict skip(struct span text)
{
	struct reader reader;
	struct verdict verdict;

	reader_init(&reader, text);
	reader_skip(&reader);
	verdict = verdict_of(&reader);
	must(!reader.mismatch);
	reader_clear(&reader);
	return verdict;
}

/* ---- Reading every value as what it is ------------------------------------------------------- */

static void keep(struct walk *walk, struct span text)
{
	must(text_is_utf8(text) && !(text.len && memchr(text.at, '\0', text.len)));
	if (text.len && walk->n_kept < KEPT) {
		walk->first[walk->n_kept] = text.at[0];
		walk->kept[walk->n_kept++] = text;
	}
}

static void read_value(struct walk *walk);

static void read_object(struct walk *walk)
{
	struct span key;

	reader_object(&walk->reader);
	while (reader_member(&walk->reader, &key)) {
		keep(walk, key);
		read_value(walk);
	}
}

static void read_array(struct walk *walk)
{
	reader_array(&walk->reader);
	while (reader_element(&walk->reader))
		read_value(walk);
}

static void read_value(struct walk *walk)
{
	enum json_type type = reader_peek(&walk->reader);
	struct span text;
	double number;
	bool value;

	if (type == JSON_OBJECT)
		read_object(walk);
	else if (type == JSON_ARRAY)
		read_array(walk);
	else if (type == JSON_STRING && reader_string(&walk->reader, &text))
		keep(walk, text);
	else if (type == JSON_NUMBER && reader_number(&walk->reader, &number))
		must(isfinite(number));
	else if (type == JSON_BOOL)
		reader_bool(&walk->reader, &value);
	else if (type == JSON_NULL)
		reader_skip(&walk->reader);
}

static struct verdict read_all(struct span text)
{
	struct walk walk = { .n_kept = 0 };
	struct verdict verdict;

	reader_init(&walk.reader, text);
	read_value(&walk);
	verdict = verdict_of(&walk.reader);
	must(!walk.reader.mismatch);
	for (size_t i = 0; i < walk.n_kept; i++)
		must(walk.kept[i].at[0] == walk.first[i] && text_is_utf8(walk.kept[i]));
	reader_clear(&walk.reader);
	return verdict;
}

/* ---- Asking for anything --------------------------------------------------------------------- */

static void ask(struct walk *walk);

static void ask_object(struct walk *walk)
{
	struct span key;

	reader_object(&walk->reader);
	while (reader_member(&walk->reader, &key))
		ask(walk);
}

static void ask_array(struct walk *walk)
{
	reader_array(&walk->reader);
	while (reader_element(&walk->reader))
		ask(walk);
}

static void ask_raw(struct walk *walk)
{
	struct span json;

	if (reader_raw(&walk->reader, &json))
		must(skip(json).fault == READER_FINE);
}

static void ask(struct walk *walk)
{
	struct span text;
	double number;
	bool value;

	walk->dice = walk->dice * 1103515245 + 12345;
	switch (walk->dice >> 16 & 7) {
	case 0:
		reader_string(&walk->reader, &text);
		break;
	case 1:
		reader_number(&walk->reader, &number);
		break;
	case 2:
		reader_bool(&walk->reader, &value);
		break;
	case 3:
		ask_raw(walk);
		break;
	case 4:
	case 5:
		ask_object(walk);
		break;
	default:
		ask_array(walk);
	}
}

static struct verdict ask_all(struct span text, uint32_t seed)
{
	struct walk walk = { .dice = seed };
	struct verdict verdict;

	reader_init(&walk.reader, text);
	ask(&walk);
	verdict = verdict_of(&walk.reader);
	reader_clear(&walk.reader);
	return verdict;
}

static bool same(struct verdict a, struct verdict b)
{
	return a.fault == b.fault && a.at == b.at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct verdict verdict = skip(text);

	must(same(read_all(text), verdict));
	for (uint32_t seed = 0; seed < 4; seed++)
		must(same(ask_all(text, seed * 77 + (uint32_t)size), verdict));
	return 0;
}
