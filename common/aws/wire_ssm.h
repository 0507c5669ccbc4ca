/*
 * wire_ssm: AWS Systems Manager Parameter Store: read and write one parameter.
 *
 * Source: the Systems Manager API reference. Bodies are appended to *out. An answer that is no JSON
 * or lacks Value or Version is ERR_MALFORMED; other members are ignored, null counts as absent.
 */
#ifndef EVERGOLD_AWS_WIRE_SSM_H
#define EVERGOLD_AWS_WIRE_SSM_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdint.h>

void ssm_get_body(const char *name, bool with_decryption, struct buf *out);

struct ssm_parameter {
	const char *value; /* in the arena */
	int64_t version;   /* 1 and up */
};

bool ssm_get_answer(struct span json, struct arena *arena, struct ssm_parameter *ret_parameter,
                    struct err *reterr) MUST_USE;

/* Type String, data type text; overwrite creates or replaces. */
void ssm_put_body(const char *name, const char *value, bool overwrite, struct buf *out);
bool ssm_put_answer(struct span json, int64_t *ret_version, struct err *reterr) MUST_USE;

#endif
