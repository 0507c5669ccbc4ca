/*
 * Any bytes as an announcement, from the message to decisions, records and the build. Each decision
 * keeps the promises of decide.h, each record is one line, and the JSON among them is JSON.
 */
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/decide/notification.h"
#include "common/say/record.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char evergold_yaml[] =
	"families:\n"
	"  - name: web\n"
	"    publisher: amazon-linux-2023\n"
	"    images: [\"al2023-ami-2023.*-kernel-6.1-x86_64\", {regex: \"^corp-[0-9.]+$\"}]\n"
	"    exclude: \"*minimal*\"\n"
	"    regions: [eu-west-1, us-east-1]\n"
	"    pipeline: {name: golden, variables: {A: \"{image_id} {architecture} {notes_url}\"}}\n"
	"  - name: any\n"
	"    publisher: amazon-linux-2023\n"
	"    images: \"*\"\n"
	"    architecture: arm64\n"
	"    regions: [eu-west-1]\n"
	"    pipeline: {name: golden}\n";

static const struct config *fixed_config(void)
{
	static struct config *config; /* reachable at exit, so no leak */
	struct faults faults = { 0 };

	if (!config)
		config = config_parse(span_of(evergold_yaml), "f", NULL, &faults);
	faults_clear(&faults);
	if (!config)
		abort();
	return config;
}

static void require(bool promise)
{
	if (!promise)
		abort();
}

static void check_line(struct buf *line)
{
	struct span text = buf_span(line);

	require(span_ends(text, SPAN("\n")) && !line->overflow);
	text.len--;
	require(!memchr(text.at, '\n', text.len) && text_is_utf8(text));
	buf_reset(line);
}

static void check_record(const struct record *record, struct buf *line)
{
	struct reader reader;

	record_json(record, line);
	reader_init(&reader, buf_span(line));
	reader_skip(&reader);
	require(reader_done(&reader, NULL));
	reader_clear(&reader);
	check_line(line);
	record_table_row(record, 10, line);
	check_line(line);
}

static void check_decision(const struct notification *notification, const struct decision *decision,
                           struct buf *line)
{
	struct arena arena = { 0 };
	struct build build;
	bool starts = decision_starts(decision);

	require(!decision->family == !decision->region);
	require(!decision->image == !starts);
	require(decision_builds(decision) == starts); /* nothing is known yet that holds it */
	if (starts)
		decision_build(decision, &notification->announcement, &notification->release,
		               &arena, &build);
	check_record(
		&(struct record){
			.source = "f",
			.announcement = &notification->announcement,
			.decision = decision,
			.build = starts ? &build : NULL,
		},
		line);
	arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notification notification;
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	notification_open_bare(&notification, fixed_config(), SPAN(TOPIC),
	                       (struct span){ (const char *)data, size });
	notification_decide(&notification, fixed_config());
	require(notification.decisions.n == 1 || notification.decisions.n == 3);
	for (size_t i = 0; i < notification.decisions.n; i++)
		check_decision(&notification, &notification.decisions.at[i], &line);
	notification_clear(&notification);
	buf_clear(&line);
	return 0;
}
