#include "worker/flows/teller.h"

#include "common/aws/retry.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000

struct waiting {
	STAILQ_ENTRY(waiting) in_waiting;
	struct remark remark; /* texts in the arena */
	struct arena arena;
};

struct teller {
	const struct ports *ports;
	STAILQ_HEAD(, waiting) waiting;
	size_t n;
	struct call *pending; /* at the ledger, or until it is asked again */
	int failures;         /* in a row */
	void (*told)(void *ctx);
	void *ctx;
};

static void forget_first(struct teller *teller)
{
	struct waiting *first = STAILQ_FIRST(&teller->waiting);

	STAILQ_REMOVE_HEAD(&teller->waiting, in_waiting);
	teller->n--;
	arena_clear(&first->arena);
	free(first);
}

static void tell(void *ctx);

static void on_failed(struct teller *teller, const struct err *err)
{
	int64_t delay_ms = retry_backoff_ms(teller->failures++, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                    ports_random(teller->ports));

	log_event(teller->ports->log, LOG_ERROR, "ledger_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text), LOG_NUMBER("again_in_ms", delay_ms)));
	teller->pending = ports_after(teller->ports, delay_ms, tell, teller);
}

static void on_told(void *ctx, const struct err *err)
{
	struct teller *teller = ctx;

	teller->pending = NULL;
	if (err) {
		on_failed(teller, err);
		return;
	}
	teller->failures = 0;
	forget_first(teller);
	if (teller->n)
		tell(teller);
	teller->told(teller->ctx);
}

static void tell(void *ctx)
{
	struct teller *teller = ctx;
	struct ledger *ledger = teller->ports->ledger;

	teller->pending = ledger->tell(ledger, &STAILQ_FIRST(&teller->waiting)->remark, on_told,
	                               teller);
}

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_text(arena, span_of(text)) : NULL;
}

void teller_add(struct teller *teller, const struct remark *remark)
{
	struct waiting *waiting;

	if (teller->n == LIMIT_REMARKS) {
		log_event(teller->ports->log, LOG_ERROR, "remark_left_out",
		          LOG_FIELDS(LOG_TEXT("key", remark->key)));
		return;
	}
	waiting = xcalloc(1, sizeof(*waiting));
	waiting->remark = (struct remark){
		.kind = remark->kind,
		.key = copy(&waiting->arena, remark->key),
		.family = copy(&waiting->arena, remark->family),
		.text = copy(&waiting->arena, remark->text),
	};
	STAILQ_INSERT_TAIL(&teller->waiting, waiting, in_waiting);
	teller->n++;
	if (!teller->pending)
		tell(teller);
}

struct teller *teller_new(const struct ports *ports, void (*told)(void *ctx), void *ctx)
{
	struct teller *teller = xcalloc(1, sizeof(*teller));

	*teller = (struct teller){ .ports = ports, .told = told, .ctx = ctx };
	STAILQ_INIT(&teller->waiting);
	return teller;
}

void teller_free(struct teller *teller)
{
	if (!teller)
		return;
	call_cancel(teller->pending);
	while (teller->n)
		forget_first(teller);
	free(teller);
}
