#include "common/aws/form.h"

#include "tests/unit/check.h"

#define ROOM 4096

static void check_value(struct span value, const char *want)
{
	struct buf out = buf_with_max(ROOM);

	form_add(&out, value, "v");
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(what_is_unreserved_stays)
{
	check_value(SPAN("AZaz09-._~"), "v=AZaz09-._~");
	check_value(SPAN_NONE, "v=");
}

TEST(all_else_is_encoded)
{
	check_value(SPAN("a b"), "v=a+b");
	check_value(SPAN("a+b&c=d%e"), "v=a%2Bb%26c%3Dd%25e");
	check_value(SPAN("/*'()!@:,;$?#[]{}<>|\\^`\""),
	            "v=%2F%2A%27%28%29%21%40%3A%2C%3B%24%3F%23%5B%5D%7B%7D%3C%3E%7C%5C%5E%60%22");
	check_value(SPAN("\t\r\n\0\x7f"), "v=%09%0D%0A%00%7F");
	check_value(SPAN("\xc3\xbc\xe2\x98\x83\xff"), "v=%C3%BC%E2%98%83%FF");
}

TEST(a_form_says_what_is_asked)
{
	struct buf out = buf_with_max(ROOM);

	form_begin(&out, &aws_sts_get_caller_identity);
	CHECK_TEXT(buf_text(&out), "Action=GetCallerIdentity&Version=2011-06-15");
	form_add_text(&out, "Text", "a b");
	form_add_text(&out, "Absent", NULL);
	form_add_text(&out, "Empty", "");
	form_add_number(&out, "Number", -900);
	form_add_bool(&out, "Yes", true);
	form_add_bool(&out, "No", false);
	form_add(&out, SPAN("x"), "Filter.%zu.Value.%zu", (size_t)2, (size_t)11);
	CHECK_TEXT(buf_text(&out), "Action=GetCallerIdentity&Version=2011-06-15"
	                           "&Text=a+b&Empty=&Number=-900&Yes=true&No=false"
	                           "&Filter.2.Value.11=x");
	buf_clear(&out);
}

int main(void)
{
	check_run(what_is_unreserved_stays);
	check_run(all_else_is_encoded);
	check_run(a_form_says_what_is_asked);
	return check_done();
}
