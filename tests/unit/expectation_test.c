/*
 * How a saved record and one that came differ: each case has one a line, and want.txt what is said.
 */
#include "common/say/expectation.h"

#include "tests/unit/check.h"

#include "common/base/banned.h"

static bool read_record(const char *dir, const char *file, struct expectation *ret_record,
                        struct buf *out)
{
	size_t len;
	const char *text = check_read(dir, file, &len);
	struct err err;

	if (expectation_read(span_trim((struct span){ text, len }), ret_record, &err))
		return true;
	buf_addf(out, "%s: %s\n", file, err.text);
	return false;
}

static void say(const struct expectation *expected, const struct expectation *came, struct buf *out)
{
	expectation_add_subject(came, out);
	buf_add_text(out, ": ");
	expectation_add_decision(came, out);
	buf_addf(out, "\n%s, %s\n",
	         expectation_is_about(expected, came) ? "about the same" : "about another",
	         expectation_is_from(expected, came) ? "from the same" : "from another");
	expectation_differences(expected, came, out);
}

static void expectation_case(const char *dir)
{
	struct expectation expected, came;
	struct buf out = buf_with_max(1 << 16);
	bool both = read_record(dir, "expected.json", &expected, &out);

	if (read_record(dir, "came.json", &came, &out) && both)
		say(&expected, &came, &out);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	expectation_clear(&expected);
	expectation_clear(&came);
	buf_clear(&out);
}

int main(void)
{
	check_cases("tests/cases/expectation", expectation_case);
	return check_done();
}
