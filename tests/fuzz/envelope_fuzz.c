/*
 * Any bytes as an envelope, in both forms. What passes the checks of form can be signed: its text
 * holds every value and, but for the message, one line for each name and value.
 */
#include "common/sns/envelope.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_signed_text(const struct envelope *envelope)
{
	struct buf text = buf_with_max(LIMIT_MESSAGE_BODY + 128);
	struct span rest;

	envelope_string_to_sign(envelope, &text);
	if (text.overflow || !span_starts(buf_span(&text), SPAN("Message\n")))
		abort();
	rest = span_part(buf_span(&text), sizeof("Message\n") - 1 + envelope->message.len,
	                 text.len);
	for (size_t lines = 0; rest.len; lines++) {
		if (lines > 14 || text_has_control(span_cut(&rest, '\n')))
			abort();
	}
	buf_clear(&text);
}

static void parse(struct span text, enum envelope_form form)
{
	struct envelope envelope;
	struct err err = { 0 };
	enum reason reason = REASON_MATCHED;

	if (envelope_parse(text, form, &envelope, &reason, &err) &&
	    envelope_check(&envelope, &reason, &err))
		check_signed_text(&envelope);
	else if (err.kind != ERR_MALFORMED || reason_outcome(reason) != OUTCOME_REJECTED)
		abort();
	envelope_drop_malformed(&envelope);
	if (text_has_control(envelope.message_id) || text_has_control(envelope.topic_arn))
		abort();
	envelope_clear(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	parse(text, ENVELOPE_SQS);
	parse(text, ENVELOPE_LAMBDA);
	return 0;
}
