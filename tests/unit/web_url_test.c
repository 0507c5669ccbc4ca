#include "common/base/web_url.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <string.h>

static void check_url(const char *text, const char *host, const char *rest)
{
	struct web_url url;
	struct err err;

	if (!CHECK(web_url_parse(span_of(text), &url, &err), "%s: %s", text, err.text))
		return;
	CHECK(span_is(url.host, host), "%s", text);
	CHECK(span_is(url.rest, rest), "%s", text);
}

static bool is_refused(const char *text)
{
	struct web_url url;
	struct err err;

	return !web_url_parse(span_of(text), &url, &err) && err.kind == ERR_MALFORMED &&
	       !strstr(err.text, text);
}

TEST(a_host_is_found)
{
	check_url("https://example.org", "example.org", "");
	check_url("HTTPS://example.org:8443/hooks/a@b?c=d", "example.org", "/hooks/a@b?c=d");
	check_url("http://[::1]:80/", "[::1]", "/");
	check_url("https://example.org?x", "example.org", "?x");
}

TEST(what_readers_disagree_about_is_refused)
{
	CHECK(is_refused("https://127.0.0.1@example.org/"));
	CHECK(is_refused("https://example.org\\@127.0.0.1/"));
	CHECK(is_refused("https://example.org:0/"));
	CHECK(is_refused("https://example.org:x/"));
	CHECK(is_refused("https://:443/"));
	CHECK(is_refused("https:///path"));
	CHECK(is_refused("https://"));
	CHECK(is_refused("ftp://example.org/"));
	CHECK(is_refused("https://example.org/a b"));
	CHECK(is_refused("https://example.org/\r\nX-A: b"));
	CHECK(is_refused("https://ex\xc3\xa4mple.org/"));
	CHECK(is_refused("https://example.org/\x7f"));
}

TEST(it_has_a_longest)
{
	char text[LIMIT_URL + 2];
	struct web_url url;

	memset(text, 'a', sizeof(text));
	memcpy(text, "https://", 8);
	CHECK(web_url_parse((struct span){ text, LIMIT_URL }, &url, NULL));
	CHECK(!web_url_parse((struct span){ text, LIMIT_URL + 1 }, &url, NULL));
}

static bool is_loopback(const char *text)
{
	struct web_url url;

	return CHECK(web_url_parse(span_of(text), &url, NULL)) && web_url_is_loopback(&url);
}

TEST(only_this_machine_is_loopback)
{
	CHECK(is_loopback("http://localhost/"));
	CHECK(is_loopback("http://LOCALHOST:1"));
	CHECK(is_loopback("http://127.0.0.1"));
	CHECK(is_loopback("http://127.255.0.9:80/"));
	CHECK(is_loopback("http://[::1]:80/"));
	CHECK(!is_loopback("http://127.0.0.1.example.org/"));
	CHECK(!is_loopback("http://127.0.0.01/"));
	CHECK(!is_loopback("http://127.0.0/"));
	CHECK(!is_loopback("http://127.0.0.1./"));
	CHECK(!is_loopback("http://127.0.0.256/"));
	CHECK(!is_loopback("http://localhost.example.org/"));
	CHECK(!is_loopback("http://[::2]/"));
	CHECK(!is_loopback("http://10.0.0.1/"));
}

int main(void)
{
	check_run(a_host_is_found);
	check_run(what_readers_disagree_about_is_refused);
	check_run(it_has_a_longest);
	check_run(only_this_machine_is_loopback);
	return check_done();
}
