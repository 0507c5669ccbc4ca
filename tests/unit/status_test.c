/*
 * What is shown of a ledger. tests/cases/status has a folder for each: config.yaml; ledger.json,
 * what the ledger knows; want.txt and want.json. In tests/cases/history it is builds.json, a list.
 */
#include "common/say/status.h"

#include "common/decide/golden.h"
#include "common/say/history.h"
#include "tests/unit/build_json.h"
#include "tests/unit/check.h"

#include <string.h>

#define MANY 16

struct known {
	struct overview overview;
	struct overview_line lines[MANY];
	struct family_hold holds[MANY];
	struct quarantine quarantines[MANY];
	struct build builds[MANY];
	size_t n_builds;
	int64_t now_ms;
	struct arena arena;
};

/* ---- what the ledger knows, as a file -------------------------------------------------------- */

static struct build *read_build(struct reader *reader, struct known *known)
{
	struct build *build = &known->builds[known->n_builds++];

	*build = build_json_read(reader, &known->arena);
	return build;
}

static void read_open(struct reader *reader, struct known *known, struct overview_line *line)
{
	reader_array(reader);
	line->open = &known->builds[known->n_builds];
	while (reader_element(reader)) {
		read_build(reader, known);
		line->n_open++;
	}
}

static void read_line(struct reader *reader, struct known *known)
{
	struct overview_line *line = &known->lines[known->overview.n_lines++];
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "family"))
			line->family = build_json_text(reader, &known->arena);
		else if (span_is(key, "region"))
			line->region = build_json_text(reader, &known->arena);
		else if (span_is(key, "publisher"))
			line->publisher = build_json_text(reader, &known->arena);
		else if (span_is(key, "failures"))
			line->failures = (int)build_json_number(reader);
		else if (span_is(key, "built"))
			line->built = read_build(reader, known);
		else if (CHECK(span_is(key, "open"), "%.*s", SPAN_ARG(key)))
			read_open(reader, known, line);
	}
}

static void read_hold(struct reader *reader, struct known *known)
{
	struct family_hold *hold = &known->holds[known->overview.n_holds++];
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "family"))
			hold->family = build_json_text(reader, &known->arena);
		else if (span_is(key, "reason"))
			hold->reason = build_json_text(reader, &known->arena);
		else if (CHECK(span_is(key, "since"), "%.*s", SPAN_ARG(key)))
			hold->since_ms = build_json_time(reader);
	}
}

static void read_quarantine(struct reader *reader, struct known *known)
{
	struct quarantine *quarantine = &known->quarantines[known->overview.n_quarantines++];
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "family"))
			quarantine->family = build_json_text(reader, &known->arena);
		else if (span_is(key, "what"))
			quarantine->what = build_json_text(reader, &known->arena);
		else if (span_is(key, "reason"))
			quarantine->reason = build_json_text(reader, &known->arena);
		else if (CHECK(span_is(key, "since"), "%.*s", SPAN_ARG(key)))
			quarantine->since_ms = build_json_time(reader);
	}
}

static void read_list(struct reader *reader, struct known *known,
                      void (*read)(struct reader *reader, struct known *known))
{
	reader_array(reader);
	while (reader_element(reader))
		read(reader, known);
}

static void read_one_build(struct reader *reader, struct known *known)
{
	read_build(reader, known);
}

static void read_known(const char *dir, const char *file, struct known *known)
{
	struct reader reader;
	struct span key, json;
	struct err err = { 0 };

	*known = (struct known){ 0 };
	known->overview.lines = known->lines;
	known->overview.holds = known->holds;
	known->overview.quarantines = known->quarantines;
	json.at = check_read(dir, file, &json.len);
	reader_init(&reader, json);
	reader_object(&reader);
	while (reader_member(&reader, &key)) {
		if (span_is(key, "now"))
			known->now_ms = build_json_time(&reader);
		else if (span_is(key, "lines"))
			read_list(&reader, known, read_line);
		else if (span_is(key, "holds"))
			read_list(&reader, known, read_hold);
		else if (span_is(key, "builds"))
			read_list(&reader, known, read_one_build);
		else if (CHECK(span_is(key, "quarantines"), "%.*s", SPAN_ARG(key)))
			read_list(&reader, known, read_quarantine);
	}
	CHECK(reader_done(&reader, &err), "%s", err.text);
	reader_clear(&reader);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static struct config *read_config(const char *dir)
{
	struct faults faults = { 0 };
	struct span yaml;
	struct config *config;

	yaml.at = check_read(dir, "config.yaml", &yaml.len);
	config = config_parse(yaml, "config.yaml", NULL, &faults);
	CHECK(config, "%s", faults.n ? faults.at[0].text : "");
	faults_clear(&faults);
	return config;
}

static void status_case(const char *dir)
{
	struct buf text = buf_with_max(1 << 20), json = buf_with_max(1 << 20);
	struct config *config = read_config(dir);
	struct known known;

	read_known(dir, "ledger.json", &known);
	if (config) {
		const struct status status = { config, &known.overview, known.now_ms };

		status_text(&status, &text);
		status_json(&status, &json);
		CHECK_FILE(dir, "want.txt", buf_text(&text));
		CHECK_FILE(dir, "want.json", buf_text(&json));
	}
	arena_clear(&known.arena);
	config_free(config);
	buf_clear(&text);
	buf_clear(&json);
}

static void history_case(const char *dir)
{
	struct buf text = buf_with_max(1 << 20), json = buf_with_max(1 << 20);
	struct known known;

	read_known(dir, "builds.json", &known);
	history_table_head(11, &text);
	for (size_t i = 0; i < known.n_builds; i++) {
		history_json(&known.builds[i], &json);
		history_table_row(&(struct history_row){ &known.builds[i], known.now_ms, 11 },
		                  &text);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&text));
	CHECK_FILE(dir, "want.jsonl", buf_text(&json));
	arena_clear(&known.arena);
	buf_clear(&text);
	buf_clear(&json);
}

/* ---- what no ledger of a case has ------------------------------------------------------------ */

#define NOW INT64_C(1762162200000) /* 2025-11-03T09:30:00Z */

static struct config *parse_config(void)
{
	struct faults faults = { 0 };
	struct config *config = config_parse(
		SPAN("families: [{name: web, publisher: amazon-linux-2023, images: 'al2023-*',"
	             " regions: [eu-west-1], pipeline: {name: p}}]"),
		"f", NULL, &faults);

	faults_clear(&faults);
	return config;
}

static void check_status(const struct overview *overview, const char *text, const char *json)
{
	struct config *config = parse_config();
	struct buf out = buf_with_max(1 << 20);

	if (CHECK(config)) {
		status_text(&(struct status){ config, overview, NOW }, &out);
		CHECK(strstr(buf_text(&out), text), "%s", buf_text(&out));
		buf_reset(&out);
		status_json(&(struct status){ config, overview, NOW }, &out);
		CHECK(strstr(buf_text(&out), json), "%s", buf_text(&out));
	}
	config_free(config);
	buf_clear(&out);
}

TEST(sinks_for_which_something_waits_are_named)
{
	const struct undelivered undelivered[] = {
		{ .sink = "hooks", .n = 1, .since_ms = NOW - 60000 },
		{ .sink = "slack", .n = 3, .since_ms = NOW - 60000, .reason = "invalid_auth" },
	};

	check_status(&(struct overview){ .undelivered = undelivered, .n_undelivered = 2 },
	             "hooks is still to be told 1 thing, since 2025-11-03 09:29 UTC, for 1m 00s\n"
	             "slack is still to be told 3 things, since 2025-11-03 09:29 UTC, for 1m 00s: "
	             "invalid_auth\n",
	             "\"undelivered\":[{\"sink\":\"hooks\",\"notices\":1,"
	             "\"since\":\"2025-11-03T09:29:00.000Z\",\"reason\":null},"
	             "{\"sink\":\"slack\",\"notices\":3,"
	             "\"since\":\"2025-11-03T09:29:00.000Z\",\"reason\":\"invalid_auth\"}]");
}

static const struct golden_move moves[] = {
	{ .name = "/golden/web",
	  .region = "eu-west-1",
	  .role_arn = "arn:aws:iam::444455556666:role/write",
	  .value = "ami-1",
	  .previous = "ami-0",
	  .version = 7,
	  .state = GOLDEN_WRITTEN,
	  .at_ms = NOW },
	{ .name = "/golden/web", .region = "us-east-1", .state = GOLDEN_LEFT, .detail = "denied" },
};

static const struct build moved = {
	.state = BUILD_FINISHED,
	.family = "web",
	.region = "eu-west-1",
	.status = EXECUTION_SUCCEEDED,
	.golden_ami = "ami-1",
	.finished_ms = NOW,
	.golden_moves = moves,
	.n_golden_moves = 2,
};

TEST(a_golden_ami_that_is_not_everywhere_is_told)
{
	struct build everywhere = moved;
	struct overview_line line = { .family = "web", .region = "eu-west-1", .built = &moved };
	const struct overview overview = { .lines = &line, .n_lines = 1 };
	struct config *config = parse_config();
	struct buf out = buf_with_max(1 << 20);

	check_status(&overview, "  (not in every golden_parameter)\n", "\"golden_moves\":[{");
	everywhere.golden_written = true;
	line.built = &everywhere;
	if (CHECK(config))
		status_text(&(struct status){ config, &overview, NOW }, &out);
	CHECK(!strstr(buf_text(&out), "golden_parameter"), "%s", buf_text(&out));
	config_free(config);
	buf_clear(&out);
}

TEST(each_move_of_a_golden_ami_is_written)
{
	struct buf out = buf_with_max(1 << 20);

	history_json(&moved, &out);
	CHECK(strstr(buf_text(&out),
	             "\"golden_moves\":[{\"parameter\":\"/golden/web\",\"region\":\"eu-west-1\","
	             "\"account\":\"444455556666\",\"state\":\"written\",\"value\":\"ami-1\","
	             "\"previous\":\"ami-0\",\"version\":7,\"detail\":null,"
	             "\"time\":\"2025-11-03T09:30:00.000Z\"},"
	             "{\"parameter\":\"/golden/web\",\"region\":\"us-east-1\","
	             "\"account\":null,\"state\":\"left\",\"value\":null,\"previous\":null,"
	             "\"version\":null,\"detail\":\"denied\",\"time\":null}]"),
	      "%s", buf_text(&out));
	buf_clear(&out);
}

int main(void)
{
	check_cases("tests/cases/status", status_case);
	check_cases("tests/cases/history", history_case);
	check_run(sinks_for_which_something_waits_are_named);
	check_run(a_golden_ami_that_is_not_everywhere_is_told);
	check_run(each_move_of_a_golden_ami_is_written);
	return check_done();
}
