#include "common/aws/wire_secretsmanager.h"

#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct secret secret = { 0 };
	struct span json;
	struct err err = { 0 };

	json.at = check_read(dir, "input.json", &json.len);
	if (secretsmanager_get_answer(json, &secret, &err)) {
		buf_addf(&out, "secret %.*s\n", SPAN_ARG(secret_reveal(&secret)));
	} else {
		buf_addf(&out, "refused: %s\n", err.text);
		CHECK_INT(err.kind, ERR_MALFORMED);
		CHECK(!secret_is_set(&secret));
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	secret_clear(&secret);
}

TEST(a_secret_is_asked_for_by_its_name)
{
	struct buf body = buf_with_max(ROOM);

	secretsmanager_get_body("evergold/slack", &body);
	CHECK_TEXT(buf_text(&body), "{\"SecretId\":\"evergold/slack\"}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_secretsmanager", get_case);
	check_run(a_secret_is_asked_for_by_its_name);
	return check_done();
}
