#include "common/aws/role_arn.h"

#include "common/base/banned.h"

#define LOWER         "abcdefghijklmnopqrstuvwxyz"
#define UPPER         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS        "0123456789"
#define PARTITION_MAX 32
#define ACCOUNT_SIZE  12
#define PATH_MAX_SIZE 512 /* both slashes with it */
#define NAME_MAX_SIZE 64

static bool is_partition(struct span text)
{
	return span_starts(text, SPAN("aws")) && text.len <= PARTITION_MAX &&
	       span_only(text, LOWER "-");
}

static bool is_account(struct span text)
{
	return text.len == ACCOUNT_SIZE && span_only(text, DIGITS);
}

static bool is_word(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '!' || text.at[i] > '~')
			return false;
	}
	return text.len > 0;
}

/* "role/NAME", "role/PATH/NAME" */
static bool is_role(struct span resource)
{
	struct span rest = resource, word = span_cut(&rest, '/');
	bool fine = span_is(word, "role") && rest.len && !span_ends(rest, SPAN("/"));

	while (fine && rest.len) {
		word = span_cut(&rest, '/');
		fine = is_word(word);
	}
	return fine && word.len <= NAME_MAX_SIZE && span_only(word, LOWER UPPER DIGITS "_+=,.@-") &&
	       resource.len - sizeof("role") + 1 - word.len <= PATH_MAX_SIZE;
}

bool role_arn_parse(struct span arn, struct role_arn *ret_arn)
{
	struct span rest = arn, scheme, service, region;
	struct role_arn parts;

	scheme = span_cut(&rest, ':');
	parts.partition = span_cut(&rest, ':');
	service = span_cut(&rest, ':');
	region = span_cut(&rest, ':');
	parts.account = span_cut(&rest, ':');
	if (!span_is(scheme, "arn") || !span_is(service, "iam") || region.len ||
	    !is_partition(parts.partition) || !is_account(parts.account) || !is_role(rest))
		return false;
	*ret_arn = parts;
	return true;
}

struct span role_arn_account(struct span arn)
{
	struct role_arn parts = { .account = SPAN_NONE };

	return role_arn_parse(arn, &parts) ? parts.account : SPAN_NONE;
}
