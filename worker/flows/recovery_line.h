/*
 * recovery_line: the builds of one family in one region, as recovery.h says.
 */
#ifndef EVERGOLD_FLOWS_RECOVERY_LINE_H
#define EVERGOLD_FLOWS_RECOVERY_LINE_H

#include "worker/flows/past.h"
#include "worker/flows/recovery.h"

/* Borrowed until done. */
struct recovery_line_question {
	const struct ports *ports;
	const struct family *family;
	const char *region;
	const struct past *past; /* of its pipeline */
	bool alone;              /* no other line has that pipeline */
	struct recovery *recovery;
};

struct call *recovery_line_start(const struct recovery_line_question *question,
                                 recovery_done_fn *done, void *ctx);

#endif
