#include "worker/aws/credential_question.h"

#include "common/base/mem.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "worker/adapters/file.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PROCESS_VERSION 1.0

/* ---- Life ------------------------------------------------------------------------------------ */

static void cancel(struct call *call)
{
	struct credential_question *question = (struct credential_question *)call;

	call_cancel(question->pending);
	free(question);
}

void *credential_question_new(size_t size, credentials_done_fn *done, void *ctx)
{
	struct credential_question *question = xcalloc(1, size);

	question->call.cancel = cancel;
	question->done = done;
	question->ctx = ctx;
	return question;
}

void credential_question_give(struct credential_question *question, struct credentials *credentials)
{
	question->done(question->ctx, credentials, NULL);
	credentials_clear(credentials);
	free(question);
}

void credential_question_fail(struct credential_question *question,
                              const struct credential_step *step, const struct err *err)
{
	struct err told = *err;

	err_wrap(&told, "%s", step->where);
	told.kind = err->kind == ERR_TRANSIENT ? ERR_TRANSIENT : ERR_BROKEN;
	question->done(question->ctx, NULL, &told);
	free(question);
}

/* ---- What they answer ------------------------------------------------------------------------ */

struct answer {
	struct span code, message;
	struct span access_key_id, secret_access_key, token, expiration;
	double version;
	double expiration_ms;
};

static const struct member served_members[] = {
	MEMBER_STRING(struct answer, code, "Code", false),
	MEMBER_STRING(struct answer, message, "Message", false),
	MEMBER_STRING(struct answer, access_key_id, "AccessKeyId", false),
	MEMBER_STRING(struct answer, secret_access_key, "SecretAccessKey", false),
	MEMBER_STRING(struct answer, token, "Token", false),
	MEMBER_STRING(struct answer, expiration, "Expiration", false),
};

static const struct member process_members[] = {
	MEMBER_NUMBER(struct answer, version, "Version", true),
	MEMBER_STRING(struct answer, access_key_id, "AccessKeyId", true),
	MEMBER_STRING(struct answer, secret_access_key, "SecretAccessKey", true),
	MEMBER_STRING(struct answer, token, "SessionToken", false),
	MEMBER_STRING(struct answer, expiration, "Expiration", false),
};

static const struct member role_members[] = {
	MEMBER_STRING(struct answer, access_key_id, "accessKeyId", false),
	MEMBER_STRING(struct answer, secret_access_key, "secretAccessKey", false),
	MEMBER_STRING(struct answer, token, "sessionToken", false),
	MEMBER_NUMBER(struct answer, expiration_ms, "expiration", false),
};

static void read_role(struct reader *reader, void *target)
{
	members_read(reader, role_members, ARRAY_LEN(role_members), target);
}

static const struct member portal_members[] = {
	MEMBER_NESTED("roleCredentials", read_role, true),
};

static bool parse(struct reader *reader, enum credential_kind kind, struct answer *answer,
                  struct err *reterr)
{
	if (kind == CREDENTIAL_PROCESS)
		return members_parse(reader, process_members, ARRAY_LEN(process_members), answer,
		                     reterr);
	if (kind == CREDENTIAL_SSO)
		return members_parse(reader, portal_members, ARRAY_LEN(portal_members), answer,
		                     reterr);
	return members_parse(reader, served_members, ARRAY_LEN(served_members), answer, reterr);
}

/* As AWS writes it, or with the offset that Python writes. */
static bool read_expiration(const struct answer *answer, int64_t *ret_ms)
{
	struct span text = answer->expiration;
	struct buf utc = buf_with_max(TEXT_TIME_SIZE + 8);
	bool fine;

	if (answer->expiration_ms > 0) {
		*ret_ms = (int64_t)answer->expiration_ms;
		return true;
	}
	if (span_ends(text, SPAN("+00:00")))
		text.len -= sizeof("+00:00") - 1;
	else if (span_ends(text, SPAN("Z")))
		text.len--;
	buf_addf(&utc, "%.*sZ", SPAN_ARG(text));
	fine = !utc.overflow && text_parse_time(buf_span(&utc), ret_ms);
	buf_clear(&utc);
	return fine;
}

static bool check(const struct answer *answer, enum credential_kind kind, struct err *reterr)
{
	if (answer->code.len && !span_is(answer->code, "Success"))
		return err_set(reterr, ERR_BROKEN, "%.*s: %.*s",
		               (int)(answer->code.len < 40 ? answer->code.len : 40),
		               answer->code.at,
		               (int)(answer->message.len < 100 ? answer->message.len : 100),
		               answer->message.at ? answer->message.at : "");
	if (kind == CREDENTIAL_PROCESS &&
	    (answer->version < PROCESS_VERSION || answer->version > PROCESS_VERSION))
		return err_set(reterr, ERR_BROKEN, "the answer's Version is not 1");
	if (!answer->access_key_id.len || !answer->secret_access_key.len)
		return err_set(reterr, ERR_BROKEN, "the answer has no pair of keys");
	if (text_has_control(answer->access_key_id) || text_has_control(answer->token))
		return err_set(reterr, ERR_BROKEN, "a key or token holds a control character");
	return true;
}

static bool take(const struct answer *answer, const struct credential_step *step,
                 struct credentials *ret_credentials, struct err *reterr)
{
	bool forever = step->kind == CREDENTIAL_PROCESS && !answer->expiration.len;
	int64_t expires_ms = 0;

	if (!check(answer, step->kind, reterr))
		return false;
	if (!forever && !read_expiration(answer, &expires_ms))
		return err_set(reterr, ERR_BROKEN, "the answer's Expiration is no time");
	*ret_credentials = (struct credentials){
		.access_key_id = xspandup(answer->access_key_id),
		.secret_access_key = secret_of(answer->secret_access_key),
		.source = xstrdup(step->where),
		.expires_ms = expires_ms,
	};
	if (answer->token.len)
		ret_credentials->session_token = secret_of(answer->token);
	return true;
}

bool credential_answer_read(struct span json, const struct credential_step *step,
                            struct credentials *ret_credentials, struct err *reterr)
{
	struct answer answer = { .version = 0 };
	struct reader reader;
	struct err why;
	bool fine;

	reader_init(&reader, json);
	fine = parse(&reader, step->kind, &answer, &why) ||
	       err_set(reterr, ERR_BROKEN, "%s", why.text);
	fine = fine && take(&answer, step, ret_credentials, reterr);
	reader_clear(&reader);
	return fine;
}

bool credential_token_read(const char *path, struct secret *ret_token, struct err *reterr)
{
	struct buf text = buf_with_max(LIMIT_CREDENTIAL_TOKEN);
	bool fine = buf_reserve(&text, LIMIT_CREDENTIAL_TOKEN) &&
	            file_read_at_once(path, &text, reterr);
	struct span token = span_trim(buf_span(&text));

	if (fine && (!token.len || text_has_control(token)))
		fine = err_set(reterr, ERR_BROKEN, "%s: %s", path,
		               token.len ? "more than one line" : "it is empty");
	if (fine)
		*ret_token = secret_of(token);
	buf_wipe(&text);
	return fine;
}
