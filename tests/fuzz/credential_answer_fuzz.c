/*
 * credential_answer: what is accepted is a whole pair of keys and a time; what is refused has a
 * reason, whatever kind of source has answered.
 */
#include "common/aws/credential_answer.h"

#include "common/base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void read_answer(struct span json, enum credential_kind kind)
{
	struct credential_answer answer;
	struct err err = { 0 };

	if (credential_answer_parse(json, kind, &answer, &err))
		must(answer.access_key_id.len && answer.secret_access_key.len &&
		     answer.expires_ms >= 0 && !text_has_control(answer.token));
	else
		must(err.kind == ERR_BROKEN && err.text[0] && !answer.secret_access_key.len);
	credential_answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };
	struct credential_login login;

	read_answer(json, CREDENTIAL_PROCESS);
	read_answer(json, CREDENTIAL_SSO);
	read_answer(json, CREDENTIAL_IMDS);
	if (credential_login_parse(json, &login))
		must(login.token.len && login.expires_ms >= 0);
	credential_login_clear(&login);
	return 0;
}
