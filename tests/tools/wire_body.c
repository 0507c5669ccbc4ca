/*
 * Writes request bodies for tests/differential: a JSON array a line comes in, a JSON object with
 * body, content_type and target goes out.
 *
 * A line is rows of texts. The first row is the operation's name; each other one is a parameter's
 * name and its value or values: ["role_arn", "arn:..."], ["filter", "name", "ubuntu*", "debian*"],
 * ["item", "pk", "S", "event"].
 */
#include "common/aws/operation.h"
#include "common/aws/wire_dynamodb.h"
#include "common/aws/wire_ec2.h"
#include "common/aws/wire_eventbridge.h"
#include "common/aws/wire_pipeline.h"
#include "common/aws/wire_secretsmanager.h"
#include "common/aws/wire_sns.h"
#include "common/aws/wire_ssm.h"
#include "common/aws/wire_sts.h"
#include "common/base/reader.h"
#include "common/base/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM  (1024 * 1024)
#define ROWS  64
#define CELLS 8

struct input {
	struct arena arena;

	struct {
		const char *cells[CELLS];
		size_t n;
	} rows[ROWS];

	size_t n;
};

static void read_row(struct reader *reader, struct input *input)
{
	struct span text;

	reader_array(reader);
	while (reader_element(reader) && input->rows[input->n].n < CELLS) {
		if (reader_string(reader, &text))
			input->rows[input->n].cells[input->rows[input->n].n++] = arena_text(
				&input->arena, text);
	}
	input->n++;
}

/* ---- What a line says ------------------------------------------------------------------------ */

static bool is(const struct input *input, size_t row, const char *name)
{
	return strcmp(input->rows[row].cells[0], name) == 0;
}

static const char *text(const struct input *input, const char *name)
{
	for (size_t i = 1; i < input->n; i++) {
		if (is(input, i, name))
			return input->rows[i].cells[1];
	}
	return NULL;
}

static int number(const struct input *input, const char *name)
{
	const char *digits = text(input, name);

	return digits ? (int)strtol(digits, NULL, 10) : 0;
}

static bool flag(const struct input *input, const char *name)
{
	return text(input, name) != NULL;
}

static struct ec2_list list(const struct input *input, const char *name, const char **room)
{
	size_t n = 0;

	for (size_t i = 1; i < input->n; i++) {
		if (is(input, i, name))
			room[n++] = input->rows[i].cells[1];
	}
	return (struct ec2_list){ room, n };
}

static struct dynamodb_item item(const struct input *input, const char *name,
                                 struct dynamodb_attribute *room)
{
	size_t n = 0;

	for (size_t i = 1; i < input->n; i++) {
		const char *const *cells = input->rows[i].cells;

		if (!is(input, i, name))
			continue;
		room[n].name = cells[1];
		room[n].text = cells[3];
		room[n].type = strcmp(cells[2], "S") == 0      ? DYNAMODB_TEXT
		               : strcmp(cells[2], "N") == 0    ? DYNAMODB_NUMBER
		               : strcmp(cells[2], "BOOL") == 0 ? DYNAMODB_BOOL
		                                               : DYNAMODB_NULL;
		room[n++].flag = strcmp(cells[3], "true") == 0;
	}
	return (struct dynamodb_item){ room, n };
}

/* ---- One function an operation --------------------------------------------------------------- */

static struct sts_role role(const struct input *input)
{
	return (struct sts_role){ .role_arn = text(input, "role_arn"),
		                  .session_name = text(input, "session_name"),
		                  .external_id = text(input, "external_id"),
		                  .duration_s = number(input, "duration_s") };
}

static void assume_role(const struct input *input, struct buf *out)
{
	struct sts_role asked = role(input);

	sts_assume_role_body(&asked, out);
}

static void web_identity(const struct input *input, struct buf *out)
{
	struct sts_role asked = role(input);
	struct secret token = secret_of(span_of(text(input, "token")));

	sts_web_identity_body(&asked, &token, out);
	secret_clear(&token);
}

static void identity(const struct input *input, struct buf *out)
{
	(void)input;
	sts_identity_body(out);
}

static void subscribe(const struct input *input, struct buf *out)
{
	sns_subscribe_body(
		&(struct sns_subscribe){ .topic_arn = text(input, "topic_arn"),
	                                 .queue_arn = text(input, "queue_arn"),
	                                 .raw = flag(input, "raw"),
	                                 .filter_policy = text(input, "filter_policy"),
	                                 .filter_policy_scope = text(input, "filter_scope") },
		out);
}

static void subscription(const struct input *input, struct buf *out)
{
	sns_subscription_body(text(input, "subscription_arn"), out);
}

static void topic(const struct input *input, struct buf *out)
{
	sns_topic_body(text(input, "topic_arn"), out);
}

static void publish(const struct input *input, struct buf *out)
{
	struct sns_attribute attributes[ROWS];
	size_t n = 0;

	for (size_t i = 1; i < input->n; i++) {
		if (is(input, i, "attribute"))
			attributes[n++] = (struct sns_attribute){ input->rows[i].cells[1],
				                                  input->rows[i].cells[2] };
	}
	sns_publish_body(&(struct sns_publish){ .topic_arn = text(input, "topic_arn"),
	                                        .subject = text(input, "subject"),
	                                        .message = span_of(text(input, "message")),
	                                        .structured = flag(input, "structured"),
	                                        .attributes = attributes,
	                                        .n_attributes = n },
	                 out);
}

static void images(const struct input *input, struct buf *out)
{
	const char *ids[ROWS], *owners[ROWS];
	struct ec2_filter filters[ROWS];
	size_t n = 0;

	for (size_t i = 1; i < input->n; i++) {
		if (is(input, i, "filter"))
			filters[n++] = (struct ec2_filter){ input->rows[i].cells[1],
				                            { &input->rows[i].cells[2],
				                              input->rows[i].n - 2 } };
	}
	ec2_describe_images_body(
		&(struct ec2_describe_images){ .image_ids = list(input, "image_id", ids),
	                                       .owners = list(input, "owner", owners),
	                                       .filters = filters,
	                                       .n_filters = n,
	                                       .include_deprecated = flag(input, "deprecated"),
	                                       .max_results = number(input, "max_results"),
	                                       .next_token = text(input, "next_token") },
		out);
}

static void by_path(const struct input *input, struct buf *out)
{
	ssm_path_body(&(struct ssm_path){ .path = text(input, "path"),
	                                  .recursive = flag(input, "recursive"),
	                                  .next_token = text(input, "next_token") },
	              out);
}

static void put_parameter(const struct input *input, struct buf *out)
{
	ssm_put_body(&(struct ssm_put){ .name = text(input, "name"),
	                                .value = text(input, "value"),
	                                .data_type = text(input, "data_type"),
	                                .overwrite = flag(input, "overwrite") },
	             out);
}

static void get_parameter(const struct input *input, struct buf *out)
{
	ssm_get_body(text(input, "name"), flag(input, "decrypt"), out);
}

static void get_pipeline(const struct input *input, struct buf *out)
{
	pipeline_get_body(text(input, "name"), out);
}

static void executions(const struct input *input, struct buf *out)
{
	pipeline_executions_body(text(input, "name"), text(input, "next_token"), out);
}

static void get_secret(const struct input *input, struct buf *out)
{
	secretsmanager_get_body(text(input, "secret_id"), out);
}

static void bus(const struct input *input, struct buf *out)
{
	eventbridge_bus_body(text(input, "name"), out);
}

static void put_events(const struct input *input, struct buf *out)
{
	const char *room[ROWS];
	struct ec2_list resources = list(input, "resource", room);

	eventbridge_put_body(
		&(struct eventbridge_event){ .bus = text(input, "bus"),
	                                     .source = text(input, "source"),
	                                     .detail_type = text(input, "detail_type"),
	                                     .detail = span_of(text(input, "detail")),
	                                     .resources = resources.at,
	                                     .n_resources = resources.n,
	                                     .time_ms = 1000LL * number(input, "time_s") },
		out);
}

struct room {
	struct dynamodb_attribute item[ROWS], values[ROWS];
	struct dynamodb_name names[ROWS];
};

static struct dynamodb_words words(const struct input *input, struct room *room)
{
	size_t n = 0;

	for (size_t i = 1; i < input->n; i++) {
		if (is(input, i, "name"))
			room->names[n++] = (struct dynamodb_name){ input->rows[i].cells[1],
				                                   input->rows[i].cells[2] };
	}
	return (struct dynamodb_words){ room->names, n, item(input, "value", room->values) };
}

static struct dynamodb_write write_of(const struct input *input, struct room *room)
{
	return (struct dynamodb_write){ .table = text(input, "table"),
		                        .item = item(input, "item", room->item),
		                        .update = text(input, "update"),
		                        .condition = text(input, "condition"),
		                        .words = words(input, room) };
}

static void put_item(const struct input *input, struct buf *out)
{
	struct room room;
	struct dynamodb_write asked = write_of(input, &room);

	dynamodb_put_body(&asked, out);
}

static void update_item(const struct input *input, struct buf *out)
{
	struct room room;
	struct dynamodb_write asked = write_of(input, &room);

	dynamodb_update_body(&asked, out);
}

static void get_item(const struct input *input, struct buf *out)
{
	struct room room;
	struct dynamodb_item asked = item(input, "item", room.item);

	dynamodb_get_body(text(input, "table"), &asked, out);
}

static void query(const struct input *input, struct buf *out)
{
	struct room room;

	dynamodb_query_body(&(struct dynamodb_query){ .table = text(input, "table"),
	                                              .index = text(input, "index"),
	                                              .key_condition = text(input, "condition"),
	                                              .filter = text(input, "filter"),
	                                              .words = words(input, &room),
	                                              .backwards = flag(input, "backwards"),
	                                              .limit = number(input, "limit"),
	                                              .from = item(input, "item", room.item) },
	                    out);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static const struct row {
	const struct aws_operation *operation;
	void (*write)(const struct input *input, struct buf *out);
} operations[] = {
	{ &aws_sts_assume_role, assume_role },
	{ &aws_sts_assume_role_with_web_identity, web_identity },
	{ &aws_sts_get_caller_identity, identity },
	{ &aws_sns_subscribe, subscribe },
	{ &aws_sns_get_subscription_attributes, subscription },
	{ &aws_sns_get_topic_attributes, topic },
	{ &aws_sns_publish, publish },
	{ &aws_ec2_describe_images, images },
	{ &aws_ssm_get_parameter, get_parameter },
	{ &aws_ssm_get_parameters_by_path, by_path },
	{ &aws_ssm_put_parameter, put_parameter },
	{ &aws_codepipeline_get_pipeline, get_pipeline },
	{ &aws_codepipeline_list_pipeline_executions, executions },
	{ &aws_secretsmanager_get_secret_value, get_secret },
	{ &aws_eventbridge_put_events, put_events },
	{ &aws_eventbridge_describe_event_bus, bus },
	{ &aws_dynamodb_put_item, put_item },
	{ &aws_dynamodb_update_item, update_item },
	{ &aws_dynamodb_get_item, get_item },
	{ &aws_dynamodb_query, query },
};

static const struct row *row_of(const struct input *input)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		if (is(input, 0, operations[i].operation->name))
			return &operations[i];
	}
	fprintf(stderr, "wire_body: no operation %s\n", input->rows[0].cells[0]);
	return NULL;
}

static void print(const struct row *row, const struct input *input)
{
	const struct aws_service_info *service = aws_service_info(row->operation->service);
	struct writer *writer = writer_new();
	struct buf body = buf_with_max(ROOM), target = body, line = body;

	row->write(input, &body);
	if (service->protocol == AWS_JSON)
		buf_addf(&target, "%s%s", service->target_prefix, row->operation->name);
	writer_text(writer, "content_type", service->content_type);
	writer_text(writer, "target", buf_text(&target));
	writer_string(writer, "body", buf_span(&body));
	writer_finish(writer, &line);
	puts(buf_text(&line));
	buf_clear(&body);
	buf_clear(&target);
	buf_clear(&line);
}

static bool answer_line(struct span line)
{
	struct input input = { .n = 0 };
	const struct row *row = NULL;
	struct reader reader;
	struct err err = { 0 };

	reader_init(&reader, line);
	reader_array(&reader);
	while (reader_element(&reader) && input.n < ROWS)
		read_row(&reader, &input);
	if (!reader_done(&reader, &err))
		fprintf(stderr, "wire_body: %s\n", err.text);
	else
		row = row_of(&input);
	if (row)
		print(row, &input);
	reader_clear(&reader);
	arena_clear(&input.arena);
	return row != NULL;
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
