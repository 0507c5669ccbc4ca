/*
 * base64: standard base64 (RFC 4648, section 4), strictly.
 *
 * Decoding refuses blanks, line ends, missing padding and stray bits after the end. OpenSSL's
 * decoders do not: one adds bytes for the padding, the other passes over what it does not know.
 */
#ifndef EVERGOLD_BASE_BASE64_H
#define EVERGOLD_BASE_BASE64_H

#include "common/base/buf.h"
#include "common/base/span.h"

/* Appends the decoded bytes to *out; false (and *out as it was) when the text is not base64. */
bool base64_decode(struct span text, struct buf *out) MUST_USE;

void base64_encode(struct span bytes, struct buf *out);

#endif
