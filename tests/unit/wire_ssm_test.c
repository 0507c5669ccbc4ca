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

/* A secret is read from the same answers, and refused with the same words. */
static void check_secret(struct span json, const char *want, const struct err *want_err)
{
	struct secret secret = { 0 };
	struct err err = { 0 };

	CHECK(ssm_get_secret_answer(json, &secret, &err) == (want != NULL));
	CHECK(secret_is_set(&secret) == (want != NULL));
	CHECK(!want || span_is(secret_reveal(&secret), want));
	CHECK_TEXT(err.text, want_err->text);
	secret_clear(&secret);
}

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct ssm_parameter parameter;
	struct err err = { 0 };

	if (ssm_get_answer(read_input(dir), &arena, &parameter, &err))
		buf_addf(&out, "version %" PRId64 " type %s of %s\n%s\n", parameter.version,
		         parameter.type ? parameter.type : "-",
		         parameter.data_type ? parameter.data_type : "-", parameter.value);
	else
		add_refusal(&out, &err);
	check_secret(read_input(dir), err.kind ? NULL : parameter.value, &err);
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

static void path_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct ssm_page page;
	struct err err = { 0 };

	if (!ssm_path_answer(read_input(dir), &arena, &page, &err))
		add_refusal(&out, &err);
	for (size_t i = 0; i < page.n; i++)
		buf_addf(&out, "%s version %" PRId64 "\n%s\n", page.at[i].name,
		         page.at[i].parameter.version, page.at[i].parameter.value);
	if (!err.kind)
		buf_addf(&out, "next %s\n", page.next_token ? page.next_token : "-");
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	arena_clear(&arena);
}

TEST(path_asks_for_full_pages)
{
	struct ssm_path path = { .path = "/golden/", .recursive = true };
	struct buf body = buf_with_max(ROOM);

	ssm_path_body(&path, &body);
	path.recursive = false;
	path.next_token = "token";
	ssm_path_body(&path, &body);
	CHECK_TEXT(buf_text(&body), "{\"Path\":\"/golden/\",\"Recursive\":true,"
	                            "\"MaxResults\":10}"
	                            "{\"Path\":\"/golden/\",\"Recursive\":false,"
	                            "\"MaxResults\":10,"
	                            "\"NextToken\":\"token\"}");
	buf_clear(&body);
}

TEST(several_are_asked_by_name)
{
	const char *const names[] = { "/aws/service/a", "/aws/service/b" };
	struct buf body = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct ssm_page page;
	struct err err = { 0 };

	ssm_names_body(names, ARRAY_LEN(names), &body);
	CHECK_TEXT(buf_text(&body), "{\"Names\":[\"/aws/service/a\",\"/aws/service/b\"]}");
	CHECK(ssm_names_answer(SPAN("{\"Parameters\":[{\"Name\":\"/aws/service/b\","
	                            "\"Value\":\"ami-1\",\"Version\":3}],"
	                            "\"InvalidParameters\":[\"/aws/service/a\"]}"),
	                       &arena, &page, NULL));
	CHECK_INT(page.n, 1);
	CHECK_TEXT(page.at[0].name, "/aws/service/b");
	CHECK_TEXT(page.at[0].parameter.value, "ami-1");
	CHECK(page.next_token == NULL);
	CHECK(!ssm_names_answer(SPAN("{\"Parameters\":7}"), &arena, &page, &err));
	CHECK_TEXT(err.text, "GetParameters: wrong type of value for Parameters");
	CHECK_INT(page.n, 0);
	buf_clear(&body);
	arena_clear(&arena);
}

static bool put_after(const char *json, int64_t read_version, int64_t want_version,
                      struct err *reterr)
{
	int64_t version = 0;
	bool fine = ssm_put_answer_after(span_of(json), read_version, &version, reterr);

	CHECK_INT(version, want_version);
	return fine;
}

TEST(a_write_follows_the_version_that_was_read)
{
	struct err err = { 0 };

	CHECK(put_after("{\"Version\":8}", 7, 8, NULL));
	CHECK(put_after("{\"Version\":1}", 0, 1, NULL));
	CHECK(!put_after("{\"Version\":9}", 7, 9, &err));
	CHECK_INT(err.kind, ERR_REFUSED);
	CHECK_TEXT(err.text, "PutParameter: wrote version 9 over another after 7");
	CHECK(!put_after("{\"Version\":1}", 7, 1, &err)); /* deleted meanwhile */
	CHECK_INT(err.kind, ERR_REFUSED);
	CHECK(!put_after("{}", 7, 0, &err));
	CHECK_INT(err.kind, ERR_MALFORMED);
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

static void history_case(const char *dir)
{
	struct ssm_history history = { .n = 0 };
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (!ssm_history_answer(read_input(dir), &arena, &history, &err))
		add_refusal(&out, &err);
	for (size_t i = 0; i < history.n; i++)
		buf_addf(&out, "version %" PRId64 " at %" PRId64 ": %s\n", history.at[i].version,
		         history.at[i].modified_ms, history.at[i].value);
	buf_addf(&out, "next %s\n", history.next_token ? history.next_token : "-");
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	arena_clear(&arena);
}

TEST(history_asks_for_full_pages)
{
	struct buf body = buf_with_max(ROOM);

	ssm_history_body("/golden/base", NULL, &body);
	ssm_history_body("/golden/base", "more", &body);
	CHECK_TEXT(buf_text(&body), "{\"Name\":\"/golden/base\",\"MaxResults\":50}"
	                            "{\"Name\":\"/golden/base\",\"MaxResults\":50,"
	                            "\"NextToken\":\"more\"}");
	buf_clear(&body);
}

TEST(put_writes_plain_text_unless_it_is_an_image)
{
	struct ssm_put put = { .name = "/golden/ami", .value = "ami-1", .overwrite = true };
	struct buf body = buf_with_max(ROOM);

	ssm_put_body(&put, &body);
	put.overwrite = false;
	put.data_type = SSM_IMAGE;
	ssm_put_body(&put, &body);
	CHECK_TEXT(buf_text(&body), "{\"Name\":\"/golden/ami\",\"Value\":\"ami-1\","
	                            "\"Type\":\"String\",\"DataType\":\"text\","
	                            "\"Overwrite\":true}"
	                            "{\"Name\":\"/golden/ami\",\"Value\":\"ami-1\","
	                            "\"Type\":\"String\",\"DataType\":\"aws:ec2:image\","
	                            "\"Overwrite\":false}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_ssm/get", get_case);
	check_run(get_says_whether_to_decrypt);
	check_cases("tests/cases/wire_ssm/path", path_case);
	check_run(path_asks_for_full_pages);
	check_run(several_are_asked_by_name);
	check_cases("tests/cases/wire_ssm/history", history_case);
	check_run(history_asks_for_full_pages);
	check_cases("tests/cases/wire_ssm/put", put_case);
	check_run(a_write_follows_the_version_that_was_read);
	check_run(put_writes_plain_text_unless_it_is_an_image);
	return check_done();
}
