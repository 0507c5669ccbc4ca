#include "worker/cli/inquiry.h"

#include "worker/adapters/loop.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"
#include "worker/cli/options.h"
#include "worker/cli/world.h"

#include <stdio.h>

#include "common/base/banned.h"

/* ---- What the configuration names ------------------------------------------------------------ */

static bool say_fault(const struct config *config, struct place place, const struct err *err,
                      FILE *out)
{
	const struct fault fault = { place, false, err->text };
	struct buf line = buf_with_max(LIMIT_CONFIG_FILE);

	fault_text(&fault, config->file, &line);
	fputs(buf_text(&line), out);
	buf_clear(&line);
	return false;
}

static bool check_files(const struct config *config, FILE *out)
{
	struct loaded_policy policy;
	struct err err;
	bool ok = load_policy(config, &policy, &err);

	load_policy_clear(&policy);
	return ok || say_fault(config, config->trust.place, &err, out);
}

bool inquiry_check_files(const struct config *config, FILE *out)
{
	struct err err;

	return check_files(config, out) &&
	       (load_endpoints(config, &err) || say_fault(config, (struct place){ 0 }, &err, out));
}

/* ---- What is asked --------------------------------------------------------------------------- */

struct asking {
	const struct inquiry *inquiry;
	struct world world;
	struct online *online;
	bool failed;
};

const char *inquiry_status_word(enum online_status status)
{
	static const char *const words[] = {
		[ONLINE_OK] = "ok",
		[ONLINE_WARNING] = "warn",
		[ONLINE_FAILED] = "fail",
		[ONLINE_SKIPPED] = "skipped",
	};

	return words[status];
}

static void on_result(void *ctx, const struct online_result *result)
{
	struct asking *asking = ctx;
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	asking->failed = asking->failed || result->status == ONLINE_FAILED;
	asking->inquiry->add(&line, result);
	fputs(buf_text(&line), stdout);
	fflush(stdout);
	buf_clear(&line);
}

static void on_ended(void *ctx)
{
	struct asking *asking = ctx;

	loop_stop(asking->world.loop);
}

static void ask(struct asking *asking)
{
	struct world *world = &asking->world;
	enum log_level level = asking->inquiry->everything ? LOG_ERROR : LOG_WARNING;

	if (world->log.level < level)
		world->log.level = level;
	asking->online = online_new(&(struct online_options){
		.ports = &world->ports,
		.config = asking->inquiry->config,
		.everything = asking->inquiry->everything,
		.result = on_result,
		.ended = on_ended,
		.ctx = asking,
	});
	loop_run(world->loop);
	online_free(asking->online);
}

int inquiry_run(const struct inquiry *inquiry)
{
	struct asking asking = { .inquiry = inquiry };
	struct err err;

	if (world_open(&asking.world, inquiry->config, LEDGER_EMPTY, &err)) {
		ask(&asking);
	} else {
		complain("%s", err.text);
		asking.failed = true;
	}
	world_close(&asking.world);
	return asking.failed ? EXIT_COULD_NOT : EXIT_DONE;
}
