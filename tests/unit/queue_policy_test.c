/* Does a queue's policy let a topic send? tests/cases/queue_policy/policies.tsv */
#include "common/decide/queue_policy.h"

#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#define TOPIC "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
#define QUEUE "arn:aws:sqs:eu-west-1:111122223333:ami"

static const char *const words[] = { "allows", "silent", "denies", "open" };

static void policy_row(const struct row *row)
{
	const struct queue_policy_question question = {
		.policy = row->cells[1],
		.service = "sns.amazonaws.com",
		.source_arn = TOPIC,
		.queue_arn = QUEUE,
	};

	CHECK(span_is(row->cells[0], words[queue_policy_judge(&question)]), "line %d: %s",
	      row->line, words[queue_policy_judge(&question)]);
}

TEST(every_policy_of_the_table)
{
	rows_each("tests/cases/queue_policy", "policies.tsv", policy_row);
}

/* Rules of EventBridge are not known here. */
static void check_events(const char *policy, enum queue_policy_verdict want)
{
	const struct queue_policy_question question = {
		.policy = span_of(policy),
		.service = "events.amazonaws.com",
		.queue_arn = QUEUE,
	};

	CHECK_INT(queue_policy_judge(&question), want);
}

#define EVENTS(more)                                                                               \
	"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"                         \
	"\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"" QUEUE "\"" more \
	"}}"

TEST(a_source_that_is_not_known_leaves_conditions_open)
{
	check_events(EVENTS(""), QUEUE_POLICY_ALLOWS);
	check_events(EVENTS(",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"arn:r\"}}"),
	             QUEUE_POLICY_OPEN);
	check_events(EVENTS(",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"1\"}}"),
	             QUEUE_POLICY_OPEN);
	check_events("", QUEUE_POLICY_SILENT);
}

int main(void)
{
	check_run(every_policy_of_the_table);
	check_run(a_source_that_is_not_known_leaves_conditions_open);
	return check_done();
}
