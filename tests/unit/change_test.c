/*
 * What another configuration decides otherwise, as scripts and people see it.
 */
#include "common/say/change.h"

#include "tests/unit/check.h"

#include <string.h>

static const struct family web = { .name = "web", .pipeline = { .name = "golden" } };
static const struct family db = { .name = "db", .pipeline = { .name = "golden-db" } };

static const struct image image = { .region = { "eu-west-1", 9 },
	                            .name = { "al2023", 6 },
	                            .id = { "ami-1", 5 } };
static const struct image other_image = { .region = { "eu-west-1", 9 },
	                                  .name = { "al2023", 6 },
	                                  .id = { "ami-2", 5 } };

static const struct announcement announcement = { .message_id = { "m-1", 3 } };

static const struct decision starts = { .family = &web,
	                                .region = "eu-west-1",
	                                .reason = REASON_MATCHED,
	                                .image = &image,
	                                .version = { "9.4", 3 } };
static const struct decision starts_other = {
	.family = &web, .region = "eu-west-1", .reason = REASON_MATCHED, .image = &other_image
};
static const struct decision too_old = {
	.family = &web, .region = "eu-west-1", .reason = REASON_OLDER_RELEASE, .image = &image
};
static const struct decision elsewhere = { .family = &web,
	                                   .region = "eu-west-2",
	                                   .reason = REASON_MATCHED };
static const struct decision of_db = { .family = &db,
	                               .region = "eu-west-1",
	                               .reason = REASON_MATCHED };
static const struct decision of_none = { .reason = REASON_JSON };

static const struct build build = { .token = "0123" }, other_build = { .token = "4567" };

static struct record record_of(const struct decision *decision, const struct build *its)
{
	return (struct record){ .announcement = &announcement, .decision = decision, .build = its };
}

static bool pair(const struct decision *before, const struct decision *after)
{
	const struct record a = record_of(before, NULL), b = record_of(after, NULL);

	return change_is_pair(&a, &b);
}

static bool differ(struct record before, struct record after)
{
	return change_is_one(&(struct change){ &before, &after });
}

TEST(a_pair_is_of_one_family_in_one_region)
{
	CHECK(pair(&starts, &too_old) && pair(&of_none, &of_none));
	CHECK(!pair(&starts, &elsewhere) && !pair(&starts, &of_db) && !pair(&starts, &of_none));
}

TEST(a_change_is_in_reason_image_or_token)
{
	const struct record record = record_of(&starts, &build);

	CHECK(!differ(record, record_of(&starts, &build)));
	CHECK(!differ(record_of(&of_none, NULL), record_of(&of_none, NULL)));
	CHECK(differ(record, record_of(&too_old, &build)));
	CHECK(differ(record, record_of(&starts_other, &build)));
	CHECK(differ(record, record_of(&starts, &other_build)));
	CHECK(differ(record, record_of(&starts, NULL)));
	CHECK(change_is_one(&(struct change){ .before = &record }));
	CHECK(change_is_one(&(struct change){ .after = &record }));
}

TEST(scripts_get_both_records)
{
	const struct record before = record_of(&of_none, NULL);
	struct buf one = buf_with_max(10000), want = buf_with_max(10000), out = buf_with_max(10000);

	record_json(&before, &one);
	one.len--; /* its end of the line */
	buf_addf(&want, "{\"before\":%.*s,\"after\":null}\n", SPAN_ARG(buf_span(&one)));
	change_json(&(struct change){ &before, NULL }, &out);
	CHECK_TEXT(buf_text(&out), buf_text(&want));
	buf_clear(&one);
	buf_clear(&want);
	buf_clear(&out);
}

static void check_row(const struct decision *before, const struct decision *after, const char *want)
{
	const struct record first = record_of(before, NULL), second = record_of(after, NULL);
	struct buf out = buf_with_max(1000);

	change_table_row(&(struct change){ before ? &first : NULL, after ? &second : NULL }, 6,
	                 &out);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(people_get_a_row)
{
	struct buf head = buf_with_max(1000);

	change_table_head(6, &head);
	CHECK(strstr(buf_text(&head), "FAMILY REGION"));
	CHECK(strstr(buf_text(&head), "BEFORE ") && strstr(buf_text(&head), " AFTER\n"));
	buf_clear(&head);
	check_row(&starts, &too_old,
	          "web    eu-west-1       -                    start golden ami-1              "
	          "                older older_release ami-1\n");
	check_row(NULL, &elsewhere,
	          "web    eu-west-2       -                    -                               "
	          "                start golden\n");
	check_row(&of_none, NULL,
	          "-      -               -                    rejected json                   "
	          "                -\n");
}

int main(void)
{
	check_run(a_pair_is_of_one_family_in_one_region);
	check_run(a_change_is_in_reason_image_or_token);
	check_run(scripts_get_both_records);
	check_run(people_get_a_row);
	return check_done();
}
