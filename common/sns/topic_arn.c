#include "common/sns/topic_arn.h"

#include "common/base/banned.h"

#define LOWER        "abcdefghijklmnopqrstuvwxyz"
#define UPPER        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS       "0123456789"
#define NAME_MAX     256 /* with ".fifo" */
#define ACCOUNT_SIZE 12
#define REGION_MAX   32

static bool is_partition(struct span text)
{
	return span_starts(text, SPAN("aws")) && text.len <= REGION_MAX &&
	       span_only(text, LOWER "-");
}

/* Words of lower-case letters and at last a number, joined by "-": "us-gov-west-1". */
static bool is_region(struct span text)
{
	size_t words = 0;

	if (text.len > REGION_MAX)
		return false;
	while (text.len && span_only(span_part(text, 0, 1), LOWER)) {
		struct span word = span_cut(&text, '-');

		if (!span_only(word, LOWER))
			return false;
		words++;
	}
	return words >= 2 && text.len >= 1 && text.len <= 2 && span_only(text, DIGITS);
}

static bool is_name(struct span text)
{
	if (text.len > NAME_MAX)
		return false;
	if (span_ends(text, SPAN(".fifo")))
		text.len -= sizeof(".fifo") - 1;
	return text.len > 0 && span_only(text, LOWER UPPER DIGITS "_-");
}

bool topic_arn_parse(struct span arn, struct topic_arn *ret_arn)
{
	struct topic_arn parts;
	struct span rest = arn, scheme, service;

	scheme = span_cut(&rest, ':');
	parts.partition = span_cut(&rest, ':');
	service = span_cut(&rest, ':');
	parts.region = span_cut(&rest, ':');
	parts.account = span_cut(&rest, ':');
	parts.name = rest;
	if (!span_is(scheme, "arn") || !span_is(service, "sns") || !is_partition(parts.partition) ||
	    !is_region(parts.region) || parts.account.len != ACCOUNT_SIZE ||
	    !span_only(parts.account, DIGITS) || !is_name(parts.name))
		return false;
	*ret_arn = parts;
	return true;
}
