#include "tests/flows/notifying.h"

#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <string.h>

static void on_idle(void *ctx)
{
	((struct notifying *)ctx)->idle++;
}

static void on_quiet(void *ctx)
{
	((struct notifying *)ctx)->quiet++;
}

void notifying_open(struct notifying *notifying, size_t builds)
{
	*notifying = (struct notifying){
		.world = world_new(&(struct world_options){ .folder = temporary_empty() }),
	};
	world_want_builds(notifying->world, builds);
}

/* The scripted configuration has a token. */
static void choose(struct world *world, enum slack slack)
{
	if (slack == SLACK_WEBHOOK) {
		world->config->slack.webhook = world->config->slack.token;
		world->cloud->secret = NOTIFYING_WEBHOOK;
	}
	if (slack != SLACK_TOKEN)
		world->config->slack.token.source = SECRET_NONE;
}

void notifying_start(struct notifying *notifying, enum slack slack)
{
	struct world *world = notifying->world;

	choose(world, slack);
	notifying->outbox = outbox_new(&(struct outbox_options){
		.ports = &world->ports,
		.config = world->config,
		.idle = on_idle,
		.quiet = on_quiet,
		.ctx = notifying,
	});
}

void notifying_begin(struct notifying *notifying, size_t builds)
{
	notifying_open(notifying, builds);
	for (size_t i = 1; i <= builds; i++)
		world_add_notice(notifying->world, (int64_t)i, NOTICE_STARTED);
	notifying_start(notifying, SLACK_TOKEN);
}

void notifying_end(struct notifying *notifying)
{
	outbox_free(notifying->outbox);
	world_free(notifying->world);
}

size_t notifying_posts(const struct notifying *notifying)
{
	return notifying->world->cloud->slack.n_posts;
}

int64_t notifying_waiting(const struct notifying *notifying)
{
	return world_count(notifying->world, "SELECT (SELECT count(*) FROM deliveries)"
	                                     " + (SELECT count(*) FROM notices, sinks"
	                                     " WHERE notices.id > since)");
}

bool notifying_told_of(const struct notifying *notifying, size_t i, const char *image)
{
	return i < notifying_posts(notifying) &&
	       strstr(notifying->world->cloud->slack.posts[i].body, image) != NULL;
}
