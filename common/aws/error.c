#include "common/aws/error.h"

#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/xml.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* ---- What a code means ----------------------------------------------------------------------- */

struct meaning {
	const char *code;
	enum retry_class retry;
	enum err_kind kind;
};

/*
 * Whatever is not listed is judged by its HTTP status. Both names of a code are here where the
 * query protocol had another one.
 */
static const struct meaning codes[] = {
	/* Throttling, mostly with HTTP 400 (SDK reference, standard retry mode). */
	{ "Throttling", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "ThrottlingException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "ThrottledException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "RequestThrottledException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "RequestThrottled", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "TooManyRequestsException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "ProvisionedThroughputExceededException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "TransactionInProgressException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "RequestLimitExceeded", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "BandwidthLimitExceeded", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "LimitExceededException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "SlowDown", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "PriorRequestNotComplete", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "EC2ThrottledException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "KmsThrottled", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "KMS.ThrottlingException", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "KMSThrottling", RETRY_THROTTLING, ERR_TRANSIENT },
	{ "Throttled", RETRY_THROTTLING, ERR_TRANSIENT },

	{ "RequestTimeout", RETRY_TRANSIENT, ERR_TRANSIENT },
	{ "RequestTimeoutException", RETRY_TRANSIENT, ERR_TRANSIENT },

	/* What botocore's models mark as worth repeating, and what they do not. */
	{ "IDPCommunicationError", RETRY_TRANSIENT, ERR_TRANSIENT },
	{ "ReplicatedWriteConflictException", RETRY_TRANSIENT, ERR_TRANSIENT },
	{ "TransactionConflictException", RETRY_NEVER, ERR_TRANSIENT },

	/* Busy for longer than a call should last: the flow asks again minutes later. */
	{ "ConflictException", RETRY_NEVER, ERR_TRANSIENT },
	{ "ConcurrentPipelineExecutionsLimitExceededException", RETRY_NEVER, ERR_TRANSIENT },
	{ "TooManyUpdates", RETRY_NEVER, ERR_TRANSIENT },
	{ "OverLimit", RETRY_NEVER, ERR_TRANSIENT },

	/* Maybe our clock: the answer's Date tells. */
	{ "RequestTimeTooSkewed", RETRY_CLOCK, ERR_BROKEN },
	{ "RequestExpired", RETRY_CLOCK, ERR_BROKEN },
	{ "RequestInTheFuture", RETRY_CLOCK, ERR_BROKEN },
	{ "SignatureDoesNotMatch", RETRY_CLOCK, ERR_BROKEN },
	{ "InvalidSignatureException", RETRY_CLOCK, ERR_BROKEN },
	{ "AuthFailure", RETRY_CLOCK, ERR_BROKEN },

	{ "ExpiredToken", RETRY_CREDENTIALS, ERR_BROKEN },
	{ "ExpiredTokenException", RETRY_CREDENTIALS, ERR_BROKEN },

	/* A key that is gone, as after a rotation: the new one may be there already. */
	{ "UnrecognizedClientException", RETRY_CREDENTIALS, ERR_BROKEN },
	{ "InvalidClientTokenId", RETRY_CREDENTIALS, ERR_BROKEN },

	/* Somebody has to give us other credentials, rights or keys. */
	{ "IncompleteSignature", RETRY_NEVER, ERR_BROKEN },
	{ "IncompleteSignatureException", RETRY_NEVER, ERR_BROKEN },
	{ "MissingAuthenticationToken", RETRY_NEVER, ERR_BROKEN },
	{ "MissingAuthenticationTokenException", RETRY_NEVER, ERR_BROKEN },
	{ "AccessDenied", RETRY_NEVER, ERR_BROKEN },
	{ "AccessDeniedException", RETRY_NEVER, ERR_BROKEN },
	{ "OptInRequired", RETRY_NEVER, ERR_BROKEN },
	{ "InvalidSecurity", RETRY_NEVER, ERR_BROKEN },
	{ "AuthorizationError", RETRY_NEVER, ERR_BROKEN },
	{ "UnauthorizedOperation", RETRY_NEVER, ERR_BROKEN },
	{ "InvalidIdentityToken", RETRY_NEVER, ERR_BROKEN },
	{ "IDPRejectedClaim", RETRY_NEVER, ERR_BROKEN },
	{ "RegionDisabledException", RETRY_NEVER, ERR_BROKEN },
	{ "DecryptionFailure", RETRY_NEVER, ERR_BROKEN },
	{ "KmsAccessDenied", RETRY_NEVER, ERR_BROKEN },
	{ "KMSAccessDenied", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.AccessDeniedException", RETRY_NEVER, ERR_BROKEN },
	{ "KmsDisabled", RETRY_NEVER, ERR_BROKEN },
	{ "KMSDisabled", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.DisabledException", RETRY_NEVER, ERR_BROKEN },
	{ "KmsInvalidKeyUsage", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.InvalidKeyUsageException", RETRY_NEVER, ERR_BROKEN },
	{ "KmsInvalidState", RETRY_NEVER, ERR_BROKEN },
	{ "KMSInvalidState", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.InvalidStateException", RETRY_NEVER, ERR_BROKEN },
	{ "KmsNotFound", RETRY_NEVER, ERR_BROKEN },
	{ "KMSNotFound", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.NotFoundException", RETRY_NEVER, ERR_BROKEN },
	{ "KmsOptInRequired", RETRY_NEVER, ERR_BROKEN },
	{ "KMSOptInRequired", RETRY_NEVER, ERR_BROKEN },
	{ "KMS.OptInRequired", RETRY_NEVER, ERR_BROKEN },
};

static const struct {
	int status;
	struct meaning meaning;
} statuses[] = {
	{ 401, { NULL, RETRY_CREDENTIALS, ERR_BROKEN } },
	{ 403, { NULL, RETRY_CREDENTIALS, ERR_BROKEN } },
	{ 408, { NULL, RETRY_TRANSIENT, ERR_TRANSIENT } },
	{ 429, { NULL, RETRY_THROTTLING, ERR_TRANSIENT } },
	{ 500, { NULL, RETRY_TRANSIENT, ERR_TRANSIENT } },
	{ 502, { NULL, RETRY_TRANSIENT, ERR_TRANSIENT } },
	{ 503, { NULL, RETRY_TRANSIENT, ERR_TRANSIENT } },
	{ 504, { NULL, RETRY_TRANSIENT, ERR_TRANSIENT } },
};

static const struct meaning refused = { NULL, RETRY_NEVER, ERR_REFUSED };

/* AWS redirects none of these requests: somebody is in between, who may be gone the next time. */
static const struct meaning redirected = { NULL, RETRY_NEVER, ERR_TRANSIENT };

static const struct meaning *meaning_of(const char *code, int status)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (strcmp(codes[i].code, code) == 0)
			return &codes[i];
	}
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (statuses[i].status == status)
			return &statuses[i].meaning;
	}
	return status / 100 == 3 ? &redirected : &refused;
}

/* ---- Texts of the answer --------------------------------------------------------------------- */

/* "com.amazonaws.sqs#QueueDoesNotExist:http://…" without what is around it; codes are words. */
static bool take_code(struct aws_error *error, struct span from)
{
	struct span rest = span_cut(&from, ':'), code = SPAN_NONE;

	while (rest.len)
		code = span_cut(&rest, '#');
	code = span_trim(code);
	if (code.len == 0 || code.len >= sizeof error->code ||
	    !span_only(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"))
		return false;
	memcpy(error->code, code.at, code.len);
	error->code[code.len] = '\0';
	return true;
}

/* Cut at the size, between characters; what is no text becomes a question mark or a blank. */
static void take_message(struct aws_error *error, struct span from)
{
	size_t used = 0, length;

	for (from = span_trim(from); from.len; from = span_part(from, length, from.len)) {
		size_t known = text_utf8_length(from);

		length = known ? known : 1;
		if (used + length >= sizeof error->message)
			break;
		memcpy(error->message + used, known ? from.at : "?", length);
		if (text_has_control(span_part(from, 0, length)))
			error->message[used] = ' ';
		used += length;
	}
	error->message[used] = '\0';
}

/* ---- JSON ------------------------------------------------------------------------------------ */

struct error_body {
	struct span type, code, message, capital_message;
};

static const struct member error_members[] = {
	MEMBER_STRING(struct error_body, type, "__type", false),
	MEMBER_STRING(struct error_body, code, "code", false),
	MEMBER_STRING(struct error_body, message, "message", false),
	MEMBER_STRING(struct error_body, capital_message, "Message", false),
};

/* A load balancer's page is no JSON: then all of it is the message. */
static struct error_body read_body(struct reader *reader, struct span body)
{
	struct error_body read = { 0 };
	bool object;

	reader_init(reader, body);
	object = reader_peek(reader) == JSON_OBJECT;
	(void)members_read(reader, error_members, ARRAY_LEN(error_members), &read);
	if (object && (reader_done(reader, NULL) || reader_fault(reader) == READER_MISMATCH))
		return read;
	return (struct error_body){ .message = body };
}

static void read_json(const struct aws_error_answer *answer, struct aws_error *error)
{
	struct reader reader;
	struct error_body read = read_body(&reader, answer->body);

	if (!take_code(error, read.type) && !take_code(error, answer->error_type))
		(void)take_code(error, read.code);
	take_message(error, read.message.len ? read.message : read.capital_message);
	reader_clear(&reader);
}

/* ---- XML ------------------------------------------------------------------------------------- */

/* "Error/Code" of ErrorResponse/Error/Code (query), Response/Errors/Error/Code (EC2) or a mix. */
static struct span below_root(struct span path)
{
	span_cut(&path, '/');
	if (span_starts(path, SPAN("Errors/")))
		span_cut(&path, '/');
	return path;
}

/* Of several errors, the first one speaks. */
static void on_leaf(void *ctx, struct span path, struct span text)
{
	struct aws_error *error = ctx;

	if (!error->code[0] && span_is(below_root(path), "Error/Code"))
		(void)take_code(error, text);
	if (!error->message[0] && span_is(below_root(path), "Error/Message"))
		take_message(error, text);
}

/* What is no XML, or broken further on, is the message as it is. */
static void read_xml(const struct aws_error_answer *answer, struct aws_error *error)
{
	static const struct xml_events events = { .on_leaf = on_leaf };

	if (xml_read(answer->body, &events, error, NULL))
		return;
	error->code[0] = '\0';
	take_message(error, answer->body);
}

/* ---- All of it ------------------------------------------------------------------------------- */

void aws_error_read(const struct aws_error_answer *answer, struct aws_error *ret_error)
{
	const struct meaning *meaning;

	*ret_error = (struct aws_error){ .status = answer->status };
	if (answer->protocol == AWS_JSON)
		read_json(answer, ret_error);
	else
		read_xml(answer, ret_error);
	if (!ret_error->code[0])
		snprintf(ret_error->code, sizeof ret_error->code, "%d", answer->status);
	meaning = meaning_of(ret_error->code, answer->status);
	ret_error->retry = meaning->retry;
	ret_error->kind = meaning->kind;
}

/* ---- The request id -------------------------------------------------------------------------- */

#define ID_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

struct span aws_query_request_id(struct span body)
{
	static const char tag[] = "requestid>";
	const size_t length = sizeof(tag) - 1;
	struct span rest = body, id;

	while (rest.len) {
		(void)span_cut(&rest, '<');
		if (rest.len <= length || strncasecmp(rest.at, tag, length) != 0)
			continue;
		rest = span_part(rest, length, rest.len);
		id = span_trim(span_cut(&rest, '<'));
		return span_only(id, ID_LETTERS) ? id : SPAN_NONE;
	}
	return SPAN_NONE;
}
