#include "common/release/groups.h"
#include "common/release/shape.h"

#include "common/base/banned.h"

bool shape_notice_parse(const struct publisher *publisher, const struct release_text *text,
                        struct release *release, struct err *reterr)
{
	struct groups groups;

	groups_init(&groups, publisher->notice_pattern);
	release->version = groups_join(&groups, text->subject, &release->arena);
	if (release->version.len == 0)
		release->version = groups_join(&groups, text->body, &release->arena);
	groups_clear(&groups);
	release->unresolved = true;
	if (release->version.len == 0 && publisher->dated)
		return err_set(reterr, ERR_MALFORMED,
		               "neither its subject nor its text has a date such as 2018.01.05");
	return true;
}
