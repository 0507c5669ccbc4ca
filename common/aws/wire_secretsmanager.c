#include "common/aws/wire_secretsmanager.h"

#include "common/base/members.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

void secretsmanager_get_body(const char *secret_id, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "SecretId", secret_id);
	writer_finish(writer, out);
}

struct get_answer {
	struct span text;
};

static const struct member get_members[] = {
	MEMBER_STRING(struct get_answer, text, "SecretString", true),
};

bool secretsmanager_get_answer(struct span json, struct secret *ret_secret, struct err *reterr)
{
	struct get_answer answer = { SPAN_NONE };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, get_members, ARRAY_LEN(get_members), &answer, reterr);
	if (fine)
		*ret_secret = secret_of(answer.text);
	buf_wipe(&reader.unescaped);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetSecretValue");
}
