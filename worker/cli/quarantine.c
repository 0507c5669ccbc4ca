#include "common/base/span.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/hand.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define LIMIT_WHAT 128 /* bytes of a release */

struct request {
	const char *file, *family, *reason;
	bool lift;
	struct quarantine quarantine;
};

struct quarantining {
	struct hand hand; /* first */
	const struct quarantine *quarantine;
	bool in_force, known;
};

/* ---- what it does now ------------------------------------------------------------------------ */

static bool is_same(const struct quarantine *one, const struct quarantine *other)
{
	return strcmp(one->family, other->family) == 0 && strcmp(one->what, other->what) == 0;
}

static void on_overview(void *ctx, const struct overview *overview, const struct err *err)
{
	struct quarantining *quarantining = ctx;

	for (size_t i = 0; overview && i < overview->n_quarantines; i++) {
		if (!is_same(&overview->quarantines[i], quarantining->quarantine))
			continue;
		quarantining->in_force = true;
		quarantining->known = overview->quarantines[i].publisher != NULL;
	}
	hand_on_done(&quarantining->hand, err);
}

/* A misspelt release would keep nothing away, silently. */
static void say_effect(const struct quarantining *quarantining)
{
	const char *what = quarantining->quarantine->what;

	if (!quarantining->in_force)
		printf("%s: a newer release was started already: there is nothing to keep away\n",
		       what);
	else if (!quarantining->known)
		printf("%s is in quarantine; no build of it is known yet\n", what);
	else
		printf("%s is in quarantine until the next release\n", what);
}

static int quarantine(struct quarantining *quarantining)
{
	struct hand *hand = &quarantining->hand;
	struct ledger *ledger = hand->ledger;

	ledger->quarantine(ledger, quarantining->quarantine, hand_on_done, hand);
	if (!hand_wait(hand))
		return EXIT_COULD_NOT;
	ledger->overview(ledger, on_overview, quarantining);
	if (!hand_wait(hand))
		return EXIT_COULD_NOT;
	say_effect(quarantining);
	return EXIT_DONE;
}

/* ---- its end --------------------------------------------------------------------------------- */

static int lift(struct hand *hand, const struct quarantine *quarantine)
{
	hand->ledger->lift(hand->ledger, quarantine, hand_on_answer, hand);
	if (!hand_wait(hand))
		return EXIT_COULD_NOT;
	if (hand->yes) {
		printf("%s is in quarantine no more\n", quarantine->what);
		return EXIT_DONE;
	}
	complain("%s is not in quarantine%s%s", quarantine->what,
	         quarantine->family[0] ? " for " : " for every family", quarantine->family);
	return EXIT_COULD_NOT;
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool is_image(struct span what)
{
	struct span digits = span_part(what, strlen("ami-"), what.len);

	return digits.len >= 8 && digits.len <= 17 && span_only(digits, "0123456789abcdef");
}

/* A publisher of the configuration's own writes its releases as it likes, but with a number. */
static bool is_release(struct span what)
{
	return what.len <= LIMIT_WHAT && strpbrk(what.at, "0123456789") &&
	       !span_starts(what, SPAN("ami-")) &&
	       span_only(what, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                       "._-+~/@:");
}

static bool is_what(const char *text)
{
	struct span what = span_of(text);

	if (is_release(what) || (span_starts(what, SPAN("ami-")) && is_image(what)))
		return true;
	complain("'%s' is neither a release, such as 2023.9.20251027.0, nor an image's id", text);
	return false;
}

static bool is_sensible(const struct request *request)
{
	if (request->lift && request->reason)
		complain("--lift takes no --reason");
	else if (!request->lift && !request->reason)
		complain("quarantine needs a --reason");
	else
		return request->lift || hand_is_reason(request->reason);
	return false;
}

static int quarantine_with(const struct request *request)
{
	struct quarantining quarantining = { .quarantine = &request->quarantine };
	int status;

	if (!hand_open(&quarantining.hand, request->file, LEDGER_OPERATE, &status))
		return status;
	if (request->family && !hand_family(&quarantining.hand, request->family))
		status = EXIT_USAGE;
	else if (request->lift)
		status = lift(&quarantining.hand, &request->quarantine);
	else
		status = quarantine(&quarantining);
	hand_close(&quarantining.hand);
	return status;
}

static int quarantine_main(const struct command *command, char **args)
{
	struct request request = { .lift = false };
	const struct option_row rows[] = {
		{ "--config", NULL, &request.file, NULL },
		{ "--family", NULL, &request.family, NULL },
		{ "--reason", NULL, &request.reason, NULL },
		{ "--lift", NULL, NULL, &request.lift },
	};
	const char *what;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	what = hand_word(command, args, "a release or an image's id");
	if (!what || !is_what(what) || !is_sensible(&request))
		return options_usage(command);
	request.quarantine = (struct quarantine){
		.family = request.family ? request.family : "",
		.what = what,
		.reason = request.reason,
	};
	return quarantine_with(&request);
}

const struct command command_quarantine = {
	.name = "quarantine",
	.synopsis = "quarantine RELEASE|IMAGE_ID [--config FILE] [--family FAMILY]\n"
		    "                      --reason TEXT | --lift",
	.help = "Builds nothing of a release, or from an image, for one family or for all. It\n"
		"ends by itself with the next release, or with --lift.\n",
	.main = quarantine_main,
};
