#include "worker/cli/hand.h"

#include "common/base/limits.h"
#include "common/base/nearest.h"
#include "common/base/text.h"
#include "worker/adapters/loop.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- configuration and ledger ---------------------------------------------------------------- */

/* Its warnings are for those who change it. */
static struct config *read_config(const char *file)
{
	struct faults warnings = { 0 };
	struct config *config = load_config(&(struct load_request){
		.path = load_config_path(file),
		.out = stderr,
		.ret_warnings = &warnings,
	});

	faults_clear(&warnings);
	return config;
}

bool hand_open(struct hand *hand, const char *config_file, enum ledger_mode mode, int *ret_status)
{
	struct err err;

	*hand = (struct hand){ .config = read_config(config_file) };
	*ret_status = EXIT_USAGE;
	if (!hand->config)
		return false;
	hand->loop = loop_new();
	hand->sqlite = ledger_sqlite_open(hand->config->ledger_sqlite, mode,
	                                  loop_timers(hand->loop), &err);
	if (hand->sqlite) {
		hand->ledger = ledger_sqlite_ledger(hand->sqlite);
		return true;
	}
	complain("%s", err.text);
	hand_close(hand);
	*ret_status = EXIT_COULD_NOT;
	return false;
}

void hand_close(struct hand *hand)
{
	ledger_sqlite_free(hand->sqlite);
	loop_free(hand->loop);
	config_free(hand->config);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void complain_of_name(const char *what, const char *name, const char *const *known, size_t n)
{
	const char *near = nearest_word(span_of(name), known, n);
	struct buf all = buf_with_max(LIMIT_CONFIG_FILE);

	for (size_t i = 0; i < n; i++)
		buf_addf(&all, "%s%s", i ? ", " : "", known[i]);
	if (near)
		complain("unknown %s '%s' (did you mean '%s'?)", what, name, near);
	else
		complain("unknown %s '%s' (there is %s)", what, name, buf_text(&all));
	buf_clear(&all);
}

const struct family *hand_family(const struct hand *hand, const char *name)
{
	const struct config *config = hand->config;
	const struct family *family = config_family(config, name);
	const char *known[LIMIT_FAMILIES];

	for (size_t i = 0; i < config->n_families; i++)
		known[i] = config->families[i].name;
	if (!family)
		complain_of_name("family", name, known, config->n_families);
	return family;
}

const char *hand_region(const struct family *family, const char *name)
{
	if (!name && family->n_regions == 1)
		return family->regions[0];
	for (size_t i = 0; name && i < family->n_regions; i++) {
		if (strcmp(family->regions[i], name) == 0)
			return family->regions[i];
	}
	if (name)
		complain_of_name("region", name, family->regions, family->n_regions);
	else
		complain("%s is built in %zu regions: --region says in which", family->name,
		         family->n_regions);
	return NULL;
}

const char *hand_word(const struct command *command, char **args, const char *what)
{
	if (args[0] && args[0][0] && !args[1])
		return args[0];
	if (args[0] && args[0][0])
		complain("unexpected argument '%s'", args[1]);
	else
		complain("%s needs %s", command->name, what);
	return NULL;
}

bool hand_is_reason(const char *text)
{
	struct span reason = span_of(text);

	if (reason.len >= LIMIT_WHY)
		complain("--reason takes %d bytes at most", LIMIT_WHY - 1);
	else if (text_has_control(reason) || !text_is_utf8(reason))
		complain("--reason takes one line of text");
	else
		return true;
	return false;
}

/* ---- operations ------------------------------------------------------------------------------ */

void hand_on_done(void *ctx, const struct err *err)
{
	struct hand *hand = ctx;

	hand->failed = err != NULL;
	if (err)
		complain("%s", err->text);
	loop_stop(hand->loop);
}

void hand_on_answer(void *ctx, bool yes, const struct err *err)
{
	((struct hand *)ctx)->yes = yes;
	hand_on_done(ctx, err);
}

bool hand_wait(struct hand *hand)
{
	loop_run(hand->loop);
	return !hand->failed;
}

int64_t hand_now_ms(const struct hand *hand)
{
	struct timers *timers = loop_timers(hand->loop);

	return timers->now_ms(timers);
}
