#include "common/base/members.h"

#include <assert.h>

#include "common/base/banned.h"

static const struct member *row_of(const struct member *members, size_t n, struct span key)
{
	for (size_t i = 0; i < n; i++) {
		if (span_is(key, members[i].name))
			return &members[i];
	}
	return NULL;
}

static void read_value(struct reader *reader, const struct member *member, void *target)
{
	char *field = (char *)target + member->offset;

	switch (member->type) {
	case JSON_STRING:
		reader_string(reader, (struct span *)(void *)field);
		break;
	case JSON_NUMBER:
		reader_number(reader, (double *)(void *)field);
		break;
	case JSON_BOOL:
		reader_bool(reader, (bool *)(void *)field);
		break;
	case JSON_END:
		member->read(reader, target);
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		assert(member->type == JSON_END); /* a row cannot name these */
	}
}

const char *members_read(struct reader *reader, const struct member *members, size_t n,
                         void *target)
{
	uint32_t seen = 0;
	struct span key;

	assert(n <= 32);
	reader_object(reader);
	while (reader_member(reader, &key)) {
		const struct member *member = row_of(members, n, key);

		if (!member || reader_peek(reader) == JSON_NULL) {
			reader_skip(reader);
			continue;
		}
		seen |= (uint32_t)1 << (member - members);
		read_value(reader, member, target);
	}
	for (size_t i = 0; i < n; i++) {
		if (members[i].needed && !(seen & (uint32_t)1 << i))
			return members[i].name;
	}
	return NULL;
}

bool members_parse(struct reader *reader, const struct member *members, size_t n, void *target,
                   struct err *reterr)
{
	const char *missing = members_read(reader, members, n, target);

	if (!reader_done(reader, reterr))
		return false;
	if (missing)
		return err_set(reterr, ERR_MALFORMED, "%s is missing", missing);
	return true;
}
