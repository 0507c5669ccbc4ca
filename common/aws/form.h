/*
 * form: the body of a query request, application/x-www-form-urlencoded as botocore writes it.
 *
 * A blank is '+'; letters, digits and "-._~" stay; every other byte is %XX in upper case. Names are
 * our own and need no encoding; lists are counted from 1 in the name, as the protocol wants it:
 *
 *	form_begin(out, &aws_ec2_describe_images);
 *	form_add(out, value, "Filter.%zu.Value.%zu", i + 1, j + 1);
 *
 * Source: AWS query protocol and EC2 query protocol, Smithy. Everything is appended to *out; a
 * caller with a secret reserves its room before.
 */
#ifndef EVERGOLD_AWS_FORM_H
#define EVERGOLD_AWS_FORM_H

#include "common/aws/operation.h"
#include "common/base/buf.h"

/* "Action=…&Version=…" */
void form_begin(struct buf *out, const struct aws_operation *operation);

void form_add(struct buf *out, struct span value, const char *name, ...) PRINTF_LIKE(3, 4);
void form_add_text(struct buf *out, const char *name, const char *text); /* NULL: nothing */
void form_add_number(struct buf *out, const char *name, long number);
void form_add_bool(struct buf *out, const char *name, bool value); /* "true", "false" */

#endif
