#include "common/aws/container_uri.h"

#include "common/base/web_url.h"

#include <strings.h>

#include "common/base/banned.h"

static bool is_agent(struct span host)
{
	return span_is(host, "169.254.170.2") || span_is(host, "169.254.170.23") ||
	       (host.len == sizeof("[fd00:ec2::23]") - 1 &&
	        strncasecmp(host.at, "[fd00:ec2::23]", host.len) == 0);
}

bool container_uri_check(struct span uri, struct err *reterr)
{
	struct web_url url;

	if (!web_url_parse(uri, &url, reterr))
		return false;
	if (url.https || web_url_is_loopback(&url) || is_agent(url.host))
		return true;
	return err_set(reterr, ERR_MALFORMED,
	               "the host must be a loopback address or the agent of ECS or EKS, "
	               "or the URI must have https");
}
