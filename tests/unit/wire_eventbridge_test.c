#include "common/aws/wire_eventbridge.h"

#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static const char *const kind_words[] = {
	[ERR_NONE] = "none",       [ERR_MALFORMED] = "malformed", [ERR_UNTRUSTED] = "untrusted",
	[ERR_REFUSED] = "refused", [ERR_TRANSIENT] = "transient", [ERR_BROKEN] = "broken",
};

static void put_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	char id[EVENTBRIDGE_ID];
	struct span json;
	struct err err = { 0 };

	json.at = check_read(dir, "input.json", &json.len);
	if (eventbridge_put_answer(json, id, &err))
		buf_addf(&out, "taken as %s\n", id);
	else
		buf_addf(&out, "%s: %s\n", kind_words[err.kind], err.text);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

TEST(what_is_not_given_is_not_sent)
{
	struct buf body = buf_with_max(ROOM);

	eventbridge_put_body(
		&(struct eventbridge_event){
			.source = "evergold",
			.detail_type = "Golden AMI built",
			.detail = SPAN("{\"family\":\"web\"}"),
		},
		&body);
	CHECK_TEXT(buf_text(&body), "{\"Entries\":[{\"Source\":\"evergold\","
	                            "\"DetailType\":\"Golden AMI built\","
	                            "\"Detail\":\"{\\\"family\\\":\\\"web\\\"}\"}]}");
	buf_clear(&body);
}

TEST(what_is_given_is_sent)
{
	static const char *const resources[] = { "arn:aws:codepipeline:eu-west-1:1:golden",
		                                 "arn:aws:ec2:eu-west-1::image/ami-1" };
	struct buf body = buf_with_max(ROOM);

	eventbridge_put_body(
		&(struct eventbridge_event){
			.bus = "releases",
			.source = "evergold",
			.detail_type = "Golden AMI built",
			.detail = SPAN("{}"),
			.time_ms = 1760947207999,
			.resources = resources,
			.n_resources = ARRAY_LEN(resources),
		},
		&body);
	CHECK_TEXT(buf_text(&body), "{\"Entries\":[{\"Time\":1760947207,\"Source\":\"evergold\","
	                            "\"Resources\":[\"arn:aws:codepipeline:eu-west-1:1:golden\","
	                            "\"arn:aws:ec2:eu-west-1::image/ami-1\"],"
	                            "\"DetailType\":\"Golden AMI built\",\"Detail\":\"{}\","
	                            "\"EventBusName\":\"releases\"}]}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_eventbridge", put_case);
	check_run(what_is_not_given_is_not_sent);
	check_run(what_is_given_is_sent);
	return check_done();
}
