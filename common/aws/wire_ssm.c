#include "common/aws/wire_ssm.h"

#include "common/base/members.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

#define MAX_VERSION 9007199254740992.0 /* 2^53: up to here a JSON number is exact */

void ssm_get_body(const char *name, bool with_decryption, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", name);
	writer_bool(writer, "WithDecryption", with_decryption);
	writer_finish(writer, out);
}

struct parameter_answer {
	struct span value;
	double version;
	const char *missing; /* inside Parameter */
};

static const struct member parameter_members[] = {
	MEMBER_STRING(struct parameter_answer, value, "Value", true),
	MEMBER_NUMBER(struct parameter_answer, version, "Version", true),
};

static void read_parameter(struct reader *reader, void *target)
{
	struct parameter_answer *answer = target;

	answer->missing = members_read(reader, parameter_members, ARRAY_LEN(parameter_members),
	                               answer);
}

static const struct member get_members[] = {
	MEMBER_NESTED("Parameter", read_parameter, true),
};

static bool take_version(double number, int64_t *ret_version, struct err *reterr)
{
	if (!(number >= 1 && number <= MAX_VERSION))
		return err_set(reterr, ERR_MALFORMED, "Version is not 1 or more");
	*ret_version = (int64_t)number;
	return true;
}

static bool parse_get(struct reader *reader, struct parameter_answer *answer, int64_t *ret_version,
                      struct err *reterr)
{
	if (!members_parse(reader, get_members, ARRAY_LEN(get_members), answer, reterr))
		return false;
	if (answer->missing)
		return err_set(reterr, ERR_MALFORMED, "a parameter without %s", answer->missing);
	return take_version(answer->version, ret_version, reterr);
}

bool ssm_get_answer(struct span json, struct arena *arena, struct ssm_parameter *ret_parameter,
                    struct err *reterr)
{
	struct parameter_answer answer = { .missing = NULL };
	struct reader reader;
	int64_t version = 0;
	bool fine;

	reader_init(&reader, json);
	fine = parse_get(&reader, &answer, &version, reterr);
	if (fine)
		*ret_parameter = (struct ssm_parameter){ arena_text(arena, answer.value), version };
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetParameter");
}

void ssm_put_body(const char *name, const char *value, bool overwrite, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", name);
	writer_text(writer, "Value", value);
	writer_text(writer, "Type", "String");
	writer_text(writer, "DataType", "text");
	writer_bool(writer, "Overwrite", overwrite);
	writer_finish(writer, out);
}

static const struct member put_members[] = {
	MEMBER_NUMBER(struct parameter_answer, version, "Version", true),
};

bool ssm_put_answer(struct span json, int64_t *ret_version, struct err *reterr)
{
	struct parameter_answer answer = { .missing = NULL };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, put_members, ARRAY_LEN(put_members), &answer, reterr) &&
	       take_version(answer.version, ret_version, reterr);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "PutParameter");
}
