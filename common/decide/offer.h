/*
 * offer: which images AWS has for a family in one region, and which of them is the current one.
 *
 * EC2 is asked as narrowly as it can be. Whatever comes back is looked at again: an image counts
 * when it is available, one of the publisher's owners owns it, and its name holds a version. Of
 * those that the family wants, the newest is current; but where AWS recommends images (by public
 * parameters), the newest that it recommends is, even when there is a newer one: AWS may have
 * moved its pointer back, or not have moved it yet.
 *
 * Source: the EC2 API reference, DescribeImages: filters, and * and ? in their values.
 */
#ifndef EVERGOLD_DECIDE_OFFER_H
#define EVERGOLD_DECIDE_OFFER_H

#include "common/aws/wire_ec2.h"
#include "common/decide/decide.h"

struct offered {
	struct image image; /* texts in the offer's arena */
	int64_t created_ms;
	bool recommended;
};

struct offer {
	const struct family *family; /* borrowed, as is the region */
	const char *region;
	struct offered *at; /* owned; at most LIMIT_IMAGES */
	size_t n;
	bool too_many;
	struct release release; /* of those that are looked at; decisions point into it */
	struct arena arena;
};

void offer_clear(struct offer *offer);

/* What to ask EC2; the question's texts are in the arena. False: nobody may own the images. */
bool offer_question(const struct family *family, struct arena *arena,
                    struct ec2_describe_images *ret_question) MUST_USE;

/* Takes a page of answers in. */
void offer_add(struct offer *offer, const struct ec2_images *page);

/* AWS recommends this one. True: it is the newest that the family wants; no more need be asked. */
bool offer_recommend(struct offer *offer, struct span image_id);

/*
 * Decides for the family and region, as an announcement of the current image would. NULL: there is
 * none, and *ret_decision says why; more than LIMIT_IMAGES are none, too.
 */
const struct offered *offer_decide(struct offer *offer, struct decision *ret_decision);

#endif
