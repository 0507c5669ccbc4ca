/*
 * wire_dynamodb: every attribute that is accepted has a name and the value of its type.
 */
#include "common/aws/wire_dynamodb.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void check_item(const struct dynamodb_item *item)
{
	int64_t number;

	must(item->at || item->n == 0);
	for (size_t i = 0; i < item->n; i++) {
		const struct dynamodb_attribute *attribute = &item->at[i];
		bool text = attribute->type == DYNAMODB_TEXT || attribute->type == DYNAMODB_NUMBER;

		must(attribute->name && (attribute->text != NULL) == text);
		must((dynamodb_text(item, attribute->name) != NULL) ==
		     (attribute->type == DYNAMODB_TEXT));
		(void)dynamodb_number(item, attribute->name, &number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };
	struct dynamodb_item got = { NULL, 0 }, updated = got;
	struct dynamodb_page page = { .n = 0 };
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (!dynamodb_get_answer(json, &arena, &got, &err))
		must(err.kind == ERR_MALFORMED && err.text[0] && !got.at);
	check_item(&got);
	if (dynamodb_update_answer(json, &arena, &updated, NULL))
		must(dynamodb_put_answer(json, NULL) && updated.at);
	check_item(&updated);
	if (dynamodb_query_answer(json, &arena, &page, NULL))
		check_item(&page.next);
	for (size_t i = 0; i < page.n; i++)
		check_item(&page.items[i]);
	arena_clear(&arena);
	return 0;
}
