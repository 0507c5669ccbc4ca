#include "common/aws/wire_sts.h"

#include "common/aws/form.h"
#include "common/base/text.h"
#include "common/base/xml.h"

#include <stdio.h>

#include "common/base/banned.h"

#define ENCODED_BYTE 3 /* "%2F" */

/* The API's pattern for RoleSessionName is [\w+=,.@-]*. */
#define SESSION_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"

/* ---- AssumeRole, AssumeRoleWithWebIdentity --------------------------------------------------- */

void sts_session_name(struct span purpose, char ret_name[STS_SESSION_NAME_SIZE])
{
	snprintf(ret_name, STS_SESSION_NAME_SIZE, "evergold-%.*s", SPAN_ARG(purpose));
	for (char *at = ret_name; *at; at++) {
		if (!span_only(span_part(span_of(at), 0, 1), SESSION_LETTERS))
			*at = '-';
	}
}

static void add_role(const struct aws_operation *operation, const struct sts_role *role,
                     struct buf *out)
{
	form_begin(out, operation);
	form_add_text(out, "RoleArn", role->role_arn);
	form_add_text(out, "RoleSessionName", role->session_name);
	if (role->duration_s)
		form_add_number(out, "DurationSeconds", role->duration_s);
}

void sts_assume_role_body(const struct sts_role *role, struct buf *out)
{
	add_role(&aws_sts_assume_role, role, out);
	form_add_text(out, "ExternalId", role->external_id);
}

void sts_web_identity_body(const struct sts_role *role, const struct secret *token, struct buf *out)
{
	struct span bytes = secret_reveal(token);

	add_role(&aws_sts_assume_role_with_web_identity, role, out);
	buf_reserve(out, sizeof "&WebIdentityToken=" + ENCODED_BYTE * bytes.len);
	form_add(out, bytes, "WebIdentityToken");
}

struct credentials_answer {
	struct sts_credentials credentials;
	const char *expiration;
};

static const struct xml_field credentials_fields[] = {
	XML_TEXT(struct credentials_answer, credentials.access_key_id, "AccessKeyId", true),
	XML_SECRET(struct credentials_answer, credentials.secret_access_key, "SecretAccessKey",
	           true),
	XML_SECRET(struct credentials_answer, credentials.session_token, "SessionToken", true),
	XML_TEXT(struct credentials_answer, expiration, "Expiration", true),
};

void sts_credentials_clear(struct sts_credentials *credentials)
{
	secret_clear(&credentials->secret_access_key);
	secret_clear(&credentials->session_token);
	*credentials = (struct sts_credentials){ .access_key_id = NULL };
}

static bool take_expiration(struct credentials_answer *answer, struct err *reterr)
{
	if (text_parse_time(span_of(answer->expiration), &answer->credentials.expires_ms))
		return true;
	return err_set(reterr, ERR_MALFORMED, "Expiration is no time");
}

/* The binding comes with root and arena: the two operations differ in the names around the same. */
static bool read_credentials(struct span xml, struct xml_binding binding,
                             struct sts_credentials *ret_credentials, struct err *reterr)
{
	struct credentials_answer answer = { .expiration = NULL };

	binding.fields = credentials_fields;
	binding.n_fields = ARRAY_LEN(credentials_fields);
	binding.target = &answer;
	if (!xml_fields(xml, &binding, reterr) || !take_expiration(&answer, reterr)) {
		sts_credentials_clear(&answer.credentials);
		return false;
	}
	*ret_credentials = answer.credentials;
	return true;
}

bool sts_assume_role_answer(struct span xml, struct arena *arena,
                            struct sts_credentials *ret_credentials, struct err *reterr)
{
	struct xml_binding binding = {
		.root = "AssumeRoleResponse/AssumeRoleResult/Credentials/",
		.arena = arena,
	};

	return read_credentials(xml, binding, ret_credentials, reterr) ||
	       err_wrap(reterr, "AssumeRole");
}

bool sts_web_identity_answer(struct span xml, struct arena *arena,
                             struct sts_credentials *ret_credentials, struct err *reterr)
{
	struct xml_binding binding = {
		.root = "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/"
			"Credentials/",
		.arena = arena,
	};

	return read_credentials(xml, binding, ret_credentials, reterr) ||
	       err_wrap(reterr, "AssumeRoleWithWebIdentity");
}

/* ---- GetCallerIdentity ----------------------------------------------------------------------- */

void sts_identity_body(struct buf *out)
{
	form_begin(out, &aws_sts_get_caller_identity);
}

static const struct xml_field identity_fields[] = {
	XML_TEXT(struct sts_identity, arn, "Arn", true),
	XML_TEXT(struct sts_identity, account, "Account", true),
	XML_TEXT(struct sts_identity, user_id, "UserId", true),
};

bool sts_identity_answer(struct span xml, struct arena *arena, struct sts_identity *ret_identity,
                         struct err *reterr)
{
	struct sts_identity identity = { .arn = NULL };
	struct xml_binding binding = { .root = "GetCallerIdentityResponse/GetCallerIdentityResult/",
		                       .fields = identity_fields,
		                       .n_fields = ARRAY_LEN(identity_fields),
		                       .arena = arena,
		                       .target = &identity };

	if (!xml_fields(xml, &binding, reterr))
		return err_wrap(reterr, "GetCallerIdentity");
	*ret_identity = identity;
	return true;
}
