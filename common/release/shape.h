/*
 * shape: one parser for each way in which announcements are written.
 *
 * v1, of Amazon Linux, and of FreeBSD, which has Architecture and no ReleaseNotes:
 *
 *	{"v1": {"ReleaseVersion": "2.0", "ImageVersion": "2.0.20240109.0", "ReleaseNotes": "…",
 *	        "Regions": {"eu-west-1": [{"Name": "amzn2-ami-…", "ImageId": "ami-…"}, …], …}}}
 *
 * ecs, of the ECS-optimized AMIs until 2021: one image in each region, which may be of another
 * partition:
 *
 *	{"ECSAmis": [{"ReleaseVersion": "2017.09.j", "ReleaseNotes": "…",
 *	              "Regions": {"eu-west-1": {"Name": "amzn-ami-…", "ImageId": "ami-…"}, …}}]}
 *
 * generic, of the user's own publishers: JSON in which four pointers (RFC 6901) name the version,
 * the object of regions and, inside one image's entry, its name and id. A region's value is one
 * entry or an array of them.
 *
 * notice: text that names no images. The publisher's notice_pattern finds the version in Subject or
 * body, and the release is unresolved.
 *
 * Sources: Amazon Linux 2 user guide, "AMI release notifications" (its JSON schema); FreeBSD's
 * bsdec2-image-upload; Amazon ECS developer guide of 2021, "Subscribing to Amazon ECS-optimized AMI
 * update notifications"; EC2 user guide, "Subscribe to Windows AMI notifications".
 */
#ifndef EVERGOLD_RELEASE_SHAPE_H
#define EVERGOLD_RELEASE_SHAPE_H

#include "common/release/release.h"

/*
 * Fills version, notes (the text as it came) and images, unchecked; or unresolved. Kind
 * ERR_MALFORMED.
 */
typedef bool shape_parse_fn(const struct publisher *publisher, const struct release_text *text,
                            struct release *release, struct err *reterr);

shape_parse_fn shape_v1_parse, shape_ecs_parse, shape_generic_parse, shape_notice_parse;

/* ---- What v1 and ecs have in common ---------------------------------------------------------- */

struct gathering {
	struct release *release;
	const char *missing; /* the first needed member that was absent, anywhere */
};

void gather_missing(struct gathering *gathering, const char *missing); /* NULL: none */

/* Reads {"Name": …, "ImageId": …, "Architecture": …}. */
void gather_image(struct gathering *gathering, struct reader *reader, struct span region);

/* The next image, zeroed. At LIMIT_IMAGES the last one again, and release->too_many. */
struct image *shape_add_image(struct release *release);

#endif
