#include "common/aws/event.h"

#include "common/base/members.h"

#include "common/base/banned.h"

static void read_detail(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event, pipeline, "pipeline", false),
		MEMBER_STRING(struct event, execution_id, "execution-id", false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

bool event_parse(struct span text, struct reader *reader, struct event *ret_event)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event, source, "source", true),
		MEMBER_STRING(struct event, detail_type, "detail-type", true),
		MEMBER_STRING(struct event, region, "region", false),
		MEMBER_NESTED("detail", read_detail, true),
	};

	*ret_event = (struct event){ 0 };
	reader_init(reader, text);
	return members_parse(reader, members, ARRAY_LEN(members), ret_event, NULL);
}
