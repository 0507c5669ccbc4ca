/*
 * An envelope's signed text, or why it is none, is data in tests/cases/sns_envelope. The many ways
 * in which one field can be wrong are cases of tests/cases/hostile.
 */
#include "common/sns/envelope.h"

#include "common/base/limits.h"
#include "common/sns/topic_arn.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

static void describe(struct span text, enum envelope_form form, struct buf *out)
{
	struct envelope envelope;
	enum reason reason;
	struct err err = { 0 };

	if (envelope_parse(text, form, &envelope, &reason, &err) &&
	    envelope_check(&envelope, &reason, &err))
		envelope_string_to_sign(&envelope, out);
	else
		buf_addf(out, "%s: %s\n", reason_word(reason), err.text);
	envelope_clear(&envelope);
}

static void envelope_case(const char *dir)
{
	bool lambda = check_missing(dir, "envelope.json");
	struct buf got = buf_with_max(LIMIT_MESSAGE_BODY);
	struct span text;

	text.at = check_read(dir, lambda ? "lambda.json" : "envelope.json", &text.len);
	describe(text, lambda ? ENVELOPE_LAMBDA : ENVELOPE_SQS, &got);
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	buf_clear(&got);
}

TEST(too_big_is_told_before_anything_is_read)
{
	static char body[LIMIT_MESSAGE_BODY + 1];
	struct buf got = buf_with_max(1000);

	describe((struct span){ body, sizeof(body) }, ENVELOPE_SQS, &got);
	CHECK_TEXT(buf_text(&got), "too_big: 1048577 bytes, more than 1048576\n");
	buf_reset(&got);
	describe((struct span){ body, sizeof(body) - 1 }, ENVELOPE_SQS, &got);
	CHECK_TEXT(buf_text(&got), "json: the envelope is not a JSON object\n");
	buf_clear(&got);
}

TEST(only_a_well_formed_identity_is_left)
{
	struct envelope envelope = {
		.message_id = SPAN("5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b2\n"),
		.topic_arn = SPAN("arn:aws:sns:us-east-1:111122223333:ami-updates"),
	};

	envelope_drop_malformed(&envelope);
	CHECK(!envelope.message_id.at);
	CHECK(envelope.topic_arn.at != NULL);

	envelope.message_id = SPAN("5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b20");
	envelope.topic_arn = SPAN("arn:aws:sns:us-east-1:111122223333:ami updates");
	envelope_drop_malformed(&envelope);
	CHECK(envelope.message_id.at != NULL);
	CHECK(!envelope.topic_arn.at);
}

/* ---- Topics ---------------------------------------------------------------------------------- */

static void topic_row(const struct row *row)
{
	struct buf got = buf_with_max(1000);
	struct topic_arn arn = { 0 };
	struct reader reader;
	struct span text;

	reader_init(&reader, row->cells[0]);
	CHECK(reader_string(&reader, &text), "line %d", row->line);
	if (topic_arn_parse(text, &arn))
		buf_addf(&got, "%.*s %.*s %.*s %.*s", SPAN_ARG(arn.partition), SPAN_ARG(arn.region),
		         SPAN_ARG(arn.account), SPAN_ARG(arn.name));
	else
		buf_add_text(&got, arn.name.at ? "changed" : "refused");
	CHECK(span_equal(buf_span(&got), row->cells[1]), "line %d: %s", row->line, buf_text(&got));
	buf_clear(&got);
	reader_clear(&reader);
}

TEST(topics)
{
	rows_each("tests/cases/sns_topic_arn", "arns.tsv", topic_row);
}

int main(void)
{
	check_cases("tests/cases/sns_envelope", envelope_case);
	check_run(too_big_is_told_before_anything_is_read);
	check_run(only_a_well_formed_identity_is_left);
	check_run(topics);
	return check_done();
}
