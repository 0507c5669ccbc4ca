#include "common/sns/envelope.h"

#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/base/text.h"

#include "common/base/banned.h"

#define SNS_BEGAN_MS INT64_C(1262304000000)  /* 2010-01-01, the year of SNS's launch */
#define TIME_END_MS  INT64_C(32503680000000) /* 3000-01-01 */

/* Only confirmations sign these; anybody else's may be of any kind. */
static void read_if_string(struct reader *reader, struct span *ret_text)
{
	if (reader_peek(reader) == JSON_STRING)
		reader_string(reader, ret_text);
	else
		reader_skip(reader);
}

static void read_token(struct reader *reader, void *target)
{
	read_if_string(reader, &((struct envelope *)target)->token);
}

static void read_subscribe_url(struct reader *reader, void *target)
{
	read_if_string(reader, &((struct envelope *)target)->subscribe_url);
}

static const struct member envelope_members[] = {
	MEMBER_STRING(struct envelope, type, "Type", true),
	MEMBER_STRING(struct envelope, message_id, "MessageId", true),
	MEMBER_STRING(struct envelope, topic_arn, "TopicArn", true),
	MEMBER_STRING(struct envelope, subject, "Subject", false),
	MEMBER_STRING(struct envelope, message, "Message", true),
	MEMBER_STRING(struct envelope, timestamp, "Timestamp", true),
	MEMBER_STRING(struct envelope, signature_version, "SignatureVersion", true),
	MEMBER_STRING(struct envelope, signature, "Signature", true),
	MEMBER_STRING(struct envelope, signing_cert_url, "SigningCertURL", false),
	MEMBER_STRING(struct envelope, other_cert_url, "SigningCertUrl", false),
	MEMBER_NESTED("Token", read_token, false),
	MEMBER_NESTED("SubscribeURL", read_subscribe_url, false),
};

/* In byte order of the names, as they are signed. */
static const struct {
	const char *name;
	size_t offset;
	bool of_notification, of_confirmation;
} signed_fields[] = {
	{ "Message", offsetof(struct envelope, message), true, true },
	{ "MessageId", offsetof(struct envelope, message_id), true, true },
	{ "Subject", offsetof(struct envelope, subject), true, false },
	{ "SubscribeURL", offsetof(struct envelope, subscribe_url), false, true },
	{ "Timestamp", offsetof(struct envelope, timestamp), true, true },
	{ "Token", offsetof(struct envelope, token), false, true },
	{ "TopicArn", offsetof(struct envelope, topic_arn), true, true },
	{ "Type", offsetof(struct envelope, type), true, true },
};

static bool is_notification(const struct envelope *envelope)
{
	return span_is(envelope->type, "Notification");
}

static bool is_confirmation(const struct envelope *envelope)
{
	return span_is(envelope->type, "SubscriptionConfirmation") ||
	       span_is(envelope->type, "UnsubscribeConfirmation");
}

void envelope_clear(struct envelope *envelope)
{
	reader_clear(&envelope->reader);
	*envelope = (struct envelope){ 0 };
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool is_object(struct reader *reader, enum reason *ret_reason, struct err *reterr)
{
	if (reader_peek(reader) == JSON_OBJECT)
		return true;
	*ret_reason = REASON_JSON;
	return err_set(reterr, ERR_MALFORMED, "the envelope is not a JSON object");
}

static bool read_fields(struct envelope *envelope, enum reason *ret_reason, struct err *reterr)
{
	struct reader *reader = &envelope->reader;
	const char *missing = members_read(reader, envelope_members, ARRAY_LEN(envelope_members),
	                                   envelope);

	if (!reader_done(reader, reterr)) {
		bool mismatch = reader_fault(reader) == READER_MISMATCH;

		*ret_reason = mismatch ? REASON_FIELD_TYPE : REASON_JSON;
		return false;
	}
	if (!missing)
		return true;
	*ret_reason = REASON_FIELD_MISSING;
	return err_set(reterr, ERR_MALFORMED, "%s is missing%s", missing,
	               envelope->type.at ? "" : " (is raw message delivery on?)");
}

static bool choose_spelling(struct envelope *envelope, enum envelope_form form,
                            enum reason *ret_reason, struct err *reterr)
{
	if (form == ENVELOPE_LAMBDA) {
		struct span url = envelope->other_cert_url;

		envelope->other_cert_url = envelope->signing_cert_url;
		envelope->signing_cert_url = url;
	}
	if (envelope->signing_cert_url.at)
		return true;
	*ret_reason = REASON_FIELD_MISSING;
	return err_set(reterr, ERR_MALFORMED, "%s is missing",
	               form == ENVELOPE_LAMBDA ? "SigningCertUrl" : "SigningCertURL");
}

static bool type_is_known(const struct envelope *envelope, enum reason *ret_reason,
                          struct err *reterr)
{
	if (is_notification(envelope) || is_confirmation(envelope))
		return true;
	*ret_reason = REASON_TYPE_UNEXPECTED;
	return err_set(reterr, ERR_MALFORMED, "Type is none that SNS sends");
}

bool envelope_parse(struct span text, enum envelope_form form, struct envelope *ret_envelope,
                    enum reason *ret_reason, struct err *reterr)
{
	*ret_envelope = (struct envelope){ 0 };
	reader_init(&ret_envelope->reader, text);
	if (text.len > LIMIT_MESSAGE_BODY) {
		*ret_reason = REASON_TOO_BIG;
		return err_set(reterr, ERR_MALFORMED, "%zu bytes, more than %d", text.len,
		               LIMIT_MESSAGE_BODY);
	}
	return is_object(&ret_envelope->reader, ret_reason, reterr) &&
	       read_fields(ret_envelope, ret_reason, reterr) &&
	       choose_spelling(ret_envelope, form, ret_reason, reterr) &&
	       type_is_known(ret_envelope, ret_reason, reterr);
}

/* ---- Forms ----------------------------------------------------------------------------------- */

static bool message_id_holds(struct envelope *envelope)
{
	return text_is_uuid(envelope->message_id);
}

/* SNS writes milliseconds; a finer time is not of its making. */
static bool timestamp_holds(struct envelope *envelope)
{
	return envelope->timestamp.len < TEXT_TIME_SIZE &&
	       text_parse_time(envelope->timestamp, &envelope->timestamp_ms) &&
	       envelope->timestamp_ms >= SNS_BEGAN_MS && envelope->timestamp_ms < TIME_END_MS;
}

static bool topic_holds(struct envelope *envelope)
{
	return topic_arn_parse(envelope->topic_arn, &envelope->topic);
}

static bool subject_holds(struct envelope *envelope)
{
	struct span subject = envelope->subject;

	return !subject.at || (subject.len > 0 && !text_has_control(subject) &&
	                       text_utf8_count(subject) <= LIMIT_SUBJECT);
}

static bool confirmation_holds(struct envelope *envelope)
{
	return !is_confirmation(envelope) ||
	       !(text_has_control(envelope->token) || text_has_control(envelope->subscribe_url));
}

static bool spellings_agree(struct envelope *envelope)
{
	return !envelope->other_cert_url.at ||
	       span_equal(envelope->other_cert_url, envelope->signing_cert_url);
}

static const struct {
	bool (*holds)(struct envelope *envelope);
	const char *otherwise;
} forms[] = {
	{ message_id_holds, "MessageId is not a lower-case UUID" },
	{ timestamp_holds, "Timestamp is not a UTC time between 2010 and 2999" },
	{ topic_holds, "TopicArn is not the name of a topic" },
	{ subject_holds, "Subject is empty, too long or holds a control character" },
	{ confirmation_holds, "Token or SubscribeURL holds a control character" },
	{ spellings_agree, "SigningCertURL and SigningCertUrl differ" },
};

static bool confirmation_is_complete(const struct envelope *envelope, enum reason *ret_reason,
                                     struct err *reterr)
{
	if (!is_confirmation(envelope) || (envelope->token.at && envelope->subscribe_url.at))
		return true;
	*ret_reason = REASON_FIELD_MISSING;
	return err_set(reterr, ERR_MALFORMED, "%s is missing",
	               envelope->token.at ? "SubscribeURL" : "Token");
}

bool envelope_check(struct envelope *envelope, enum reason *ret_reason, struct err *reterr)
{
	if (!confirmation_is_complete(envelope, ret_reason, reterr))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (!forms[i].holds(envelope)) {
			*ret_reason = REASON_FIELD_FORMAT;
			return err_set(reterr, ERR_MALFORMED, "%s", forms[i].otherwise);
		}
	}
	return true;
}

void envelope_drop_malformed(struct envelope *envelope)
{
	if (!message_id_holds(envelope))
		envelope->message_id = SPAN_NONE;
	if (!topic_holds(envelope))
		envelope->topic_arn = SPAN_NONE;
}

/* ---- What is signed -------------------------------------------------------------------------- */

void envelope_string_to_sign(const struct envelope *envelope, struct buf *out)
{
	bool notification = is_notification(envelope), confirmation = is_confirmation(envelope);

	for (size_t i = 0; i < ARRAY_LEN(signed_fields); i++) {
		const void *field = (const char *)envelope + signed_fields[i].offset;
		const struct span *value = field;

		if (!value->at || !((notification && signed_fields[i].of_notification) ||
		                    (confirmation && signed_fields[i].of_confirmation)))
			continue;
		buf_add_text(out, signed_fields[i].name);
		buf_add_char(out, '\n');
		buf_add(out, *value);
		buf_add_char(out, '\n');
	}
}
