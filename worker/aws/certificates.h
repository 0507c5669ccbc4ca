/*
 * certificates: signing certificates by URL: fetched once, kept, shared by all who wait.
 *
 * The URL must have passed the gate (common/sns): nothing here looks at it again. Only a whole
 * answer with status 200 counts, fetched over https and never through a proxy. At most
 * LIMIT_CERTIFICATES are kept: failures go first, then the longest unused.
 *
 * What is a certificate is also kept in the store, if there is one, and looked for there before it
 * is asked for. That needs no budget, and no network.
 *
 * A failed fetch is no verdict: the next question for that URL asks again, but not within 10 s of
 * the failure. Nor is a page that is no certificate, as a proxy or a host under repair may send:
 * those who ask within 10 s get it as it is, then it is asked for again.
 *
 * The name in a URL is the sender's word, so URLs never heard of have a budget of 10 a minute; what
 * is known is not held up by those who use it up. What is refused (no budget, over
 * LIMIT_CERTIFICATE_WAITERS) fails with ERR_BROKEN: that says something about us, and nothing about
 * the certificate.
 */
#ifndef EVERGOLD_AWS_CERTIFICATES_H
#define EVERGOLD_AWS_CERTIFICATES_H

#include "common/base/err.h"
#include "worker/adapters/http.h"
#include "worker/aws/certificate_store.h"

struct certificates;

/* All questions must be done or cancelled; fetches that go on are ended. */
void certificates_free(struct certificates *certificates);

/* Is what was fetched worth keeping? */
typedef bool certificate_usable_fn(struct span pem);

/*
 * http: borrowed, best one of its own, so that it shares no connection with what carries keys.
 * store: borrowed; NULL: none.
 */
struct certificates *certificates_new(struct http *http, struct timers *timers,
                                      struct certificate_store *store,
                                      certificate_usable_fn *usable) OWNED(certificates_free);

/* pem: the body as it came, unchecked, borrowed until done returns; its `at` is NULL with err. */
typedef void certificate_done_fn(void *ctx, struct span pem, const struct err *err);

struct call *certificates_get(struct certificates *certificates, const char *url,
                              certificate_done_fn *done, void *ctx);

#endif
