#include "common/release/shape_v1.h"

#include "common/base/mem.h"
#include "common/base/members.h"

#include "common/base/banned.h"

struct v1 {
	struct release *release;
	const char *missing; /* the first needed member that was absent, anywhere */
	bool too_many;
};

static const struct member image_members[] = {
	MEMBER_STRING(struct image, name, "Name", true),
	MEMBER_STRING(struct image, id, "ImageId", true),
	MEMBER_STRING(struct image, architecture, "Architecture", false),
};

static void note_missing(struct v1 *v1, const char *missing)
{
	if (!v1->missing)
		v1->missing = missing;
}

static struct image *next_image(struct v1 *v1)
{
	struct release *release = v1->release;
	size_t n = release->n_images;

	if (n == LIMIT_IMAGES) {
		v1->too_many = true;
		n = --release->n_images;
	}
	if ((n & (n - 1)) == 0) /* full at each power of two */
		release->images = xreallocarray(release->images, n ? 2 * n : 1,
		                                sizeof(*release->images));
	release->images[n] = (struct image){ 0 };
	release->n_images++;
	return &release->images[n];
}

static void read_regions(struct reader *reader, void *target)
{
	struct v1 *v1 = target;
	struct span region;

	reader_object(reader);
	while (reader_member(reader, &region)) {
		reader_array(reader);
		while (reader_element(reader)) {
			struct image *image = next_image(v1);

			image->region = region;
			note_missing(v1, members_read(reader, image_members,
			                              ARRAY_LEN(image_members), image));
		}
	}
}

static void read_version(struct reader *reader, void *target)
{
	reader_string(reader, &((struct v1 *)target)->release->version);
}

static void read_notes(struct reader *reader, void *target)
{
	reader_string(reader, &((struct v1 *)target)->release->notes);
}

static const struct member v1_members[] = {
	MEMBER_NESTED("ImageVersion", read_version, true),
	MEMBER_NESTED("ReleaseNotes", read_notes, false),
	MEMBER_NESTED("Regions", read_regions, true),
};

static void read_v1(struct reader *reader, void *target)
{
	note_missing(target, members_read(reader, v1_members, ARRAY_LEN(v1_members), target));
}

bool shape_v1_parse(struct span message, struct reader *reader, struct release *release,
                    struct err *reterr)
{
	static const struct member root[] = { MEMBER_NESTED("v1", read_v1, true) };
	struct v1 v1 = { .release = release };

	reader_init(reader, message);
	if (!members_parse(reader, root, ARRAY_LEN(root), &v1, reterr))
		return false;
	if (v1.missing)
		return err_set(reterr, ERR_MALFORMED, "%s is missing", v1.missing);
	if (v1.too_many)
		return err_set(reterr, ERR_MALFORMED, "more than %d images", LIMIT_IMAGES);
	return true;
}
