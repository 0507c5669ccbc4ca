#include "common/say/repair.h"

#include "common/base/limits.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

#define MAX_NAME 128 /* IAM: of a policy */

/* "arn:PARTITION:SERVICE:REGION:ACCOUNT:REST" */
struct arn {
	struct span partition, account, rest;
};

static struct arn arn_of(const char *text)
{
	struct arn arn;

	arn.rest = span_of(text);
	span_cut(&arn.rest, ':');
	arn.partition = span_cut(&arn.rest, ':');
	span_cut(&arn.rest, ':');
	span_cut(&arn.rest, ':');
	arn.account = span_cut(&arn.rest, ':');
	return arn;
}

static struct span last_part(struct span path)
{
	struct span part = SPAN_NONE;

	while (path.len)
		part = span_cut(&path, '/');
	return part;
}

/* user/PATH/NAME, role/PATH/NAME, or assumed-role/NAME/SESSION; the word is "user" or "role". */
static const char *kind_of(struct span rest, struct span *ret_name)
{
	struct span kind = span_cut(&rest, '/');

	if (span_is(kind, "assumed-role")) {
		*ret_name = span_cut(&rest, '/');
		return "role";
	}
	*ret_name = last_part(rest);
	if (span_is(kind, "role"))
		return "role";
	return span_is(kind, "user") ? "user" : NULL;
}

static bool fits_a_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

/* "evergold-sqs-ami-announcements": another resource's policy is not replaced by it. */
static void add_policy_name(const struct repair_grant *grant, struct buf *out)
{
	struct span service = span_of(grant->actions[0]);
	struct span resource = arn_of(grant->resource).rest;
	size_t start = out->len;

	service = span_cut(&service, ':');
	buf_addf(out, "evergold-%.*s-", SPAN_ARG(service));
	for (size_t i = 0; i < resource.len && out->len - start < MAX_NAME; i++)
		buf_add_char(out, fits_a_name(resource.at[i]) ? resource.at[i] : '-');
}

static void add_document(const struct repair_grant *grant, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Version", "2012-10-17");
	writer_array(writer, "Statement");
	writer_object(writer, NULL);
	writer_text(writer, "Effect", "Allow");
	writer_array(writer, "Action");
	for (size_t i = 0; grant->actions[i]; i++)
		writer_text(writer, NULL, grant->actions[i]);
	writer_end(writer);
	writer_text(writer, "Resource", grant->resource);
	writer_end(writer);
	writer_end(writer);
	writer_finish(writer, out);
}

bool repair_add_grant(const struct repair_grant *grant, struct buf *out)
{
	struct span name;
	const char *kind = kind_of(arn_of(grant->principal).rest, &name);

	if (!kind || !name.len)
		return false;
	buf_addf(out, "aws iam put-%s-policy --%s-name %.*s --policy-name ", kind, kind,
	         SPAN_ARG(name));
	add_policy_name(grant, out);
	buf_add_text(out, " --policy-document '");
	add_document(grant, out);
	buf_add_char(out, '\'');
	return true;
}

void repair_add_arn(const struct repair_resource *resource, struct buf *out)
{
	struct arn principal = arn_of(resource->principal);

	buf_addf(out, "arn:%.*s:%s:%s:%.*s:", SPAN_ARG(principal.partition), resource->service,
	         resource->region, SPAN_ARG(principal.account));
	if (resource->kind[0])
		buf_addf(out, "%s%s", resource->kind, resource->name[0] == '/' ? "" : "/");
	buf_add_text(out, resource->name);
}
