/*
 * Decision records as scripts and people see them. The records of whole announcements are in
 * tests/cases/decide.
 */
#include "common/say/record.h"

#include "common/base/reader.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

static const struct publisher publisher = { .name = "corp-linux" };
static const char *const regions[] = { "eu-west-1" };

static const struct family family = {
	.name = "web",
	.regions = regions,
	.n_regions = 1,
	.pipeline = { .name = "golden", .region = "us-east-1" },
};

static const struct image image = {
	.region = { "eu-west-1", 9 },
	.name = { "corp-linux-9.4.2-x86_64", 23 },
	.id = { "ami-0123456789abcdef0", 21 },
};

static struct announcement announcement(void)
{
	return (struct announcement){
		.message_id = SPAN("5e5b1c0e-7c1f-5d0a-9a53-2f0f3c1d9b11"),
		.topic = SPAN("arn:aws:sns:eu-west-1:111122223333:corp-linux-ami"),
		.publisher = &publisher,
	};
}

static struct decision decision(void)
{
	return (struct decision){
		.family = &family,
		.region = regions[0],
		.reason = REASON_MATCHED,
		.image = &image,
		.version = SPAN("9.4.2"),
	};
}

static void check_json(const struct record *record, const char *want)
{
	struct buf out = buf_with_max(10000);

	record_json(record, &out);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(every_key_has_its_place)
{
	struct announcement said = announcement();
	struct decision decided = decision();
	struct build build = { .token = "0123" };
	struct record record = { "saved/1.json", &said, TRUST_VERIFIED, &decided, &build };

	check_json(&record,
	           "{\"source\":\"saved/1.json\","
	           "\"message_id\":\"5e5b1c0e-7c1f-5d0a-9a53-2f0f3c1d9b11\","
	           "\"topic\":\"arn:aws:sns:eu-west-1:111122223333:corp-linux-ami\","
	           "\"trust\":\"verified\",\"publisher\":\"corp-linux\",\"release\":\"9.4.2\","
	           "\"family\":\"web\",\"region\":\"eu-west-1\",\"outcome\":\"start\","
	           "\"reason\":\"matched\",\"image_id\":\"ami-0123456789abcdef0\","
	           "\"image_name\":\"corp-linux-9.4.2-x86_64\",\"pipeline\":\"golden\","
	           "\"pipeline_region\":\"us-east-1\",\"token\":\"0123\",\"detail\":null}\n");
}

TEST(what_does_not_apply_is_null)
{
	struct announcement said = { .message_id = { "", 0 } };
	struct decision decided = { .reason = REASON_JSON };
	struct record record = { NULL, &said, TRUST_UNTRUSTED, &decided, NULL };

	check_json(&record,
	           "{\"source\":null,\"message_id\":null,\"topic\":null,\"trust\":\"untrusted\","
	           "\"publisher\":null,\"release\":null,\"family\":null,\"region\":null,"
	           "\"outcome\":\"rejected\",\"reason\":\"json\",\"image_id\":null,"
	           "\"image_name\":null,\"pipeline\":null,\"pipeline_region\":null,"
	           "\"token\":null,\"detail\":null}\n");
}

TEST(a_pipeline_without_region_is_in_that_of_the_image)
{
	struct family near = family;
	struct announcement said = announcement();
	struct decision decided = decision();
	struct record record = { NULL, &said, TRUST_UNCHECKED, &decided, NULL };
	struct buf out = buf_with_max(10000);

	near.pipeline.region = NULL;
	decided.family = &near;
	record_json(&record, &out);
	CHECK(strstr(buf_text(&out), "\"pipeline_region\":\"eu-west-1\",\"token\":null"));
	buf_clear(&out);
}

/* ---- Hostile texts --------------------------------------------------------------------------- */

static const char *const hostile[] = {
	"two\nlines\r\n",
	"\033[2J\033]0;title\a",
	"quote \" back \\ slash \t tab",
	"exe.\xe2\x80\xaegnp \xe2\x80\xa8 \xef\xbb\xbf",
	"\xff\xfe no text \xc3",
	"</script><!channel>",
	"\xc3\xa9t\xc3\xa9 \xf0\x9f\x94\xa5",
};

static struct record hostile_record(const char *text, struct announcement *said,
                                    struct decision *decided, struct image *chosen)
{
	*said = (struct announcement){ .message_id = span_of(text), .topic = span_of(text) };
	*chosen = (struct image){ .name = span_of(text), .id = span_of(text) };
	*decided = decision();
	decided->image = chosen;
	decided->version = span_of(text);
	memcpy(decided->detail, text, strlen(text) + 1);
	return (struct record){ text, said, TRUST_UNCHECKED, decided, NULL };
}

/* Is the text one line that a terminal can show? */
static void check_line(const struct buf *line)
{
	struct span text = buf_span(line);

	if (!CHECK(text.len > 0 && text.at[text.len - 1] == '\n'))
		return;
	text.len--;
	CHECK(!text_has_control(text) && text_is_utf8(text), "%s", buf_text(line));
}

static void check_hostile(struct record record)
{
	struct buf out = buf_with_max(10000);
	struct reader reader;

	record_json(&record, &out);
	check_line(&out);
	reader_init(&reader, buf_span(&out));
	reader_skip(&reader);
	CHECK(reader_done(&reader, NULL), "%s", buf_text(&out));
	reader_clear(&reader);
	buf_reset(&out);
	record_table_row(&record, 18, &out);
	check_line(&out);
	CHECK(!strstr(buf_text(&out), "\xe2\x80\xae"));
	buf_clear(&out);
}

TEST(hostile_texts_stay_on_their_line)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct announcement said;
		struct decision decided;
		struct image chosen;
		struct record record = hostile_record(hostile[i], &said, &decided, &chosen);

		check_hostile(record);
		decided.image = NULL;
		check_hostile(record);
		decided.family = NULL;
		decided.region = NULL;
		decided.reason = REASON_TOPIC_NOT_ALLOWED;
		check_hostile(record);
		decided.detail[0] = '\0';
		check_hostile(record);
	}
}

/* ---- The table ------------------------------------------------------------------------------- */

static size_t column_of(const struct buf *line, const char *word)
{
	const char *found = strstr(buf_text(line), word);

	return CHECK(found, "no %s in %s", word, buf_text(line)) ? (size_t)(found - line->at) : 0;
}

TEST(columns_stand_under_their_heads)
{
	struct announcement said = announcement();
	struct decision decided = decision();
	struct record record = { "1.json", &said, TRUST_VERIFIED, &decided, NULL };
	struct buf head = buf_with_max(1000), row = buf_with_max(1000);

	record_table_head(12, &head);
	record_table_row(&record, 12, &row);
	CHECK_INT(column_of(&row, "start"), 0);
	CHECK_INT(column_of(&row, "matched"), column_of(&head, "REASON"));
	CHECK_INT(column_of(&row, "web"), column_of(&head, "FAMILY"));
	CHECK_INT(column_of(&row, "eu-west-1"), column_of(&head, "REGION"));
	CHECK_INT(column_of(&row, "9.4.2"), column_of(&head, "RELEASE"));
	CHECK_INT(column_of(&row, "ami-"), column_of(&head, "IMAGE"));
	CHECK(!strstr(buf_text(&row), "unchecked"));
	buf_clear(&head);
	buf_clear(&row);
}

/* Only then does the topic say who has to be asked. */
TEST(a_message_of_no_family_tells_where_it_is_from)
{
	struct announcement said = announcement();
	struct decision decided = { .reason = REASON_NO_FAMILY };
	struct record record = { "1.json", &said, TRUST_VERIFIED, &decided, NULL };
	struct buf row = buf_with_max(1000);

	record_table_row(&record, 3, &row);
	CHECK(strstr(buf_text(&row), ": arn:aws:sns:eu-west-1:111122223333:corp-linux-ami"));
	CHECK(strstr(buf_text(&row), "  (1.json)\n"));
	buf_reset(&row);
	decided.reason = REASON_JSON;
	record.source = NULL;
	record_table_row(&record, 3, &row);
	CHECK(!strstr(buf_text(&row), "arn:") && !strstr(buf_text(&row), "("), "%s",
	      buf_text(&row));
	buf_clear(&row);
}

TEST(what_is_too_long_pushes_the_rest)
{
	struct announcement said = announcement();
	struct decision decided = decision();
	struct record record = { "1.json", &said, TRUST_UNCHECKED, &decided, NULL };
	struct buf row = buf_with_max(1000);

	decided.version = SPAN("1234567890.1234567890.1234567890");
	memcpy(decided.detail, "why", sizeof("why"));
	record_table_row(&record, 3, &row);
	CHECK(strstr(buf_text(&row), "web eu-west-1 "));
	CHECK(strstr(buf_text(&row),
	             " 1234567890.1234567890.1234567890 ami-0123456789abcdef0  why"));
	CHECK(strstr(buf_text(&row), "(signature unchecked)\n"));
	buf_clear(&row);
}

int main(void)
{
	check_run(every_key_has_its_place);
	check_run(what_does_not_apply_is_null);
	check_run(a_pipeline_without_region_is_in_that_of_the_image);
	check_run(hostile_texts_stay_on_their_line);
	check_run(columns_stand_under_their_heads);
	check_run(what_is_too_long_pushes_the_rest);
	check_run(a_message_of_no_family_tells_where_it_is_from);
	return check_done();
}
