#include "common/decide/config_images.h"

#include "common/base/limits.h"
#include "common/decide/flavours.h"
#include "common/decide/match.h"
#include "common/decide/pattern.h"
#include "common/decide/version.h"

#include <string.h>

#include "common/base/banned.h"

#define NAMES_SHOWN 5

/* ---- What is taken --------------------------------------------------------------------------- */

static bool pattern_takes(const struct pattern *pattern, const struct flavour *flavour)
{
	const struct patterns alone = { pattern, 1 };

	if (pattern->regex)
		return patterns_match_any(&alone, span_of(flavour->name));
	return form_distance(flavour->form, span_of(pattern->text)) == 0;
}

static bool any_takes(const struct patterns *patterns, const struct flavour *flavour)
{
	size_t at = 0;

	while (at < patterns->n && !pattern_takes(&patterns->at[at], flavour))
		at++;
	return at < patterns->n;
}

/* What the family asks besides the patterns in `images`. */
static bool others_take(const struct family *family, const struct flavour *flavour)
{
	struct span name = span_of(flavour->name);

	return (!family->kernel || span_is(kernel_in_name(name), family->kernel)) &&
	       (!flavour->line[0] || match_version(&family->versions, span_of(flavour->line))) &&
	       !patterns_match_any(&family->exclude, name) &&
	       (!family->architecture ||
	        span_is(architecture_of(family->publisher, name), family->architecture));
}

/* The flavours that some patterns take. */
struct taken {
	size_t n;
	const struct flavour *first;
	bool differ; /* in version: the newest is taken, and it is not ambiguous */
	struct buf names;
};

static void take(struct taken *taken, const struct flavour *flavour)
{
	if (!taken->first)
		taken->first = flavour;
	taken->differ |= version_compare_part(span_of(taken->first->line),
	                                      span_of(flavour->line)) != 0;
	if (taken->n++ < NAMES_SHOWN)
		buf_addf(&taken->names, "%s%s", taken->n > 1 ? ", " : "", flavour->name);
}

static struct taken take_all(const struct family *family, const struct flavours *flavours,
                             const struct patterns *patterns)
{
	struct taken taken = { .names = buf_with_max(1000) };

	for (size_t i = 0; i < flavours->n; i++) {
		const struct flavour *flavour = &flavours->at[i];

		if (any_takes(patterns, flavour) && others_take(family, flavour))
			take(&taken, flavour);
	}
	if (taken.n > NAMES_SHOWN)
		buf_addf(&taken.names, " and %zu more", taken.n - NAMES_SHOWN);
	return taken;
}

/* ---- What is said of it ---------------------------------------------------------------------- */

static void warn_several(struct reading *reading, struct place place, const struct taken *taken)
{
	reading_warn(reading, place, "takes %zu flavours of image, and when several fit %s: %s",
	             taken->n,
	             taken->differ ? "the newest version is built, whichever it is"
	                           : "nothing is started",
	             buf_text(&taken->names));
}

static const struct flavour *nearest(const struct flavours *flavours, const struct pattern *pattern)
{
	size_t best = SIZE_MAX, found = 0;

	for (size_t i = 0; !pattern->regex && i < flavours->n; i++) {
		size_t distance = form_distance(flavours->at[i].form, span_of(pattern->text));

		if (distance < best) {
			best = distance;
			found = i;
		}
	}
	return &flavours->at[found];
}

/*
 * Where names hold a line (14.3, 1.34, sp7), there will be lines after those that are known. So the
 * pattern may be right if only its numbers are others; of an expression that is hard to say.
 */
static bool may_take_lines_to_come(const struct publisher *publisher,
                                   const struct flavours *flavours, const struct pattern *pattern)
{
	size_t at = 0;

	if (!publisher->version_pattern || pattern->regex)
		return publisher->version_pattern;
	while (at < flavours->n &&
	       form_distance(flavours->at[at].to_come, span_of(pattern->text)) > 0)
		at++;
	return at < flavours->n;
}

/* Either the pattern itself takes no known name, or the family's other wishes leave none. */
static void warn_none(struct reading *reading, const struct family *family,
                      const struct flavours *flavours, const struct pattern *pattern)
{
	const struct flavour *near = nearest(flavours, pattern);

	if (pattern_takes(pattern, near))
		reading_warn(reading, pattern->place,
		             "with the family's other conditions, takes no image that %s is known "
		             "to have; without them it takes %s",
		             family->publisher->name, near->name);
	else if (!may_take_lines_to_come(family->publisher, flavours, pattern))
		reading_warn(reading, pattern->place,
		             "takes no image that %s is known to have; the nearest is %s",
		             family->publisher->name, near->name);
}

static bool has_wildcard(const struct pattern *pattern)
{
	return pattern->regex || strpbrk(pattern->text, "*?[");
}

/* Returns whether the pattern by itself takes several. */
static bool check_pattern(struct reading *reading, const struct family *family,
                          const struct flavours *flavours, const struct pattern *pattern)
{
	const struct patterns alone = { pattern, 1 };
	struct taken taken = take_all(family, flavours, &alone);
	size_t n = taken.n;

	if (!has_wildcard(pattern))
		reading_warn(reading, pattern->place,
		             "holds no wildcard, so it takes the image of one release alone");
	if (n == 0 && flavours->n)
		warn_none(reading, family, flavours, pattern);
	else if (n > 1)
		warn_several(reading, pattern->place, &taken);
	buf_clear(&taken.names);
	return n > 1;
}

static void check_together(struct reading *reading, const struct family *family,
                           const struct flavours *flavours)
{
	struct taken taken = take_all(family, flavours, &family->images);

	if (taken.n > 1)
		warn_several(reading, family->images.at[0].place, &taken);
	buf_clear(&taken.names);
}

/* ---- Images of other publishers, which EC2 lists under the same owner ------------------------ */

static bool share_owner(const struct publisher *a, const struct publisher *b)
{
	for (size_t i = 0; a->owners[i]; i++) {
		for (size_t k = 0; b->owners[k]; k++) {
			if (strcmp(a->owners[i], b->owners[k]) == 0)
				return true;
		}
	}
	return false;
}

/* Announcements name none of them, but catch-up finds them. */
static void check_neighbour(struct reading *reading, const struct family *family,
                            const struct publisher *neighbour)
{
	struct flavours flavours = flavours_of(neighbour);
	struct taken taken = take_all(family, &flavours, &family->images);

	if (taken.n && match_version(&family->versions,
	                             version_in_name(span_of(taken.first->name), SPAN_NONE)))
		reading_warn(reading, family->images.at[0].place,
		             "takes images of %s, too, when catch-up asks EC2 for them: %s",
		             neighbour->name, buf_text(&taken.names));
	buf_clear(&taken.names);
	flavours_clear(&flavours);
}

static void check_neighbours(struct reading *reading, const struct family *family)
{
	const struct publisher *own = family->publisher;

	for (size_t i = 0; reading->config->catch_up.every_s && i < catalogue_size; i++) {
		if (&catalogue[i] != own && share_owner(own, &catalogue[i]))
			check_neighbour(reading, family, &catalogue[i]);
	}
}

void config_check_images(struct reading *reading, const struct family *family)
{
	struct flavours flavours = flavours_of(family->publisher);
	size_t length = reading_enter(reading, "images");
	bool told = false;

	for (size_t i = 0; i < family->images.n; i++)
		told |= check_pattern(reading, family, &flavours, &family->images.at[i]);
	if (!told)
		check_together(reading, family, &flavours);
	check_neighbours(reading, family);
	reading_leave(reading, length);
	flavours_clear(&flavours);
}
