/*
 * pem: one certificate in textual form (RFC 7468, section 5), and nothing else.
 *
 * Usual readers search for the first BEGIN line and so accept a certificate inside any other text;
 * this one wants the whole text to be it. Lines end with LF or CRLF, the last one may lack it.
 */
#ifndef EVERGOLD_SNS_PEM_H
#define EVERGOLD_SNS_PEM_H

#include "common/base/buf.h"
#include "common/base/span.h"

/* Appends the bytes inside. False: not exactly one block, or over ret_der's maximum. */
bool pem_decode(struct span text, struct buf *ret_der) MUST_USE;

#endif
