#include "common/decide/config.h"

#include "common/base/limits.h"
#include "common/decide/config_window.h"
#include "tests/unit/check.h"

#include <string.h>

#define GOOD                                                                      \
	"families: [{name: web, publisher: amazon-linux-2, images: \"amzn2-*\", " \
	"regions: [eu-west-1], pipeline: {name: golden}}]\n"

/* ---- A configuration as text ----------------------------------------------------------------- */

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void dump_texts(struct buf *out, const char *key, const char *const *texts, size_t n)
{
	buf_addf(out, "%s:", key);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, " %s", texts[i]);
	buf_add_text(out, "\n");
}

static void dump_topics(struct buf *out, const struct config *config)
{
	buf_add_text(out, "trust.topics:");
	for (size_t i = 0; i < config->trust.n_topics; i++) {
		const struct topic_rule *rule = &config->trust.topics[i];

		buf_addf(out, " %s", rule->arn);
		if (rule->signature)
			buf_addf(out, " (signature %s)", rule->signature);
	}
	buf_add_text(out, "\n");
}

static void dump_patterns(struct buf *out, const char *key, const struct patterns *patterns)
{
	buf_addf(out, "  %s:", key);
	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *pattern = &patterns->at[i];

		buf_addf(out, " %s%s @%d:%d", pattern->regex ? "regex " : "", pattern->text,
		         pattern->place.line, pattern->place.column);
	}
	buf_add_text(out, "\n");
}

static void dump_secret(struct buf *out, const char *key, const struct secret_ref *secret)
{
	static const char *const words[] = { "-", "env", "file", "ssm", "secretsmanager" };

	buf_addf(out, "%s: %s%s%s", key, words[secret->source], secret->name ? " " : "",
	         secret->name ? secret->name : "");
	buf_addf(out, "%s%s\n", secret->region ? " region " : "",
	         secret->region ? secret->region : "");
}

static void dump_pipeline(struct buf *out, const struct pipeline *pipeline)
{
	buf_addf(out, "  pipeline: %s region %s role %s @%d:%d\n", pipeline->name,
	         or_none(pipeline->region), or_none(pipeline->role_arn), pipeline->place.line,
	         pipeline->place.column);
	if (pipeline->tell_all)
		buf_add_text(out, "  tell_all\n");
	for (size_t i = 0; i < pipeline->n_variables; i++) {
		const struct variable *variable = &pipeline->variables[i];

		buf_addf(out, "    %s = %s @%d:%d\n", variable->name, variable->value,
		         variable->place.line, variable->place.column);
	}
}

static void dump_golden(struct buf *out, const struct family *family)
{
	const struct golden_parameter *golden = family->golden_parameters;

	buf_addf(out, "  golden_parameter: %s output %s\n", or_none(golden ? golden->name : NULL),
	         or_none(family->golden_output));
	for (size_t i = 0; i < family->n_golden_parameters; i++) {
		golden = &family->golden_parameters[i];
		if (golden->region || golden->role_arn || golden->output || i)
			buf_addf(out, "    %s in %s role %s output %s @%d:%d\n", golden->name,
			         or_none(golden->region), or_none(golden->role_arn),
			         or_none(golden->output), golden->place.line, golden->place.column);
	}
}

static void dump_family(struct buf *out, const struct family *family)
{
	buf_addf(out, "family: %s @%d:%d\n", family->name, family->place.line,
	         family->place.column);
	buf_addf(out, "  publisher: %s\n", family->publisher->name);
	dump_patterns(out, "images", &family->images);
	dump_patterns(out, "exclude", &family->exclude);
	if (family->kernel)
		buf_addf(out, "  kernel: %s @%d:%d\n", family->kernel, family->places.kernel.line,
		         family->places.kernel.column);
	if (family->versions.min || family->versions.max)
		buf_addf(out, "  versions: %s @%d to %s @%d\n", or_none(family->versions.min),
		         family->versions.min_place.line, or_none(family->versions.max),
		         family->versions.max_place.line);
	buf_addf(out, "  architecture: %s\n", or_none(family->architecture));
	dump_texts(out, "  regions", family->regions, family->n_regions);
	dump_pipeline(out, &family->pipeline);
	buf_addf(out, "  base_parameter: %s\n", or_none(family->base_parameter));
	dump_golden(out, family);
	buf_addf(out, "  soak: %lld window: %s stop_after_failures: %d\n",
	         (long long)family->soak_s, or_none(family->window.text),
	         family->stop_after_failures);
	buf_addf(out, "  slack: %s mention %s\n", or_none(family->slack_channel),
	         or_none(family->slack_mention));
}

static void dump_publisher(struct buf *out, const struct publisher *publisher)
{
	buf_addf(out, "publisher: %s (%s) %s %s owners", publisher->name, publisher->title,
	         publisher->topic, shape_word(publisher->shape));
	for (const char *const *owner = publisher->owners; *owner; owner++)
		buf_addf(out, " %s", *owner);
	if (publisher->shape == SHAPE_GENERIC)
		buf_addf(out, "\n  pointers: \"%s\" \"%s\" \"%s\" \"%s\"",
		         publisher->pointers.version, publisher->pointers.regions,
		         publisher->pointers.name, publisher->pointers.id);
	buf_add_text(out, "\n");
}

static void dump_worker(struct buf *out, const struct config *config)
{
	buf_addf(out, "region: %s\n", or_none(config->region));
	buf_addf(out, "queue: %s region %s receivers %d visibility %d\n",
	         or_none(config->queue.url), or_none(config->queue.region), config->queue.receivers,
	         config->queue.visibility_timeout_s);
	if (config->queue.events_url)
		buf_addf(out, "queue.events: %s region %s\n", config->queue.events_url,
		         or_none(config->queue.events_region));
	dump_topics(out, config);
	buf_addf(out, "trust.max_age: %lld\n", (long long)config->trust.max_age_s);
	dump_texts(out, "trust.pinned_certificates", config->trust.pinned_certificates,
	           config->trust.n_pinned_certificates);
}

static void dump_sink(struct buf *out, const struct sink_setting *sink)
{
	buf_addf(out, "sink: %s @%d:%d\n  kind: %s %s\n", sink->name, sink->place.line,
	         sink->place.column, sink_kind_word(sink->kind),
	         or_none(sink->topic ? sink->topic
	                 : sink->bus ? sink->bus
	                             : sink->url.text));
	dump_secret(out, "  url", &sink->url.place);
	dump_secret(out, "  key", &sink->key);
	buf_addf(out, "  region: %s role %s\n", or_none(sink->region), or_none(sink->role_arn));
	dump_texts(out, "  families", sink->families, sink->n_families);
}

static void dump_rest(struct buf *out, const struct config *config)
{
	buf_addf(out, "catch_up.every: %lld\n", (long long)config->catch_up.every_s);
	if (!config->catch_up.adopt)
		buf_add_text(out, "catch_up.first: build\n");
	dump_secret(out, "slack.token", &config->slack.token);
	dump_secret(out, "slack.webhook", &config->slack.webhook);
	buf_addf(out, "slack.channel: %s\nslack.api_url: %s\n", or_none(config->slack.channel),
	         config->slack.api_url);
	for (size_t i = 0; i < config->n_sinks; i++)
		dump_sink(out, &config->sinks[i]);
	buf_addf(out, "ledger: %s\nhttp: %s\nrecord: %s\n", config->ledger_sqlite,
	         or_none(config->http_listen), or_none(config->record));
	buf_addf(out, "log: %s %s\n", config->log_level, config->log_json ? "json" : "text");
}

static void dump(struct buf *out, const struct config *config)
{
	dump_worker(out, config);
	for (size_t i = 0; i < config->n_publishers; i++)
		dump_publisher(out, &config->publishers[i]);
	for (size_t i = 0; i < config->n_families; i++)
		dump_family(out, &config->families[i]);
	dump_rest(out, config);
}

/* ---- Cases: a file, and the faults that are printed for it or what it says ------------------- */

static void config_case(const char *dir)
{
	const char *region = check_missing(dir, "region.txt") ? NULL
	                                                      : check_read_text(dir, "region.txt");
	struct buf out = buf_with_max(1 << 20);
	struct faults faults = { 0 };
	struct span text;
	struct config *config;

	text.at = check_read(dir, "evergold.yaml", &text.len);
	config = config_parse(text, "evergold.yaml", region, &faults);
	for (size_t i = 0; i < faults.n; i++)
		fault_text(&faults.at[i], "evergold.yaml", &out);
	CHECK(!config == (faults.n_errors > 0));
	if (config && strstr(dir, "/good-")) /* the others are about their faults */
		dump(&out, config);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	config_free(config);
	faults_clear(&faults);
	buf_clear(&out);
}

TEST(example_is_accepted)
{
	struct faults faults = { 0 };
	struct config *config;
	struct span text;

	text.at = check_read(".", "evergold.example.yaml", &text.len);
	config = config_parse(text, "evergold.example.yaml", NULL, &faults);
	CHECK_INT((long long)faults.n, 0);
	for (size_t i = 0; i < faults.n; i++)
		CHECK_TEXT(faults.at[i].text, "");
	if (CHECK(config)) {
		CHECK_INT((long long)config->n_families, 2);
		CHECK_TEXT(config->families[0].publisher->name, "amazon-linux-2023");
		CHECK_TEXT(config->families[1].publisher->name, "amazon-linux-2");
	}
	config_free(config);
	faults_clear(&faults);
}

/* ---- Time zones ------------------------------------------------------------------------------ */

static int zones_asked;

static const struct zone *find_zone(struct span name, struct arena *arena, struct err *reterr)
{
	static const struct zone zone = { .first_offset_s = 3600 };

	(void)arena;
	zones_asked++;
	if (span_is(name, "Europe/Berlin"))
		return &zone;
	(void)err_set(reterr, ERR_REFUSED, "no zone %.*s", SPAN_ARG(name));
	return NULL;
}

static struct config *parse_windows(const char *windows[], size_t n, struct faults *faults)
{
	struct buf text = buf_with_max(2000);
	struct config *config;

	buf_add_text(&text, "region: eu-west-1\nfamilies:\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(&text,
		         "- {name: f%zu, publisher: amazon-linux-2, images: 'amzn2-*', "
		         "pipeline: {name: p},\n   window: %s}\n",
		         i, windows[i]);
	config = config_parse(buf_span(&text), "f", NULL, faults);
	buf_clear(&text);
	return config;
}

TEST(each_zone_is_found_once)
{
	const char *windows[] = { "null", "08:00-17:00 Europe/Berlin", "08:00-17:00",
		                  "22:00-04:00 Europe/Berlin" };
	struct faults faults = { 0 };
	struct config *config = parse_windows(windows, ARRAY_LEN(windows), &faults);

	zones_asked = 0;
	if (CHECK(config) && CHECK(config_find_zones(config, find_zone, &faults))) {
		CHECK(!config->families[0].window.zone);
		CHECK_INT(config->families[1].window.zone->first_offset_s, 3600);
		CHECK(config->families[2].window.zone == &zone_utc);
		CHECK(config->families[3].window.zone == config->families[1].window.zone);
		CHECK_INT(zones_asked, 1);
	}
	CHECK_INT(faults.n_errors, 0);
	config_free(config);
	faults_clear(&faults);
}

static void check_errors(const struct faults *faults, const char *want)
{
	struct buf out = buf_with_max(1000);

	for (size_t i = 0; i < faults->n; i++) {
		if (!faults->at[i].warning)
			fault_text(&faults->at[i], "f", &out);
	}
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

static struct config *parse_digest(const char *at, struct faults *faults)
{
	struct buf text = buf_with_max(1000);
	struct config *config;

	buf_addf(&text,
	         "region: eu-west-1\nslack: {webhook: {env: A}, digest: %s}\n"
	         "families: [{name: f, publisher: amazon-linux-2, images: 'amzn2-*', "
	         "pipeline: {name: p}}]\n",
	         at);
	config = config_parse(buf_span(&text), "f", NULL, faults);
	buf_clear(&text);
	return config;
}

TEST(the_digest_has_a_zone)
{
	struct faults faults = { 0 };
	struct config *config = parse_digest("Mon 09:00 Europe/Berlin", &faults);

	if (CHECK(config) && CHECK(config_find_zones(config, find_zone, &faults)))
		CHECK_INT(config->slack.digest.zone->first_offset_s, 3600);
	config_free(config);
	config = parse_digest("Mon 09:00", &faults);
	if (CHECK(config) && CHECK(config_find_zones(config, find_zone, &faults)))
		CHECK(config->slack.digest.zone == &zone_utc);
	config_free(config);
	config = parse_digest("Mon 09:00 Europe/Berlim", &faults);
	CHECK(config && !config_find_zones(config, find_zone, &faults));
	check_errors(&faults, "f:2:46: error: slack.digest: no zone Europe/Berlim\n");
	config_free(config);
	faults_clear(&faults);
}

TEST(a_zone_that_is_not_found_has_its_place)
{
	const char *windows[] = { "'08:00-17:00 Europe/Berlin'", "08:00-17:00 Europe/Berlim",
		                  "\"08:00-17:00 Nowhere\"" };
	struct faults faults = { 0 };
	struct config *config = parse_windows(windows, ARRAY_LEN(windows), &faults);

	CHECK(config && !config_find_zones(config, find_zone, &faults));
	check_errors(&faults, "f:6:24: error: families[1].window: no zone Europe/Berlim\n"
	                      "f:8:25: error: families[2].window: no zone Nowhere\n");
	config_free(config);
	faults_clear(&faults);
}

/* ---- Whom a sink tells ----------------------------------------------------------------------- */

TEST(a_sink_tells_of_its_families_or_of_all)
{
	const char *const families[] = { "web", "db" };
	const struct sink_setting some = { .families = families, .n_families = 2 };
	const struct sink_setting all = { .n_families = 0 };

	CHECK(sink_wants(&some, "db") && !sink_wants(&some, "arm") && !sink_wants(&some, NULL));
	CHECK(sink_wants(&all, "arm") && sink_wants(&all, NULL));
}

/* ---- What no case can show ------------------------------------------------------------------- */

TEST(faults_beyond_the_limit_are_counted)
{
	struct buf text = buf_with_max(1 << 16);
	struct faults faults = { 0 };

	for (int i = 0; i < LIMIT_FAULTS + 7; i++)
		buf_addf(&text, "wrong%d: 1\n", i);
	buf_add_text(&text, GOOD);
	CHECK(!config_parse(buf_span(&text), "f", NULL, &faults));
	CHECK_INT((long long)faults.n, LIMIT_FAULTS);
	CHECK_INT((long long)faults.n_errors, LIMIT_FAULTS + 7);
	CHECK_INT((long long)faults.n_left_out, 9); /* nor did two warnings find room */
	faults_clear(&faults);
	buf_clear(&text);
}

TEST(faults_are_in_the_order_of_the_file)
{
	struct faults faults = { 0 };

	faults_add(&faults, (struct place){ 3, 1 }, false, "c");
	faults_add(&faults, (struct place){ 1, 9 }, false, "b");
	faults_add(&faults, (struct place){ 3, 1 }, true, "d");
	faults_add(&faults, (struct place){ 1, 2 }, false, "a");
	if (CHECK_INT((long long)faults.n, 4)) {
		CHECK_TEXT(faults.at[0].text, "a");
		CHECK_TEXT(faults.at[1].text, "b");
		CHECK_TEXT(faults.at[2].text, "c");
		CHECK_TEXT(faults.at[3].text, "d");
	}
	CHECK_INT((long long)faults.n_errors, 3);
	faults_clear(&faults);
}

TEST(a_fault_outside_the_file_has_no_place)
{
	const struct fault fault = { { 0, 0 }, true, "text" };
	struct buf out = buf_with_max(100);

	fault_text(&fault, "f.yaml", &out);
	CHECK_TEXT(buf_text(&out), "f.yaml: warning: text\n");
	buf_clear(&out);
}

TEST(what_a_fault_quotes_is_printable)
{
	struct faults faults = { 0 };
	char text[800];

	memset(text, 'a', sizeof(text));
	memcpy(text + 599, "\xc3\xa9", 2); /* split by the limit of 600 bytes */
	text[799] = '\0';
	faults_add(&faults, (struct place){ 1, 1 }, false, "\033[31m\x7f");
	faults_add(&faults, (struct place){ 2, 1 }, false, "%s", text);
	CHECK_TEXT(faults.at[0].text, "?[31m?");
	CHECK_INT((long long)strlen(faults.at[1].text), 599);
	faults_clear(&faults);
}

TEST(a_quote_ends_between_characters)
{
	char text[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff\xc3\xa9zz";

	CHECK_INT((long long)faults_quote(span_of(text)).len, 59);
	CHECK_INT((long long)faults_quote(SPAN("short")).len, 5);
	CHECK_INT((long long)faults_quote(SPAN_NONE).len, 0);
}

TEST(topics_are_those_in_use_and_those_allowed)
{
	static const char text[] =
		"region: eu-west-1\n"
		"trust: {topics: ['arn:aws:sns:eu-west-1:111122223333:other',\n"
		"  {arn: 'arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates',\n"
		"   signature: 2}]}\n"
		"publishers:\n"
		"  - {name: corp, topic: 'arn:aws:sns:eu-west-1:111122223333:corp'}\n"
		"  - {name: unused, topic: 'arn:aws:sns:eu-west-1:111122223333:unused'}\n"
		"families:\n"
		"  - {name: a, publisher: amazon-linux-2, images: 'x*', pipeline: {name: p}}\n"
		"  - {name: b, publisher: corp, images: 'x*', pipeline: {name: p}}\n"
		"  - {name: c, publisher: corp, images: 'y*', pipeline: {name: p}}\n";
	struct faults faults = { 0 };
	struct config *config = config_parse(span_of(text), "f", NULL, &faults);
	struct arena arena = { 0 };
	const struct topic_rule *topics;
	size_t n;

	if (!CHECK(config))
		return;
	topics = config_topics(config, &arena, &n);
	if (CHECK_INT((long long)n, 3)) {
		CHECK_TEXT(topics[0].arn,
		           "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates");
		CHECK_TEXT(topics[0].signature, "2");
		CHECK_TEXT(topics[1].arn, "arn:aws:sns:eu-west-1:111122223333:corp");
		CHECK(!topics[1].signature);
		CHECK_TEXT(topics[2].arn, "arn:aws:sns:eu-west-1:111122223333:other");
	}
	CHECK(config_publisher_of_topic(config, span_of(topics[0].arn)) ==
	      config->families[0].publisher);
	CHECK(config_publisher_of_topic(config, span_of(topics[1].arn)) == &config->publishers[0]);
	CHECK(!config_publisher_of_topic(config, span_of(topics[2].arn)));
	CHECK(config_family(config, "b") == &config->families[1]);
	CHECK(!config_family(config, "d"));
	arena_clear(&arena);
	config_free(config);
	faults_clear(&faults);
}

TEST(topics_of_all_partitions_and_withdrawals_are_heard)
{
	static const char text[] =
		"region: eu-west-1\n"
		"families:\n"
		"  - {name: a, publisher: ubuntu, images: 'x*', pipeline: {name: p}}\n"
		"  - {name: b, publisher: windows, images: 'x*', pipeline: {name: p}}\n";
	struct faults faults = { 0 };
	struct config *config = config_parse(span_of(text), "f", NULL, &faults);
	struct arena arena = { 0 };
	const struct topic_rule *topics;
	size_t n;

	if (!CHECK(config))
		return;
	topics = config_topics(config, &arena, &n);
	if (CHECK_INT(n, 3)) {
		CHECK_TEXT(topics[0].arn,
		           "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update");
		CHECK_TEXT(topics[1].arn,
		           "arn:aws-us-gov:sns:us-gov-west-1:077303321853:ec2-windows-ami-update");
		CHECK_TEXT(topics[2].arn,
		           "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private");
		CHECK(config_publisher_of_topic(config, span_of(topics[1].arn)) ==
		      config->families[1].publisher);
	}
	arena_clear(&arena);
	config_free(config);
	faults_clear(&faults);
}

TEST(everything_outlives_the_text)
{
	char text[] = GOOD;
	struct faults faults = { 0 };
	struct config *config = config_parse(span_of(text), "f.yaml", "eu-central-1", &faults);

	memset(text, 'x', sizeof(text) - 1);
	if (!CHECK(config))
		return;
	CHECK_TEXT(config->file, "f.yaml");
	CHECK_TEXT(config->region, "eu-central-1");
	CHECK_TEXT(config->families[0].name, "web");
	CHECK_TEXT(config->families[0].pipeline.name, "golden");
	config_free(config);
	faults_clear(&faults);
}

TEST(nothing_can_be_freed)
{
	config_free(NULL);
}

int main(void)
{
	check_cases("tests/cases/config", config_case);
	check_run(example_is_accepted);
	check_run(each_zone_is_found_once);
	check_run(the_digest_has_a_zone);
	check_run(a_sink_tells_of_its_families_or_of_all);
	check_run(a_zone_that_is_not_found_has_its_place);
	check_run(faults_beyond_the_limit_are_counted);
	check_run(faults_are_in_the_order_of_the_file);
	check_run(a_fault_outside_the_file_has_no_place);
	check_run(what_a_fault_quotes_is_printable);
	check_run(a_quote_ends_between_characters);
	check_run(topics_are_those_in_use_and_those_allowed);
	check_run(topics_of_all_partitions_and_withdrawals_are_heard);
	check_run(everything_outlives_the_text);
	check_run(nothing_can_be_freed);
	return check_done();
}
