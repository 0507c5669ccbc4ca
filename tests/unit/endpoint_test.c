/*
 * A case is a list of inputs, one a line, and what becomes of each.
 */
#include "common/aws/endpoint.h"

#include "tests/unit/check.h"

#include <string.h>

#define ROOM (64 * 1024)

/* Runs `add` over each line of input.txt and compares what all of them appended. */
static void each_line(const char *dir, void (*add)(struct span line, struct buf *out))
{
	struct buf out = buf_with_max(ROOM);
	struct span text;

	text.at = check_read(dir, "input.txt", &text.len);
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		buf_addf(&out, "%.*s\n\t", SPAN_ARG(line));
		add(line, &out);
		buf_add_char(&out, '\n');
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

static void add_region(struct span region, struct buf *out)
{
	const struct aws_partition *partition = aws_partition_of(region);

	if (!aws_region_is_valid(region)) {
		buf_add_text(out, "invalid");
		return;
	}
	buf_addf(out, "%s ", partition->name);
	aws_endpoint_url(AWS_CODEPIPELINE, region, (struct aws_endpoint_variant){ 0 }, out);
}

static void region_case(const char *dir)
{
	each_line(dir, add_region);
}

static void add_override(struct span url, struct buf *out)
{
	struct span origin, host;
	struct err err = { 0 };

	if (!aws_endpoint_check(url, &origin, &err)) {
		buf_addf(out, "refused: %s", err.text);
		CHECK_INT(err.kind, ERR_MALFORMED);
		return;
	}
	host = aws_endpoint_host(origin);
	buf_addf(out, "origin %.*s host %.*s", SPAN_ARG(origin), SPAN_ARG(host));
}

static void override_case(const char *dir)
{
	each_line(dir, add_override);
}

static void add_queue(struct span url, struct buf *out)
{
	struct span region = aws_queue_region(url);

	buf_addf(out, "%.*s%s", SPAN_ARG(region.len ? region : SPAN("none")),
	         aws_queue_is_public(url) ? " public" : "");
}

static void queue_case(const char *dir)
{
	each_line(dir, add_queue);
}

static enum aws_service service_of(struct span id)
{
	enum aws_service service = AWS_SQS;

	while (service < AWS_SERVICES - 1 && !span_is(id, aws_service_info(service)->id))
		service++;
	CHECK(span_is(id, aws_service_info(service)->id), "%.*s", SPAN_ARG(id));
	return service;
}

/* "STS eu-west-1 g": f is FIPS, d dual stack, g the global endpoint of STS, "-" none. */
static void add_variant(struct span line, struct buf *out)
{
	struct span id = span_cut(&line, ' '), region = span_cut(&line, ' ');
	enum aws_service service = service_of(id);
	const struct aws_endpoint_variant variant = {
		.fips = memchr(line.at, 'f', line.len) != NULL,
		.dual_stack = memchr(line.at, 'd', line.len) != NULL,
		.global_sts = memchr(line.at, 'g', line.len) != NULL,
	};

	aws_endpoint_url(service, region, variant, out);
	buf_addf(out, " signed for %.*s",
	         SPAN_ARG(aws_endpoint_signing_region(service, region, variant)));
}

static void variant_case(const char *dir)
{
	each_line(dir, add_variant);
}

TEST(each_service_has_its_host)
{
	struct buf out = buf_with_max(ROOM);

	aws_endpoint_url(AWS_SQS, SPAN("eu-west-1"), (struct aws_endpoint_variant){ 0 }, &out);
	buf_add_char(&out, ' ');
	aws_endpoint_url(AWS_SSM, SPAN("cn-north-1"), (struct aws_endpoint_variant){ 0 }, &out);
	CHECK_TEXT(buf_text(&out), "https://sqs.eu-west-1.amazonaws.com "
	                           "https://ssm.cn-north-1.amazonaws.com.cn");
	buf_clear(&out);
}

TEST(an_error_does_not_repeat_a_password)
{
	struct err err = { 0 };
	struct span origin;

	CHECK(!aws_endpoint_check(SPAN("https://user:hunter2@example.com"), &origin, &err));
	CHECK_TEXT(err.text, "an endpoint names no user");
	CHECK(!aws_endpoint_check(SPAN("https://user:hunter2@example.com"), &origin, NULL));
}

TEST(a_url_with_nul_is_refused)
{
	struct span origin;

	CHECK(!aws_endpoint_check(SPAN("https://a\0b"), &origin, NULL));
	CHECK(!aws_region_is_valid(SPAN("eu-\0est-1")));
	CHECK(!aws_endpoint_host(SPAN("ftp://sqs.eu-west-1.amazonaws.com")).len);
	CHECK(!aws_queue_region(SPAN("https://sqs.eu-w\0st-1.amazonaws.com/1/q")).len);
}

int main(void)
{
	check_cases("tests/cases/endpoint/region", region_case);
	check_cases("tests/cases/endpoint/override", override_case);
	check_cases("tests/cases/endpoint/queue", queue_case);
	check_cases("tests/cases/endpoint/variant", variant_case);
	check_run(each_service_has_its_host);
	check_run(an_error_does_not_repeat_a_password);
	check_run(a_url_with_nul_is_refused);
	return check_done();
}
