#include "tests/flows/scripted_cloud.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/writer.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct cloud *cloud_new(void)
{
	struct cloud *cloud = xcalloc(1, sizeof(*cloud));

	cloud->secret = "xoxb-1";
	cloud->pipeline = CLOUD_PIPELINE;
	cloud->attributes = CLOUD_ATTRIBUTES;
	cloud->polls = 2;
	cloud->image_state = "available";
	cloud->image_owner = "amazon";
	cloud->status = "Succeeded";
	cloud->output = CLOUD_GOLDEN;
	cloud->golden_state = "available";
	cloud->let_in = true;
	return cloud;
}

void cloud_free(struct cloud *cloud)
{
	if (!cloud)
		return;
	for (size_t i = 0; i < cloud->n_messages; i++)
		free(cloud->messages[i].body);
	for (size_t i = 0; i < CLOUD_LOG; i++)
		free(cloud->puts[i]);
	for (size_t i = 0; i < cloud->n_parameters; i++) {
		free(cloud->parameters[i].name);
		free(cloud->parameters[i].value);
		free(cloud->parameters[i].coming);
	}
	slack_channels_clear(&cloud->slack);
	free(cloud);
}

const char *cloud_text(const char *body, const char *name, size_t n)
{
	static char text[512];
	struct buf key = buf_with_max(sizeof(text));

	buf_addf(&key, "\"%s\":\"", name);
	for (n++; body && n; n--) {
		body = strstr(body, buf_text(&key));
		body = body ? body + key.len : NULL;
	}
	snprintf(text, sizeof(text), "%.*s", body ? (int)strcspn(body, "\"") : 0, body ? body : "");
	buf_clear(&key);
	return text;
}

/* ---- the queue ------------------------------------------------------------------------------- */

void cloud_send(struct cloud *cloud, struct span body)
{
	if (cloud->n_messages < CLOUD_MESSAGES)
		cloud->messages[cloud->n_messages++].body = xspandup(body);
}

void cloud_send_event(struct cloud *cloud, struct span body)
{
	cloud_send(cloud, body);
	cloud->messages[cloud->n_messages - 1].of_events = true;
}

size_t cloud_left(const struct cloud *cloud)
{
	size_t n = 0;

	for (size_t i = 0; i < cloud->n_messages; i++)
		n += !cloud->messages[i].deleted;
	return n;
}

static bool visible(const struct cloud_message *message, int64_t now_ms)
{
	return !message->deleted && message->visible_ms <= now_ms;
}

size_t cloud_hidden(const struct cloud *cloud, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < cloud->n_messages; i++)
		n += !cloud->messages[i].deleted && !visible(&cloud->messages[i], now_ms);
	return n;
}

size_t cloud_hidden_heard(const struct cloud *cloud, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < cloud->n_messages; i++) {
		const struct cloud_message *message = &cloud->messages[i];

		n += message->heard && !message->deleted && !visible(message, now_ms);
	}
	return n;
}

void cloud_lose_receive(struct cloud *cloud, int64_t now_ms)
{
	for (size_t i = 0; i < cloud->n_messages; i++) {
		if (cloud->messages[i].received_ms == now_ms)
			cloud->messages[i].heard = false;
	}
}

static bool is_for(const struct cloud_message *message, const char *request)
{
	return message->of_events == (strstr(request, CLOUD_EVENTS "\"") != NULL);
}

static bool brings(const struct cloud_message *message, const char *request, int64_t now_ms)
{
	return visible(message, now_ms) && is_for(message, request);
}

bool cloud_has_visible(const struct cloud *cloud, const char *request, int64_t now_ms)
{
	size_t i = 0;

	while (i < cloud->n_messages && !brings(&cloud->messages[i], request, now_ms))
		i++;
	return i < cloud->n_messages;
}

/* The number of this name in a request of ours; 0 when there is none. */
static long number_of(const char *body, const char *name)
{
	const char *at = strstr(body, name);

	return at ? strtol(at + strlen(name) + strlen("\":"), NULL, 10) : 0;
}

/* The n-th of a request, from 0. */
static int64_t visibility_ms(const char *body, size_t n)
{
	static const char name[] = "\"VisibilityTimeout\":";
	const char *at = strstr(body, name);

	while (at && n--)
		at = strstr(at + 1, name);
	return at ? 1000 * strtol(at + strlen(name), NULL, 10) : 0;
}

static void hand_out(struct cloud *cloud, size_t i, struct writer *writer)
{
	struct cloud_message *message = &cloud->messages[i];
	char text[64];

	writer_object(writer, NULL);
	snprintf(text, sizeof(text), "m%zu", i);
	writer_text(writer, "MessageId", text);
	snprintf(text, sizeof(text), "%zu.%d", i, ++message->receives);
	writer_text(writer, "ReceiptHandle", text);
	writer_text(writer, "Body", message->body);
	writer_object(writer, "Attributes");
	snprintf(text, sizeof(text), "%d", message->receives);
	writer_text(writer, "ApproximateReceiveCount", text);
	if (cloud->sent_ms) {
		snprintf(text, sizeof(text), "%" PRId64, cloud->sent_ms);
		writer_text(writer, "SentTimestamp", text);
	}
	writer_end(writer);
	writer_end(writer);
}

static void receive(struct cloud *cloud, const char *body, int64_t now_ms, struct buf *answer)
{
	struct writer *writer = writer_new();
	size_t n = 0, most = (size_t)number_of(body, "MaxNumberOfMessages");

	writer_array(writer, "Messages");
	for (size_t i = 0; i < cloud->n_messages && n < most; i++) {
		if (!brings(&cloud->messages[i], body, now_ms))
			continue;
		hand_out(cloud, i, writer);
		cloud->messages[i].visible_ms = now_ms + visibility_ms(body, 0);
		cloud->messages[i].received_ms = now_ms;
		cloud->messages[i].heard = true;
		n++;
	}
	writer_end(writer);
	writer_finish(writer, answer);
}

/* The message whose newest handle this is; NULL. */
static struct cloud_message *message_of(struct cloud *cloud, const char *handle)
{
	char *end;
	size_t i = strtoul(handle, &end, 10);

	if (i >= cloud->n_messages || *end != '.')
		return NULL;
	return strtol(end + 1, NULL, 10) == cloud->messages[i].receives ? &cloud->messages[i]
	                                                                : NULL;
}

/* Only what is hidden can be hidden for longer, or shown. */
static bool hide(struct cloud_message *message, int64_t now_ms, int64_t for_ms)
{
	if (!message || message->deleted || message->visible_ms <= now_ms)
		return false;
	message->visible_ms = now_ms + for_ms;
	return true;
}

/* The i-th entry of a batch; an older handle "deletes", but does not hide. */
static bool change_one(struct cloud *cloud, enum port port, const char *body, size_t i,
                       int64_t now_ms)
{
	struct cloud_message *message = message_of(cloud, cloud_text(body, "ReceiptHandle", i));

	if (port == PORT_VISIBILITY)
		return hide(message, now_ms, visibility_ms(body, i));
	if (message)
		message->deleted = true;
	return true;
}

static void list_entries(const char *body, const bool changed[], bool which, struct writer *writer)
{
	writer_array(writer, which ? "Successful" : "Failed");
	for (size_t i = 0; cloud_text(body, "Id", i)[0]; i++) {
		if (changed[i] != which)
			continue;
		writer_object(writer, NULL);
		writer_text(writer, "Id", cloud_text(body, "Id", i));
		if (!which) {
			writer_text(writer, "Code", "MessageNotInflight");
			writer_bool(writer, "SenderFault", true);
		}
		writer_end(writer);
	}
	writer_end(writer);
}

/* A batch of deletions, or of changes of visibility. */
static void change(struct cloud *cloud, enum port port, const char *body, int64_t now_ms,
                   struct buf *answer)
{
	struct writer *writer = writer_new();
	bool changed[LIMIT_BATCH] = { 0 };

	for (size_t i = 0; cloud_text(body, "Id", i)[0]; i++)
		changed[i] = change_one(cloud, port, body, i, now_ms);
	list_entries(body, changed, true, writer);
	list_entries(body, changed, false, writer);
	writer_finish(writer, answer);
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static struct cloud_execution *execution_of_token(struct cloud *cloud, const char *token)
{
	struct cloud_execution *execution = cloud->executions;
	struct cloud_execution *end = execution + cloud->n_executions;

	while (execution < end && strcmp(execution->token, token) != 0)
		execution++;
	if (execution == end && cloud->n_executions < CLOUD_EXECUTIONS) {
		snprintf(execution->token, sizeof(execution->token), "%s", token);
		cloud->n_executions++;
	}
	return execution;
}

static bool is_to_fail(struct cloud *cloud, const char *pipeline)
{
	bool fails = cloud->fails && strcmp(cloud->fails, pipeline) == 0;

	if (fails)
		cloud->fails = NULL;
	return fails;
}

static void start(struct cloud *cloud, const char *body, struct buf *answer)
{
	struct cloud_execution *execution = execution_of_token(
		cloud, cloud_text(body, "clientRequestToken", 0));

	if (execution->starts++ == 0)
		execution->fails = is_to_fail(cloud, cloud_text(body, "name", 0));
	buf_addf(answer, "{\"pipelineExecutionId\":\"%08zx" CLOUD_ID_REST "\"}",
	         (size_t)(execution - cloud->executions));
}

/* Which execution a request is about. */
static size_t index_of(const char *body)
{
	return strtoul(cloud_text(body, "pipelineExecutionId", 0), NULL, 16);
}

static const char *status_of(const struct cloud *cloud, size_t i)
{
	return cloud->executions[i].fails ? "Failed" : cloud->status;
}

static bool failed(const struct cloud *cloud, size_t i)
{
	return strcmp(status_of(cloud, i), "Failed") == 0;
}

static void get(struct cloud *cloud, const char *body, struct buf *answer)
{
	size_t i = index_of(body);
	bool ended = ++cloud->executions[i].polls >= cloud->polls;

	buf_addf(answer, "{\"pipelineExecution\":{\"status\":\"%s\"}}",
	         ended ? status_of(cloud, i) : "InProgress");
}

#define GOLDEN_END "0901d"

/* The first execution's is CLOUD_GOLDEN. */
static void add_golden(const struct cloud *cloud, const char *body, struct buf *answer)
{
	size_t i = index_of(body);

	if (strcmp(cloud->output, CLOUD_GOLDEN) == 0 && !cloud->same_output)
		buf_addf(answer, "\"GOLDEN_AMI_ID\":\"ami-%012zx" GOLDEN_END "\"", i);
	else
		buf_addf(answer, "\"GOLDEN_AMI_ID\":\"%s\"", cloud->output);
}

static void add_outputs(const struct cloud *cloud, const char *body, struct buf *answer)
{
	const char *separator = "";

	buf_add_text(answer, "\"outputVariables\":{");
	if (cloud->output && !failed(cloud, index_of(body))) {
		add_golden(cloud, body, answer);
		separator = ",";
	}
	if (cloud->tests)
		buf_addf(answer, "%s\"TESTS_PASSED\":\"%s\"", separator, cloud->tests);
	buf_add_text(answer, "}");
}

static void list(const struct cloud *cloud, const char *body, struct buf *answer)
{
	bool has_failed = failed(cloud, index_of(body));

	if (cloud->no_actions) {
		buf_add_text(answer, "{\"actionExecutionDetails\":[]}");
		return;
	}
	buf_addf(answer,
	         "{\"actionExecutionDetails\":[{\"stageName\":\"Build\",\"actionName\":\"Packer\","
	         "\"status\":\"%s\",\"startTime\":%.3f,\"lastUpdateTime\":%.3f,\"output\":{",
	         has_failed ? "Failed" : "Succeeded", (double)cloud->acted_ms / 1000,
	         (double)cloud->ended_ms / 1000);
	add_outputs(cloud, body, answer);
	if (has_failed)
		buf_add_text(answer,
		             ",\"executionResult\":{\"errorDetails\":{\"code\":\"JobFailed\","
		             "\"message\":\"exit 1\"}}");
	buf_add_text(answer, "}}]}");
}

void cloud_run_again(struct cloud *cloud, int polls, const char *status)
{
	cloud->executions[0].polls = 0;
	cloud->polls = polls;
	cloud->status = status;
}

static void list_executions(const struct cloud *cloud, struct buf *answer)
{
	const char *separator = "";

	buf_add_text(answer, "{\"pipelineExecutionSummaries\":[");
	for (size_t i = cloud->n_executions; i-- > 0; separator = ",")
		buf_addf(answer,
		         "%s{\"pipelineExecutionId\":\"%08zx" CLOUD_ID_REST "\",\"status\":\"%s\"}",
		         separator, i, status_of(cloud, i));
	buf_add_text(answer, "]}");
}

/* ---- images ---------------------------------------------------------------------------------- */

/* Announcements are JSON in JSON: {\"Name\": \"al2023-…\", \"ImageId\": …}. */
static void add_name(const struct cloud *cloud, const char *id, struct buf *out)
{
	static const char before[] = "Name\\\": \\\"";
	const char *found = NULL;

	for (size_t i = 0; i < cloud->n_messages && !found; i++) {
		const char *end = strstr(cloud->messages[i].body, id), *at = end;

		while (at && at > cloud->messages[i].body &&
		       strncmp(at, before, strlen(before)) != 0)
			at--;
		found = end ? at + strlen(before) : NULL;
	}
	if (found)
		buf_addf(out, "%.*s", (int)strcspn(found, "\\"), found);
	else
		buf_add_text(out, CLOUD_IMAGE_NAME);
}

static void add_image(const struct cloud *cloud, const char *id, struct buf *answer)
{
	bool golden = strlen(id) > strlen(GOLDEN_END) &&
	              strcmp(id + strlen(id) - strlen(GOLDEN_END), GOLDEN_END) == 0;
	const char *state = golden ? cloud->golden_state : cloud->image_state;

	if (!state || (cloud->image_gone && strcmp(id, cloud->image_gone) == 0))
		return;
	buf_addf(answer,
	         "<item><imageId>%s</imageId><imageState>%s</imageState>"
	         "<imageOwnerAlias>%s</imageOwnerAlias><name>",
	         id, state, cloud->image_owner);
	add_name(cloud, id, answer);
	buf_add_text(answer, "</name></item>");
}

static void describe(const struct cloud *cloud, const char *body, struct buf *answer)
{
	char id[32];

	buf_add_text(answer, "<DescribeImagesResponse><imagesSet>");
	for (const char *at = strstr(body, "ami-"); at; at = strstr(at + 1, "ami-")) {
		size_t length = strcspn(at, "&");

		if (length >= sizeof(id))
			continue;
		memcpy(id, at, length);
		id[length] = '\0';
		add_image(cloud, id, answer);
	}
	buf_add_text(answer, "</imagesSet></DescribeImagesResponse>");
}

/* NextToken is the index of the first image on the page. */
static void list_images(const struct cloud *cloud, const char *body, struct buf *answer)
{
	const char *token = strstr(body, "NextToken=");
	size_t at = token ? strtoul(token + strlen("NextToken="), NULL, 10) : 0;
	size_t end = cloud->page && at + cloud->page < cloud->n_images ? at + cloud->page
	                                                               : cloud->n_images;

	buf_add_text(answer, "<DescribeImagesResponse><imagesSet>");
	for (; at < end; at++)
		buf_addf(answer,
		         "<item><imageId>%s</imageId><imageState>available</imageState>"
		         "<imageOwnerAlias>%s</imageOwnerAlias><name>%s</name>"
		         "<creationDate>%s</creationDate></item>",
		         cloud->images[at].id, cloud->image_owner, cloud->images[at].name,
		         cloud->images[at].created);
	buf_add_text(answer, "</imagesSet>");
	if (end < cloud->n_images)
		buf_addf(answer, "<nextToken>%zu</nextToken>", end);
	buf_add_text(answer, "</DescribeImagesResponse>");
}

/* ---- parameters and Slack -------------------------------------------------------------------- */

static struct cloud_parameter *parameter_of(struct cloud *cloud, const char *name)
{
	size_t i = 0;

	while (i < cloud->n_parameters && strcmp(cloud->parameters[i].name, name) != 0)
		i++;
	if (i == cloud->n_parameters) {
		CHECK(i < CLOUD_PARAMETERS);
		cloud->parameters[i].name = xstrdup(name);
		cloud->parameters[i].data_type = "text";
		cloud->n_parameters++;
	}
	return &cloud->parameters[i];
}

const char *cloud_parameter(struct cloud *cloud, const char *name)
{
	const char *value = parameter_of(cloud, name)->value;

	return value ? value : "";
}

struct cloud_parameter *cloud_set_parameter(struct cloud *cloud, const char *name,
                                            const char *value)
{
	struct cloud_parameter *parameter = parameter_of(cloud, name);

	free(parameter->value);
	parameter->value = value ? xstrdup(value) : NULL;
	parameter->version++;
	return parameter;
}

static void log_put(struct cloud *cloud, const char *body)
{
	struct buf line = buf_with_max(1024);

	buf_addf(&line, "%s=", cloud_text(body, "Name", 0));
	buf_add_text(&line, cloud_text(body, "Value", 0));
	if (cloud->n_puts < CLOUD_LOG)
		cloud->puts[cloud->n_puts] = buf_take(&line);
	buf_clear(&line);
	cloud->n_puts++;
}

static const char *put(struct cloud *cloud, const char *body, struct buf *answer)
{
	struct cloud_parameter *parameter = parameter_of(cloud, cloud_text(body, "Name", 0));
	const char *value = cloud_text(body, "Value", 0);

	if (parameter->value && strstr(body, "\"Overwrite\":false"))
		return "ParameterAlreadyExists";
	if (strcmp(parameter->data_type, "text") == 0) {
		(void)cloud_set_parameter(cloud, parameter->name, value);
	} else {
		free(parameter->coming);
		parameter->coming = xstrdup(value);
		parameter->version++;
	}
	log_put(cloud, body);
	buf_addf(answer, "{\"Version\":%d}", parameter->version);
	return NULL;
}

static const char *get_parameter(struct cloud *cloud, const char *body, struct buf *answer)
{
	struct cloud_parameter *parameter = parameter_of(cloud, cloud_text(body, "Name", 0));

	if (parameter->coming && cloud->let_in) {
		free(parameter->value);
		parameter->value = parameter->coming;
		parameter->coming = NULL;
	}
	if (!parameter->value)
		return "ParameterNotFound";
	buf_addf(answer,
	         "{\"Parameter\":{\"Type\":\"String\",\"Value\":\"%s\",\"Version\":%d,"
	         "\"DataType\":\"%s\"}}",
	         parameter->value, parameter->version, parameter->data_type);
	return NULL;
}

static void get_parameters(const struct cloud *cloud, struct buf *answer)
{
	buf_add_text(answer, "{\"Parameters\":[");
	if (cloud->recommended)
		buf_addf(answer, "{\"Name\":\"/aws/service/x\",\"Value\":\"%s\",\"Version\":1}",
		         cloud->recommended);
	buf_add_text(answer, "]}");
}

const char *cloud_answer(struct cloud *cloud, enum port port, const char *body, int64_t now_ms,
                         struct buf *answer)
{
	if (port == PORT_RECEIVE)
		receive(cloud, body, now_ms, answer);
	else if (port == PORT_DELETE || port == PORT_VISIBILITY)
		change(cloud, port, body, now_ms, answer);
	else if (port == PORT_ATTRIBUTES)
		buf_add_text(answer, cloud->attributes);
	else if (port == PORT_START)
		start(cloud, body, answer);
	else if (port == PORT_GET)
		get(cloud, body, answer);
	else if (port == PORT_PIPELINE)
		buf_add_text(answer, cloud->pipeline);
	else if (port == PORT_EXECUTIONS)
		list_executions(cloud, answer);
	else if (port == PORT_DESCRIBE)
		describe(cloud, body, answer);
	else if (port == PORT_IMAGES)
		list_images(cloud, body, answer);
	else if (port == PORT_PARAMETERS)
		get_parameters(cloud, answer);
	else if (port == PORT_PARAMETER)
		return get_parameter(cloud, body, answer);
	else if (port == PORT_LIST)
		list(cloud, body, answer);
	else if (port == PORT_PUT)
		return put(cloud, body, answer);
	return NULL;
}
