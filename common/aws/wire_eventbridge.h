/*
 * wire_eventbridge: Amazon EventBridge, as far as telling it something needs: PutEvents of one,
 * and whether the bus is there.
 *
 * Source: the EventBridge API reference, version 2015-10-07. The answer has HTTP status 200 even
 * when the event was not taken: then its entry says why.
 */
#ifndef EVERGOLD_AWS_WIRE_EVENTBRIDGE_H
#define EVERGOLD_AWS_WIRE_EVENTBRIDGE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/span.h"

#include <stddef.h>
#include <stdint.h>

/* Texts are borrowed. All of it together is at most 1 MiB, says EventBridge. */
struct eventbridge_event {
	const char *bus; /* name or ARN; NULL: the account's default */
	const char *source, *detail_type;
	struct span detail;           /* a JSON object */
	const char *const *resources; /* ARNs */
	size_t n_resources;
	int64_t time_ms; /* since 1970, told to the second; 0: when it arrives */
};

void eventbridge_put_body(const struct eventbridge_event *event, struct buf *out);

#define EVENTBRIDGE_ID 64

/*
 * The event's id, "" when it does not fit. An event that was not taken is ERR_TRANSIENT when that
 * may pass, else ERR_REFUSED, and the text has the entry's code and message. No JSON, or not one
 * entry: ERR_MALFORMED.
 */
bool eventbridge_put_answer(struct span json, char ret_id[EVENTBRIDGE_ID], struct err *reterr)
	MUST_USE;

/* DescribeEventBus: that it is answered says that the bus, by name or ARN, is there. */
void eventbridge_bus_body(const char *bus, struct buf *out);

#endif
