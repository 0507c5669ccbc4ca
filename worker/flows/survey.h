/*
 * survey: what AWS has for a family in one region: its images, and which of them it recommends.
 *
 * EC2's list comes first, page after page; where it shows anything and the publisher has public
 * parameters, these follow until one of them names the newest image. Both are asked in the image's
 * region with the worker's own credentials. Parameters that cannot be read, because nobody allowed
 * it or the region has none, are no failure.
 */
#ifndef EVERGOLD_FLOWS_SURVEY_H
#define EVERGOLD_FLOWS_SURVEY_H

#include "common/decide/offer.h"
#include "worker/flows/ports.h"

/* At most one question a second, over everybody who shares it. */
struct pace {
	int64_t next_ms; /* steady: nobody asks before */
};

/* Calls done when it is time to ask, and counts it as asked. */
struct call *pace_turn(struct pace *pace, const struct ports *ports, timer_done_fn *done,
                       void *ctx);

struct survey_question {
	const struct ports *ports;
	struct offer *offer; /* borrowed until the end: names family and region, and is filled */
	struct pace *pace;
};

/* err: NULL, or why EC2 (or, for a while only, Parameter Store) did not tell. */
typedef void survey_done_fn(void *ctx, const struct err *err);

struct call *survey_start(const struct survey_question *question, survey_done_fn *done, void *ctx);

#endif
