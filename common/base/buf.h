/*
 * buf: bytes that grow up to a maximum given at birth.
 *
 * Appending past the maximum appends nothing and sets `overflow`, which the owner looks at once at
 * the end. The bytes are always followed by a NUL that does not count. Spans into a buf are valid
 * until the next append. Growing may leave a copy of the bytes behind, so room for a secret is
 * reserved before.
 */
#ifndef EVERGOLD_BASE_BUF_H
#define EVERGOLD_BASE_BUF_H

#include "common/base/span.h"

struct buf {
	char *at; /* owned; NULL until something is appended */
	size_t len;
	size_t cap; /* allocated */
	size_t max; /* never exceeded */
	bool overflow;
};

struct buf buf_with_max(size_t max);
void buf_clear(struct buf *buf); /* frees; the buf may be used again */
void buf_wipe(struct buf *buf);  /* overwrites with zeros first, for secrets */
void buf_reset(struct buf *buf); /* empty again, keeps its memory */

void buf_add(struct buf *buf, struct span bytes);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Makes room for `len` more bytes now, so that appending them moves nothing. False: over max. */
bool buf_reserve(struct buf *buf, size_t len);

struct span buf_span(const struct buf *buf);
const char *buf_text(const struct buf *buf); /* borrowed; "" when empty */
char *buf_take(struct buf *buf);             /* owned, NUL-terminated; the buf is empty after */

#endif
