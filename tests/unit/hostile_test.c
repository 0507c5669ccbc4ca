/*
 * The hostile cases, shown to everything between a message and its decisions but the fetch. They
 * are data in tests/cases/hostile; tests/hostile/catalogue makes them and says what a folder holds.
 * tests/hostile sends the same cases through the whole worker.
 */
#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "common/decide/config.h"
#include "common/decide/notification.h"
#include "tests/unit/check.h"

#include <string.h>

#define CASES        "tests/cases/hostile"
#define CERTIFICATES "tests/cases/sns_certificate"
#define MOMENT_MS    INT64_C(1787014800123)
#define LATER_S      10.0 /* it arrives */

static struct config *config; /* of all cases */
static struct gate_policy policy;
static struct topic_rule *rules; /* those of the policy; each case sets the first */
static struct arena arena;

struct expected {
	struct span reason, disposition, connections, word, certificate, form, signature;
	double after_s;
	bool served; /* the certificate's host does something else: only the worker can show that */
};

/* ---- Reading a case -------------------------------------------------------------------------- */

static void read_served(struct reader *reader, void *target)
{
	struct expected *expected = target;

	expected->served = true;
	reader_skip(reader);
}

static struct span file_in(const char *dir, const char *file)
{
	struct span text;

	text.at = check_read(dir, file, &text.len);
	return text;
}

static void read_expected(const char *dir, struct reader *reader, struct expected *ret_expected)
{
	static const struct member members[] = {
		MEMBER_STRING(struct expected, reason, "reason", true),
		MEMBER_STRING(struct expected, disposition, "disposition", true),
		MEMBER_STRING(struct expected, connections, "connections", true),
		MEMBER_STRING(struct expected, word, "word", false),
		MEMBER_STRING(struct expected, certificate, "certificate", false),
		MEMBER_STRING(struct expected, form, "form", false),
		MEMBER_STRING(struct expected, signature, "signature", false),
		MEMBER_NUMBER(struct expected, after_s, "after_s", false),
		MEMBER_NESTED("served", read_served, false),
	};
	struct err err;

	*ret_expected = (struct expected){ .after_s = LATER_S, .certificate = SPAN("good") };
	reader_init(reader, file_in(dir, "case.json"));
	CHECK(members_parse(reader, members, ARRAY_LEN(members), ret_expected, &err), "%s",
	      err.text);
}

/* ---- As the worker does it ------------------------------------------------------------------- */

static struct certificate *fetch(const struct expected *expected, struct verdict *ret_verdict)
{
	struct buf folder = buf_with_max(1000);
	struct span pem;

	buf_addf(&folder, CERTIFICATES "/%.*s", SPAN_ARG(expected->certificate));
	pem = file_in(buf_text(&folder), "certificate.pem");
	buf_clear(&folder);
	return certificate_parse(pem, &ret_verdict->reason, &ret_verdict->err);
}

static void verify(struct notification *notification, const struct expected *expected)
{
	struct verdict *verdict = &notification->verdict;
	struct certificate *certificate = fetch(expected, verdict);
	int64_t now_ms = MOMENT_MS + (int64_t)(expected->after_s * 1000);

	if (certificate)
		gate_verify(&notification->envelope, certificate, verdict);
	else
		verdict->trust = TRUST_UNTRUSTED;
	gate_age(&policy, &notification->envelope, now_ms, verdict);
	certificate_free(certificate);
}

/* True: the certificate would be asked for. */
static bool pass(struct notification *notification, struct span body,
                 const struct expected *expected)
{
	bool lambda = span_is(expected->form, "lambda"), open;

	open = notification_open(notification, config, &policy, body,
	                         lambda ? ENVELOPE_LAMBDA : ENVELOPE_SQS);
	if (!open)
		return false;
	if (!gate_url(&policy, &notification->envelope, &notification->verdict)) {
		notification_reject(notification);
		return false;
	}
	if (expected->served)
		return true;
	verify(notification, expected);
	if (notification->verdict.trust == TRUST_VERIFIED)
		notification_decide(notification, config);
	else
		notification_reject(notification);
	return true;
}

/* ---- The verdict ----------------------------------------------------------------------------- */

static void check_decision(const struct notification *notification, const struct expected *expected)
{
	const struct decision *decision = &notification->decisions.at[0];
	bool kept = reason_outcome(decision->reason) == OUTCOME_REJECTED;
	struct buf word = buf_with_max(100);

	buf_add(&word, expected->word);
	CHECK(span_is(expected->reason, reason_word(decision->reason)), "%s: %s",
	      reason_word(decision->reason), decision->detail);
	CHECK(span_is(expected->disposition, kept ? "kept" : "deleted"));
	CHECK(strstr(decision->detail, buf_text(&word)), "%s", decision->detail);
	CHECK(!text_has_control(span_of(decision->detail)));
	buf_clear(&word);
}

/* What trust.topics says of the first topic; the text is borrowed. */
static void set_rule(const char *signature)
{
	bool any = !signature[0] || strcmp(signature, "any") == 0;

	rules[0].signature = any ? NULL : signature;
	policy.topics = rules;
}

static void hostile_case(const char *dir)
{
	struct buf signature = buf_with_max(10);
	struct expected expected;
	struct reader reader;
	struct notification notification;
	bool fetched;

	read_expected(dir, &reader, &expected);
	buf_add(&signature, expected.signature);
	set_rule(buf_text(&signature));
	if (!check_missing(dir, "message")) {
		fetched = pass(&notification, file_in(dir, "message"), &expected);
		CHECK(span_is(expected.connections, fetched ? "certificate" : "none"));
		if (!expected.served && CHECK(notification.decisions.n > 0))
			check_decision(&notification, &expected);
		notification_clear(&notification);
	}
	reader_clear(&reader);
	buf_clear(&signature);
}

static struct faults faults;

static void load(void)
{
	const struct topic_rule *topics;

	config = config_parse(file_in(CASES, "evergold.json"), "evergold.json", "us-east-1",
	                      &faults);
	if (!CHECK(config, "%s", faults.n ? faults.at[0].text : ""))
		return;
	topics = config_topics(config, &arena, &policy.n_topics);
	rules = arena_alloc(&arena, policy.n_topics, sizeof(*rules));
	memcpy(rules, topics, policy.n_topics * sizeof(*rules));
	policy.max_age_s = config->trust.max_age_s;
}

int main(void)
{
	check_run(load);
	if (config)
		check_cases(CASES, hostile_case);
	faults_clear(&faults);
	arena_clear(&arena);
	config_free(config);
	return check_done();
}
