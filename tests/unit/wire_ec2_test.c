#include "common/aws/wire_ec2.h"

#include "common/base/attr.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define ROOM (64 * 1024)

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void add_time(struct buf *out, const char *what, int64_t ms)
{
	char time[TEXT_TIME_SIZE] = "-";

	if (ms)
		text_time(ms, time);
	buf_addf(out, "  %s %s\n", what, time);
}

static void add_image(struct buf *out, const struct ec2_image *image)
{
	buf_addf(out, "%s %s\n", image->id, image->state);
	buf_addf(out, "  name %s\n  architecture %s\n  owner %s, %s\n", or_none(image->name),
	         or_none(image->architecture), or_none(image->owner_id),
	         or_none(image->owner_alias));
	buf_addf(out, "  root %s\n  virtualization %s\n  platform %s\n",
	         or_none(image->root_device_type), or_none(image->virtualization),
	         or_none(image->platform));
	add_time(out, "created", image->created_ms);
	add_time(out, "deprecated", image->deprecated_ms);
}

static void images_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct ec2_images images = { .n = 0 };
	struct span xml;
	struct err err = { 0 };

	xml.at = check_read(dir, "input.xml", &xml.len);
	if (ec2_describe_images_answer(xml, &arena, &images, &err)) {
		for (size_t i = 0; i < images.n; i++)
			add_image(&out, &images.at[i]);
		buf_addf(&out, "next %s\n", or_none(images.next_token));
	} else {
		buf_addf(&out, "refused: %s\n", err.text);
		CHECK_INT(err.kind, ERR_MALFORMED);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	arena_clear(&arena);
}

TEST(a_full_page_is_kept_in_order)
{
	struct buf xml = buf_with_max(1024 * 1024);
	struct arena arena = { 0 };
	struct ec2_images images = { .n = 0 };
	char id[32];

	buf_add_text(&xml, "<DescribeImagesResponse><imagesSet>");
	for (unsigned int i = 0; i < 1000; i++)
		buf_addf(&xml,
		         "<item><imageId>ami-%u</imageId><imageState>available</imageState></item>",
		         i);
	buf_add_text(&xml, "</imagesSet></DescribeImagesResponse>");
	CHECK(ec2_describe_images_answer(buf_span(&xml), &arena, &images, NULL));
	CHECK_INT(images.n, 1000);
	for (unsigned int i = 0; i < images.n; i++) {
		snprintf(id, sizeof id, "ami-%u", i);
		CHECK_TEXT(images.at[i].id, id);
	}
	buf_clear(&xml);
	arena_clear(&arena);
}

TEST(images_are_asked_for_by_what_is_set)
{
	static const char *const ids[] = { "ami-1", "ami-2" }, *const owners[] = { "self", "1" };
	static const char *const names[] = { "ubuntu/*", "a b" };
	static const struct ec2_filter filters[] = { { "name", { names, 2 } },
		                                     { "architecture", { owners, 1 } } };
	struct buf body = buf_with_max(ROOM);

	ec2_describe_images_body(&(struct ec2_describe_images){ .image_ids = { ids, 2 } }, &body);
	CHECK_TEXT(buf_text(&body), "Action=DescribeImages&Version=2016-11-15"
	                            "&ImageId.1=ami-1&ImageId.2=ami-2");
	buf_reset(&body);
	ec2_describe_images_body(&(struct ec2_describe_images){ .owners = { owners, 2 },
	                                                        .filters = filters,
	                                                        .n_filters = ARRAY_LEN(filters),
	                                                        .include_deprecated = true,
	                                                        .max_results = 1000,
	                                                        .next_token = "to=ken" },
	                         &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=DescribeImages&Version=2016-11-15&Owner.1=self&Owner.2=1"
	           "&Filter.1.Name=name&Filter.1.Value.1=ubuntu%2F%2A&Filter.1.Value.2=a+b"
	           "&Filter.2.Name=architecture&Filter.2.Value.1=self"
	           "&IncludeDeprecated=true&MaxResults=1000&NextToken=to%3Dken");
	buf_clear(&body);
}

TEST(an_image_that_is_not_there_is_told_by_its_code)
{
	CHECK(ec2_knows_no_image(&(struct aws_error){ .code = "InvalidAMIID.NotFound" }));
	CHECK(ec2_knows_no_image(&(struct aws_error){ .code = "InvalidAMIID.Unavailable" }));
	CHECK(!ec2_knows_no_image(&(struct aws_error){ .code = "UnauthorizedOperation" }));
	CHECK(!ec2_knows_no_image(NULL));
}

int main(void)
{
	check_cases("tests/cases/wire_ec2", images_case);
	check_run(a_full_page_is_kept_in_order);
	check_run(images_are_asked_for_by_what_is_set);
	check_run(an_image_that_is_not_there_is_told_by_its_code);
	return check_done();
}
