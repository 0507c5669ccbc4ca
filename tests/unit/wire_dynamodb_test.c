#include "common/aws/wire_dynamodb.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static const struct dynamodb_attribute key[] = { { "pk", DYNAMODB_TEXT, "evt#1", false } };
static const struct dynamodb_item key_item = { key, 1 };

static const struct dynamodb_attribute row[] = {
	{ "pk", DYNAMODB_TEXT, "evt#\"1\"", false },
	{ "ttl", DYNAMODB_NUMBER, "1790000000", false },
	{ "done", DYNAMODB_BOOL, NULL, true },
	{ "held", DYNAMODB_BOOL, NULL, false },
	{ "note", DYNAMODB_NULL, NULL, false },
};

static const struct dynamodb_attribute now[] = { { ":now", DYNAMODB_NUMBER, "1789", false } };
static const struct dynamodb_name ttl[] = { { "#t", "ttl" } };
static const struct dynamodb_words words = { ttl, 1, { now, 1 } };

static void check_body(struct buf *body, const char *want)
{
	CHECK_TEXT(buf_text(body), want);
	buf_clear(body);
}

TEST(an_item_is_put_with_its_types)
{
	struct buf body = buf_with_max(ROOM);

	dynamodb_put_body(
		&(struct dynamodb_write){ .table = "ledger", .item = { row, ARRAY_LEN(row) } },
		&body);
	check_body(&body, "{\"TableName\":\"ledger\",\"Item\":{\"pk\":{\"S\":\"evt#\\\"1\\\"\"},"
	                  "\"ttl\":{\"N\":\"1790000000\"},\"done\":{\"BOOL\":true},"
	                  "\"held\":{\"BOOL\":false},\"note\":{\"NULL\":true}}}");
}

TEST(a_condition_asks_for_what_is_in_the_way)
{
	struct buf body = buf_with_max(ROOM);
	struct dynamodb_write write = { .table = "ledger",
		                        .item = key_item,
		                        .condition = "attribute_not_exists(pk) OR #t < :now",
		                        .words = words };

	dynamodb_put_body(&write, &body);
	check_body(&body, "{\"TableName\":\"ledger\",\"Item\":{\"pk\":{\"S\":\"evt#1\"}},"
	                  "\"ConditionExpression\":\"attribute_not_exists(pk) OR #t < :now\","
	                  "\"ExpressionAttributeNames\":{\"#t\":\"ttl\"},"
	                  "\"ExpressionAttributeValues\":{\":now\":{\"N\":\"1789\"}},"
	                  "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\"}");
}

TEST(an_update_answers_with_what_is_now)
{
	struct buf body = buf_with_max(ROOM);
	struct dynamodb_write write = {
		.table = "ledger", .item = key_item, .update = "SET #t = :now", .words = words
	};

	dynamodb_update_body(&write, &body);
	check_body(&body, "{\"TableName\":\"ledger\",\"Key\":{\"pk\":{\"S\":\"evt#1\"}},"
	                  "\"UpdateExpression\":\"SET #t = :now\","
	                  "\"ExpressionAttributeNames\":{\"#t\":\"ttl\"},"
	                  "\"ExpressionAttributeValues\":{\":now\":{\"N\":\"1789\"}},"
	                  "\"ReturnValues\":\"ALL_NEW\"}");
}

TEST(an_item_is_got_as_it_is_now)
{
	struct buf body = buf_with_max(ROOM);

	dynamodb_get_body("ledger", &key_item, &body);
	check_body(&body, "{\"TableName\":\"ledger\",\"Key\":{\"pk\":{\"S\":\"evt#1\"}},"
	                  "\"ConsistentRead\":true}");
}

TEST(a_query_says_what_is_set)
{
	struct buf body = buf_with_max(ROOM);
	struct dynamodb_query query = { .table = "ledger", .key_condition = "pk = :pk" };

	dynamodb_query_body(&query, &body);
	check_body(&body, "{\"TableName\":\"ledger\",\"KeyConditionExpression\":\"pk = :pk\","
	                  "\"ScanIndexForward\":true,\"ConsistentRead\":true,\"Limit\":256}");
	query = (struct dynamodb_query){ .table = "ledger",
		                         .index = "by-state",
		                         .key_condition = "pk = :pk",
		                         .filter = "#t < :now",
		                         .words = words,
		                         .backwards = true,
		                         .limit = 25,
		                         .from = key_item };
	dynamodb_query_body(&query, &body);
	check_body(&body, "{\"TableName\":\"ledger\",\"IndexName\":\"by-state\","
	                  "\"KeyConditionExpression\":\"pk = :pk\","
	                  "\"FilterExpression\":\"#t < :now\","
	                  "\"ExpressionAttributeNames\":{\"#t\":\"ttl\"},"
	                  "\"ExpressionAttributeValues\":{\":now\":{\"N\":\"1789\"}},"
	                  "\"ScanIndexForward\":false,\"ConsistentRead\":false,\"Limit\":25,"
	                  "\"ExclusiveStartKey\":{\"pk\":{\"S\":\"evt#1\"}}}");
}

/* ---- Items ----------------------------------------------------------------------------------- */

static void check_number(const char *digits, bool fine, int64_t want)
{
	struct dynamodb_attribute attribute = { "n", DYNAMODB_NUMBER, digits, false };
	struct dynamodb_item item = { &attribute, 1 };
	int64_t number = 77;

	CHECK(dynamodb_number(&item, "n", &number) == fine, "%s", digits);
	CHECK_INT(number, fine ? want : 77);
}

TEST(numbers_are_whole_and_fit)
{
	check_number("0", true, 0);
	check_number("1790000000", true, 1790000000);
	check_number("-5", true, -5);
	check_number("9223372036854775807", true, INT64_MAX);
	check_number("9223372036854775808", false, 0);
	check_number("1.5", false, 0);
	check_number("1E+2", false, 0);
	check_number("--1", false, 0);
	check_number("-", false, 0);
	check_number("", false, 0);
}

TEST(attributes_are_found_by_name_and_type)
{
	const struct dynamodb_item item = { row, ARRAY_LEN(row) }, none = { NULL, 0 };
	int64_t number;

	CHECK_TEXT(dynamodb_text(&item, "pk"), "evt#\"1\"");
	CHECK(!dynamodb_text(&item, "ttl"));
	CHECK(!dynamodb_text(&item, "absent"));
	CHECK(!dynamodb_text(&none, "pk"));
	CHECK(!dynamodb_number(&item, "pk", &number));
	CHECK(!dynamodb_number(&none, "ttl", &number));
}

/* ---- Answers --------------------------------------------------------------------------------- */

static void add_attribute(struct buf *out, const struct dynamodb_attribute *attribute)
{
	static const char *const types[] = { "text", "number", "bool", "null", "other" };

	buf_addf(out, "  %s: %s", attribute->name, types[attribute->type]);
	if (attribute->type == DYNAMODB_BOOL)
		buf_addf(out, " %s", attribute->flag ? "true" : "false");
	else if (attribute->text)
		buf_addf(out, " %s", attribute->text);
	buf_add_char(out, '\n');
}

static void add_item(struct buf *out, const char *what, const struct dynamodb_item *item)
{
	buf_addf(out, "%s%s\n", what, item->at ? "" : ": none");
	for (size_t i = 0; i < item->n; i++)
		add_attribute(out, &item->at[i]);
}

static void finish(const char *dir, struct buf *out, struct arena *arena, const struct err *err)
{
	if (err->kind) {
		buf_reset(out);
		buf_addf(out, "refused: %s\n", err->text);
		CHECK_INT(err->kind, ERR_MALFORMED);
	}
	CHECK_FILE(dir, "want.txt", buf_text(out));
	buf_clear(out);
	arena_clear(arena);
}

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.json", &bytes.len);
	return bytes;
}

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_item item = { NULL, 0 };
	struct err err = { 0 };

	if (dynamodb_get_answer(read_input(dir), &arena, &item, &err))
		add_item(&out, "item", &item);
	finish(dir, &out, &arena, &err);
}

static void update_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_item item = { NULL, 0 };
	struct err err = { 0 };

	if (dynamodb_update_answer(read_input(dir), &arena, &item, &err))
		add_item(&out, "item", &item);
	finish(dir, &out, &arena, &err);
}

static void conflict_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_item item = { NULL, 0 };
	struct err err = { 0 };

	if (dynamodb_conflict_answer(read_input(dir), &arena, &item, &err))
		add_item(&out, "in the way", &item);
	finish(dir, &out, &arena, &err);
}

static void put_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (dynamodb_put_answer(read_input(dir), &err))
		buf_add_text(&out, "put\n");
	finish(dir, &out, &arena, &err);
}

static void query_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_page page = { .n = 0 };
	struct err err = { 0 };

	if (dynamodb_query_answer(read_input(dir), &arena, &page, &err)) {
		for (size_t i = 0; i < page.n; i++)
			add_item(&out, "item", &page.items[i]);
		add_item(&out, "next", &page.next);
	}
	finish(dir, &out, &arena, &err);
}

static bool read_item_of(size_t attributes, struct err *reterr)
{
	struct buf json = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_item item;
	bool fine;

	buf_add_text(&json, "{\"Item\":{\"a\":{\"S\":\"\"}");
	for (size_t i = 1; i < attributes; i++)
		buf_addf(&json, ",\"a%zu\":{\"S\":\"\"}", i);
	buf_add_text(&json, "}}");
	fine = dynamodb_get_answer(buf_span(&json), &arena, &item, reterr);
	buf_clear(&json);
	arena_clear(&arena);
	return fine;
}

TEST(attributes_have_their_limit)
{
	struct err err = { 0 };

	CHECK(read_item_of(LIMIT_ATTRIBUTES, NULL));
	CHECK(!read_item_of(LIMIT_ATTRIBUTES + 1, &err));
	CHECK_TEXT(err.text, "GetItem: an item with too many attributes");
}

static bool read_page_of(size_t items, struct err *reterr)
{
	struct buf json = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct dynamodb_page page;
	bool fine;

	buf_add_text(&json, "{\"Items\":[{}");
	for (size_t i = 1; i < items; i++)
		buf_add_text(&json, ",{}");
	buf_add_text(&json, "]}");
	fine = dynamodb_query_answer(buf_span(&json), &arena, &page, reterr);
	CHECK(!fine || page.n == items);
	buf_clear(&json);
	arena_clear(&arena);
	return fine;
}

TEST(items_have_their_limit)
{
	struct err err = { 0 };

	CHECK(read_page_of(LIMIT_ITEMS, NULL));
	CHECK(!read_page_of(LIMIT_ITEMS + 1, &err));
	CHECK_TEXT(err.text, "Query: too many items");
}

int main(void)
{
	check_run(an_item_is_put_with_its_types);
	check_run(a_condition_asks_for_what_is_in_the_way);
	check_run(an_update_answers_with_what_is_now);
	check_run(an_item_is_got_as_it_is_now);
	check_run(a_query_says_what_is_set);
	check_run(numbers_are_whole_and_fit);
	check_run(attributes_are_found_by_name_and_type);
	check_cases("tests/cases/wire_dynamodb/put", put_case);
	check_cases("tests/cases/wire_dynamodb/update", update_case);
	check_cases("tests/cases/wire_dynamodb/get", get_case);
	check_cases("tests/cases/wire_dynamodb/conflict", conflict_case);
	check_cases("tests/cases/wire_dynamodb/query", query_case);
	check_run(attributes_have_their_limit);
	check_run(items_have_their_limit);
	return check_done();
}
