/*
 * webhook_url: where a webhook may lead.
 *
 * To https, since what is told is nobody else's business; plain http is for a receiver on this
 * machine. There is no fragment, which would not be sent.
 */
#ifndef EVERGOLD_DECIDE_WEBHOOK_URL_H
#define EVERGOLD_DECIDE_WEBHOOK_URL_H

#include "common/base/err.h"
#include "common/base/span.h"

/* ERR_MALFORMED; the text does not repeat the URL, which may be a secret. */
bool webhook_url_check(struct span url, struct err *reterr) MUST_USE;

#endif
