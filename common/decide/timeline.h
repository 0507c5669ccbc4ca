/*
 * timeline: what the actions of an execution did and when, stage by stage, and what its tests
 * counted.
 *
 * It is made of what ListActionExecutions told of an execution that has ended, kept as a text in
 * the build's row, and read from there by whoever shows it:
 *
 *	{"stages":[{"stage":"Build","action":"Packer","status":"Succeeded",
 *	            "started_ms":1795419000000,"ended_ms":1795419900000}, …],
 *	 "tests":{"passed":12,"failed":0,"skipped":1,"report":"https://…"}}
 *
 * Of an action that was tried again the last attempt alone is told. Tests are told by output
 * variables of any action: TESTS_PASSED, TESTS_FAILED and TESTS_SKIPPED, decimal numbers, and
 * TESTS_REPORT_URL. Names and URL are as they came from outside, cut.
 */
#ifndef EVERGOLD_DECIDE_TIMELINE_H
#define EVERGOLD_DECIDE_TIMELINE_H

#include "common/aws/wire_codepipeline.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"

struct timeline_action {
	const char *stage, *action;   /* never NULL */
	enum action_status status;    /* UNKNOWN: one that we do not know */
	int64_t started_ms, ended_ms; /* 0: not told, or not yet */
};

/* 0..999999999; -1: not told. */
struct timeline_tests {
	int64_t passed, failed, skipped;
	const char *report; /* NULL: not told */
};

/* Its texts are borrowed from whatever it was made of. */
struct timeline {
	struct timeline_action actions[LIMIT_TIMELINE]; /* in the order in which they started */
	size_t n_actions;
	struct timeline_tests tests;
};

/* One stage: from its first action to its last. */
struct timeline_stage {
	const char *name;             /* borrowed from the timeline */
	enum action_status status;    /* the worst of its actions' */
	int64_t started_ms, ended_ms; /* 0: not told, or not yet */
};

struct timeline_stages {
	struct timeline_stage at[LIMIT_TIMELINE]; /* in the order in which they started */
	size_t n;
};

/* Wants the output variables that tell of tests, before the actions are listed. */
void timeline_want_tests(struct codepipeline_actions *actions);

/* Of very many actions those that started last are kept. */
void timeline_make(const struct codepipeline_actions *actions, struct timeline *ret_timeline);

/* The text of a row, in the arena; NULL when nothing is told. */
const char *timeline_write(const struct timeline *timeline, struct arena *arena);

/* A text of a row, its texts copied into the arena. False: NULL or unreadable; *ret is empty. */
bool timeline_read(const char *text, struct arena *arena, struct timeline *ret_timeline);

void timeline_stages(const struct timeline *timeline, struct timeline_stages *ret_stages);

/* Were any tests counted? A report alone is no count. */
bool timeline_has_tests(const struct timeline *timeline);

#endif
