/*
 * wire_dynamodb: Amazon DynamoDB, as far as a ledger needs it: conditional writes, reads, queries.
 *
 * Items are flat lists of typed attributes. A conditional write that loses is answered with
 * ConditionalCheckFailedException (HTTP 400) and the item that was there, so that its owner can be
 * compared: a lost answer to a write of ours is no conflict.
 *
 * Source: the DynamoDB API reference, version 2012-08-10. What is given is borrowed, bodies are
 * appended to *out, answers are copied into the arena. An answer that is no JSON, has an attribute
 * of no or several types, or more of anything than limits.h allows, is ERR_MALFORMED; members that
 * we do not know are ignored, and null counts as absent.
 */
#ifndef EVERGOLD_AWS_WIRE_DYNAMODB_H
#define EVERGOLD_AWS_WIRE_DYNAMODB_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdint.h>

enum dynamodb_type {
	DYNAMODB_TEXT,   /* S */
	DYNAMODB_NUMBER, /* N: decimal digits in text */
	DYNAMODB_BOOL,
	DYNAMODB_NULL,
	DYNAMODB_OTHER /* binary, lists, sets and maps: only in answers, without their value */
};

struct dynamodb_attribute {
	const char *name; /* among the values of an expression with its colon: ":now" */
	enum dynamodb_type type;
	const char *text;
	bool flag; /* of DYNAMODB_BOOL */
};

/* An item, the key of one, or the values of an expression. */
struct dynamodb_item {
	const struct dynamodb_attribute *at; /* NULL: there is none */
	size_t n;
};

const char *dynamodb_text(const struct dynamodb_item *item, const char *name); /* NULL: absent */
bool dynamodb_number(const struct dynamodb_item *item, const char *name, int64_t *ret_number);

/* A name that is reserved or has odd characters, behind a placeholder: { "#ttl", "ttl" }. */
struct dynamodb_name {
	const char *placeholder, *name;
};

struct dynamodb_words {
	const struct dynamodb_name *names;
	size_t n_names;
	struct dynamodb_item values;
};

struct dynamodb_write {
	const char *table;
	struct dynamodb_item item; /* PutItem: all of it; UpdateItem: its key */
	const char *update;        /* UpdateItem only: "SET #owner = :owner" */
	const char *condition;     /* NULL: whatever is there */
	struct dynamodb_words words;
};

void dynamodb_put_body(const struct dynamodb_write *write, struct buf *out);
void dynamodb_update_body(const struct dynamodb_write *write, struct buf *out);
void dynamodb_get_body(const char *table, const struct dynamodb_item *key, struct buf *out);

struct dynamodb_query {
	const char *table, *index; /* index: NULL: the table itself, read consistently */
	const char *key_condition; /* "pk = :pk AND sk > :sk" */
	const char *filter;        /* NULL */
	struct dynamodb_words words;
	bool backwards;
	int limit;                 /* items looked at for a page; 0: LIMIT_ITEMS, the most */
	struct dynamodb_item from; /* `next` of the page before, or none */
};

void dynamodb_query_body(const struct dynamodb_query *query, struct buf *out);

bool dynamodb_put_answer(struct span json, struct err *reterr) MUST_USE;

/* UpdateItem: the item as it is now. GetItem: the item, or none. */
bool dynamodb_update_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                            struct err *reterr) MUST_USE;
bool dynamodb_get_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                         struct err *reterr) MUST_USE;

/* The body of a ConditionalCheckFailedException: the item that was in the way, or none. */
bool dynamodb_conflict_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                              struct err *reterr) MUST_USE;

struct dynamodb_page {
	const struct dynamodb_item *items;
	size_t n;
	struct dynamodb_item next; /* none: this was the last page; an empty one may have it */
};

bool dynamodb_query_answer(struct span json, struct arena *arena, struct dynamodb_page *ret_page,
                           struct err *reterr) MUST_USE;

#endif
