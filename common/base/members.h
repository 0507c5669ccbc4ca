/*
 * members: a JSON object read into a struct by a table, one row a member.
 *
 *	static const struct member envelope_members[] = {
 *		MEMBER_STRING(struct envelope, type, "Type", true),
 *		MEMBER_NUMBER(struct thing, count, "Count", false),
 *		MEMBER_NESTED(struct thing, "Inner", read_inner, false),
 *	};
 *
 * Members that no row names are skipped; null counts as absent; the order does not matter.
 */
#ifndef EVERGOLD_BASE_MEMBERS_H
#define EVERGOLD_BASE_MEMBERS_H

#include "common/base/reader.h"

#include <stddef.h>

/* Reads one value, of any type, from the reader into the struct that the table describes. */
typedef void member_read_fn(struct reader *reader, void *target);

struct member {
	const char *name;
	enum json_type type;  /* JSON_STRING, JSON_NUMBER, JSON_BOOL; JSON_END: by `read` */
	size_t offset;        /* of a struct span, double or bool in the target */
	member_read_fn *read; /* for JSON_END */
	bool needed;
};

#define MEMBER_STRING(type, field, name, needed)                           \
	{                                                                  \
		(name), JSON_STRING, offsetof(type, field), NULL, (needed) \
	}
#define MEMBER_NUMBER(type, field, name, needed)                           \
	{                                                                  \
		(name), JSON_NUMBER, offsetof(type, field), NULL, (needed) \
	}
#define MEMBER_BOOL(type, field, name, needed)                           \
	{                                                                \
		(name), JSON_BOOL, offsetof(type, field), NULL, (needed) \
	}
#define MEMBER_NESTED(name, read_fn, needed)             \
	{                                                \
		(name), JSON_END, 0, (read_fn), (needed) \
	}

/*
 * Reads the object that comes next into *target. Returns the name of the first needed member that
 * was absent (a literal of the table), or NULL. Faults and mismatches stay in the reader. At most
 * 32 rows.
 */
const char *members_read(struct reader *reader, const struct member *members, size_t n,
                         void *target);

/*
 * The same for a whole text that is one object. Kind ERR_MALFORMED: faulty, or a member is missing
 * or has another type. The spans stay valid until reader_clear(), which the caller owes in any
 * case.
 */
bool members_parse(struct reader *reader, const struct member *members, size_t n, void *target,
                   struct err *reterr) MUST_USE;

#endif
