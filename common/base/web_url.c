#include "common/base/web_url.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

static bool begins(struct span text, struct span scheme)
{
	return text.len > scheme.len && strncasecmp(text.at, scheme.at, scheme.len) == 0;
}

static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] <= ' ' || text.at[i] >= 0x7f || text.at[i] == '\\')
			return false;
	}
	return text.len <= LIMIT_URL;
}

/* "host", "host:80" and "[::1]:80". */
static bool cut_host(struct span authority, struct span *ret_host)
{
	const char *bracket = authority.len ? memchr(authority.at, ']', authority.len) : NULL;
	size_t start = bracket ? (size_t)(bracket - authority.at) + 1 : 0;
	struct span rest = span_part(authority, start, authority.len);
	struct span name = span_cut(&rest, ':');
	uint64_t port;

	*ret_host = span_part(authority, 0, start + name.len);
	if (start + name.len == authority.len)
		return ret_host->len;
	return ret_host->len && text_number(rest, 65535, &port) && port;
}

bool web_url_parse(struct span text, struct web_url *ret_url, struct err *reterr)
{
	bool https = begins(text, SPAN("https://"));
	struct span rest = span_part(text, https ? 8 : 7, text.len), authority, host;
	size_t end = 0;

	if ((!https && !begins(text, SPAN("http://"))) || !is_plain(text))
		return err_set(reterr, ERR_MALFORMED, "not an http or https URL");
	while (end < rest.len && !strchr("/?#", rest.at[end]))
		end++;
	authority = span_part(rest, 0, end);
	if (!cut_host(authority, &host) || memchr(authority.at, '@', authority.len))
		return err_set(reterr, ERR_MALFORMED, "a URL with a user, or without a host");
	*ret_url = (struct web_url){ https, host, span_part(rest, end, rest.len) };
	return true;
}

static bool is_word(struct span host, struct span word)
{
	return host.len == word.len && strncasecmp(host.at, word.at, host.len) == 0;
}

/* "127.a.b.c", in decimal as it is usually written. */
static bool is_127(struct span host)
{
	uint64_t number;
	int parts = 0;

	if (!span_starts(host, SPAN("127.")) || span_ends(host, SPAN(".")))
		return false;
	for (; host.len; parts++) {
		struct span part = span_cut(&host, '.');

		if (!text_number(part, 255, &number) || (part.len > 1 && part.at[0] == '0'))
			return false;
	}
	return parts == 4;
}

bool web_url_is_loopback(const struct web_url *url)
{
	return is_word(url->host, SPAN("localhost")) || is_word(url->host, SPAN("[::1]")) ||
	       is_127(url->host);
}
