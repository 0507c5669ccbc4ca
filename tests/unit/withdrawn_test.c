/*
 * What people are told of images that were taken back.
 */
#include "common/say/withdrawn.h"

#include "tests/unit/check.h"

#define DAY (24 * 3600 * INT64_C(1000))

TEST(what_was_made_is_named_by_what_is_known)
{
	const struct build builds[] = {
		{ .state = BUILD_STARTED, .region = "us-east-1" },
		{ .state = BUILD_FINISHED,
		  .region = "eu-west-1",
		  .golden_ami = "ami-00000000000000001",
		  .finished_ms = 20000 * DAY },
		{ .state = BUILD_FINISHED, .region = "us-east-2", .pipeline = "golden" },
		{ .state = BUILD_FINISHED,
		  .region = "eu-west-2",
		  .pipeline = "golden",
		  .execution_id = "e-1",
		  .finished_ms = 20001 * DAY },
	};
	struct buf out = buf_with_max(1000);

	withdrawn_text(&(struct withdrawn){ "AWS has withdrawn it.", builds, 4, 0 }, &out);
	CHECK_TEXT(buf_text(&out),
	           "AWS has withdrawn it.\nMade from it:\n"
	           "• a build that is still running in us-east-1\n"
	           "• ami-00000000000000001 in eu-west-1, built on 2024-10-04\n"
	           "• the image of golden, execution unknown in us-east-2\n"
	           "• the image of golden, execution e-1 in eu-west-2, built on 2024-10-05");
	buf_clear(&out);
}

TEST(of_too_many_the_number_is_told)
{
	const struct build build = { .state = BUILD_FINISHED,
		                     .golden_ami = "ami-1",
		                     .region = "eu-west-1" };
	struct buf out = buf_with_max(1000);

	withdrawn_text(&(struct withdrawn){ "Gone.", &build, 1, 7 }, &out);
	CHECK_TEXT(buf_text(&out), "Gone.\nMade from it:\n• ami-1 in eu-west-1\n… and 7 more");
	buf_clear(&out);
}

int main(void)
{
	check_run(what_was_made_is_named_by_what_is_known);
	check_run(of_too_many_the_number_is_told);
	return check_done();
}
