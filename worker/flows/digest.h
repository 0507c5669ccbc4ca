/*
 * digest: tells once a week what the week has brought, at `slack.digest`.
 *
 * It is told when its moment has come; after a downtime over it late, up to DIGEST_LATE_MS. The
 * ledger keeps that it was told, by its week, so that it is told once, whatever restarts. A ledger
 * that cannot be asked is asked again at the next look, within an hour.
 */
#ifndef EVERGOLD_FLOWS_DIGEST_H
#define EVERGOLD_FLOWS_DIGEST_H

#include "common/decide/config.h"
#include "worker/flows/ports.h"

#define DIGEST_LATE_MS (3 * 24 * 3600 * INT64_C(1000))

struct digest_options {
	const struct ports *ports;
	const struct digest_setting *setting; /* with a text, and its zone */
	void (*told)(void *ctx);              /* there may be something to tell people */
	void *ctx;
};

struct digest;

void digest_free(struct digest *digest); /* abandons what is under way */
struct digest *digest_new(const struct digest_options *options) OWNED(digest_free);

void digest_stop(struct digest *digest); /* at once: it has nothing to finish; NULL: nothing */

#endif
