/*
 * wire_sts: what is accepted is whole; what is refused leaves nothing owned.
 */
#include "common/aws/wire_sts.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void check(bool fine, struct sts_credentials *credentials, const struct err *err)
{
	must(fine == (err->kind == ERR_NONE) && (fine || err->kind == ERR_MALFORMED));
	must(secret_is_set(&credentials->secret_access_key) == fine);
	must(secret_is_set(&credentials->session_token) == fine);
	must((credentials->access_key_id && credentials->access_key_id[0]) == fine);
	sts_credentials_clear(credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span xml = { (const char *)data, size };
	struct sts_credentials credentials = { .access_key_id = NULL };
	struct sts_identity identity = { .arn = NULL };
	struct arena arena = { 0 };
	struct err err = { 0 };

	check(sts_assume_role_answer(xml, &arena, &credentials, &err), &credentials, &err);
	err = (struct err){ 0 };
	check(sts_web_identity_answer(xml, &arena, &credentials, &err), &credentials, &err);
	if (sts_identity_answer(xml, &arena, &identity, NULL))
		must(identity.arn[0] && identity.account[0] && identity.user_id[0]);
	arena_clear(&arena);
	return 0;
}
