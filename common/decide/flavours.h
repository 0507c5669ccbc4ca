/*
 * flavours: the kinds of image that a publisher is known to have, whatever their version.
 *
 * The catalogue has one name of each. A number of its version that does not tell flavours apart (a
 * date, or one that all the names have) stands for any number: a pattern for 2023.10.* takes the
 * flavours that are known of 2023.9. Others tell them apart, such as Ubuntu's 24.04.
 */
#ifndef EVERGOLD_DECIDE_FLAVOURS_H
#define EVERGOLD_DECIDE_FLAVOURS_H

#include "common/base/arena.h"
#include "common/release/catalogue.h"

#define FLAVOUR_NUMBERS 16   /* of one version; further ones are left out */
#define FLAVOUR_NUMBER  '\1' /* in a form: any number */

struct flavour {
	const char *name;    /* of the catalogue */
	const char *form;    /* the same, with FLAVOUR_NUMBER where a number may be any */
	const char *to_come; /* likewise, of lines that are not there yet: any number is */
	const char *line;    /* what its version begins with until a number may be any; may be "" */
	struct span numbers[FLAVOUR_NUMBERS]; /* of the version, as parts of the name */
	size_t n_numbers;
};

struct flavours {
	struct flavour *at; /* in the arena; borrowed until flavours_clear() */
	size_t n;
	struct arena arena;
};

/* None of a publisher without examples. */
struct flavours flavours_of(const struct publisher *publisher);
void flavours_clear(struct flavours *flavours);

/*
 * How many characters of the shell pattern would have to be others, too many or missing, for it to
 * take a name of this form. 0: it does. The pattern has at most LIMIT_PATTERN bytes; a form of more
 * than 128, which is no image's, is infinitely far.
 */
size_t form_distance(const char *form, struct span pattern);

#endif
