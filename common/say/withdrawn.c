#include "common/say/withdrawn.h"

#include "common/base/text.h"

#include "common/base/banned.h"

/* "ami-0123456789abcdef0", or what else there is to find it by. */
static void add_product(struct buf *out, const struct build *build)
{
	if (build->state == BUILD_STARTED)
		buf_add_text(out, "a build that is still running");
	else if (build->golden_ami)
		buf_add_text(out, build->golden_ami);
	else
		buf_addf(out, "the image of %s, execution %s", build->pipeline,
		         build->execution_id ? build->execution_id : "unknown");
}

static void add_build(struct buf *out, const struct build *build)
{
	char time[TEXT_TIME_SIZE];

	buf_add_text(out, "\n• ");
	add_product(out, build);
	buf_addf(out, " in %s", build->region);
	if (build->state != BUILD_FINISHED || !build->finished_ms)
		return;
	text_time(build->finished_ms, time);
	buf_addf(out, ", built on %.10s", time);
}

void withdrawn_text(const struct withdrawn *withdrawn, struct buf *out)
{
	buf_addf(out, "%s\nMade from it:", withdrawn->text);
	for (size_t i = 0; i < withdrawn->n_builds; i++)
		add_build(out, &withdrawn->builds[i]);
	if (withdrawn->n_more)
		buf_addf(out, "\n… and %zu more", withdrawn->n_more);
}
