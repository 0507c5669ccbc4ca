/*
 * hold: what keeps a wanted build from being started, and until when.
 *
 * The conditions are asked in this order; the first that holds is the reason: its release or image
 * is in quarantine, its family is held, the release is too young (`soak`), the hour is wrong
 * (`window`), the family's executions keep failing (`stop_after_failures`), an earlier build of the
 * same family and region is still running, or a newer release waits for no more than this one
 * does: of those that have waited together the newest is built, and the others are not. Whether the
 * pipeline takes it and the image is there is asked last, at AWS (worker/flows).
 */
#ifndef EVERGOLD_DECIDE_HOLD_H
#define EVERGOLD_DECIDE_HOLD_H

#include "common/base/limits.h"
#include "common/base/reason.h"
#include "common/decide/config.h"

/* What the ledger knows about one (family, region, image) and what is around it. */
struct facts {
	bool image_started; /* this very image has its build, or waits for it */
	bool image_adopted; /* it was there at the first look, which gave it no build */
	bool line_known;    /* some image of this family and region has, or had before evergold */
	bool busy;          /* a build of this family and region is running */
	bool overtaken;     /* a build of the two that was wanted later has succeeded */
	int failures;       /* executions of the family that failed since one succeeded, */
	int64_t failed_ms;  /* and when the last of them ended */
	char newest[LIMIT_FACT_RELEASE]; /* the newest release of the two that was started; "" */
	char next[LIMIT_FACT_RELEASE];   /* that nothing holds, and so is about to be; "" */
	char rival[LIMIT_FACT_RELEASE];  /* that waits for nothing of its own; "" */
	char family_hold[LIMIT_WHY], quarantine[LIMIT_WHY]; /* the operator's words; "" */
};

struct hold {
	enum reason reason; /* matched: nothing holds it */
	int64_t until_ms;   /* when it is worth asking again, at most a day ahead */
	bool urgent;        /* somebody has to repair something: people are told at once */
	char detail[LIMIT_WHY];
};

struct hold_question {
	const struct family *family; /* whose wishes count; NULL: nobody's */
	const struct facts *facts;
	const char *release; /* NULL: it does not wait yet, and yields to nobody */
	int64_t announced_ms, now_ms;
};

/* What was announced until then is not too young for the family at now_ms. */
int64_t hold_ripe_ms(const struct family *family, int64_t now_ms);

struct hold hold_judge(const struct hold_question *question);

/* The hold of a family that keeps failing. */
struct hold hold_failing(const struct facts *facts, int64_t now_ms);

#endif
