/*
 * build: one execution of a pipeline for one (family, region, image), as a row that moves.
 *
 *	wanted -> started -> finished
 *	wanted -> superseded        a newer release was started while it was held
 *	adopted                     there before evergold came: a build of its image takes its
 *	                            place, unless the base parameter named it (base_written)
 *
 * The row exists before the start is asked for, and its token never changes. A wanted build may be
 * held: `held` says why, and it is asked again at due_ms. Texts are borrowed from whoever made the
 * struct: a decision, or the arena of a row that was read.
 */
#ifndef EVERGOLD_DECIDE_BUILD_H
#define EVERGOLD_DECIDE_BUILD_H

#include "common/aws/wire_codepipeline.h"
#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/reason.h"

#include <stdint.h>

struct golden_move; /* golden.h */

enum build_state { BUILD_WANTED, BUILD_STARTED, BUILD_FINISHED, BUILD_SUPERSEDED, BUILD_ADOPTED };

struct build {
	int64_t id; /* of the ledger; 0: not a row yet */
	enum build_state state;

	/* What makes it this build, and the token that follows from it. */
	const char *family, *pipeline_region, *pipeline, *region, *image_id;
	int attempt;
	char token[DIGEST_SHA256_HEX];

	/* What it was decided from. */
	const char *publisher, *release, *image_name, *architecture, *message_id, *notes_url;
	const char *role_arn;  /* NULL: own credentials */
	const char *variables; /* JSON object of name: value, templates filled in; until it is */
			       /* admitted they follow the configuration */
	int64_t announced_ms, wanted_ms;

	/* While it is wanted; what held it last when it is superseded. */
	enum reason held; /* REASON_MATCHED: nothing holds it */
	int64_t held_ms;  /* since when; 0: it never was */
	const char *hold_detail;
	bool admitted; /* its start may have been asked for: nothing holds it any more */
	bool doubted;  /* asking for it has failed, and it may have been started all the same */

	/* How it went. */
	const char *execution_id;        /* NULL before the start was accepted */
	int64_t started_ms, finished_ms; /* 0: not yet */
	enum execution_status status;
	const char *summary; /* statusSummary; or why it could not be started */
	const char *failed_stage, *failed_action, *error_code, *error_message, *error_url;
	const char *golden_ami;      /* what the golden_output variable said; NULL */
	bool base_written;           /* it names our image, or is not to be written for us */
	bool golden_written;         /* all golden parameters of the family are */
	const char *base_parameter;  /* which was read for it; NULL: none yet */
	const char *base_previous;   /* what that held before; "": it did not exist */
	const char *golden_previous; /* likewise the first golden parameter; NULL: nothing */
	const struct golden_move *golden_moves; /* only where history or status was asked for */
	size_t n_golden_moves;
	int64_t withdrawn_ms; /* when we learned that its image was taken back; 0: it was not */
	const char *trouble;  /* what went wrong around the execution: a start, a parameter; NULL */
	const char *timeline; /* what its actions did, as timeline.h writes it; NULL: not told */
	bool watched;         /* it has ended, but may be run again by hand */
	bool hinted;  /* the ledger's: an event of its execution has come, so others will, too */
	int failures; /* the ledger's: of its line, in a row right before it; fixed when it ends */

	/* When to look at it again, and how often that went wrong in a row. */
	int64_t due_ms;
	int tries;
	int wakes; /* the ledger's: how often something else has made it due */
};

const char *build_state_word(enum build_state state);
bool build_state_of(struct span word, enum build_state *ret_state);

/* A copy with texts of its own, in the arena. */
struct build build_copy(const struct build *build, struct arena *arena);

/* Fills token from the identity: the outside of the program fixes how. */
void build_derive_token(struct build *build);

#endif
