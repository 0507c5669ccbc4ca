/*
 * catalogue: the publishers that evergold knows by itself.
 */
#ifndef EVERGOLD_RELEASE_CATALOGUE_H
#define EVERGOLD_RELEASE_CATALOGUE_H

#include "common/base/span.h"

/* How a publisher's announcement is written; release.h has the parser of each. */
enum shape { SHAPE_V1 };

/* What is not known is NULL. */
struct publisher {
	const char *name;  /* "amazon-linux-2023" */
	const char *topic; /* ARN of the SNS topic */
	enum shape shape;
	const char *const *owners;   /* account ids or aliases that may own images; NULL-ended */
	const char *title;           /* "Amazon Linux 2023", for people */
	const char *name_pattern;    /* POSIX extended regular expression of its image names */
	const char *const *examples; /* an image name of each flavour; NULL-ended */
	const char *notes;           /* where its release notes are */
};

extern const struct publisher catalogue[];
extern const size_t catalogue_size;

const struct publisher *catalogue_find(struct span name); /* NULL: unknown */
const char *shape_word(enum shape shape);                 /* "v1" */

#endif
