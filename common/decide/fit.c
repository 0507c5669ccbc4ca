#include "common/decide/fit.h"

#include "common/release/release.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

static bool is_text(const char *text, const char *other)
{
	return text && strcmp(text, other) == 0;
}

bool fit_owner(const struct publisher *publisher, const struct ec2_image *image)
{
	const char *const *owner = publisher ? publisher->owners : NULL;

	while (owner && *owner && !is_text(image->owner_id, *owner) &&
	       !is_text(image->owner_alias, *owner))
		owner++;
	return owner && *owner;
}

static bool same_architecture(const struct build *build, const struct ec2_image *image)
{
	struct span announced = span_of(build->architecture);

	return announced.len == 0 || !image->architecture ||
	       span_equal(announced, architecture_canonical(span_of(image->architecture)));
}

enum fit fit_judge(const struct fit_question *question, char ret_detail[LIMIT_WHY])
{
	const struct ec2_image *image = question->image;
	const struct build *build = question->build;

	if (!image || !is_text(image->state, "available")) {
		snprintf(ret_detail, LIMIT_WHY, "%s in %s is %s", build->image_id, build->region,
		         image ? image->state : "not there");
		return FIT_NOT_YET;
	}
	if (!fit_owner(question->publisher, image)) {
		snprintf(ret_detail, LIMIT_WHY, "%s is owned by %s, who is no owner of %s",
		         build->image_id, image->owner_id ? image->owner_id : "nobody",
		         build->publisher);
		return FIT_NEVER;
	}
	if (!is_text(image->name, build->image_name) || !same_architecture(build, image)) {
		snprintf(ret_detail, LIMIT_WHY, "%s is %.60s (%.20s), not what was announced",
		         build->image_id, image->name ? image->name : "without name",
		         image->architecture ? image->architecture : "unknown");
		return FIT_NEVER;
	}
	return FIT_YES;
}
