#include "common/release/shape.h"

#include "common/base/mem.h"
#include "common/base/members.h"

#include "common/base/banned.h"

struct image *shape_add_image(struct release *release)
{
	size_t n = release->n_images;

	if (n == LIMIT_IMAGES) {
		release->too_many = true;
		n = --release->n_images;
	}
	if ((n & (n - 1)) == 0) /* full at each power of two */
		release->images = xreallocarray(release->images, n ? 2 * n : 1,
		                                sizeof(*release->images));
	release->images[n] = (struct image){ 0 };
	release->n_images++;
	return &release->images[n];
}

void gather_missing(struct gathering *gathering, const char *missing)
{
	if (!gathering->missing)
		gathering->missing = missing;
}

void gather_image(struct gathering *gathering, struct reader *reader, struct span region)
{
	static const struct member members[] = {
		MEMBER_STRING(struct image, name, "Name", true),
		MEMBER_STRING(struct image, id, "ImageId", true),
		MEMBER_STRING(struct image, architecture, "Architecture", false),
	};
	struct image *image = shape_add_image(gathering->release);

	image->region = region;
	gather_missing(gathering, members_read(reader, members, ARRAY_LEN(members), image));
}
