#include "common/aws/container_uri.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* "127.a.b.c", in decimal as it is usually written. */
static bool is_loopback(struct span host)
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

static bool is_agent(struct span host)
{
	static const char *const agents[] = { "localhost", "169.254.170.2", "169.254.170.23",
		                              "[::1]", "[fd00:ec2::23]" };

	for (size_t i = 0; i < ARRAY_LEN(agents); i++) {
		if (host.len == strlen(agents[i]) && strncasecmp(host.at, agents[i], host.len) == 0)
			return true;
	}
	return is_loopback(host);
}

/* "host", "host:80" and "[::1]:80"; a user would not be the host that it looks like. */
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

/* What no URI holds, and what makes readers of URIs disagree about the host. */
static bool is_plain(struct span uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		if (uri.at[i] <= ' ' || uri.at[i] >= 0x7f || uri.at[i] == '\\')
			return false;
	}
	return uri.len <= LIMIT_URL;
}

bool container_uri_check(struct span uri, struct err *reterr)
{
	bool https = uri.len > 8 && strncasecmp(uri.at, "https://", 8) == 0;
	bool http = uri.len > 7 && strncasecmp(uri.at, "http://", 7) == 0;
	struct span rest = span_part(uri, https ? 8 : 7, uri.len), host;
	size_t end = 0;

	if ((!http && !https) || !is_plain(uri))
		return err_set(reterr, ERR_MALFORMED, "not an http or https URI");
	while (end < rest.len && !strchr("/?#", rest.at[end]))
		end++;
	rest = span_part(rest, 0, end);
	if (memchr(uri.at, '@', uri.len) || !cut_host(rest, &host))
		return err_set(reterr, ERR_MALFORMED, "a URI with a user, or without a host");
	if (https || is_agent(host))
		return true;
	return err_set(reterr, ERR_MALFORMED,
	               "the host must be a loopback address or the agent of ECS or EKS, "
	               "or the URI must have https");
}
