/*
 * wire_secretsmanager: a secret is owned exactly when the answer was accepted.
 */
#include "common/aws/wire_secretsmanager.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret secret = { 0 };
	struct err err = { 0 };
	bool fine = secretsmanager_get_answer((struct span){ (const char *)data, size }, &secret,
	                                      &err);

	must(secret_is_set(&secret) == fine);
	must(fine || (err.kind == ERR_MALFORMED && err.text[0]));
	secret_clear(&secret);
	return 0;
}
