/*
 * err: one error value. Its kind decides what happens next, its text explains to people.
 *
 * A function that can fail takes `struct err *reterr` last, returns false (or NULL) and fills it;
 * reterr may be NULL. On success it is left alone. The text never holds a secret.
 */
#ifndef EVERGOLD_BASE_ERR_H
#define EVERGOLD_BASE_ERR_H

#include "common/base/attr.h"

#include <stdbool.h>

enum err_kind {
	ERR_NONE,
	ERR_MALFORMED, /* what we were given is wrong and will stay wrong */
	ERR_UNTRUSTED, /* it may be well-formed, but nobody we trust said it */
	ERR_REFUSED,   /* the other side understood and said no */
	ERR_TRANSIENT, /* worth asking again later */
	ERR_BROKEN,    /* something of ours is out of order: disk full, file missing */
};

struct err {
	enum err_kind kind;
	char text[240];
};

/* Fills *reterr (which may be NULL), cutting the text at its size. Always returns false. */
bool err_set(struct err *reterr, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " before the text that is there. Always returns false. */
bool err_wrap(struct err *reterr, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
