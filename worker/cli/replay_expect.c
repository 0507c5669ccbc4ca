#include "worker/cli/replay_expect.h"

#include "common/base/mem.h"
#include "common/say/expectation.h"
#include "worker/cli/complain.h"
#include "worker/cli/replay_pass.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

/* A line of the file that no record has met yet. */
struct awaited {
	struct awaited *next;
	bool passed; /* one after it was met */
	struct expectation expectation;
};

struct expecting {
	const char *path;
	FILE *file;
	size_t line, n_awaited;
	struct awaited *first, **end;
	bool ended, malformed;
	char *text;           /* of one line */
	struct buf json, say; /* of one record; of one difference */
	size_t n_came, n_changed, n_missing, n_surplus;
};

/* ---- the file -------------------------------------------------------------------------------- */

static bool malformed(struct expecting *expecting, const char *why, struct err *reterr)
{
	expecting->malformed = true;
	return err_set(reterr, ERR_MALFORMED, "%s:%zu: %s", expecting->path, expecting->line, why);
}

/* The next line that is not blank; empty at the end. */
static bool read_line(struct expecting *expecting, struct span *ret_line, struct err *reterr)
{
	do {
		*ret_line = SPAN_NONE;
		if (!fgets(expecting->text, LIMIT_EXPECTED_LINE, expecting->file)) {
			expecting->ended = true;
			return !ferror(expecting->file) ||
			       err_set(reterr, ERR_BROKEN, "%s: %s", expecting->path,
			               strerror(errno));
		}
		expecting->line++;
		*ret_line = span_of(expecting->text);
		if (!span_ends(*ret_line, SPAN("\n")) && !feof(expecting->file))
			return malformed(expecting, "the line is too long, or has a NUL", reterr);
		*ret_line = span_trim(*ret_line);
	} while (ret_line->len == 0);
	return true;
}

static bool await_line(struct expecting *expecting, struct span line, struct err *reterr)
{
	struct awaited *awaited = xcalloc(1, sizeof(*awaited));
	struct err err;

	*expecting->end = awaited;
	expecting->end = &awaited->next;
	expecting->n_awaited++;
	return expectation_read(line, &awaited->expectation, &err) ||
	       malformed(expecting, err.text, reterr);
}

/* Reads as far ahead as there is room. */
static bool read_ahead(struct expecting *expecting, struct err *reterr)
{
	struct span line;

	while (!expecting->ended && expecting->n_awaited < LIMIT_EXPECTED) {
		if (!read_line(expecting, &line, reterr))
			return false;
		if (line.len && !await_line(expecting, line, reterr))
			return false;
	}
	return true;
}

static void forget(struct expecting *expecting, struct awaited **place)
{
	struct awaited *gone = *place;

	*place = gone->next;
	if (!*place)
		expecting->end = place;
	expecting->n_awaited--;
	expectation_clear(&gone->expectation);
	free(gone);
}

/* ---- what differs ---------------------------------------------------------------------------- */

static void print_said(struct expecting *expecting)
{
	fwrite(buf_text(&expecting->say), 1, expecting->say.len, stdout);
	buf_reset(&expecting->say);
}

static void say_alone(struct expecting *expecting, const char *what,
                      const struct expectation *expectation)
{
	buf_addf(&expecting->say, "%s: ", what);
	expectation_add_subject(expectation, &expecting->say);
	buf_add_text(&expecting->say, ": ");
	expectation_add_decision(expectation, &expecting->say);
	buf_add_char(&expecting->say, '\n');
	print_said(expecting);
}

static void miss_first(struct expecting *expecting)
{
	say_alone(expecting, "missing", &expecting->first->expectation);
	expecting->n_missing++;
	forget(expecting, &expecting->first);
}

static void compare(struct expecting *expecting, const struct expectation *expected,
                    const struct expectation *came)
{
	struct buf differences = buf_with_max(2 * LIMIT_EXPECTED_LINE);

	expectation_differences(expected, came, &differences);
	if (differences.len) {
		expecting->n_changed++;
		buf_add_text(&expecting->say, "changed: ");
		expectation_add_subject(came, &expecting->say);
		buf_add_text(&expecting->say, ":\n");
		print_said(expecting);
		fwrite(buf_text(&differences), 1, differences.len, stdout);
	}
	buf_clear(&differences);
}

/* The first that is about the same, preferably from the same file. NULL: there is none. */
static struct awaited **find(struct expecting *expecting, const struct expectation *came)
{
	struct awaited **about = NULL;

	for (struct awaited **place = &expecting->first; *place; place = &(*place)->next) {
		const struct expectation *expected = &(*place)->expectation;

		if (!expectation_is_about(expected, came))
			continue;
		if (expectation_is_from(expected, came))
			return place;
		if (!about)
			about = place;
	}
	return about;
}

/* What was passed makes room for what follows, until that is it, or all are still to come. */
static bool find_or_move_on(struct expecting *expecting, const struct expectation *came,
                            struct awaited ***ret_place, struct err *reterr)
{
	for (;;) {
		if (!read_ahead(expecting, reterr))
			return false;
		*ret_place = find(expecting, came);
		if (*ret_place || expecting->ended || !expecting->first->passed)
			return true;
		miss_first(expecting);
	}
}

static void pass_those_before(struct expecting *expecting, const struct awaited *met)
{
	for (struct awaited *awaited = expecting->first; awaited != met; awaited = awaited->next)
		awaited->passed = true;
}

static bool meet(struct expecting *expecting, const struct expectation *came, struct err *reterr)
{
	struct awaited **place;

	expecting->n_came++;
	if (!find_or_move_on(expecting, came, &place, reterr))
		return false;
	if (place) {
		compare(expecting, &(*place)->expectation, came);
		pass_those_before(expecting, *place);
		forget(expecting, place);
	} else {
		expecting->n_surplus++;
		say_alone(expecting, "not expected", came);
	}
	return true;
}

static bool on_message(void *ctx, const struct life *lives, struct err *reterr)
{
	struct expecting *expecting = ctx;
	bool ok = true;

	for (size_t i = 0; ok && i < life_n_decisions(&lives[0]); i++) {
		struct record record = life_record(&lives[0], i);
		struct expectation came;

		buf_reset(&expecting->json);
		record_json(&record, &expecting->json);
		ok = expectation_read(buf_span(&expecting->json), &came, reterr) &&
		     meet(expecting, &came, reterr);
		expectation_clear(&came);
	}
	return ok;
}

static bool miss_the_rest(struct expecting *expecting, struct err *reterr)
{
	do {
		while (expecting->first)
			miss_first(expecting);
		if (!read_ahead(expecting, reterr))
			return false;
	} while (expecting->first);
	return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int say_sum(const struct expecting *expecting)
{
	if (!expecting->n_changed && !expecting->n_missing && !expecting->n_surplus) {
		complain("all %zu records are as expected", expecting->n_came);
		return EXIT_DONE;
	}
	complain("%zu records: %zu changed, %zu missing, %zu not expected", expecting->n_came,
	         expecting->n_changed, expecting->n_missing, expecting->n_surplus);
	return EXIT_COULD_NOT;
}

static int expect_all(struct expecting *expecting, const struct replay_options *options,
                      const struct config *config)
{
	struct replay_pass pass = {
		.options = options,
		.lives = { { .config = config } },
		.n_lives = 1,
		.message = on_message,
		.ctx = expecting,
	};
	struct err err;

	if (read_ahead(expecting, &err) && replay_pass(&pass, &err) &&
	    miss_the_rest(expecting, &err))
		return say_sum(expecting);
	complain("%s", err.text);
	return expecting->malformed ? EXIT_USAGE : EXIT_COULD_NOT;
}

static void clear(struct expecting *expecting)
{
	while (expecting->first)
		forget(expecting, &expecting->first);
	fclose(expecting->file);
	free(expecting->text);
	buf_clear(&expecting->json);
	buf_clear(&expecting->say);
}

int replay_expect(const struct replay_options *options, const struct config *config)
{
	struct expecting expecting = {
		.path = options->expect,
		.file = fopen(options->expect, "re"),
		.json = buf_with_max(LIMIT_EXPECTED_LINE),
		.say = buf_with_max(2 * LIMIT_EXPECTED_LINE),
	};
	int status;

	if (!expecting.file) {
		complain("%s: %s", options->expect, strerror(errno));
		return EXIT_COULD_NOT;
	}
	expecting.end = &expecting.first;
	expecting.text = xcalloc(1, LIMIT_EXPECTED_LINE);
	status = expect_all(&expecting, options, config);
	clear(&expecting);
	return status;
}
