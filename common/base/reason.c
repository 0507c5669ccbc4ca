#include "common/base/reason.h"

#include "common/base/attr.h"

#include <assert.h>

#include "common/base/banned.h"

static const char *const outcome_words[] = {
	[OUTCOME_START] = "start",         [OUTCOME_DUPLICATE] = "duplicate",
	[OUTCOME_OLDER] = "older",         [OUTCOME_HELD] = "held",
	[OUTCOME_AMBIGUOUS] = "ambiguous", [OUTCOME_IGNORED] = "ignored",
	[OUTCOME_REJECTED] = "rejected",
};

static const struct {
	const char *word;
	enum outcome outcome;
} reasons[] = {
	[REASON_MATCHED] = { "matched", OUTCOME_START },
	[REASON_ALREADY_STARTED] = { "already_started", OUTCOME_DUPLICATE },
	[REASON_OLDER_RELEASE] = { "older_release", OUTCOME_OLDER },
	[REASON_SOAKING] = { "soaking", OUTCOME_HELD },
	[REASON_OUTSIDE_WINDOW] = { "outside_window", OUTCOME_HELD },
	[REASON_FAMILY_HELD] = { "family_held", OUTCOME_HELD },
	[REASON_QUARANTINED] = { "quarantined", OUTCOME_HELD },
	[REASON_PIPELINE_BUSY] = { "pipeline_busy", OUTCOME_HELD },
	[REASON_NOT_AVAILABLE_YET] = { "not_available_yet", OUTCOME_HELD },
	[REASON_FAILING] = { "failing", OUTCOME_HELD },
	[REASON_SEVERAL_IMAGES] = { "several_images", OUTCOME_AMBIGUOUS },
	[REASON_NO_FAMILY] = { "no_family", OUTCOME_IGNORED },
	[REASON_NO_IMAGE_IN_REGION] = { "no_image_in_region", OUTCOME_IGNORED },
	[REASON_NAME_MISMATCH] = { "name_mismatch", OUTCOME_IGNORED },
	[REASON_ARCHITECTURE_MISMATCH] = { "architecture_mismatch", OUTCOME_IGNORED },
	[REASON_EXCLUDED] = { "excluded", OUTCOME_IGNORED },
	[REASON_TOO_BIG] = { "too_big", OUTCOME_REJECTED },
	[REASON_JSON] = { "json", OUTCOME_REJECTED },
	[REASON_FIELD_MISSING] = { "field_missing", OUTCOME_REJECTED },
	[REASON_FIELD_TYPE] = { "field_type", OUTCOME_REJECTED },
	[REASON_FIELD_FORMAT] = { "field_format", OUTCOME_REJECTED },
	[REASON_TYPE_UNEXPECTED] = { "type_unexpected", OUTCOME_REJECTED },
	[REASON_TOPIC_NOT_ALLOWED] = { "topic_not_allowed", OUTCOME_REJECTED },
	[REASON_CERT_URL] = { "cert_url", OUTCOME_REJECTED },
	[REASON_CERT_FETCH] = { "cert_fetch", OUTCOME_REJECTED },
	[REASON_CERT_BODY] = { "cert_body", OUTCOME_REJECTED },
	[REASON_CERT_NAME] = { "cert_name", OUTCOME_REJECTED },
	[REASON_CERT_TIME] = { "cert_time", OUTCOME_REJECTED },
	[REASON_CERT_KEY] = { "cert_key", OUTCOME_REJECTED },
	[REASON_SIGNATURE_VERSION] = { "signature_version", OUTCOME_REJECTED },
	[REASON_SIGNATURE_FORMAT] = { "signature_format", OUTCOME_REJECTED },
	[REASON_SIGNATURE_MISMATCH] = { "signature_mismatch", OUTCOME_REJECTED },
	[REASON_TOO_OLD] = { "too_old", OUTCOME_REJECTED },
	[REASON_IN_FUTURE] = { "in_future", OUTCOME_REJECTED },
	[REASON_PAYLOAD] = { "payload", OUTCOME_REJECTED },
};

static_assert(ARRAY_LEN(outcome_words) == OUTCOME_REJECTED + 1, "a word for each outcome");
static_assert(ARRAY_LEN(reasons) == REASON_PAYLOAD + 1, "a row for each reason");

const char *outcome_word(enum outcome outcome)
{
	return outcome_words[outcome];
}

const char *reason_word(enum reason reason)
{
	return reasons[reason].word;
}

enum outcome reason_outcome(enum reason reason)
{
	return reasons[reason].outcome;
}

bool reason_of(struct span word, enum reason *ret_reason)
{
	for (enum reason reason = REASON_MATCHED; reason <= REASON_PAYLOAD; reason++) {
		if (span_is(word, reasons[reason].word)) {
			*ret_reason = reason;
			return true;
		}
	}
	return false;
}

const char *trust_word(enum trust trust)
{
	static const char *const words[] = {
		[TRUST_UNCHECKED] = "unchecked",
		[TRUST_VERIFIED] = "verified",
		[TRUST_UNTRUSTED] = "untrusted",
	};

	return words[trust];
}
