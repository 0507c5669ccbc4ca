#include "common/aws/wire_dynamodb.h"

#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <assert.h>
#include <string.h>

#include "common/base/banned.h"

static const char *const type_names[] = {
	[DYNAMODB_TEXT] = "S",
	[DYNAMODB_NUMBER] = "N",
	[DYNAMODB_BOOL] = "BOOL",
	[DYNAMODB_NULL] = "NULL",
};

/* ---- Items ----------------------------------------------------------------------------------- */

static const struct dynamodb_attribute *find(const struct dynamodb_item *item, const char *name,
                                             enum dynamodb_type type)
{
	for (size_t i = 0; i < item->n; i++) {
		if (strcmp(item->at[i].name, name) == 0)
			return item->at[i].type == type ? &item->at[i] : NULL;
	}
	return NULL;
}

const char *dynamodb_text(const struct dynamodb_item *item, const char *name)
{
	const struct dynamodb_attribute *attribute = find(item, name, DYNAMODB_TEXT);

	return attribute ? attribute->text : NULL;
}

bool dynamodb_number(const struct dynamodb_item *item, const char *name, int64_t *ret_number)
{
	const struct dynamodb_attribute *attribute = find(item, name, DYNAMODB_NUMBER);
	struct span digits = span_of(attribute ? attribute->text : NULL);
	bool negative = span_starts(digits, SPAN("-"));
	uint64_t number;

	if (!text_number(span_part(digits, negative, digits.len), INT64_MAX, &number))
		return false;
	*ret_number = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

/* ---- Bodies ---------------------------------------------------------------------------------- */

static void add_attribute(struct writer *writer, const struct dynamodb_attribute *attribute)
{
	assert(attribute->type < DYNAMODB_OTHER);
	writer_object(writer, attribute->name);
	if (attribute->type == DYNAMODB_BOOL || attribute->type == DYNAMODB_NULL)
		writer_bool(writer, type_names[attribute->type],
		            attribute->type == DYNAMODB_NULL || attribute->flag);
	else
		writer_text(writer, type_names[attribute->type], attribute->text);
	writer_end(writer);
}

static void add_item(struct writer *writer, const char *name, const struct dynamodb_item *item)
{
	writer_object(writer, name);
	for (size_t i = 0; i < item->n; i++)
		add_attribute(writer, &item->at[i]);
	writer_end(writer);
}

static void add_if_set(struct writer *writer, const char *name, const char *text)
{
	if (text)
		writer_text(writer, name, text);
}

/* Empty lists of either are refused. */
static void add_words(struct writer *writer, const struct dynamodb_words *words)
{
	if (words->n_names) {
		writer_object(writer, "ExpressionAttributeNames");
		for (size_t i = 0; i < words->n_names; i++)
			writer_text(writer, words->names[i].placeholder, words->names[i].name);
		writer_end(writer);
	}
	if (words->values.n)
		add_item(writer, "ExpressionAttributeValues", &words->values);
}

static void add_condition(struct writer *writer, const struct dynamodb_write *write)
{
	add_if_set(writer, "ConditionExpression", write->condition);
	add_words(writer, &write->words);
	if (write->condition)
		writer_text(writer, "ReturnValuesOnConditionCheckFailure", "ALL_OLD");
}

void dynamodb_put_body(const struct dynamodb_write *write, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "TableName", write->table);
	add_item(writer, "Item", &write->item);
	add_condition(writer, write);
	writer_finish(writer, out);
}

void dynamodb_update_body(const struct dynamodb_write *write, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "TableName", write->table);
	add_item(writer, "Key", &write->item);
	writer_text(writer, "UpdateExpression", write->update);
	add_condition(writer, write);
	writer_text(writer, "ReturnValues", "ALL_NEW");
	writer_finish(writer, out);
}

void dynamodb_get_body(const char *table, const struct dynamodb_item *key, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "TableName", table);
	add_item(writer, "Key", key);
	writer_bool(writer, "ConsistentRead", true);
	writer_finish(writer, out);
}

/* An index may be global, and such a one cannot be read consistently. */
void dynamodb_query_body(const struct dynamodb_query *query, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "TableName", query->table);
	add_if_set(writer, "IndexName", query->index);
	writer_text(writer, "KeyConditionExpression", query->key_condition);
	add_if_set(writer, "FilterExpression", query->filter);
	add_words(writer, &query->words);
	writer_bool(writer, "ScanIndexForward", !query->backwards);
	writer_bool(writer, "ConsistentRead", !query->index);
	writer_integer(writer, "Limit", query->limit ? query->limit : LIMIT_ITEMS);
	if (query->from.n)
		add_item(writer, "ExclusiveStartKey", &query->from);
	writer_finish(writer, out);
}

/* ---- Answers --------------------------------------------------------------------------------- */

struct answer {
	struct arena *arena;
	struct dynamodb_item item; /* Item, Attributes or LastEvaluatedKey, whatever was there */
	struct dynamodb_item items[LIMIT_ITEMS];
	size_t n_items;
	const char *fault; /* a literal; NULL */
};

static enum dynamodb_type type_of(struct span name)
{
	size_t i = 0;

	while (i < DYNAMODB_OTHER && !span_is(name, type_names[i]))
		i++;
	return (enum dynamodb_type)i;
}

static void read_typed(struct reader *reader, struct answer *answer,
                       struct dynamodb_attribute *attribute)
{
	struct span text;

	switch (attribute->type) {
	case DYNAMODB_TEXT:
	case DYNAMODB_NUMBER:
		if (reader_string(reader, &text))
			attribute->text = arena_text(answer->arena, text);
		break;
	case DYNAMODB_BOOL:
		reader_bool(reader, &attribute->flag);
		break;
	case DYNAMODB_NULL:
	case DYNAMODB_OTHER:
		reader_skip(reader);
	}
}

/* {"S":"text"}: an object with one member, whose name is the type. */
static void read_attribute(struct reader *reader, struct answer *answer,
                           struct dynamodb_attribute *attribute)
{
	struct span type;
	size_t types = 0;

	reader_object(reader);
	while (reader_member(reader, &type)) {
		attribute->type = type_of(type);
		read_typed(reader, answer, attribute);
		types++;
	}
	if (types != 1)
		answer->fault = "an attribute without a type of its own";
}

static struct dynamodb_item read_item(struct reader *reader, struct answer *answer)
{
	struct dynamodb_attribute read[LIMIT_ATTRIBUTES], *kept;
	struct span name;
	size_t n = 0;

	reader_object(reader);
	while (reader_member(reader, &name)) {
		if (n == LIMIT_ATTRIBUTES) {
			answer->fault = "an item with too many attributes";
			reader_skip(reader);
			continue;
		}
		read[n] = (struct dynamodb_attribute){ .name = arena_text(answer->arena, name) };
		read_attribute(reader, answer, &read[n++]);
	}
	kept = arena_alloc(answer->arena, n, sizeof *kept);
	memcpy(kept, read, n * sizeof *kept);
	return (struct dynamodb_item){ kept, n };
}

static void read_one(struct reader *reader, void *target)
{
	struct answer *answer = target;

	answer->item = read_item(reader, answer);
}

static void read_many(struct reader *reader, void *target)
{
	struct answer *answer = target;

	reader_array(reader);
	while (reader_element(reader)) {
		if (answer->n_items < LIMIT_ITEMS) {
			answer->items[answer->n_items++] = read_item(reader, answer);
		} else {
			answer->fault = "too many items";
			reader_skip(reader);
		}
	}
}

static bool parse(struct span json, const struct member *members, size_t n, struct answer *answer,
                  struct err *reterr)
{
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, members, n, answer, reterr);
	if (fine && answer->fault)
		fine = err_set(reterr, ERR_MALFORMED, "%s", answer->fault);
	reader_clear(&reader);
	return fine;
}

static bool parse_item(struct span json, const struct member *member, struct arena *arena,
                       struct dynamodb_item *ret_item, struct err *reterr)
{
	struct answer answer = { .arena = arena };

	if (!parse(json, member, 1, &answer, reterr))
		return false;
	*ret_item = answer.item;
	return true;
}

bool dynamodb_put_answer(struct span json, struct err *reterr)
{
	struct answer answer = { .arena = NULL };

	return parse(json, NULL, 0, &answer, reterr) || err_wrap(reterr, "PutItem");
}

bool dynamodb_update_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                            struct err *reterr)
{
	static const struct member attributes = MEMBER_NESTED("Attributes", read_one, true);

	return parse_item(json, &attributes, arena, ret_item, reterr) ||
	       err_wrap(reterr, "UpdateItem");
}

static const struct member item_member = MEMBER_NESTED("Item", read_one, false);

bool dynamodb_get_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                         struct err *reterr)
{
	return parse_item(json, &item_member, arena, ret_item, reterr) ||
	       err_wrap(reterr, "GetItem");
}

bool dynamodb_conflict_answer(struct span json, struct arena *arena, struct dynamodb_item *ret_item,
                              struct err *reterr)
{
	return parse_item(json, &item_member, arena, ret_item, reterr) ||
	       err_wrap(reterr, "ConditionalCheckFailedException");
}

static const struct member page_members[] = {
	MEMBER_NESTED("Items", read_many, false),
	MEMBER_NESTED("LastEvaluatedKey", read_one, false),
};

bool dynamodb_query_answer(struct span json, struct arena *arena, struct dynamodb_page *ret_page,
                           struct err *reterr)
{
	struct answer answer = { .arena = arena };
	struct dynamodb_item *items;

	if (!parse(json, page_members, ARRAY_LEN(page_members), &answer, reterr))
		return err_wrap(reterr, "Query");
	items = arena_alloc(arena, answer.n_items, sizeof *items);
	memcpy(items, answer.items, answer.n_items * sizeof *items);
	*ret_page = (struct dynamodb_page){ items, answer.n_items, answer.item };
	return true;
}
