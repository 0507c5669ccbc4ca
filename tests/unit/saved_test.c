/*
 * What is found in a saved document. tests/cases/saved has a folder for each: document.json, and in
 * want.txt its items, a line each: the form in which the item is an envelope, and its bytes.
 */
#include "common/decide/saved.h"

#include "common/base/plain.h"
#include "tests/unit/check.h"

static const char *form_word(enum envelope_form form)
{
	return form == ENVELOPE_LAMBDA ? "lambda" : "sqs";
}

static void dump(struct saved *saved, struct buf *out)
{
	struct saved_item item;

	while (saved_next(saved, &item)) {
		buf_addf(out, "%s%s: ", form_word(item.form),
		         saved_is_envelope(item.body) ? ", an envelope" : "");
		plain_add(out, item.body);
		buf_add_char(out, '\n');
	}
	CHECK(!saved_next(saved, &item));
}

static void saved_case(const char *dir)
{
	struct buf out = buf_with_max(1 << 20);
	struct saved saved;
	struct span document;

	document.at = check_read(dir, "document.json", &document.len);
	buf_addf(&out, "%s%s\n", saved_is_document(document) ? "a document" : "no document",
	         saved_is_envelope(document) ? ", an envelope" : "");
	saved_open(&saved, document);
	dump(&saved, &out);
	saved_close(&saved);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

TEST(it_can_be_closed_at_any_point)
{
	struct saved saved;
	struct saved_item item;

	saved_open(&saved, SPAN("{\"Messages\":[{\"Body\":\"a\\n\"},{\"Body\":\"b\"}]}"));
	saved_close(&saved);
	saved_open(&saved, SPAN("{\"Messages\":[{\"Body\":\"a\\n\"},{\"Body\":\"b\"}]}"));
	CHECK(saved_next(&saved, &item));
	saved_close(&saved);
	saved_close(&saved);
}

int main(void)
{
	check_cases("tests/cases/saved", saved_case);
	check_run(it_can_be_closed_at_any_point);
	return check_done();
}
