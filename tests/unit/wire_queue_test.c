#include "common/aws/wire_queue.h"

#include "tests/unit/check.h"

#include <inttypes.h>

#define ROOM  4096
#define QUEUE SPAN("https://sqs.eu-west-1.amazonaws.com/111122223333/ami")

TEST(all_that_is_told_is_asked_for)
{
	struct buf body = buf_with_max(ROOM);

	sqs_attributes_body(QUEUE, &body);
	CHECK_TEXT(buf_text(&body),
	           "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/111122223333/ami\","
	           "\"AttributeNames\":[\"QueueArn\",\"ApproximateNumberOfMessages\","
	           "\"MessageRetentionPeriod\","
	           "\"RedrivePolicy\",\"Policy\",\"KmsMasterKeyId\"]}");
	buf_clear(&body);
}

static void check_answer(const char *json, const char *want)
{
	struct sqs_attributes told;
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (sqs_attributes_answer(span_of(json), &arena, &told, &err)) {
		buf_addf(&out, "%s %" PRId64 " kept %" PRId64, told.arn, told.waiting,
		         told.retention_s);
		if (told.dead_letter_arn)
			buf_addf(&out, " %s after %" PRId64, told.dead_letter_arn,
			         told.max_receives);
		if (told.policy || told.kms_key)
			buf_addf(&out, " %s %s", told.policy ? told.policy : "-",
			         told.kms_key ? told.kms_key : "-");
	} else {
		CHECK_INT(err.kind, ERR_MALFORMED);
		buf_add_text(&out, err.text);
	}
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
	arena_clear(&arena);
}

#define ATTRIBUTES(more) "{\"Attributes\":{\"QueueArn\":\"arn:q\"" more "}}"
#define REDRIVE(times)                                                     \
	",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:d\\\"," \
	"\\\"maxReceiveCount\\\":" times "}\""

TEST(attributes_are_read)
{
	check_answer(ATTRIBUTES(",\"ApproximateNumberOfMessages\":\"3\","
	                        "\"MessageRetentionPeriod\":\"345600\"" REDRIVE("5")),
	             "arn:q 3 kept 345600 arn:d after 5");
	check_answer(ATTRIBUTES(REDRIVE("\\\"4\\\"")), "arn:q -1 kept -1 arn:d after 4");
	check_answer(ATTRIBUTES(",\"Policy\":\"{}\",\"KmsMasterKeyId\":\"alias/x\""),
	             "arn:q -1 kept -1 {} alias/x");
	check_answer(ATTRIBUTES(",\"KmsMasterKeyId\":\"\""), "arn:q -1 kept -1");
	check_answer(ATTRIBUTES(",\"ApproximateNumberOfMessages\":\"many\""), "arn:q -1 kept -1");
}

TEST(what_is_no_answer_is_refused)
{
	check_answer("{}", "GetQueueAttributes: no QueueArn");
	check_answer("{\"Attributes\"", "GetQueueAttributes: not acceptable JSON: "
	                                "a colon is missing at byte 13");
	check_answer(ATTRIBUTES(",\"RedrivePolicy\":\"{}\""),
	             "GetQueueAttributes: RedrivePolicy: deadLetterTargetArn is missing");
	check_answer(ATTRIBUTES(REDRIVE("[5]")), "arn:q -1 kept -1 arn:d after -1");
}

int main(void)
{
	check_run(all_that_is_told_is_asked_for);
	check_run(attributes_are_read);
	check_run(what_is_no_answer_is_refused);
	return check_done();
}
