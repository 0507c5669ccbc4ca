/*
 * line: catch-up's look at one family in one region.
 *
 *	survey -> heard of it? -> recall -> decide -> record
 *
 * The current image is decided about as if it had been announced, by a message of its own kind:
 * "catch-up/<image id>", at the time when the image was made. A decision that builds becomes a row,
 * and the builder does the rest. At the first look at a line, when the ledger knows nothing of it,
 * the image may be adopted instead (catch_up.first). Then it counts as built for this look, but not
 * for its announcement, whenever that comes; for both, where the base parameter names it.
 *
 * When AWS recommends an image that is older than the newest one that was started, it either has
 * moved its parameter back, or has not moved it yet. Where it recommended the newer one before,
 * that one is taken back: it is in quarantine, and what was built from it is marked. Else people
 * are told when it has been so for long.
 */
#ifndef EVERGOLD_FLOWS_LINE_H
#define EVERGOLD_FLOWS_LINE_H

#include "worker/flows/survey.h"
#include "worker/flows/teller.h"

enum line_outcome {
	LINE_NOTHING, /* AWS has no image for it, or does not say which */
	LINE_KNOWN,   /* the ledger knows the image, or a newer one */
	LINE_ADOPTED,
	LINE_WANTED, /* rows were written */
};

struct line_answer {
	enum line_outcome outcome;
	struct span version; /* of the current image; borrowed until done returns; or empty */
	bool unheard;        /* it is newer than anything that its publisher announced to us */
	bool recommended;    /* by AWS, */
	bool lags;           /* and older than what was built */
};

/* answer: NULL with err. */
typedef void line_done_fn(void *ctx, const struct line_answer *answer, const struct err *err);

struct line_question {
	const struct ports *ports;
	const struct config *config;
	const struct family *family;
	const char *region;
	struct pace *pace;
	struct teller *teller;
	const char *awaited; /* an announcement promised this version, or "" any; NULL: none did */
	const char *recommended; /* the version that AWS recommended at the last look; "" */
	bool lags_long;          /* it has been older than what was built for long */
};

struct call *line_look(const struct line_question *question, line_done_fn *done, void *ctx);

#endif
