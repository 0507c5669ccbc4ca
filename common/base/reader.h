/*
 * reader: the strict pull reader through which all JSON from outside goes.
 *
 * It walks the text once and hands out spans; it builds nothing. It refuses what RFC 8259 refuses,
 * and besides: malformed UTF-8, NUL (also as \u0000), lone surrogates, duplicate keys (compared
 * after unescaping), numbers of more than 64 characters or beyond a double, integers that are 2^63
 * or more as a double (either sign; so is 2^63 - 1), and more depth, tokens or members than
 * limits.h allows.
 *
 * The first fault sticks: every later call does nothing and returns false, so a caller reads
 * straight down and asks reader_done() once. A value of another type than asked for is skipped and
 * remembered as a mismatch; what follows is still read, so a fault in the syntax is found first.
 *
 *	reader_object(&reader);
 *	while (reader_member(&reader, &key)) {
 *		if (span_is(key, "Type"))
 *			reader_string(&reader, &type);
 *		else
 *			reader_skip(&reader);
 *	}
 *	return reader_done(&reader, reterr);
 *
 * Strings without escapes are spans into the text; others are unescaped into memory of the reader.
 * Both are valid until reader_clear() and as long as the text.
 */
#ifndef EVERGOLD_BASE_READER_H
#define EVERGOLD_BASE_READER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/base/span.h"

#include <stdint.h>

enum json_type {
	JSON_END,
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_BOOL,
	JSON_NULL
};

enum reader_fault {
	READER_FINE,
	READER_SYNTAX,  /* not JSON, or JSON that we refuse */
	READER_LIMIT,   /* too deep, too many tokens or members */
	READER_MISMATCH /* well-formed, but a value has another type than asked for */
};

struct reader_level {
	size_t first_key; /* of this object in keys[] */
	bool object;
	bool started; /* a member or element was read */
	bool absent;  /* there was no such object or array: a mismatch, read as empty */
};

struct reader {
	struct span text;
	size_t at, tokens, depth, n_keys, cap_keys;
	enum reader_fault fault;
	size_t fault_at;        /* byte offset */
	const char *fault_what; /* a literal */
	bool mismatch;
	char mismatch_where[64]; /* the key of the member that the value belongs to */
	struct span *keys;       /* owned: the keys of all open objects */
	struct buf unescaped;    /* owned; reserved once, never moves */
	struct span key;         /* of the member that is being read */
	struct reader_level levels[LIMIT_JSON_DEPTH + 2]; /* root, open ones, an absent one */
};

void reader_init(struct reader *reader, struct span text); /* text is borrowed until reader_clear */
void reader_clear(struct reader *reader);

/* The type of the value that comes next; JSON_END after the last one and after a fault. */
enum json_type reader_peek(struct reader *reader);

/*
 * Enter an object or array; the loop over its members or elements must follow, to its end. What is
 * no object or array is a mismatch and reads as an empty one.
 */
void reader_object(struct reader *reader);
bool reader_member(struct reader *reader, struct span *ret_key); /* false: left the object */
void reader_array(struct reader *reader);
bool reader_element(struct reader *reader); /* false: left the array */

bool reader_string(struct reader *reader, struct span *ret_text); /* null is a mismatch */
bool reader_number(struct reader *reader, double *ret_number);    /* 1, 1.0 and 1e0 are equal */
bool reader_bool(struct reader *reader, bool *ret_value);
bool reader_skip(struct reader *reader); /* any value, checked like the others */

/* The value's own bytes, checked and skipped: for JSON that is passed on or read later. */
bool reader_raw(struct reader *reader, struct span *ret_json);

/* True when the whole text was one JSON value without fault or mismatch. Kind: ERR_MALFORMED. */
bool reader_done(struct reader *reader, struct err *reterr) MUST_USE;

/* What reader_done() found; READER_MISMATCH only when the syntax was fine. */
enum reader_fault reader_fault(const struct reader *reader);

#endif
