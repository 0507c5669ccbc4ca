#include "common/sns/signer.h"

#include "common/base/banned.h"

struct partition {
	const char *partition;
	const char *regions;  /* how their names begin; the first row that fits counts */
	const char *suffix;   /* of host names */
	const char *signer;   /* how the certificate's name begins */
	bool signer_regional; /* the region stands between signer and suffix */
};

static const struct partition partitions[] = {
	{ "aws-us-gov", "us-gov-", "amazonaws.com", "sns-us-gov-west-1.", false },
	{ "aws-cn", "cn-", "amazonaws.com.cn", "sns-", true },
	{ "aws-eusc", "eusc-", "amazonaws.eu", "sns-signing.", true },
	{ "aws-iso", "us-iso-", "c2s.ic.gov", "sns-us-iso-east-1.", false },
	{ "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "sns-us-isob-east-1.", false },
	{ "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "sns-signing.", true },
	{ "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "sns-signing.", true },
	{ "aws", "", "amazonaws.com", "sns-signing.", true }, /* fits all */
};

/* All of these, and only these, share one certificate. */
static const char *const default_regions[] = {
	"us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",      "ca-central-1",
	"sa-east-1",      "eu-central-1",   "eu-north-1",     "eu-west-1",      "eu-west-2",
	"eu-west-3",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
	"ap-southeast-1", "ap-southeast-2",
};

static const struct partition *partition_of(const struct topic_arn *topic)
{
	const struct partition *row = partitions;

	while (!span_starts(topic->region, span_of(row->regions)))
		row++;
	return span_is(topic->partition, row->partition) ? row : NULL;
}

static bool is_default(struct span region)
{
	for (size_t i = 0; i < ARRAY_LEN(default_regions); i++) {
		if (span_is(region, default_regions[i]))
			return true;
	}
	return false;
}

bool signer_host(const struct topic_arn *topic, struct buf *out)
{
	const struct partition *partition = partition_of(topic);

	if (!partition)
		return false;
	buf_addf(out, "sns.%.*s.%s", SPAN_ARG(topic->region), partition->suffix);
	return !out->overflow;
}

bool signer_name(const struct topic_arn *topic, struct buf *out)
{
	const struct partition *partition = partition_of(topic);

	if (!partition)
		return false;
	if (is_default(topic->region))
		buf_add_text(out, "sns.");
	else if (partition->signer_regional)
		buf_addf(out, "%s%.*s.", partition->signer, SPAN_ARG(topic->region));
	else
		buf_add_text(out, partition->signer);
	buf_add_text(out, partition->suffix);
	return !out->overflow;
}
