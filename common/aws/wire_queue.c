#include "common/aws/wire_queue.h"

#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

void sqs_attributes_body(struct span queue_url, struct buf *out)
{
	static const char *const names[] = {
		"QueueArn",
		"ApproximateNumberOfMessages",
		"MessageRetentionPeriod",
		"RedrivePolicy",
		"Policy",
		"KmsMasterKeyId",
	};
	struct writer *writer = writer_new();

	writer_string(writer, "QueueUrl", queue_url);
	writer_array(writer, "AttributeNames");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		writer_text(writer, NULL, names[i]);
	writer_end(writer);
	writer_finish(writer, out);
}

/* All attributes are strings. */
struct answer {
	struct span arn, waiting, retention, redrive, policy, kms_key;
};

static const struct member attribute_members[] = {
	MEMBER_STRING(struct answer, arn, "QueueArn", false),
	MEMBER_STRING(struct answer, waiting, "ApproximateNumberOfMessages", false),
	MEMBER_STRING(struct answer, retention, "MessageRetentionPeriod", false),
	MEMBER_STRING(struct answer, redrive, "RedrivePolicy", false),
	MEMBER_STRING(struct answer, policy, "Policy", false),
	MEMBER_STRING(struct answer, kms_key, "KmsMasterKeyId", false),
};

static void read_attributes(struct reader *reader, void *target)
{
	(void)members_read(reader, attribute_members, ARRAY_LEN(attribute_members), target);
}

static const struct member answer_members[] = {
	MEMBER_NESTED("Attributes", read_attributes, false),
};

static int64_t number_or_none(struct span text)
{
	uint64_t number;

	return text_number(text, INT32_MAX, &number) ? (int64_t)number : -1;
}

/* ---- The redrive policy ---------------------------------------------------------------------- */

struct redrive {
	struct span dead_letter_arn;
	int64_t max_receives;
};

/* A number, or a string where whoever set it wrote one. */
static void read_max_receives(struct reader *reader, void *target)
{
	struct redrive *redrive = target;
	struct span text;

	if (reader_peek(reader) == JSON_STRING)
		(void)reader_string(reader, &text);
	else
		(void)reader_raw(reader, &text);
	redrive->max_receives = number_or_none(text);
}

static const struct member redrive_members[] = {
	MEMBER_STRING(struct redrive, dead_letter_arn, "deadLetterTargetArn", true),
	MEMBER_NESTED("maxReceiveCount", read_max_receives, true),
};

static bool read_redrive(struct span json, struct arena *arena, struct sqs_attributes *attributes,
                         struct err *reterr)
{
	struct redrive redrive = { .max_receives = -1 };
	struct reader reader;
	bool fine;

	if (!json.len)
		return true;
	reader_init(&reader, json);
	fine = members_parse(&reader, redrive_members, ARRAY_LEN(redrive_members), &redrive,
	                     reterr) ||
	       err_wrap(reterr, "RedrivePolicy");
	if (fine) {
		attributes->dead_letter_arn = arena_text(arena, redrive.dead_letter_arn);
		attributes->max_receives = redrive.max_receives;
	}
	reader_clear(&reader);
	return fine;
}

/* ---- The answer ------------------------------------------------------------------------------ */

static const char *text_or_null(struct arena *arena, struct span text)
{
	return text.len ? arena_text(arena, text) : NULL;
}

static bool take(const struct answer *answer, struct arena *arena,
                 struct sqs_attributes *ret_attributes, struct err *reterr)
{
	*ret_attributes = (struct sqs_attributes){
		.arn = arena_text(arena, answer->arn),
		.max_receives = -1,
		.waiting = number_or_none(answer->waiting),
		.retention_s = number_or_none(answer->retention),
		.policy = text_or_null(arena, answer->policy),
		.kms_key = text_or_null(arena, answer->kms_key),
	};
	if (!answer->arn.len)
		return err_set(reterr, ERR_MALFORMED, "no QueueArn");
	return read_redrive(answer->redrive, arena, ret_attributes, reterr);
}

bool sqs_attributes_answer(struct span json, struct arena *arena,
                           struct sqs_attributes *ret_attributes, struct err *reterr)
{
	struct answer answer = { .arn = SPAN_NONE };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, answer_members, ARRAY_LEN(answer_members), &answer, reterr) &&
	       take(&answer, arena, ret_attributes, reterr);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetQueueAttributes");
}
