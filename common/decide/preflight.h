/*
 * preflight: is a pipeline made for what its builds will ask of it?
 *
 * CodePipeline accepts a start that it does not honour: a V1 pipeline ignores all variables, a V2
 * one those that it does not declare, and builds with its defaults. An execution that is given no
 * value for a variable without default fails at once. In mode SUPERSEDED a newer execution ends
 * one that waits, though it may build another image. Source: the CodePipeline user guide on
 * pipeline types, variables and execution modes, and what starts were seen to do.
 */
#ifndef EVERGOLD_DECIDE_PREFLIGHT_H
#define EVERGOLD_DECIDE_PREFLIGHT_H

#include "common/aws/wire_pipeline.h"
#include "common/decide/build.h"
#include "common/decide/config.h"
#include "common/decide/variables.h"

/* Borrowed from the configuration. */
struct preflight_pipeline {
	const char *name, *region;
	const char *role_arn; /* NULL: the worker's own credentials */
};

/* Each pipeline once, in the order of the file; in the arena. */
const struct preflight_pipeline *preflight_pipelines(const struct config *config,
                                                     struct arena *arena, size_t *ret_n);

struct preflight_question {
	const struct config *config;
	const struct preflight_pipeline *pipeline;      /* one of its pipelines */
	const struct pipeline_declaration *declaration; /* what GetPipeline says of it */
};

enum preflight_verdict {
	PREFLIGHT_FINE,
	PREFLIGHT_ODD,  /* builds may not learn their base, or be superseded */
	PREFLIGHT_WRONG /* builds would fail at once, or run without what they are given */
};

struct preflight {
	enum preflight_verdict verdict;
	const char *detail; /* its type and mode, and all that is found; AWS's words may be in it */
	const char *hint;   /* NULL when it is fine */
};

/* Texts are in the arena. */
struct preflight preflight_judge(const struct preflight_question *question, struct arena *arena);

/* One build that is about to be started. */
struct preflight_start {
	const struct build *build;
	const struct variables *sent;                   /* its variables */
	const struct pipeline_declaration *declaration; /* NULL: there is no such pipeline */
};

/* Would it run with all that it is given? Else *ret_detail says what to repair, for people. */
bool preflight_may_start(const struct preflight_start *start, char ret_detail[LIMIT_WHY]);

#endif
