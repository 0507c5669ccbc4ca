/*
 * certificate_store: signing certificates in a folder, one file each, as they were served.
 *
 * SNS replaces its certificates yearly and then no longer serves the old ones, while messages wait
 * in dead-letter queues; and what is here need not be asked for again after a restart. A file is no
 * better than an answer: who reads it looks at it with the same eyes.
 */
#ifndef EVERGOLD_AWS_CERTIFICATE_STORE_H
#define EVERGOLD_AWS_CERTIFICATE_STORE_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct certificate_store;

void certificate_store_close(struct certificate_store *store);

/* Makes the folder if it is not there (its parent must be). ERR_BROKEN: it cannot be used. */
struct certificate_store *certificate_store_open(const char *folder, struct err *reterr)
	OWNED(certificate_store_close);

/* Appends what was kept of that URL. False: nothing is, or it cannot be read. */
bool certificate_store_read(const struct certificate_store *store, const char *url, struct buf *out)
	MUST_USE;

/*
 * Replaces what was kept. The URL has passed the gate (common/sns). ERR_BROKEN: it cannot be
 * written; ERR_MALFORMED: the URL makes no name for a file; ERR_REFUSED: LIMIT_CERTIFICATES_KEPT
 * others are there.
 */
bool certificate_store_keep(struct certificate_store *store, const char *url, struct span pem,
                            struct err *reterr);

/* Calls each with what every file holds, borrowed for the call. No folder: nothing is kept. */
void certificate_store_each(const char *folder, void (*each)(void *ctx, struct span pem),
                            void *ctx);

#endif
