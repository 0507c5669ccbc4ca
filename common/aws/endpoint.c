#include "common/aws/endpoint.h"

#include "common/base/text.h"

#include <string.h>

#include "common/base/banned.h"

#define LOWER     "abcdefghijklmnopqrstuvwxyz"
#define UPPER     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS    "0123456789"
#define MAX_LABEL 63 /* RFC 1035: the region is one label of a host name */
#define MAX_PORT  65535

/* The first row whose prefix fits; the last fits every region. */
static const struct {
	const char *prefix;
	struct aws_partition partition;
} partitions[] = {
	{ "cn-", { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" } },
	{ "us-gov-", { "aws-us-gov", "amazonaws.com", "api.aws" } },
	{ "us-iso-", { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov" } },
	{ "us-isob-", { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud" } },
	{ "eu-isoe-", { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" } },
	{ "us-isof-", { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov" } },
	{ "eusc-", { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu" } },
	{ "", { "aws", "amazonaws.com", "api.aws" } },
};

const struct aws_partition *aws_partition_of(struct span region)
{
	size_t i = 0;

	while (!span_starts(region, span_of(partitions[i].prefix)))
		i++;
	return &partitions[i].partition;
}

bool aws_region_is_valid(struct span region)
{
	struct span rest = region, word = span_cut(&rest, '-');

	if (region.len > MAX_LABEL || word.len == 0 || !span_only(word, LOWER) || rest.len == 0)
		return false;
	while (rest.len) {
		word = span_cut(&rest, '-');
		if (word.len == 0 || !span_only(word, LOWER DIGITS))
			return false;
	}
	return span_only(word, DIGITS) && !span_ends(region, SPAN("-"));
}

/* ---- A service's own endpoints --------------------------------------------------------------- */

#define IN(partition, word) (strcmp((partition)->name, (word)) == 0)

/* In GovCloud these are validated under their plain names; EventBridge's IPv6 endpoints, too. */
static bool fips_is_plain(enum aws_service service, const struct aws_partition *partition,
                          bool dual_stack)
{
	return IN(partition, "aws-us-gov") && service != AWS_CODEPIPELINE &&
	       service != AWS_CODEBUILD && service != AWS_SECRETS_MANAGER &&
	       (!dual_stack || service == AWS_EVENTBRIDGE);
}

/* Secrets Manager speaks IPv6 under its first name; in China that is no FIPS endpoint. */
static bool dual_stack_is_plain(enum aws_service service, const struct aws_partition *partition,
                                bool fips)
{
	return service == AWS_SECRETS_MANAGER &&
	       (IN(partition, "aws") || IN(partition, "aws-us-gov") ||
	        (IN(partition, "aws-cn") && !fips));
}

/* The regions for which the SDKs once took the global endpoint (botocore's rules of STS). */
static bool is_global_sts(enum aws_service service, struct span region,
                          struct aws_endpoint_variant variant)
{
	static const char *const regions[] = {
		"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",
		"sa-east-1",      "us-east-1",  "us-east-2",      "us-west-1",      "us-west-2",
	};
	size_t i = 0;

	if (service != AWS_STS || !variant.global_sts || variant.fips || variant.dual_stack)
		return false;
	while (i < ARRAY_LEN(regions) && !span_is(region, regions[i]))
		i++;
	return i < ARRAY_LEN(regions);
}

void aws_endpoint_url(enum aws_service service, struct span region,
                      struct aws_endpoint_variant variant, struct buf *out)
{
	const struct aws_partition *partition = aws_partition_of(region);
	bool fips = variant.fips && !fips_is_plain(service, partition, variant.dual_stack);
	bool dual_stack = variant.dual_stack &&
	                  !dual_stack_is_plain(service, partition, variant.fips);

	if (is_global_sts(service, region, variant)) {
		buf_add_text(out, "https://sts.amazonaws.com");
		return;
	}
	buf_addf(out, "https://%s%s.%.*s.%s", aws_service_info(service)->host_prefix,
	         fips ? "-fips" : "", SPAN_ARG(region),
	         dual_stack ? partition->dual_stack_suffix : partition->dns_suffix);
}

struct span aws_endpoint_signing_region(enum aws_service service, struct span region,
                                        struct aws_endpoint_variant variant)
{
	return is_global_sts(service, region, variant) ? SPAN("us-east-1") : region;
}

/* ---- Taking a URL apart ---------------------------------------------------------------------- */

struct url {
	struct span scheme, authority;
	struct span path; /* with query and fragment, so that "/" and "" are none */
};

static size_t length_until(struct span text, const char *any)
{
	size_t i = 0;

	while (i < text.len && (text.at[i] == '\0' || !strchr(any, text.at[i])))
		i++;
	return i;
}

static bool url_split(struct span text, struct url *ret_url)
{
	size_t scheme = span_starts(text, SPAN("https://")) ? strlen("https") : strlen("http");
	struct span rest = span_part(text, scheme + strlen("://"), text.len);
	size_t authority = length_until(rest, "/?#");

	if (!span_starts(text, SPAN("https://")) && !span_starts(text, SPAN("http://")))
		return false;
	ret_url->scheme = span_part(text, 0, scheme);
	ret_url->authority = span_part(rest, 0, authority);
	ret_url->path = span_part(rest, authority, rest.len);
	return true;
}

/* "name:8080" or "[::1]:8080" into what is before the port, and ":8080" or nothing. */
static struct span host_of(struct span authority, struct span *ret_port)
{
	size_t host = span_starts(authority, SPAN("[")) ? length_until(authority, "]") + 1
	                                                : length_until(authority, ":");

	*ret_port = span_part(authority, host, authority.len);
	return span_part(authority, 0, host);
}

static bool host_is_valid(struct span host)
{
	if (!span_starts(host, SPAN("[")))
		return host.len && span_only(host, LOWER UPPER DIGITS ".-_");
	return host.len > 2 && span_ends(host, SPAN("]")) &&
	       span_only(span_part(host, 1, host.len - 2), DIGITS "abcdefABCDEF:.");
}

static bool port_is_valid(struct span port)
{
	uint64_t number;

	return port.len == 0 || (port.at[0] == ':' && !span_starts(port, SPAN(":0")) &&
	                         text_number(span_part(port, 1, port.len), MAX_PORT, &number));
}

/* The text says what is wrong and not what was given: a refused URL may hold a password. */
bool aws_endpoint_check(struct span url, struct span *ret_origin, struct err *reterr)
{
	struct url parts;
	struct span host, port;

	if (!url_split(url, &parts))
		return err_set(reterr, ERR_MALFORMED,
		               "an endpoint begins with http:// or https://");
	if (length_until(parts.authority, "@") < parts.authority.len)
		return err_set(reterr, ERR_MALFORMED, "an endpoint names no user");
	if (parts.path.len && !span_is(parts.path, "/"))
		return err_set(reterr, ERR_MALFORMED, "an endpoint has no path, query or fragment");
	host = host_of(parts.authority, &port);
	if (!host_is_valid(host))
		return err_set(reterr, ERR_MALFORMED, "the endpoint's host is no host name");
	if (!port_is_valid(port))
		return err_set(reterr, ERR_MALFORMED, "the endpoint's port is not 1..65535");
	*ret_origin = span_part(url, 0, url.len - parts.path.len);
	return true;
}

struct span aws_endpoint_host(struct span origin)
{
	struct span host, port;
	struct url parts;

	if (!url_split(origin, &parts))
		return SPAN_NONE;
	host = host_of(parts.authority, &port);
	if (span_is(port, span_is(parts.scheme, "https") ? ":443" : ":80"))
		return host;
	return parts.authority;
}

/* ---- Queue URLs ------------------------------------------------------------------------------ */

static struct span region_or_none(struct span label)
{
	return aws_region_is_valid(label) ? label : SPAN_NONE;
}

struct span aws_queue_region(struct span queue_url)
{
	struct span rest, first, second, port;
	struct url parts;

	if (!url_split(queue_url, &parts))
		return SPAN_NONE;
	rest = host_of(parts.authority, &port);
	if (span_is(rest, "queue.amazonaws.com"))
		return SPAN("us-east-1");
	first = span_cut(&rest, '.');
	second = span_cut(&rest, '.');
	if (span_is(first, "sqs") || span_is(first, "sqs-fips"))
		return region_or_none(second);
	if (span_is(second, "queue"))
		return region_or_none(first);
	if (span_starts(first, SPAN("vpce-")) && span_is(second, "sqs"))
		return region_or_none(span_cut(&rest, '.'));
	return SPAN_NONE;
}

static bool lies_in(struct span host, const char *domain)
{
	size_t length = strlen(domain);

	return span_ends(host, span_of(domain)) && host.len > length &&
	       host.at[host.len - length - 1] == '.';
}

bool aws_queue_is_public(struct span queue_url)
{
	struct span region = aws_queue_region(queue_url), port, host;
	const struct aws_partition *partition = aws_partition_of(region);
	struct url parts;

	if (!region.len || !url_split(queue_url, &parts))
		return false;
	host = host_of(parts.authority, &port);
	return !span_starts(host, SPAN("vpce-")) && (lies_in(host, partition->dns_suffix) ||
	                                             lies_in(host, partition->dual_stack_suffix));
}
