/*
 * wire_secretsmanager: AWS Secrets Manager: the value of one secret.
 *
 * Source: the Secrets Manager API reference, GetSecretValue. The body is appended to *out. An
 * answer that is no JSON, or has no SecretString, is ERR_MALFORMED; other members are ignored, null
 * counts as absent. Neither value nor answer gets into an error.
 */
#ifndef EVERGOLD_AWS_WIRE_SECRETSMANAGER_H
#define EVERGOLD_AWS_WIRE_SECRETSMANAGER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/secret.h"

/* secret_id: name or ARN. The version is the one that is current. */
void secretsmanager_get_body(const char *secret_id, struct buf *out);

/* *ret_secret is owned by the caller; a secret of bytes (SecretBinary) is refused. */
bool secretsmanager_get_answer(struct span json, struct secret *ret_secret, struct err *reterr)
	MUST_USE;

#endif
