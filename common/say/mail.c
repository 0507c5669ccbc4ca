#include "common/say/mail.h"

#include "common/base/plain.h"
#include "common/base/text.h"
#include "common/say/slack_text.h"

#include <stdio.h>

#include "common/base/banned.h"

enum { MOST_VALUE = 500, MOST_LINES = 3000, COLUMN = 23 };

#define INDENT "                       " /* COLUMN blanks */

/* ---- The subject ----------------------------------------------------------------------------- */

/* One character for each. */
static void add_ascii(struct buf *out, struct span text)
{
	while (text.len) {
		size_t length = text_utf8_length(text);

		buf_add_char(out, length == 1 ? text.at[0] : '?');
		text = span_part(text, length ? length : 1, text.len);
	}
}

void mail_subject(const struct news *news, char ret_subject[MAIL_SUBJECT])
{
	struct arena arena = { 0 };
	struct slack_page page = news_page(news, &arena);
	struct buf plain = buf_with_max(MAIL_TEXT), subject = buf_with_max(MAIL_TEXT);

	plain_add(&plain, span_of(page.headline));
	buf_add_text(&subject, "evergold: ");
	add_ascii(&subject, buf_span(&plain));
	snprintf(ret_subject, MAIL_SUBJECT, "%s", buf_text(&subject));
	buf_clear(&plain);
	buf_clear(&subject);
	arena_clear(&arena);
}

/* ---- The text -------------------------------------------------------------------------------- */

static bool is_set(const char *text)
{
	return text && text[0];
}

/* At most max bytes of it, on one line. */
static void add_value(struct buf *out, struct span text, size_t max)
{
	struct buf plain = buf_with_max(4 * max + 100);

	plain_add(&plain, text_cut(text, max));
	buf_add(out, buf_span(&plain));
	if (text.len > max)
		buf_add_text(out, "…");
	buf_clear(&plain);
}

/* Mail programs make links of them. */
static const char *url_of(const char *text)
{
	return slack_can_link(text) ? text : NULL;
}

/* A line of its own, indented; nothing when there is none. */
static void add_below(struct buf *out, const char *text)
{
	if (!is_set(text))
		return;
	buf_add_text(out, INDENT);
	add_value(out, span_of(text), 2 * MOST_VALUE);
	buf_add_char(out, '\n');
}

static void add_fact(struct buf *out, const struct slack_fact *fact)
{
	buf_addf(out, "%-*s", COLUMN, fact->label);
	add_value(out, span_of(fact->value), MOST_VALUE);
	buf_add_char(out, '\n');
	add_below(out, fact->more);
	add_below(out, url_of(fact->url));
}

static void add_facts(struct buf *out, const struct slack_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++)
		add_fact(out, &facts->at[i]);
}

static void add_lines(struct buf *out, const char *text)
{
	struct span rest = span_part(span_of(text), 0, MOST_LINES);

	while (rest.len) {
		add_value(out, span_cut(&rest, '\n'), MOST_LINES);
		buf_add_char(out, '\n');
	}
}

static void add_trouble(struct buf *out, const struct slack_page *page)
{
	add_lines(out, page->error);
	add_lines(out, page->lines);
	add_lines(out, page->words);
	add_lines(out, url_of(page->log_url));
}

static void add_steps(struct buf *out, const struct slack_page *page)
{
	for (size_t i = 0; i < page->n_steps; i++) {
		const struct slack_step *step = &page->steps[i];

		buf_addf(out, "%s ", step->sign);
		add_value(out, span_of(step->name), MOST_VALUE);
		buf_addf(out, "  %s\n", step->took);
	}
}

static void add_advice(struct buf *out, const struct slack_page *page)
{
	if (is_set(page->advice))
		buf_addf(out, "%s\n", page->advice);
	if (is_set(page->command))
		buf_addf(out, "    %s\n", page->command);
}

static void add_context(struct buf *out, const struct slack_page *page)
{
	add_lines(out, page->context);
	add_lines(out, page->source);
	add_lines(out, url_of(page->source_url));
}

static void add_headline(struct buf *out, const struct slack_page *page)
{
	buf_addf(out, "%s ", page->sign);
	add_value(out, span_of(page->headline), MOST_VALUE);
	buf_add_char(out, '\n');
}

static void add_all_facts(struct buf *out, const struct slack_page *page)
{
	add_facts(out, &page->facts);
}

static void add_outcome(struct buf *out, const struct slack_page *page)
{
	add_facts(out, &page->outcome);
}

/* An empty line between two parts. */
static void add_part(struct buf *out, const struct buf *part, size_t first)
{
	if (part->len == 0 || out->len - first + 1 + part->len > MAIL_TEXT)
		return;
	if (out->len > first)
		buf_add_char(out, '\n');
	buf_add(out, buf_span(part));
}

void mail_text(const struct news *news, struct buf *out)
{
	static void (*const parts[])(struct buf * out, const struct slack_page *page) = {
		add_headline, add_all_facts, add_trouble, add_steps,
		add_outcome,  add_advice,    add_context,
	};
	struct arena arena = { 0 };
	struct slack_page page = news_page(news, &arena);
	struct buf part = buf_with_max(1 << 20);
	size_t first = out->len;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		buf_reset(&part);
		parts[i](&part, &page);
		add_part(out, &part, first);
	}
	buf_clear(&part);
	arena_clear(&arena);
}
