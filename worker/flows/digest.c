#include "worker/flows/digest.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/week.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define LOOK_MS 3600000 /* also when a clock was put */
#define WEEK_MS (7 * 24 * LOOK_MS)

struct digest {
	struct digest_options options;
	const struct ports *ports;
	struct call *pending; /* until the next look, or at the ledger */
	struct arena arena;   /* of one digest */
	int64_t moment_ms;    /* of that digest */
	int64_t told_ms;      /* of the one that was told last */
	struct build *builds; /* LIMIT_WEEK_BUILDS, in the arena */
	size_t n_builds;
};

static void look(void *ctx);

static void look_later(struct digest *digest)
{
	const struct digest_setting *setting = digest->options.setting;
	int64_t now_ms = ports_now_ms(digest->ports);
	int64_t wait_ms = weekly_next_ms(&setting->at, setting->zone, now_ms) - now_ms;

	digest->n_builds = 0;
	arena_clear(&digest->arena);
	digest->pending = ports_after(digest->ports, wait_ms < LOOK_MS ? wait_ms : LOOK_MS, look,
	                              digest);
}

static void ledger_failed(struct digest *digest, const struct err *err)
{
	log_event(digest->ports->log, LOG_WARNING, "digest_put_off",
	          LOG_FIELDS(LOG_TEXT("error", err->text)));
	look_later(digest);
}

/* ---- telling --------------------------------------------------------------------------------- */

static void on_told(void *ctx, const struct err *err)
{
	struct digest *digest = ctx;

	digest->pending = NULL;
	if (err) {
		ledger_failed(digest, err);
		return;
	}
	digest->told_ms = digest->moment_ms;
	look_later(digest);
	digest->options.told(digest->options.ctx);
}

static void on_overview(void *ctx, const struct overview *overview, const struct err *err)
{
	struct digest *digest = ctx;
	struct ledger *ledger = digest->ports->ledger;
	struct remark remark = { .kind = NOTICE_DIGEST };

	digest->pending = NULL;
	if (err) {
		ledger_failed(digest, err);
		return;
	}
	remark.key = arena_printf(
		&digest->arena, "digest/%s",
		weekly_name(digest->options.setting->zone, digest->moment_ms, &digest->arena));
	remark.text = week_text(
		&(struct week){
			.from_ms = digest->moment_ms - WEEK_MS,
			.to_ms = digest->moment_ms,
			.overview = overview,
			.builds = digest->builds,
			.n_builds = digest->n_builds,
		},
		&digest->arena);
	digest->pending = ledger->tell(ledger, &remark, on_told, digest);
}

/* ---- the builds of the week ------------------------------------------------------------------ */

static void read_page(struct digest *digest, int64_t before_id);

/* What was wanted before may have ended in this week, but not what is older than any start. */
static bool may_matter(const struct digest *digest, const struct build *build)
{
	return build->wanted_ms >= digest->moment_ms - WEEK_MS - INT64_C(1000) * LIMIT_START_AGE_S;
}

/* Returns whether there may be more. */
static bool keep_page(struct digest *digest, const struct build *builds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!may_matter(digest, &builds[i]) || digest->n_builds == LIMIT_WEEK_BUILDS)
			return false;
		digest->builds[digest->n_builds++] = build_copy(&builds[i], &digest->arena);
	}
	return n == LIMIT_HISTORY_PAGE;
}

static void on_page(void *ctx, const struct build *builds, size_t n, const struct err *err)
{
	struct digest *digest = ctx;
	struct ledger *ledger = digest->ports->ledger;

	digest->pending = NULL;
	if (err)
		ledger_failed(digest, err);
	else if (keep_page(digest, builds, n))
		read_page(digest, builds[n - 1].id);
	else
		digest->pending = ledger->overview(ledger, on_overview, digest);
}

static void read_page(struct digest *digest, int64_t before_id)
{
	struct ledger *ledger = digest->ports->ledger;

	digest->pending = ledger->history(
		ledger,
		&(struct ledger_history){ .before_id = before_id, .limit = LIMIT_HISTORY_PAGE },
		on_page, digest);
}

static void look(void *ctx)
{
	struct digest *digest = ctx;
	const struct digest_setting *setting = digest->options.setting;
	int64_t now_ms = ports_now_ms(digest->ports);

	digest->pending = NULL;
	digest->moment_ms = weekly_last_ms(&setting->at, setting->zone, now_ms);
	if (digest->moment_ms == digest->told_ms || now_ms - digest->moment_ms >= DIGEST_LATE_MS) {
		look_later(digest);
		return;
	}
	digest->builds = arena_alloc(&digest->arena, LIMIT_WEEK_BUILDS, sizeof(*digest->builds));
	read_page(digest, 0);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct digest *digest_new(const struct digest_options *options)
{
	struct digest *digest = xcalloc(1, sizeof(*digest));

	digest->options = *options;
	digest->ports = options->ports;
	digest->pending = ports_after(digest->ports, 0, look, digest);
	return digest;
}

void digest_stop(struct digest *digest)
{
	if (!digest)
		return;
	call_cancel(digest->pending);
	digest->pending = NULL;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	digest_stop(digest);
	arena_clear(&digest->arena);
	free(digest);
}
