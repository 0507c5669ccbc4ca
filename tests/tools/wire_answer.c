/*
 * Reads XML answers for tests/differential: a JSON object a line comes in (operation, body), one
 * goes out with what was read, under botocore's names and in the order of its lists. Times are ms
 * since 1970; what is absent is not there.
 */
#include "common/aws/wire_ec2.h"
#include "common/aws/wire_sns.h"
#include "common/aws/wire_sts.h"
#include "common/base/members.h"
#include "common/base/writer.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM (4 * 1024 * 1024)

struct input {
	struct span operation, body;
};

static const struct member input_members[] = {
	MEMBER_STRING(struct input, operation, "operation", true),
	MEMBER_STRING(struct input, body, "body", true),
};

static void add(struct writer *writer, const char *name, const char *text)
{
	if (text)
		writer_text(writer, name, text);
}

static void add_time(struct writer *writer, const char *name, int64_t ms)
{
	if (ms)
		writer_integer(writer, name, ms);
}

/* ---- One function an answer ------------------------------------------------------------------ */

static bool assume_role(struct span xml, struct arena *arena, struct writer *out, struct err *err)
{
	struct sts_credentials read = { .access_key_id = NULL };

	if (!sts_assume_role_answer(xml, arena, &read, err))
		return false;
	add(out, "AccessKeyId", read.access_key_id);
	writer_string(out, "SecretAccessKey", secret_reveal(&read.secret_access_key));
	writer_string(out, "SessionToken", secret_reveal(&read.session_token));
	add_time(out, "Expiration", read.expires_ms);
	sts_credentials_clear(&read);
	return true;
}

static bool identity(struct span xml, struct arena *arena, struct writer *out, struct err *err)
{
	struct sts_identity read;

	if (!sts_identity_answer(xml, arena, &read, err))
		return false;
	add(out, "Arn", read.arn);
	add(out, "Account", read.account);
	add(out, "UserId", read.user_id);
	return true;
}

static bool subscription(struct span xml, struct arena *arena, struct writer *out, struct err *err)
{
	struct sns_subscription read;

	if (!sns_subscription_answer(xml, arena, &read, err))
		return false;
	add(out, "TopicArn", read.topic_arn);
	add(out, "Endpoint", read.endpoint);
	add(out, "Protocol", read.protocol);
	add(out, "Owner", read.owner);
	add(out, "FilterPolicy", read.filter_policy);
	add(out, "FilterPolicyScope", read.filter_policy_scope);
	add(out, "RawMessageDelivery", read.raw ? "true" : "false");
	add(out, "PendingConfirmation", read.pending ? "true" : "false");
	return true;
}

static void add_image(struct writer *out, const struct ec2_image *image)
{
	writer_object(out, NULL);
	add(out, "ImageId", image->id);
	add(out, "State", image->state);
	add(out, "Name", image->name);
	add(out, "Architecture", image->architecture);
	add(out, "OwnerId", image->owner_id);
	add(out, "ImageOwnerAlias", image->owner_alias);
	add(out, "RootDeviceType", image->root_device_type);
	add(out, "VirtualizationType", image->virtualization);
	add(out, "Platform", image->platform);
	add_time(out, "CreationDate", image->created_ms);
	add_time(out, "DeprecationTime", image->deprecated_ms);
	writer_end(out);
}

static bool images(struct span xml, struct arena *arena, struct writer *out, struct err *err)
{
	struct ec2_images read;

	if (!ec2_describe_images_answer(xml, arena, &read, err))
		return false;
	writer_array(out, "Images");
	for (size_t i = 0; i < read.n; i++)
		add_image(out, &read.at[i]);
	writer_end(out);
	add(out, "NextToken", read.next_token);
	return true;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static const struct row {
	const char *operation;
	bool (*read)(struct span xml, struct arena *arena, struct writer *out, struct err *err);
} rows[] = {
	{ "AssumeRole", assume_role },
	{ "GetCallerIdentity", identity },
	{ "GetSubscriptionAttributes", subscription },
	{ "DescribeImages", images },
};

static bool read_answer(const struct input *input, struct writer *out, struct err *err)
{
	struct arena arena = { 0 };
	bool fine = false;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (span_is(input->operation, rows[i].operation))
			fine = rows[i].read(input->body, &arena, out, err);
	}
	arena_clear(&arena);
	return fine;
}

static bool answer_line(struct span line)
{
	struct input input = { .body = SPAN_NONE };
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(ROOM);
	struct reader reader;
	struct err err = { 0 };
	bool fine;

	reader_init(&reader, line);
	fine = members_parse(&reader, input_members, ARRAY_LEN(input_members), &input, &err) &&
	       read_answer(&input, writer, &err);
	writer_finish(writer, &out);
	if (fine)
		puts(buf_text(&out));
	else
		fprintf(stderr, "wire_answer: %s\n", err.text);
	buf_clear(&out);
	reader_clear(&reader);
	return fine;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool fine = true;

	while (fine && (len = getline(&line, &size, stdin)) >= 0)
		fine = answer_line((struct span){ line, (size_t)len });
	free(line);
	return fine ? 0 : 1;
}
