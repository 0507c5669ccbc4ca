/*
 * faults: what there is to say about a file, each with its place.
 *
 * Reading goes on after a fault, so that one look at the file finds all of them. They are kept in
 * the order of the file, whatever the order they were found in.
 */
#ifndef EVERGOLD_DECIDE_FAULTS_H
#define EVERGOLD_DECIDE_FAULTS_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/span.h"

struct place {
	int line, column; /* from 1, in characters; 0: not in the file */
};

/* Something to say about the file. Warnings do not make it wrong. */
struct fault {
	struct place place;
	bool warning;
	const char *text; /* in the arena of the faults */
};

struct faults {
	struct arena arena;
	struct fault *at; /* owned; in the order of the file */
	size_t n;         /* at most LIMIT_FAULTS; of one place in the order found */
	size_t n_errors;  /* counts also those that found no room */
	size_t n_left_out;
};

void faults_clear(struct faults *faults);

/* Control characters become '?', and a text over 600 bytes is cut: it may quote the file. */
void faults_add(struct faults *faults, struct place place, bool warning, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* The beginning of a text, short enough to be quoted in a fault; ends between characters. */
struct span faults_quote(struct span text);

/* "FILE:LINE:COLUMN: error: TEXT" with a line end, for people and editors. */
void fault_text(const struct fault *fault, const char *file, struct buf *out);

#endif
