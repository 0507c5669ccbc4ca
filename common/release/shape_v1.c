#include "common/base/members.h"
#include "common/release/shape.h"

#include "common/base/banned.h"

static void read_regions(struct reader *reader, void *target)
{
	struct span region;

	reader_object(reader);
	while (reader_member(reader, &region)) {
		reader_array(reader);
		while (reader_element(reader))
			gather_image(target, reader, region);
	}
}

static void read_version(struct reader *reader, void *target)
{
	reader_string(reader, &((struct gathering *)target)->release->version);
}

static void read_notes(struct reader *reader, void *target)
{
	reader_string(reader, &((struct gathering *)target)->release->notes);
}

static void read_v1(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_NESTED("ImageVersion", read_version, true),
		MEMBER_NESTED("ReleaseNotes", read_notes, false),
		MEMBER_NESTED("Regions", read_regions, true),
	};

	gather_missing(target, members_read(reader, members, ARRAY_LEN(members), target));
}

bool shape_v1_parse(const struct publisher *publisher, const struct release_text *text,
                    struct release *release, struct err *reterr)
{
	static const struct member root[] = { MEMBER_NESTED("v1", read_v1, true) };
	struct gathering gathering = { .release = release };

	(void)publisher;
	reader_init(&release->reader, text->body);
	if (!members_parse(&release->reader, root, ARRAY_LEN(root), &gathering, reterr))
		return false;
	if (gathering.missing)
		return err_set(reterr, ERR_MALFORMED, "%s is missing", gathering.missing);
	return true;
}
