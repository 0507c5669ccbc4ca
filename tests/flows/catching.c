#include "tests/flows/catching.h"

#include "tests/flows/temporary.h"

#include <string.h>
#include <unistd.h>

static void on_wanted(void *ctx)
{
	((struct catching *)ctx)->wanted++;
}

static void on_told(void *ctx)
{
	((struct catching *)ctx)->told++;
}

void catching_start(struct catching *catching)
{
	catching->catch_up = catch_up_new(&(struct catch_up_options){
		.ports = &catching->world->ports,
		.config = catching->world->config,
		.builds_wanted = on_wanted,
		.told = on_told,
		.ctx = catching,
	});
}

void catching_add(struct catching *catching, const char *id, const char *version,
                  const char *created)
{
	static char names[CLOUD_IMAGES][64];
	struct cloud *cloud = catching->world->cloud;
	char *name = names[cloud->n_images];

	snprintf(name, sizeof(names[0]), "al2023-ami-%s-kernel-6.1-x86_64", version);
	cloud->images[cloud->n_images++] = (struct cloud_image){ id, name, created };
}

void catching_add_new(struct catching *catching)
{
	catching_add(catching, NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
}

void catching_add_newest(struct catching *catching)
{
	catching_add(catching, NEWEST, "2023.10.20260815.0", "2026-08-17T00:00:00.000Z");
}

void catching_begin(struct catching *catching)
{
	*catching = (struct catching){
		.world = world_new(&(struct world_options){ .folder = temporary_empty() }),
		.log = tmpfile(),
	};
	catching->world->log.fd = fileno(catching->log);
	catching->world->log.json = true;
	catching_add(catching, OLD, "2023.9.20260701.0", "2026-06-28T00:00:00.000Z");
	catching_start(catching);
}

void catching_end(struct catching *catching)
{
	catch_up_free(catching->catch_up);
	world_free(catching->world);
	fclose(catching->log);
}

void catching_drain(struct catching *catching)
{
	catch_up_drained(catching->catch_up);
	world_run(catching->world, MINUTE);
}

int catching_logged(const struct catching *catching, const char *event)
{
	static char text[1024 * 1024];
	ssize_t n = pread(fileno(catching->log), text, sizeof(text) - 1, 0);
	char wanted[80];
	int found = 0;

	text[n > 0 ? n : 0] = '\0';
	snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
	for (const char *at = strstr(text, wanted); at; at = strstr(at + 1, wanted))
		found++;
	return found;
}

int64_t catching_builds(const struct catching *catching, const char *state)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM builds WHERE state = '%s'", state);
	return world_count(catching->world, sql);
}

int64_t catching_notices(const struct catching *catching, const char *kind)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM notices WHERE kind = '%s'", kind);
	return world_count(catching->world, sql);
}
