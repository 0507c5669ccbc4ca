/*
 * What Slack's answers mean: tests/cases/slack_answer/answers.tsv, and bodies that no table holds.
 */
#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/say/slack.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <string.h>

static void dump(const struct slack_answer *answer, struct buf *out)
{
	if (answer->sent) {
		buf_addf(out, "sent%s%s", answer->ts[0] ? " " : "", answer->ts);
		return;
	}
	if (answer->secret_refused)
		buf_add_text(out, "secret ");
	buf_add_text(out, answer->err.kind == ERR_TRANSIENT ? "transient"
	                  : answer->err.kind == ERR_REFUSED ? "refused"
	                                                    : "?");
	if (answer->retry_after_ms >= 0)
		buf_addf(out, " %lld", (long long)answer->retry_after_ms);
	buf_addf(out, ": %s", answer->err.text);
}

static void answer_row(const struct row *row)
{
	struct slack_reply reply = { .body = row->cells[3], .retry_after = row->cells[2] };
	struct slack_answer answer;
	struct buf got = buf_with_max(1000), want = buf_with_max(1000);
	uint64_t status = 0;

	CHECK(text_number(row->cells[1], 599, &status), "line %d", row->line);
	reply.status = (int)status;
	slack_read_answer(&reply, span_is(row->cells[0], "webhook"), &answer);
	dump(&answer, &got);
	buf_add(&want, row->cells[4]);
	CHECK(span_equal(buf_span(&got), buf_span(&want)), "line %d: %s", row->line,
	      buf_text(&got));
	buf_clear(&got);
	buf_clear(&want);
}

TEST(every_answer_of_the_table)
{
	rows_each("tests/cases/slack_answer", "answers.tsv", answer_row);
}

/* Bytes of all sorts leave one line that can be shown. */
TEST(what_an_answer_says_is_plain)
{
	static const char *const bodies[] = {
		"<html>\n<body>\n\tlog in\n",
		"\xff\xfe\x80",
		"{\"ok\":false,\"error\":\"\xe2\x80\xae\"}",
		"{\"ok\":false,\"error\":"
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaa\xf0\x9f\x94\xa5 cut in the middle\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		for (int webhook = 0; webhook <= 1; webhook++) {
			struct slack_reply reply = { .status = 200, .body = span_of(bodies[i]) };
			struct slack_answer answer;

			slack_read_answer(&reply, webhook, &answer);
			CHECK(!answer.sent);
			CHECK(!text_has_control(span_of(answer.err.text)), "%s", answer.err.text);
			CHECK(text_is_utf8(span_of(answer.err.text)), "%s", answer.err.text);
			CHECK(!strstr(answer.err.text, "\xe2\x80\xae"));
		}
	}
}

int main(void)
{
	check_run(every_answer_of_the_table);
	check_run(what_an_answer_says_is_plain);
	return check_done();
}
