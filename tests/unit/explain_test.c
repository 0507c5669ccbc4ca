/*
 * Why an announcement was decided as it was. tests/cases/explain has a folder for each:
 *
 *	evergold.yaml   what is tracked
 *	message.json    the body of the message; message.txt: the same, as text
 *	topic.txt       whose; Amazon Linux 2023 when absent
 *	facts.tsv       what the ledger knows about every family and region; absent: not asked
 *	want.txt        the explanation for people
 *	want.jsonl      and the one for scripts
 */
#include "common/base/text.h"
#include "common/say/explanation.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <stdio.h>
#include <string.h>

#define ANNOUNCED_MS INT64_C(1787011200000) /* 2026-08-18T00:00:00Z, a Tuesday */

/* What facts.tsv says. */
static struct {
	bool known;
	struct facts facts;
	struct build row;
	bool has_row;
	struct moment moment;
} ledger;

static void take_build(const struct row *row)
{
	struct span held = row->cells[2];

	ledger.has_row = true;
	ledger.facts.image_started = true;
	ledger.row = (struct build){
		.execution_id = "e-1",
		.hold_detail = "until then",
		.started_ms = ANNOUNCED_MS,
		.finished_ms = ANNOUNCED_MS,
		.due_ms = ANNOUNCED_MS + 3600000,
		.status = EXECUTION_SUCCEEDED,
	};
	CHECK(build_state_of(row->cells[1], &ledger.row.state), "line %d", row->line);
	CHECK(!held.len || reason_of(held, &ledger.row.held), "line %d", row->line);
}

static int number_of(const struct row *row)
{
	uint64_t number = 0;

	CHECK(text_number(row->cells[1], 1000, &number), "line %d", row->line);
	return (int)number;
}

static void take_fact(const struct row *row)
{
	struct span key = row->cells[0], value = row->cells[1];
	struct facts *facts = &ledger.facts;

	if (span_is(key, "newest"))
		snprintf(facts->newest, sizeof(facts->newest), "%.*s", SPAN_ARG(value));
	else if (span_is(key, "hold"))
		snprintf(facts->family_hold, sizeof(facts->family_hold), "%.*s", SPAN_ARG(value));
	else if (span_is(key, "quarantine"))
		snprintf(facts->quarantine, sizeof(facts->quarantine), "%.*s", SPAN_ARG(value));
	else if (span_is(key, "failures"))
		facts->failures = number_of(row);
	else if (span_is(key, "hours later"))
		ledger.moment.now_ms += (int64_t)number_of(row) * 3600000;
	else if (span_is(key, "build"))
		take_build(row);
	else if (CHECK(span_is(key, "busy"), "line %d", row->line))
		facts->busy = true;
}

static void read_facts(const char *dir)
{
	memset(&ledger, 0, sizeof(ledger));
	ledger.moment = (struct moment){ ANNOUNCED_MS, ANNOUNCED_MS };
	ledger.known = !check_missing(dir, "facts.tsv");
	if (ledger.known)
		rows_each(dir, "facts.tsv", take_fact);
}

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

static void explain_one(const struct explanation_head *head, struct decision *decision,
                        struct buf *text, struct buf *lines)
{
	struct arena arena = { 0 };
	struct explanation explanation;

	if (!decision->family) {
		explanation_json(head, decision, NULL, lines);
		return;
	}
	decision->facts = ledger.facts;
	decide_known(decision, &ledger.moment);
	explanation = explain(
		&(struct explain_question){
			.release = &head->notification->release,
			.decision = decision,
			.ledger = ledger.known,
			.row = ledger.has_row ? &ledger.row : NULL,
		},
		&arena);
	explanation_add(head, &explanation, text);
	explanation_json(head, decision, &explanation, lines);
	arena_clear(&arena);
}

static void explain_all(const char *dir, const struct explanation_head *head)
{
	struct decisions decisions = head->notification->decisions;
	struct buf text = buf_with_max(1 << 20), lines = buf_with_max(1 << 20);

	explanation_add_head(head, &text);
	for (size_t i = 0; i < decisions.n; i++)
		explain_one(head, &decisions.at[i], &text, &lines);
	explanation_add_others(head, &text);
	CHECK_FILE(dir, "want.txt", buf_text(&text));
	CHECK_FILE(dir, "want.jsonl", buf_text(&lines));
	buf_clear(&text);
	buf_clear(&lines);
}

static struct span topic_of(const char *dir)
{
	if (check_missing(dir, "topic.txt"))
		return span_of(catalogue[0].topic);
	return span_of(check_read_text(dir, "topic.txt"));
}

static void explain_case(const char *dir)
{
	struct config *config = read_config(dir);
	struct notification notification;
	struct span message;

	if (!config)
		return;
	read_facts(dir);
	message.at = check_read(dir,
	                        check_missing(dir, "message.txt") ? "message.json" : "message.txt",
	                        &message.len);
	notification_open_bare(&notification, config, topic_of(dir), message);
	notification_decide(&notification, config);
	explain_all(dir, &(struct explanation_head){ "message.json", &notification, config });
	notification_clear(&notification);
	config_free(config);
}

/* ---- What a message of a case has not -------------------------------------------------------- */

static void check_head(const struct notification *notification, const char *want)
{
	struct buf out = buf_with_max(1000);

	explanation_add_head(&(struct explanation_head){ "saved/1.json", notification, NULL },
	                     &out);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(it_is_told_whom_the_message_is_from)
{
	static const struct publisher publisher = { .name = "corp" };
	const struct announcement announcement = { .message_id = SPAN("m-1"),
		                                   .topic = SPAN("arn:t"),
		                                   .publisher = &publisher };
	struct notification notification = { .announcement = announcement,
		                             .envelope = { .type = SPAN("Notification") } };

	check_head(&notification,
	           "message  m-1 of arn:t  (saved/1.json)\n"
	           "trust    unchecked: no pinned certificate stands in for the one that signed "
	           "it\n"
	           "release  corp\n");
	notification.verdict.trust = TRUST_VERIFIED;
	check_head(&notification, "message  m-1 of arn:t  (saved/1.json)\ntrust    verified\n"
	                          "release  corp\n");
}

TEST(what_is_not_believed_says_why)
{
	struct decision rejected = { .reason = REASON_SIGNATURE_MISMATCH, .detail = "forged" };
	const struct notification notification = {
		.verdict = { .trust = TRUST_UNTRUSTED,
		             .err = { ERR_UNTRUSTED, "the signature is not of this message" } },
		.decisions = { &rejected, 1 },
	};

	check_head(&notification, "message  without id of no topic  (saved/1.json)\n"
	                          "trust    untrusted: the signature is not of this message\n"
	                          "release  of no publisher that is known\n\n"
	                          "rejected, signature_mismatch: forged\n");
}

int main(void)
{
	check_cases("tests/cases/explain", explain_case);
	check_run(it_is_told_whom_the_message_is_from);
	check_run(what_is_not_believed_says_why);
	return check_done();
}
