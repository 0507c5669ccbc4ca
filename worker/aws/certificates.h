/*
 * certificates: signing certificates by URL: fetched once, kept, shared by all who wait.
 *
 * The URL must have passed the gate (common/sns): nothing here looks at it again. At most
 * LIMIT_CERTIFICATES are kept, the longest unused goes first. A failed fetch is no verdict: the
 * next question for that URL asks again, but not within 10 s of a failure.
 */
#ifndef EVERGOLD_AWS_CERTIFICATES_H
#define EVERGOLD_AWS_CERTIFICATES_H

#include "common/base/err.h"
#include "worker/adapters/http.h"

struct certificates;

void certificates_free(struct certificates *certificates);
struct certificates *certificates_new(struct http *http, struct timers *timers)
	OWNED(certificates_free);

/* pem: the body as it came, unchecked, borrowed until done returns; its `at` is NULL with err. */
typedef void certificate_done_fn(void *ctx, struct span pem, const struct err *err);

struct call *certificates_get(struct certificates *certificates, const char *url,
                              certificate_done_fn *done, void *ctx);

#endif
