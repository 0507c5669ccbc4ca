#include "common/aws/wire_ssm.h"

#include "tests/unit/check.h"

#include <inttypes.h>

#define ROOM (64 * 1024)

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.json", &bytes.len);
	return bytes;
}

static void add_refusal(struct buf *out, const struct err *err)
{
	buf_addf(out, "refused: %s\n", err->text);
	CHECK_INT(err->kind, ERR_MALFORMED);
}

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct ssm_parameter parameter;
	struct err err = { 0 };

	if (ssm_get_answer(read_input(dir), &arena, &parameter, &err))
		buf_addf(&out, "version %" PRId64 "\n%s\n", parameter.version, parameter.value);
	else
		add_refusal(&out, &err);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	arena_clear(&arena);
}

static void put_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	int64_t version;
	struct err err = { 0 };

	if (ssm_put_answer(read_input(dir), &version, &err))
		buf_addf(&out, "version %" PRId64 "\n", version);
	else
		add_refusal(&out, &err);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

TEST(get_says_whether_to_decrypt)
{
	struct buf body = buf_with_max(ROOM);

	ssm_get_body("/golden/ami", false, &body);
	ssm_get_body("/slack/token", true, &body);
	CHECK_TEXT(buf_text(&body), "{\"Name\":\"/golden/ami\",\"WithDecryption\":false}"
	                            "{\"Name\":\"/slack/token\",\"WithDecryption\":true}");
	buf_clear(&body);
}

TEST(put_writes_plain_text)
{
	struct buf body = buf_with_max(ROOM);

	ssm_put_body("/golden/ami", "ami-1", true, &body);
	CHECK_TEXT(buf_text(&body), "{\"Name\":\"/golden/ami\",\"Value\":\"ami-1\","
	                            "\"Type\":\"String\",\"DataType\":\"text\","
	                            "\"Overwrite\":true}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_ssm/get", get_case);
	check_run(get_says_whether_to_decrypt);
	check_cases("tests/cases/wire_ssm/put", put_case);
	check_run(put_writes_plain_text);
	return check_done();
}
