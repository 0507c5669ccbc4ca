/*
 * reason and err: what is said to users, and to their scripts.
 */
#include "common/base/attr.h"
#include "common/base/err.h"
#include "common/base/reason.h"
#include "tests/unit/check.h"

#include <stddef.h>
#include <string.h>

/* ---- reason: users' scripts know these words, so each is written down here once more. -------- */

static const struct {
	enum outcome outcome;
	const char *word;
	const char *reasons[20];
} outcomes[] = {
	{ OUTCOME_START, "start", { "matched" } },
	{ OUTCOME_DUPLICATE, "duplicate", { "already_started" } },
	{ OUTCOME_OLDER, "older", { "older_release" } },
	{ OUTCOME_HELD,
	  "held",
	  { "soaking", "outside_window", "family_held", "quarantined", "pipeline_busy",
	    "not_available_yet", "failing" } },
	{ OUTCOME_AMBIGUOUS, "ambiguous", { "several_images" } },
	{ OUTCOME_IGNORED,
	  "ignored",
	  { "no_family", "no_image_in_region", "name_mismatch", "architecture_mismatch",
	    "excluded" } },
	{ OUTCOME_REJECTED,
	  "rejected",
	  { "too_big", "json", "field_missing", "field_type", "field_format", "type_unexpected",
	    "topic_not_allowed", "cert_url", "cert_fetch", "cert_body", "cert_name", "cert_time",
	    "cert_key", "signature_version", "signature_format", "signature_mismatch", "too_old",
	    "in_future", "payload" } },
};

/* The reasons stand in the order of their enum, outcome by outcome. */
TEST(every_reason_has_its_word_and_its_outcome)
{
	int reason = 0;

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		CHECK_TEXT(outcome_word(outcomes[i].outcome), outcomes[i].word);
		for (size_t j = 0; outcomes[i].reasons[j]; j++, reason++) {
			CHECK_TEXT(reason_word((enum reason)reason), outcomes[i].reasons[j]);
			CHECK_INT(reason_outcome((enum reason)reason), outcomes[i].outcome);
		}
	}
	CHECK_INT(reason, REASON_PAYLOAD + 1);
}

TEST(a_reason_is_found_by_its_word)
{
	enum reason found = REASON_MATCHED;

	CHECK(reason_of(SPAN("payload"), &found));
	CHECK_INT(found, REASON_PAYLOAD);
	CHECK(!reason_of(SPAN("of a later version"), &found));
	CHECK_INT(found, REASON_PAYLOAD);
}

TEST(every_trust_has_its_word)
{
	CHECK_TEXT(trust_word(TRUST_UNCHECKED), "unchecked");
	CHECK_TEXT(trust_word(TRUST_VERIFIED), "verified");
	CHECK_TEXT(trust_word(TRUST_UNTRUSTED), "untrusted");
}

/* ---- err ------------------------------------------------------------------------------------- */

TEST(an_error_is_set_and_said_no)
{
	struct err err = { 0 };

	CHECK(!err_set(&err, ERR_TRANSIENT, "asked %d times", 3));
	CHECK_INT(err.kind, ERR_TRANSIENT);
	CHECK_TEXT(err.text, "asked 3 times");
}

TEST(context_goes_before_the_text_and_keeps_the_kind)
{
	struct err err = { 0 };

	err_set(&err, ERR_REFUSED, "access denied");
	CHECK(!err_wrap(&err, "queue %s", "images"));
	CHECK(!err_wrap(&err, "receive"));
	CHECK_INT(err.kind, ERR_REFUSED);
	CHECK_TEXT(err.text, "receive: queue images: access denied");
}

TEST(nobody_needs_to_listen)
{
	CHECK(!err_set(NULL, ERR_BROKEN, "unheard"));
	CHECK(!err_wrap(NULL, "unheard"));
}

TEST(texts_are_cut_at_their_size)
{
	struct err err = { 0 };
	char text[sizeof(err.text)];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_MALFORMED, "%s and more", text);
	CHECK_TEXT(err.text, text);
	err_wrap(&err, "while reading");
	CHECK_INT((long long)strlen(err.text), (long long)sizeof(err.text) - 1);
	CHECK(strncmp(err.text, "while reading: xxx", 18) == 0);
	err_wrap(&err, "%s", text);
	CHECK_TEXT(err.text, text);
}

int main(void)
{
	check_run(every_reason_has_its_word_and_its_outcome);
	check_run(a_reason_is_found_by_its_word);
	check_run(every_trust_has_its_word);
	check_run(an_error_is_set_and_said_no);
	check_run(context_goes_before_the_text_and_keeps_the_kind);
	check_run(nobody_needs_to_listen);
	check_run(texts_are_cut_at_their_size);
	return check_done();
}
