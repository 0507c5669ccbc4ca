/*
 * The whole way from announcements to decision records. tests/cases/decide has a folder for each:
 *
 *	evergold.yaml   what is tracked
 *	messages.jsonl  what arrives, one a line: {"topic": ARN, "id": …, "message": {…}}, or the
 *	                message as "text"; an empty line ends a batch
 *	facts.tsv       what was started before; may be absent
 *	want.jsonl      the records
 *
 * The ledger is a table here, asked and written once a batch as the worker does.
 */
#include "common/decide/decide.h"

#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/decide/match.h"
#include "common/decide/notification.h"
#include "common/decide/version.h"
#include "common/say/record.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <stdio.h>
#include <string.h>

#define STARTED_MAX   64
#define DECISIONS_MAX 64

/* ---- The ledger ------------------------------------------------------------------------------ */

struct started {
	const char *family, *region, *image_id, *release;
};

static struct {
	struct started rows[STARTED_MAX];
	size_t n;
	struct arena arena; /* their texts */
} ledger;

static void ledger_forget(void)
{
	arena_clear(&ledger.arena);
	ledger.n = 0;
}

static void ledger_add(struct started row)
{
	if (CHECK(ledger.n < STARTED_MAX))
		ledger.rows[ledger.n++] = row;
}

static void ledger_add_row(const struct row *row)
{
	ledger_add((struct started){
		.family = arena_text(&ledger.arena, row->cells[0]),
		.region = arena_text(&ledger.arena, row->cells[1]),
		.image_id = arena_text(&ledger.arena, row->cells[2]),
		.release = arena_text(&ledger.arena, row->cells[3]),
	});
}

static void ledger_add_build(const struct build *build)
{
	struct build copy = build_copy(build, &ledger.arena);

	ledger_add((struct started){ copy.family, copy.region, copy.image_id, copy.release });
}

static void ledger_recall(struct decision *decision)
{
	struct facts *facts = &decision->facts;

	for (size_t i = 0; decision_starts(decision) && i < ledger.n; i++) {
		const struct started *row = &ledger.rows[i];

		if (strcmp(row->family, decision->family->name) != 0 ||
		    strcmp(row->region, decision->region) != 0)
			continue;
		facts->image_started |= span_is(decision->image->id, row->image_id);
		if (version_compare(span_of(row->release), span_of(facts->newest)) > 0)
			snprintf(facts->newest, sizeof(facts->newest), "%s", row->release);
	}
}

/* ---- A batch --------------------------------------------------------------------------------- */

struct arrival {
	struct span topic, id, text, message;
	struct reader reader;
	struct notification notification;
	int line;
};

struct batch {
	struct arrival arrivals[LIMIT_BATCH];
	size_t n;
};

static void read_message(struct reader *reader, void *target)
{
	reader_raw(reader, &((struct arrival *)target)->message);
}

static void arrive(struct batch *batch, const struct config *config, struct span line, int number)
{
	static const struct member members[] = {
		MEMBER_STRING(struct arrival, topic, "topic", true),
		MEMBER_STRING(struct arrival, id, "id", true),
		MEMBER_STRING(struct arrival, text, "text", false),
		MEMBER_NESTED("message", read_message, false),
	};
	struct arrival *arrival = &batch->arrivals[batch->n];
	struct err err = { 0 };

	if (!CHECK(batch->n < LIMIT_BATCH))
		return;
	*arrival = (struct arrival){ .line = number };
	reader_init(&arrival->reader, line);
	CHECK(members_parse(&arrival->reader, members, ARRAY_LEN(members), arrival, &err), "%s",
	      err.text);
	notification_open_bare(&arrival->notification, config, arrival->topic,
	                       arrival->text.at ? arrival->text : arrival->message);
	arrival->notification.announcement.message_id = arrival->id;
	notification_decide(&arrival->notification, config);
	batch->n++;
}

/* Facts are asked for all at once, and what starts counts for what comes after it. */
static void apply_facts(struct batch *batch)
{
	struct decision *all[DECISIONS_MAX];
	const struct moment moment = { 0, 0 };
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct decisions *decisions = &batch->arrivals[i].notification.decisions;

		for (size_t k = 0; k < decisions->n && CHECK(n < DECISIONS_MAX); k++)
			all[n++] = &decisions->at[k];
	}
	for (size_t i = 0; i < n; i++)
		ledger_recall(all[i]);
	for (size_t i = 0; i < n; i++) {
		decide_known(all[i], &moment);
		for (size_t k = i + 1; decision_builds(all[i]) && k < n; k++)
			decide_learn(all[i], all[k]);
	}
}

static void settle(const struct arrival *arrival, const struct decision *decision, struct buf *out)
{
	const struct notification *notification = &arrival->notification;
	struct arena arena = { 0 };
	struct build build;
	struct record record = {
		.source = arena_printf(&arena, "messages.jsonl:%d", arrival->line),
		.announcement = &notification->announcement,
		.trust = notification->verdict.trust,
		.decision = decision,
	};

	if (decision_starts(decision)) {
		decision_build(decision, &notification->announcement, &notification->release,
		               &arena, &build);
		ledger_add_build(&build);
		record.build = &build;
	}
	record_json(&record, out);
	arena_clear(&arena);
}

/* Decides the batch, appends its records and starts the next one. */
static void batch_end(struct batch *batch, struct buf *out)
{
	apply_facts(batch);
	for (size_t i = 0; i < batch->n; i++) {
		struct arrival *arrival = &batch->arrivals[i];
		const struct decisions *decisions = &arrival->notification.decisions;

		for (size_t k = 0; k < decisions->n; k++)
			settle(arrival, &decisions->at[k], out);
		notification_clear(&arrival->notification);
		reader_clear(&arrival->reader);
	}
	batch->n = 0;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static struct config *read_config(const char *dir)
{
	struct faults faults = { 0 };
	struct config *config;
	struct span text;

	text.at = check_read(dir, "evergold.yaml", &text.len);
	config = config_parse(text, "evergold.yaml", NULL, &faults);
	CHECK(config, "%s", faults.n ? faults.at[0].text : "");
	faults_clear(&faults);
	return config;
}

static void decide_lines(const char *dir, const struct config *config, struct buf *out)
{
	struct batch batch = { .n = 0 };
	struct span rest;
	int number = 0;

	rest.at = check_read(dir, "messages.jsonl", &rest.len);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		number++;
		if (line.len)
			arrive(&batch, config, line, number);
		else
			batch_end(&batch, out);
	}
	batch_end(&batch, out);
}

static void decide_case(const char *dir)
{
	struct config *config = read_config(dir);
	struct buf out = buf_with_max(1 << 20);

	if (!config)
		return;
	ledger_forget();
	if (!check_missing(dir, "facts.tsv"))
		rows_each(dir, "facts.tsv", ledger_add_row);
	decide_lines(dir, config, &out);
	CHECK_FILE(dir, "want.jsonl", buf_text(&out));
	ledger_forget();
	buf_clear(&out);
	config_free(config);
}

/* ---- In any order, in batches of any size ---------------------------------------------------- */

static const char tracked[] = "families:\n"
			      "  - name: web\n"
			      "    publisher: amazon-linux-2023\n"
			      "    images: \"al2023-ami-2023.*-kernel-6.1-x86_64\"\n"
			      "    regions: [eu-west-1, us-east-1]\n"
			      "    pipeline: {name: golden}\n";

/* Some versions come twice. Those ending in 1 are not announced in us-east-1. */
static const char *const versions[] = {
	"2023.9.20251020.0", "2023.10.20260112.0", "2023.9.20251020.0",
	"2023.9.20251020.1", "2023.10.20260112.1", "2023.10.20260112.1",
};

enum { N = ARRAY_LEN(versions) };

static void write_line(const char *version, struct buf *out)
{
	char last = version[strlen(version) - 1];

	buf_addf(out,
	         "{\"topic\":\"%s\",\"id\":\"%s\",\"message\":{\"v1\":{\"ImageVersion\":\"%s\",",
	         catalogue[0].topic, version, version);
	buf_addf(out, "\"Regions\":{\"eu-west-1\":[{\"Name\":\"al2023-ami-%s-kernel-6.1-x86_64\",",
	         version);
	buf_addf(out, "\"ImageId\":\"ami-0000%c%c%c%c\"}]", version[5], version[6], version[11],
	         last);
	if (last == '0')
		buf_addf(out,
		         ",\"us-east-1\":[{\"Name\":\"al2023-ami-%s-kernel-6.1-x86_64\","
		         "\"ImageId\":\"ami-1111%c%c%c%c\"}]",
		         version, version[5], version[6], version[11], last);
	buf_add_text(out, "}}}}");
}

static const struct started *last_started(const char *region)
{
	for (size_t i = ledger.n; i-- > 0;) {
		if (strcmp(ledger.rows[i].region, region) == 0)
			return &ledger.rows[i];
	}
	return NULL;
}

static void check_started(const char *region, const char *newest)
{
	const struct started *last = last_started(region);

	if (CHECK(last))
		CHECK_TEXT(last->release, newest);
	for (size_t i = 0; i < ledger.n; i++) {
		for (size_t k = i + 1; k < ledger.n; k++)
			CHECK(strcmp(ledger.rows[i].region, ledger.rows[k].region) != 0 ||
			      strcmp(ledger.rows[i].image_id, ledger.rows[k].image_id) != 0);
	}
}

static void decide_in_order(const struct config *config, const struct buf lines[N],
                            const size_t order[N], size_t batch_size)
{
	struct batch batch = { .n = 0 };
	struct buf out = buf_with_max(1 << 20);

	ledger_forget();
	for (size_t i = 0; i < N; i++) {
		arrive(&batch, config, buf_span(&lines[order[i]]), (int)i);
		if (batch.n == batch_size)
			batch_end(&batch, &out);
	}
	batch_end(&batch, &out);
	check_started("eu-west-1", "2023.10.20260112.1");
	check_started("us-east-1", "2023.10.20260112.0");
	buf_clear(&out);
}

static void swap(size_t *a, size_t *b)
{
	size_t kept = *a;

	*a = *b;
	*b = kept;
}

/* Makes *order the next one in lexical order; false after the last. */
static bool next_order(size_t order[N])
{
	size_t i = N - 1, k = N - 1;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[k] <= order[i - 1])
		k--;
	swap(&order[i - 1], &order[k]);
	for (k = N - 1; i < k; i++, k--)
		swap(&order[i], &order[k]);
	return true;
}

static const struct family web = { .name = "web",
	                           .pipeline = { .name = "golden", .region = "us-east-1" } };
static const struct image an_image = { .id = { "ami-1", 5 }, .version = { "2.0", 3 } };

TEST(what_waits_becomes_a_row_that_says_why)
{
	static const struct publisher publisher = { .name = "corp" };
	const struct announcement announcement = { .publisher = &publisher };
	const struct release release = { .n_images = 0 };
	struct decision decision = { .family = &web,
		                     .region = "eu-west-1",
		                     .image = &an_image,
		                     .reason = REASON_SOAKING,
		                     .held_until_ms = 5,
		                     .detail = "until then" };
	struct arena arena = { 0 };
	struct build build;

	CHECK(decision_builds(&decision) && !decision_starts(&decision));
	decision_build(&decision, &announcement, &release, &arena, &build);
	CHECK_INT(build.held, REASON_SOAKING);
	CHECK_TEXT(build.hold_detail, "until then");
	CHECK_INT(build.due_ms, 5);
	decision.reason = REASON_FAILING;
	decision_build(&decision, &announcement, &release, &arena, &build);
	CHECK_INT(build.due_ms, 0);
	decision.reason = REASON_OLDER_RELEASE;
	CHECK(!decision_builds(&decision));
	arena_clear(&arena);
}

/* Of what waits nobody knows whether it will be started. */
TEST(only_what_starts_is_what_others_must_be_newer_than)
{
	struct decision built = { .family = &web,
		                  .region = "eu-west-1",
		                  .image = &an_image,
		                  .reason = REASON_SOAKING,
		                  .version = { "2.0", 3 } };
	struct decision other = { .family = &web, .region = built.region };

	decide_learn(&built, &other);
	CHECK(other.facts.line_known && !other.facts.next[0]);
	built.reason = REASON_MATCHED;
	decide_learn(&built, &other);
	CHECK_TEXT(other.facts.next, "2.0");
	built.version = SPAN("1.0");
	decide_learn(&built, &other);
	CHECK_TEXT(other.facts.next, "2.0");
}

TEST(nobody_s_announcement_concerns_no_family)
{
	const struct config config = { .n_families = 0 };
	struct decisions decisions = { NULL, 0 };

	decide_announcement(&config, NULL, NULL, &decisions);
	CHECK_INT(decisions.n, 1);
	CHECK_INT(decisions.at[0].reason, REASON_NO_FAMILY);
	CHECK(!decisions.at[0].version.len);
	decisions_clear(&decisions);
}

TEST(a_version_may_stand_at_the_beginning_of_a_name)
{
	const struct publisher publisher = { .name = "corp" };
	const struct release release = { .version = { "2023.9", 6 } };
	const struct image image = { .name = { "2023.9-corp", 11 } };

	CHECK(span_is(image_version(&publisher, &release, &image), "2023.9"));
}

TEST(what_has_no_version_is_in_no_range)
{
	CHECK(match_version(&(struct versions){ .min = NULL }, SPAN_NONE));
	CHECK(!match_version(&(struct versions){ .min = "1" }, SPAN_NONE));
	CHECK(!match_version(&(struct versions){ .max = "1" }, SPAN_NONE));
}

TEST(no_order_of_arrival_changes_what_is_built_last)
{
	struct faults faults = { 0 };
	struct config *config = config_parse(span_of(tracked), "f", NULL, &faults);
	struct buf lines[N];
	size_t order[N], orders = 0;

	for (size_t i = 0; i < N; i++) {
		lines[i] = buf_with_max(2000);
		write_line(versions[i], &lines[i]);
		order[i] = i;
	}
	do {
		orders++;
		for (size_t batch_size = 1; batch_size <= N; batch_size++)
			decide_in_order(config, lines, order, batch_size);
	} while (next_order(order));
	CHECK_INT(orders, 720);
	for (size_t i = 0; i < N; i++)
		buf_clear(&lines[i]);
	ledger_forget();
	config_free(config);
	faults_clear(&faults);
}

int main(void)
{
	check_cases("tests/cases/decide", decide_case);
	check_run(no_order_of_arrival_changes_what_is_built_last);
	check_run(what_has_no_version_is_in_no_range);
	check_run(what_waits_becomes_a_row_that_says_why);
	check_run(only_what_starts_is_what_others_must_be_newer_than);
	check_run(nobody_s_announcement_concerns_no_family);
	check_run(a_version_may_stand_at_the_beginning_of_a_name);
	return check_done();
}
