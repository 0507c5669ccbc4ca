#include "common/decide/offer.h"

#include "common/base/mem.h"
#include "common/decide/fit.h"
#include "common/decide/match.h"
#include "common/decide/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define PAGE 1000 /* images, EC2's maximum */

void offer_clear(struct offer *offer)
{
	release_clear(&offer->release);
	free(offer->at);
	arena_clear(&offer->arena);
	*offer = (struct offer){ .n = 0 };
}

/* ---- the question ---------------------------------------------------------------------------- */

static struct ec2_list list_of(const char *const *words)
{
	struct ec2_list list = { words, 0 };

	while (words && words[list.n])
		list.n++;
	return list;
}

static struct ec2_list one(struct arena *arena, const char *word)
{
	const char **words = arena_alloc(arena, 1, sizeof(*words));

	words[0] = word;
	return (struct ec2_list){ words, 1 };
}

/* Do the shell's wildcards mean in it what EC2's do? */
static bool is_simple(const struct pattern *pattern)
{
	return !pattern->regex && !strpbrk(pattern->text, "[]\\");
}

static struct ec2_list names_of(const struct family *family, struct arena *arena)
{
	const char **names = arena_alloc(arena, family->images.n, sizeof(*names));

	for (size_t i = 0; i < family->images.n; i++) {
		if (!is_simple(&family->images.at[i]))
			return list_of(family->publisher->search);
		names[i] = family->images.at[i].text;
	}
	return (struct ec2_list){ names, family->images.n };
}

struct filters {
	struct ec2_filter *at;
	size_t n;
};

static void add_filter(struct filters *filters, const char *name, struct ec2_list values)
{
	if (values.n)
		filters->at[filters->n++] = (struct ec2_filter){ name, values };
}

/* NULL, or what the publisher says; "any" is no filter. */
static void add_trait(struct filters *filters, struct arena *arena, const char *name,
                      const char *value)
{
	if (value && strcmp(value, "any") != 0)
		add_filter(filters, name, one(arena, value));
}

bool offer_question(const struct family *family, struct arena *arena,
                    struct ec2_describe_images *ret_question)
{
	const struct publisher *publisher = family->publisher;
	const char *virtualization = publisher->virtualization, *root = publisher->root_device;
	struct filters filters = { arena_alloc(arena, 5, sizeof(*filters.at)), 0 };

	add_filter(&filters, "name", names_of(family, arena));
	add_trait(&filters, arena, "architecture", family->architecture);
	add_trait(&filters, arena, "state", "available");
	add_trait(&filters, arena, "virtualization-type", virtualization ? virtualization : "hvm");
	add_trait(&filters, arena, "root-device-type", root ? root : "ebs");
	*ret_question = (struct ec2_describe_images){
		.owners = list_of(publisher->owners),
		.filters = filters.at,
		.n_filters = filters.n,
		.max_results = PAGE,
	};
	return ret_question->owners.n > 0;
}

/* ---- the answers ----------------------------------------------------------------------------- */

static bool is_plain(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	for (size_t i = 0; i < len; i++) {
		if (name[i] < 0x20 || name[i] > 0x7e)
			return false;
	}
	return len > 0 && len <= 128;
}

static bool counts(const struct publisher *publisher, const struct ec2_image *image)
{
	return strcmp(image->state, "available") == 0 && fit_owner(publisher, image) &&
	       is_plain(image->name) && image_id_is_valid(span_of(image->id)) &&
	       (publisher->version_pattern ||
	        version_in_name(span_of(image->name), SPAN_NONE).len > 0);
}

static bool is_word(const char *text)
{
	return text && strlen(text) <= 32 &&
	       span_only(span_of(text), "abcdefghijklmnopqrstuvwxyz0123456789-_");
}

static void add_image(struct offer *offer, const struct ec2_image *image)
{
	struct arena *arena = &offer->arena;

	if (offer->n == LIMIT_IMAGES) {
		offer->too_many = true;
		return;
	}
	offer->at = xreallocarray(offer->at, offer->n + 1, sizeof(*offer->at));
	offer->at[offer->n++] = (struct offered){
		.image = {
			.region = span_of(offer->region),
			.name = span_of(arena_text(arena, span_of(image->name))),
			.id = span_of(arena_text(arena, span_of(image->id))),
			.architecture = is_word(image->architecture)
				? span_of(arena_text(arena, span_of(image->architecture)))
				: SPAN_NONE,
		},
		.created_ms = image->created_ms,
	};
}

void offer_add(struct offer *offer, const struct ec2_images *page)
{
	for (size_t i = 0; i < page->n; i++) {
		if (counts(offer->family->publisher, &page->at[i]))
			add_image(offer, &page->at[i]);
	}
}

/* ---- the current one ------------------------------------------------------------------------- */

/* Names that hold their version are compared by it; the release's own is the newest of them. */
static struct span newest_version(const struct offer *offer, bool recommended)
{
	struct span newest = SPAN_NONE;

	for (size_t i = 0; i < offer->n; i++) {
		struct span version = version_in_name(offer->at[i].image.name, SPAN_NONE);

		if (offer->at[i].recommended >= recommended &&
		    (!newest.len || version_compare(version, newest) > 0))
			newest = version;
	}
	return newest.len && newest.len <= 64 ? newest : SPAN("current");
}

/* Makes a release of all, or of those that are recommended. False: there are none. */
static bool make_release(struct offer *offer, bool recommended)
{
	struct release *release = &offer->release;

	release_clear(release);
	release->images = xcalloc(offer->n + 1, sizeof(*release->images));
	for (size_t i = 0; i < offer->n; i++) {
		if (offer->at[i].recommended >= recommended)
			release->images[release->n_images++] = offer->at[i].image;
	}
	release->version = newest_version(offer, recommended);
	return release->n_images > 0 && release_check(offer->family->publisher, release, NULL);
}

static const struct offered *offered_of(const struct offer *offer, const struct image *image)
{
	size_t i = 0;

	while (!span_equal(offer->at[i].image.id, image->id))
		i++;
	return &offer->at[i];
}

/* A name that does not fit the publisher's pattern has no version, and could be anything. */
static const struct offered *decide(struct offer *offer, bool recommended,
                                    struct decision *ret_decision)
{
	if (!make_release(offer, recommended))
		return NULL;
	decide_line(offer->family, offer->region, &offer->release, ret_decision);
	if (ret_decision->image && ret_decision->version.len == 0) {
		ret_decision->reason = REASON_NAME_MISMATCH;
		ret_decision->image = NULL;
	}
	return ret_decision->image ? offered_of(offer, ret_decision->image) : NULL;
}

bool offer_recommend(struct offer *offer, struct span image_id)
{
	struct decision decision = { .reason = REASON_NO_IMAGE_IN_REGION };
	bool found = false;

	for (size_t i = 0; i < offer->n; i++) {
		if (span_equal(offer->at[i].image.id, image_id))
			found = offer->at[i].recommended = true;
	}
	return found && decide(offer, false, &decision) && span_equal(decision.image->id, image_id);
}

static bool is_ambiguous(const struct decision *decision)
{
	return decision->reason == REASON_SEVERAL_IMAGES;
}

const struct offered *offer_decide(struct offer *offer, struct decision *ret_decision)
{
	const struct offered *current;

	*ret_decision = (struct decision){
		.family = offer->family,
		.region = offer->region,
		.reason = REASON_NO_IMAGE_IN_REGION,
	};
	if (offer->too_many) {
		snprintf(ret_decision->detail, sizeof(ret_decision->detail),
		         "more than %d images fit; make the pattern narrower", LIMIT_IMAGES);
		return NULL;
	}
	current = decide(offer, true, ret_decision);
	return current || is_ambiguous(ret_decision) ? current : decide(offer, false, ret_decision);
}
