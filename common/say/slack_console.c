#include "common/say/slack_console.h"

#include "common/aws/endpoint.h"
#include "common/base/text.h"

#include <string.h>

#include "common/base/banned.h"

enum { MAX_ID = 64 };

static const char *console_host(const char *region)
{
	const char *partition = aws_partition_of(span_of(region))->name;

	if (strcmp(partition, "aws-cn") == 0)
		return "console.amazonaws.cn";
	if (strcmp(partition, "aws-us-gov") == 0)
		return "console.amazonaws-us-gov.com";
	return "console.aws.amazon.com";
}

/* AWS's ids are hex and dashes; what is none has no place in a URL. */
static bool is_id(struct span id)
{
	return id.len && id.len <= MAX_ID && span_only(id, TEXT_HEX "-");
}

void slack_console_url(const struct build *build, struct buf *out)
{
	buf_addf(out, "https://%s/codesuite/codepipeline/pipelines/%s/",
	         console_host(build->pipeline_region), build->pipeline);
	if (is_id(span_of(build->execution_id)))
		buf_addf(out, "executions/%s/timeline", build->execution_id);
	else
		buf_add_text(out, "view");
	buf_addf(out, "?region=%s", build->pipeline_region);
}

void slack_image_url(const char *image_id, const char *region, struct buf *out)
{
	struct span id = span_of(image_id);

	if (span_starts(id, SPAN("ami-")) && is_id(span_part(id, 4, id.len)))
		buf_addf(out, "https://%s/ec2/home?region=%s#ImageDetails:imageId=%s",
		         console_host(region), region, image_id);
}
