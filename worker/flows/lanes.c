#include "worker/flows/lanes.h"

#include "common/aws/role_arn.h"
#include "common/base/buf.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PAUSE_MS 2000

void lanes_clear(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->n; i++)
		free(lanes->at[i].name);
	*lanes = (struct lanes){ 0 };
}

/* "444455556666 eu-west-1"; of our own account the number is not known. */
static char *name_of(const struct build *build)
{
	struct buf name = buf_with_max(4096);
	struct span account = role_arn_account(span_of(build->role_arn));

	buf_addf(&name, "%.*s %s", SPAN_ARG(account), build->pipeline_region);
	return buf_take(&name);
}

static struct lane *lane_of(struct lanes *lanes, const struct build *build)
{
	char *name = name_of(build);
	size_t at = 0;

	while (at < lanes->n && !span_is(span_of(name), lanes->at[at].name))
		at++;
	if (at == LIMIT_LANES)
		at--;
	if (at < lanes->n)
		free(name);
	else
		lanes->at[lanes->n++] = (struct lane){ .name = name };
	return &lanes->at[at];
}

bool lanes_enter(struct lanes *lanes, const struct build *build, int64_t now_ms)
{
	struct lane *lane = lane_of(lanes, build);

	if (lane->taken || lane->opens_ms > now_ms)
		return false;
	lane->taken = true;
	return true;
}

void lanes_leave(struct lanes *lanes, const struct build *build, bool started, int64_t now_ms)
{
	struct lane *lane = lane_of(lanes, build);

	lane->taken = false;
	if (started)
		lane->opens_ms = now_ms + PAUSE_MS;
}

int64_t lanes_open_in_ms(const struct lanes *lanes, int64_t now_ms)
{
	int64_t first_ms = -1;

	for (size_t i = 0; i < lanes->n; i++) {
		const struct lane *lane = &lanes->at[i];
		int64_t in_ms = lane->opens_ms - now_ms;

		if (!lane->taken && in_ms > 0 && (first_ms < 0 || in_ms < first_ms))
			first_ms = in_ms;
	}
	return first_ms;
}
