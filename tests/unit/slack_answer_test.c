/*
 * What Slack's answers mean: tests/cases/slack_answer/answers.tsv, and bodies that no table holds.
 */
#include "common/say/slack_answer.h"

#include "common/base/buf.h"
#include "common/base/text.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <string.h>

static void dump(const struct slack_answer *answer, struct buf *out)
{
	static const char *const faults[] = {
		[SLACK_SECRET_REFUSED] = "secret refused",
		[SLACK_CHANNEL_WRONG] = "channel wrong",
		[SLACK_BLOCKS_REFUSED] = "blocks refused",
		[SLACK_MESSAGE_GONE] = "message gone",
		[SLACK_SCOPE_MISSING] = "scope missing",
		[SLACK_BUSY] = "busy",
		[SLACK_DOWN] = "down",
		[SLACK_REFUSED] = "refused",
	};
	bool passes = answer->fault == SLACK_BUSY || answer->fault == SLACK_DOWN;

	if (answer->fault == SLACK_FINE) {
		buf_addf(out, "sent%s%s", answer->ts[0] ? " " : "", answer->ts);
		buf_addf(out, "%s%s", answer->channel[0] ? " in " : "", answer->channel);
		return;
	}
	CHECK_INT((int)answer->err.kind, passes ? ERR_TRANSIENT : ERR_REFUSED);
	buf_addf(out, "%s%s", faults[answer->fault], answer->in_doubt ? " in doubt" : "");
	if (answer->retry_after_ms >= 0)
		buf_addf(out, " %lld", (long long)answer->retry_after_ms);
	buf_addf(out, ": %s%s%s", answer->err.text, answer->detail[0] ? " " : "", answer->detail);
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
			CHECK(answer.fault != SLACK_FINE);
			CHECK(!text_has_control(span_of(answer.err.text)), "%s", answer.err.text);
			CHECK(text_is_utf8(span_of(answer.err.text)), "%s", answer.err.text);
			CHECK(!strstr(answer.err.text, "\xe2\x80\xae"));
		}
	}
}

/* ---- history --------------------------------------------------------------------------------- */

#define MESSAGE(ts, post) \
	"{\"ts\":\"" ts "\",\"metadata\":{\"event_payload\":{\"post\":\"" post "\"}}}"

static void check_found(const char *body, const char *ts)
{
	char found[32];

	CHECK(slack_find_post(span_of(body), "a", found) == (ts[0] != '\0'), "%s", body);
	CHECK_TEXT(found, ts);
}

TEST(a_post_is_found_by_its_metadata)
{
	check_found("{\"ok\":true,\"messages\":[" MESSAGE("1.1", "b") "," MESSAGE("1.2", "a") "]}",
	            "1.2");
	check_found("{\"ok\":true,\"messages\":[{\"ts\":\"1.1\"},{\"text\":\"a\"}]}", "");
	check_found("{\"ok\":true,\"messages\":[]}", "");
	check_found("{\"ok\":false,\"error\":\"missing_scope\"}", "");
	check_found("{\"messages\":[" MESSAGE("1.2", "a") "}", "");
	check_found("{\"messages\":[" MESSAGE("123456789012345678901234567890123", "a") "]}", "");
	check_found("<html>", "");
}

int main(void)
{
	check_run(every_answer_of_the_table);
	check_run(what_an_answer_says_is_plain);
	check_run(a_post_is_found_by_its_metadata);
	return check_done();
}
