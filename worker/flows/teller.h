/*
 * teller: what people are to be told besides the fate of builds, on its way to the ledger.
 *
 * One after the other, and again with back-off while the ledger is out of order. At most
 * LIMIT_REMARKS wait; what comes then is left out, and said in the log.
 */
#ifndef EVERGOLD_FLOWS_TELLER_H
#define EVERGOLD_FLOWS_TELLER_H

#include "worker/flows/ports.h"

struct teller;

void teller_free(struct teller *teller); /* what waits is forgotten */

/* told: something is in the ledger. */
struct teller *teller_new(const struct ports *ports, void (*told)(void *ctx), void *ctx)
	OWNED(teller_free);

void teller_add(struct teller *teller, const struct remark *remark); /* copied */

#endif
