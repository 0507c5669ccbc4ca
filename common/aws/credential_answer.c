#include "common/aws/credential_answer.h"

#include "common/base/members.h"
#include "common/base/text.h"

#include "common/base/banned.h"

#define PROCESS_VERSION 1.0
#define TIME_END_MS     253402300800000.0 /* 10000-01-01 */

struct answer {
	struct span code, message;
	struct span access_key_id, secret_access_key, token, expiration;
	double version;
	double expiration_ms;
};

/* ---- Members --------------------------------------------------------------------------------- */

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

/* ---- What they say --------------------------------------------------------------------------- */

/* As AWS writes it, or with the offset that Python writes. */
static bool read_time(struct span text, int64_t *ret_ms)
{
	struct buf utc = buf_with_max(TEXT_TIME_SIZE + 8);
	bool fine;

	if (span_ends(text, SPAN("+00:00")))
		text.len -= sizeof("+00:00") - 1;
	else if (span_ends(text, SPAN("Z")))
		text.len--;
	buf_addf(&utc, "%.*sZ", SPAN_ARG(text));
	fine = !utc.overflow && text_parse_time(buf_span(&utc), ret_ms);
	buf_clear(&utc);
	return fine;
}

static bool read_expiration(const struct answer *answer, int64_t *ret_ms)
{
	if (!(answer->expiration_ms > 0))
		return read_time(answer->expiration, ret_ms);
	if (answer->expiration_ms >= TIME_END_MS)
		return false;
	*ret_ms = (int64_t)answer->expiration_ms;
	return true;
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

static bool take(const struct answer *answer, enum credential_kind kind,
                 struct credential_answer *ret_answer, struct err *reterr)
{
	bool forever = kind == CREDENTIAL_PROCESS && !answer->expiration.len;

	if (!check(answer, kind, reterr))
		return false;
	if (!forever && !read_expiration(answer, &ret_answer->expires_ms))
		return err_set(reterr, ERR_BROKEN, "the answer's Expiration is no time");
	ret_answer->access_key_id = answer->access_key_id;
	ret_answer->secret_access_key = answer->secret_access_key;
	ret_answer->token = answer->token;
	return true;
}

bool credential_answer_parse(struct span json, enum credential_kind kind,
                             struct credential_answer *ret_answer, struct err *reterr)
{
	struct answer answer = { .version = 0 };
	struct err why;

	*ret_answer = (struct credential_answer){ .expires_ms = 0 };
	reader_init(&ret_answer->reader, json);
	if (!parse(&ret_answer->reader, kind, &answer, &why))
		return err_set(reterr, ERR_BROKEN, "%s", why.text);
	return take(&answer, kind, ret_answer, reterr);
}

void credential_answer_clear(struct credential_answer *answer)
{
	reader_clear(&answer->reader);
	*answer = (struct credential_answer){ .expires_ms = 0 };
}

/* ---- The token that `aws sso login` left ----------------------------------------------------- */

struct login {
	struct span token, expires_at;
};

static const struct member login_members[] = {
	MEMBER_STRING(struct login, token, "accessToken", true),
	MEMBER_STRING(struct login, expires_at, "expiresAt", true),
};

bool credential_login_parse(struct span json, struct credential_login *ret_login)
{
	struct login login = { .token = SPAN_NONE };

	*ret_login = (struct credential_login){ .expires_ms = 0 };
	reader_init(&ret_login->reader, json);
	if (!members_parse(&ret_login->reader, login_members, ARRAY_LEN(login_members), &login,
	                   NULL) ||
	    !text_parse_time(login.expires_at, &ret_login->expires_ms) || !login.token.len ||
	    text_has_control(login.token))
		return false;
	ret_login->token = login.token;
	return true;
}

void credential_login_clear(struct credential_login *login)
{
	reader_clear(&login->reader);
	*login = (struct credential_login){ .expires_ms = 0 };
}
