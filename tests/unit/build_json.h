/*
 * build_json: builds of the ledger as a test writes them: an object whose members are those of
 * struct build, words as the ledger has them, times (without "_ms") as RFC 3339.
 */
#ifndef TESTS_UNIT_BUILD_JSON_H
#define TESTS_UNIT_BUILD_JSON_H

#include "common/base/reader.h"
#include "common/decide/build.h"

/* Reads the object that comes next; its texts are in the arena, and its token is derived. */
struct build build_json_read(struct reader *reader, struct arena *arena);

/* What else tests write in that way. */
const char *build_json_text(struct reader *reader, struct arena *arena);
int64_t build_json_time(struct reader *reader);
int64_t build_json_number(struct reader *reader);

#endif
