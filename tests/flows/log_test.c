#include "worker/adapters/log.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_JSON "{\"ts\":\"2026-01-02T03:04:05.006Z\",\"level\":\"info\",\"event\":\"thing\""
#define HEAD_TEXT "2026-01-02T03:04:05.006Z INFO thing"

static int64_t some_time_ms(void)
{
	return 1767323045006;
}

/* The line that an event makes. */
static const char *line_of(bool json, const struct log_field *fields)
{
	static char line[16384];
	struct log log = { .level = LOG_INFO, .json = json, .now_ms = some_time_ms };
	ssize_t n;
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	log.fd = ends[1];
	log_event(&log, LOG_DEBUG, "unseen", NULL);
	log_event(&log, LOG_INFO, "thing", fields);
	close(ends[1]);
	n = read(ends[0], line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	return line;
}

TEST(json_has_its_keys_in_order)
{
	CHECK_TEXT(line_of(true, NULL), HEAD_JSON "}\n");
	CHECK_TEXT(line_of(true, LOG_FIELDS(LOG_TEXT("family", "al2023"), LOG_NUMBER("n", -7),
	                                    LOG_TEXT("absent", NULL),
	                                    LOG_SPAN("region", SPAN("eu-west-1")))),
	           HEAD_JSON ",\"family\":\"al2023\",\"n\":-7,\"region\":\"eu-west-1\"}\n");
}

TEST(json_stays_one_line)
{
	CHECK_TEXT(line_of(true, LOG_FIELDS(LOG_TEXT("x", "a\"b\nc\x1b[31m\xff"))),
	           HEAD_JSON ",\"x\":\"a\\\"b\\nc\\u001B[31m\xef\xbf\xbd\"}\n");
}

TEST(text_is_for_people)
{
	CHECK_TEXT(line_of(false, LOG_FIELDS(LOG_TEXT("family", "al2023"), LOG_NUMBER("n", 7),
	                                     LOG_TEXT("absent", NULL), LOG_TEXT("empty", ""),
	                                     LOG_TEXT("why", "no answer within 10 s"))),
	           HEAD_TEXT " family=al2023 n=7 empty=\"\" why=\"no answer within 10 s\"\n");
}

TEST(text_shows_what_would_deceive)
{
	static const struct {
		const char *value, *shown;
	} values[] = {
		{ "a=b", "\"a=b\"" },
		{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
		{ "back\\slash", "\"back\\\\slash\"" },
		{ "two\nlines\r", "\"two\\nlines\\u000d\"" },
		{ "\x1b[2Jgone", "\"\\u001b[2Jgone\"" },
		{ "del\x7f", "\"del\\u007f\"" },
		{ "csi\xc2\x9b", "\"csi\\u009b\"" },
		{ "rtl\xe2\x80\xae", "\"rtl\\u202e\"" },
		{ "isolate\xe2\x81\xa6", "\"isolate\\u2066\"" },
		{ "line\xe2\x80\xa8", "\"line\\u2028\"" },
		{ "not utf8 \xff\xc0\x80", "\"not utf8 \\xff\\xc0\\x80\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "\xf0\x9f\x8c\xb2", "\"\xf0\x9f\x8c\xb2\"" },
	};

	char want[256];

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		snprintf(want, sizeof(want), HEAD_TEXT " x=%s\n", values[i].shown);
		CHECK_TEXT(line_of(false, LOG_FIELDS(LOG_TEXT("x", values[i].value))), want);
	}
}

TEST(a_long_value_is_cut)
{
	char value[3000] = { 0 };

	memset(value, 'x', sizeof(value) - 1);
	CHECK_INT((int)strlen(line_of(false, LOG_FIELDS(LOG_TEXT("x", value)))),
	          (int)strlen(HEAD_TEXT " x=\n") + 1024);
	memset(value, '\x01', sizeof(value) - 1);
	CHECK_INT((int)strlen(line_of(true, LOG_FIELDS(LOG_TEXT("x", value)))),
	          (int)strlen(HEAD_JSON ",\"x\":\"\"}\n") + 6 * 1024);
}

TEST(a_closed_descriptor_loses_the_line_and_nothing_else)
{
	struct log log = { .fd = -1, .now_ms = some_time_ms };

	log_event(&log, LOG_ERROR, "thing", NULL);
}

TEST(levels_have_words)
{
	enum log_level level = LOG_ERROR;

	CHECK(log_level_of("debug", &level));
	CHECK_INT((int)level, LOG_DEBUG);
	CHECK(log_level_of("warning", &level));
	CHECK_INT((int)level, LOG_WARNING);
	CHECK(!log_level_of("loud", &level));
	CHECK_INT((int)level, LOG_WARNING);
}

int main(void)
{
	check_run(json_has_its_keys_in_order);
	check_run(json_stays_one_line);
	check_run(text_is_for_people);
	check_run(text_shows_what_would_deceive);
	check_run(a_long_value_is_cut);
	check_run(a_closed_descriptor_loses_the_line_and_nothing_else);
	check_run(levels_have_words);
	return check_done();
}
