#include "common/base/members.h"
#include "common/release/shape.h"

#include "common/base/banned.h"

struct ecs {
	struct gathering gathering;
	struct span version, notes; /* of the element that is being read */
};

static void read_regions(struct reader *reader, void *target)
{
	struct ecs *ecs = target;
	struct span region;

	reader_object(reader);
	while (reader_member(reader, &region))
		gather_image(&ecs->gathering, reader, region);
}

static const struct member ami_members[] = {
	MEMBER_STRING(struct ecs, version, "ReleaseVersion", true),
	MEMBER_STRING(struct ecs, notes, "ReleaseNotes", false),
	MEMBER_NESTED("Regions", read_regions, true),
};

/* Every element ever sent came alone. Of several, the first gives the release its version. */
static void read_amis(struct reader *reader, void *target)
{
	struct ecs *ecs = target;
	struct release *release = ecs->gathering.release;

	reader_array(reader);
	while (reader_element(reader)) {
		gather_missing(&ecs->gathering,
		               members_read(reader, ami_members, ARRAY_LEN(ami_members), ecs));
		if (!release->version.at) {
			release->version = ecs->version;
			release->notes = ecs->notes;
		}
	}
}

bool shape_ecs_parse(const struct publisher *publisher, const struct release_text *text,
                     struct release *release, struct err *reterr)
{
	static const struct member root[] = { MEMBER_NESTED("ECSAmis", read_amis, true) };
	struct ecs ecs = { .gathering.release = release };

	(void)publisher;
	reader_init(&release->reader, text->body);
	if (!members_parse(&release->reader, root, ARRAY_LEN(root), &ecs, reterr))
		return false;
	if (ecs.gathering.missing)
		return err_set(reterr, ERR_MALFORMED, "%s is missing", ecs.gathering.missing);
	if (!release->version.at)
		return err_set(reterr, ERR_MALFORMED, "ECSAmis is empty");
	return true;
}
