/*
 * What the gate does with a good envelope that is changed, byte by byte or beyond what a file of
 * tests/cases/hostile holds; hostile_test.c has those cases.
 */
#include "common/sns/gate.h"

#include "common/base/limits.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

#define CASES    "tests/cases/hostile"
#define GOOD     CASES "/G-01_version_2_subject"
#define PEM      "tests/cases/sns_certificate/good"
#define NOW      "2026-08-18T01:00:10.000Z"
#define MAX_AGE  (15.0 * 24 * 3600)
#define BODY_MAX (4 * LIMIT_MESSAGE_BODY)

static const struct topic_rule usual_topics[] = {
	{ .arn = "arn:aws:sns:us-east-1:111122223333:other-updates" },
	{ .arn = "arn:aws:sns:us-east-1:111122223333:ami-updates" },
};

static const struct gate_policy usual_policy = {
	.topics = usual_topics,
	.n_topics = ARRAY_LEN(usual_topics),
	.max_age_s = (int64_t)MAX_AGE,
};

/* ---- Opening, fetching, verifying, as a worker does it --------------------------------------- */

struct arrival {
	struct span body;
	enum envelope_form form;
	struct span pem; /* what the fetch brings */
	int64_t now_ms;
};

static void verify_fetched(const struct arrival *arrival, const struct envelope *envelope,
                           struct verdict *ret_verdict)
{
	struct certificate *certificate = certificate_parse(arrival->pem, &ret_verdict->reason,
	                                                    &ret_verdict->err);

	if (certificate)
		gate_verify(envelope, certificate, ret_verdict);
	else
		ret_verdict->trust = TRUST_UNTRUSTED;
	certificate_free(certificate);
}

static struct verdict pass(const struct gate_policy *policy, const struct arrival *arrival)
{
	struct envelope envelope;
	struct verdict verdict;

	if (gate_open(policy, arrival->body, arrival->form, &envelope, &verdict) &&
	    gate_url(policy, &envelope, &verdict)) {
		verify_fetched(arrival, &envelope, &verdict);
		gate_age(policy, &envelope, arrival->now_ms, &verdict);
	}
	envelope_clear(&envelope);
	return verdict;
}

static struct span file_in(const char *dir, const char *file)
{
	struct span text;

	text.at = check_read(dir, file, &text.len);
	return text;
}

static int64_t ms_of(struct span time)
{
	int64_t ms = 0;

	CHECK(text_parse_time(time, &ms), "%.*s", SPAN_ARG(time));
	return ms;
}

/* A good envelope and its certificate, for tests that change something in them. */
static struct {
	struct span body, pem;
} good;

static void load_good(void)
{
	good.body = span_of(check_read_text(GOOD, "message"));
	good.pem = file_in(PEM, "certificate.pem");
}

static struct verdict pass_body(struct span body)
{
	struct arrival arrival = { .body = body, .pem = good.pem, .now_ms = ms_of(SPAN(NOW)) };

	return pass(&usual_policy, &arrival);
}

/* ---- One member at a time -------------------------------------------------------------------- */

/* The good envelope with the line of one member replaced by another value, or taken out for "-". */
static void replace_member(struct span member, struct span value, struct buf *out)
{
	struct span rest = good.body;
	struct buf name = buf_with_max(100);
	int found = 0;

	buf_addf(&name, "  \"%.*s\": ", SPAN_ARG(member));
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		bool here = span_starts(line, buf_span(&name));

		found += here;
		if (here && !span_is(value, "-"))
			buf_addf(out, "%s%.*s,", buf_text(&name), SPAN_ARG(value));
		else if (!here)
			buf_add(out, line);
		buf_add_char(out, '\n');
	}
	CHECK_INT(found, 1);
	buf_clear(&name);
}

/* ---- Every byte that is signed or signs ------------------------------------------------------ */

static struct span value_of(const char *member)
{
	const char *at = strstr(good.body.at, member);
	struct span rest, value;

	if (!CHECK(at, "%s", member))
		return SPAN_NONE;
	rest = span_part(good.body, (size_t)(at - good.body.at) + strlen(member), good.body.len);
	value = span_cut(&rest, '\n');
	value.len -= sizeof("\",") - 1;
	return value;
}

static void change_each_byte(const char *member)
{
	struct span value = value_of(member);
	size_t from = (size_t)(value.at - good.body.at);
	struct buf copy = buf_with_max(good.body.len);

	buf_add(&copy, good.body);
	for (size_t i = from; i < from + value.len; i++) {
		struct verdict verdict;

		copy.at[i] = copy.at[i] == 'A' ? 'B' : 'A';
		verdict = pass_body(buf_span(&copy));
		CHECK(verdict.trust == TRUST_UNTRUSTED, "%s byte %zu", member, i - from);
		copy.at[i] = good.body.at[i];
	}
	buf_clear(&copy);
}

TEST(any_byte_changed)
{
	load_good();
	CHECK_INT(pass_body(good.body).trust, TRUST_VERIFIED);
	change_each_byte("\"Type\": \"");
	change_each_byte("\"MessageId\": \"");
	change_each_byte("\"TopicArn\": \"");
	change_each_byte("\"Subject\": \"");
	change_each_byte("\"Message\": \"");
	change_each_byte("\"Timestamp\": \"");
	change_each_byte("\"SignatureVersion\": \"");
	change_each_byte("\"Signature\": \"");
}

/* ---- Bodies too large for a file ------------------------------------------------------------- */

static void nest(size_t depth, struct buf *out)
{
	buf_reset(out);
	buf_add_text(out, "{\"deep\":");
	for (size_t i = 0; i < depth; i++)
		buf_add_char(out, '[');
	for (size_t i = 0; i < depth; i++)
		buf_add_char(out, ']');
	buf_add_char(out, ',');
	buf_add(out, span_part(good.body, 1, good.body.len));
}

TEST(depth)
{
	static const size_t refused[] = { LIMIT_JSON_DEPTH, 2048, 2049, 100000 };
	struct buf body = buf_with_max(BODY_MAX);

	load_good();
	nest(LIMIT_JSON_DEPTH - 1, &body); /* the envelope itself is the first level */
	CHECK_INT(pass_body(buf_span(&body)).trust, TRUST_VERIFIED);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		nest(refused[i], &body);
		CHECK_INT(pass_body(buf_span(&body)).reason, REASON_JSON);
	}
	buf_clear(&body);
}

TEST(many_members)
{
	struct buf body = buf_with_max(BODY_MAX);

	load_good();
	buf_add_char(&body, '{');
	for (int i = 0; i < 40000; i++)
		buf_addf(&body, "\"key%d\":0,", i);
	buf_add(&body, span_part(good.body, 1, good.body.len));
	CHECK_INT(pass_body(buf_span(&body)).reason, REASON_JSON);
	buf_clear(&body);
}

/* White space up to the limit, so that size alone decides. */
TEST(size)
{
	struct buf body = buf_with_max(BODY_MAX);

	load_good();
	buf_add(&body, good.body);
	while (body.len < LIMIT_MESSAGE_BODY)
		buf_add_char(&body, ' ');
	CHECK_INT(pass_body(buf_span(&body)).trust, TRUST_VERIFIED);
	buf_add_char(&body, ' ');
	CHECK_INT(pass_body(buf_span(&body)).reason, REASON_TOO_BIG);
	buf_clear(&body);
}

/* ---- What a refusal leaves ------------------------------------------------------------------- */

static void check_identity(struct span member, struct span value, bool id, bool topic)
{
	struct buf body = buf_with_max(BODY_MAX);
	struct envelope envelope;
	struct verdict verdict;

	replace_member(member, value, &body);
	CHECK(!gate_open(&usual_policy, buf_span(&body), ENVELOPE_SQS, &envelope, &verdict));
	CHECK_INT(envelope.message_id.at != NULL, id);
	CHECK_INT(envelope.topic_arn.at != NULL, topic);
	envelope_clear(&envelope);
	buf_clear(&body);
}

TEST(a_refusal_names_the_message_when_it_can)
{
	load_good();
	check_identity(SPAN("Type"), SPAN("\"Alarm\""), true, true);
	check_identity(SPAN("Message"), SPAN("-"), true, true);
	check_identity(SPAN("TopicArn"), SPAN("\"evil\\n\""), true, false);
	check_identity(SPAN("MessageId"), SPAN("\"evil\\n\""), false, true);
}

/* ---- Pinned certificates --------------------------------------------------------------------- */

static struct certificate *certificate_in(const char *dir)
{
	enum reason reason;
	struct err err;
	struct certificate *certificate = certificate_parse(file_in(dir, "certificate.pem"),
	                                                    &reason, &err);

	CHECK(certificate, "%s", err.text);
	return certificate;
}

struct pinned_result {
	bool decided;
	struct verdict verdict;
};

static struct pinned_result try_pinned(struct certificate *const *pinned, size_t n,
                                       struct span body)
{
	struct gate_policy policy = usual_policy;
	struct pinned_result result = { false };
	struct envelope envelope;

	policy.pinned = pinned;
	policy.n_pinned = n;
	if (CHECK(gate_open(&policy, body, ENVELOPE_SQS, &envelope, &result.verdict)))
		result.decided = gate_pinned(&policy, &envelope, &result.verdict);
	envelope_clear(&envelope);
	return result;
}

TEST(pinned_certificates)
{
	struct certificate *own = certificate_in(PEM);
	struct certificate *other_file = certificate_in(
		"tests/cases/sns_certificate/good_self_signed");
	struct certificate *stranger = certificate_in("tests/cases/sns_certificate/good_4096_bits");
	struct certificate *both[] = { stranger, own }, *renamed[] = { stranger, other_file };
	struct span forged = file_in(CASES "/S-01_message_changed", "message");
	struct pinned_result result;

	load_good();
	result = try_pinned(both, 2, good.body);
	CHECK(result.decided && result.verdict.trust == TRUST_VERIFIED);
	result = try_pinned(both, 2, forged);
	CHECK(result.decided && result.verdict.reason == REASON_SIGNATURE_MISMATCH);

	/* The same key in a file of another name: it decides only when it verifies. */
	result = try_pinned(renamed, 2, good.body);
	CHECK(result.decided && result.verdict.trust == TRUST_VERIFIED);
	result = try_pinned(renamed, 2, forged);
	CHECK(!result.decided && result.verdict.trust == TRUST_UNCHECKED);
	CHECK_INT(result.verdict.err.kind, ERR_NONE);

	result = try_pinned(&stranger, 1, good.body);
	CHECK(!result.decided && result.verdict.trust == TRUST_UNCHECKED);
	result = try_pinned(NULL, 0, good.body);
	CHECK(!result.decided && result.verdict.trust == TRUST_UNCHECKED);
	certificate_free(own);
	certificate_free(other_file);
	certificate_free(stranger);
}

TEST(age_changes_only_what_is_verified)
{
	struct envelope envelope = { .timestamp_ms = 0 };
	struct verdict verdict = { TRUST_UNCHECKED, REASON_MATCHED, { 0 } };

	gate_age(&usual_policy, &envelope, INT64_C(1) << 50, &verdict);
	CHECK_INT(verdict.trust, TRUST_UNCHECKED);
	verdict = (struct verdict){ TRUST_UNTRUSTED, REASON_CERT_URL, { 0 } };
	gate_age(&usual_policy, &envelope, INT64_C(1) << 50, &verdict);
	CHECK_INT(verdict.reason, REASON_CERT_URL);
}

int main(void)
{
	check_run(any_byte_changed);
	check_run(depth);
	check_run(many_members);
	check_run(size);
	check_run(a_refusal_names_the_message_when_it_can);
	check_run(pinned_certificates);
	check_run(age_changes_only_what_is_verified);
	return check_done();
}
