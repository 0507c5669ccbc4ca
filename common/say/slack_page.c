#include "common/say/slack_page.h"

#include "common/base/text.h"
#include "common/say/slack_blocks.h"
#include "common/say/slack_text.h"

#include <ctype.h>

#include "common/base/banned.h"

enum { MAX_STEPS = 2000, MAX_WORDS = 2500, MAX_WORDS_IN_TEXT = 1500 }; /* bytes, escaped */

static bool is_set(const char *text)
{
	return text && text[0];
}

void slack_facts_add(struct slack_facts *facts, const char *label, const char *value,
                     const char *url)
{
	if (is_set(value) && facts->n < SLACK_FACTS)
		facts->at[facts->n++] = (struct slack_fact){ label, value, url, NULL };
}

const char *slack_duration(int64_t from_ms, int64_t to_ms, struct arena *arena)
{
	struct buf text = buf_with_max(50);
	const char *words;

	if (from_ms && to_ms)
		text_add_duration(&text, to_ms - from_ms);
	words = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return words;
}

/* ---- Parts of both --------------------------------------------------------------------------- */

typedef void add_fn(struct buf *out, const struct slack_page *page);

static void add_mention(struct buf *out, const struct slack_page *page)
{
	if (page->mention)
		buf_addf(out, "%s ", page->mention);
}

static void add_headline(struct buf *out, const struct slack_page *page)
{
	size_t before = out->len;

	buf_addf(out, "%s ", page->sign);
	slack_add_escaped(out, page->headline, slack_room(SLACK_HEADER, out->len - before));
}

/* Within a word '_' means nothing. */
static bool is_mark(const char *text, const char *at)
{
	if (*at != '_')
		return *at == '*' || *at == '~' || *at == '`';
	return at == text || !isalnum((unsigned char)at[-1]) || !isalnum((unsigned char)at[1]);
}

static bool has_marks(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (is_mark(text, at))
			return true;
	}
	return false;
}

/* Marks in a name are its own: they mean nothing in code. */
static void add_name(struct buf *out, const char *name, size_t max)
{
	if (is_set(name) && has_marks(name))
		slack_add_code(out, name, max);
	else
		slack_add_escaped(out, name, max);
}

static void add_value(struct buf *out, const struct slack_fact *fact)
{
	if (slack_can_link(fact->url))
		slack_add_link(out, fact->url, fact->value);
	else
		add_name(out, fact->value, SLACK_NAME);
}

/* "JobFailed · <…|open the log>", and what else there is to say. */
static void add_trouble(struct buf *out, const struct slack_page *page)
{
	bool linked = slack_can_link(page->log_url);

	add_name(out, page->error, SLACK_WORD);
	if (linked && is_set(page->error))
		buf_add_text(out, " · ");
	if (linked)
		slack_add_link(out, page->log_url, "open the log");
	if (is_set(page->lines) && (linked || is_set(page->error)))
		buf_add_char(out, '\n');
	slack_add_lines(out, page->lines, slack_room(out->max, out->len));
}

static void add_step(struct buf *out, const struct slack_step *step)
{
	buf_addf(out, "%s ", step->sign);
	add_name(out, step->name, SLACK_NAME);
	buf_addf(out, "%s%s", step->took[0] ? "  " : "", step->took);
}

/* A line each, as far as there is room; what is left out is counted. */
static void add_steps(struct buf *out, const struct slack_page *page)
{
	size_t at = 0;

	for (; at < page->n_steps && out->len < MAX_STEPS; at++) {
		buf_add_text(out, at ? "\n" : "");
		add_step(out, &page->steps[at]);
	}
	if (at < page->n_steps)
		buf_addf(out, "\n… and %zu more", page->n_steps - at);
}

static void add_advice(struct buf *out, const struct slack_page *page)
{
	slack_add_escaped(out, page->advice, SLACK_NAME);
	if (is_set(page->advice) && is_set(page->command))
		buf_add_char(out, ' ');
	slack_add_code(out, page->command, SLACK_NAME);
}

static void add_context(struct buf *out, const struct slack_page *page)
{
	slack_add_escaped(out, page->context, SLACK_NAME);
	if (is_set(page->source))
		slack_add_link(out, page->source_url, page->source);
}

/* ---- As blocks ------------------------------------------------------------------------------- */

static void write_fact(struct writer *writer, const struct slack_fact *fact)
{
	struct buf value = buf_with_max(SLACK_FIELD);

	add_value(&value, fact);
	if (is_set(fact->more))
		buf_add_char(&value, '\n');
	add_name(&value, fact->more, SLACK_NAME);
	slack_write_field(writer, fact->label, &value);
	buf_clear(&value);
}

static void write_facts(struct writer *writer, const struct slack_facts *facts)
{
	if (facts->n == 0)
		return;
	writer_object(writer, NULL);
	writer_text(writer, "type", "section");
	writer_array(writer, "fields");
	for (size_t i = 0; i < facts->n; i++)
		write_fact(writer, &facts->at[i]);
	writer_end(writer);
	writer_end(writer);
}

static void write_headline(struct writer *writer, const struct slack_page *page)
{
	struct buf text = buf_with_max(SLACK_SECTION);

	if (page->in_thread)
		add_mention(&text, page);
	add_headline(&text, page);
	if (page->in_thread)
		slack_write_section(writer, &text);
	else
		slack_write_header(writer, &text);
	buf_clear(&text);
}

/* A header calls nobody: those whom it concerns are called here. */
static void write_trouble(struct writer *writer, const struct slack_page *page)
{
	struct buf text = buf_with_max(SLACK_SECTION);

	if (!page->in_thread)
		add_mention(&text, page);
	add_trouble(&text, page);
	slack_write_section(writer, &text);
	buf_reset(&text);
	slack_add_code_block(&text, page->words, MAX_WORDS);
	slack_write_section(writer, &text);
	buf_clear(&text);
}

static void write_part(struct writer *writer, const struct slack_page *page, add_fn *add,
                       void (*write)(struct writer *writer, const struct buf *text))
{
	struct buf text = buf_with_max(SLACK_SECTION);

	add(&text, page);
	write(writer, &text);
	buf_clear(&text);
}

void slack_page_blocks(const struct slack_page *page, struct writer *writer)
{
	write_headline(writer, page);
	write_facts(writer, &page->facts);
	write_trouble(writer, page);
	write_part(writer, page, add_steps, slack_write_section);
	write_facts(writer, &page->outcome);
	write_part(writer, page, add_advice, slack_write_section);
	write_part(writer, page, add_context, slack_write_context);
}

/* ---- As text --------------------------------------------------------------------------------- */

/* On a line of its own, wholly or not at all: nothing is cut inside a link. */
static void add_line(struct buf *out, const struct buf *line)
{
	if (line->len == 0 || line->overflow || line->len + 1 > slack_room(out->max, out->len))
		return;
	buf_add_char(out, '\n');
	buf_add(out, buf_span(line));
}

static void add_part(struct buf *out, const struct slack_page *page, add_fn *add)
{
	struct buf line = buf_with_max(SLACK_SECTION);

	add(&line, page);
	add_line(out, &line);
	buf_clear(&line);
}

static void add_words(struct buf *out, const struct slack_page *page)
{
	slack_add_code_block(out, page->words, MAX_WORDS_IN_TEXT);
}

static void add_fact(struct buf *out, const struct slack_fact *fact)
{
	struct buf line = buf_with_max(SLACK_FIELD);

	buf_addf(&line, "%s: ", fact->label);
	add_value(&line, fact);
	if (is_set(fact->more))
		buf_add_text(&line, ", ");
	add_name(&line, fact->more, SLACK_NAME);
	add_line(out, &line);
	buf_clear(&line);
}

static void add_facts(struct buf *out, const struct slack_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++)
		add_fact(out, &facts->at[i]);
}

void slack_page_text(const struct slack_page *page, struct buf *out)
{
	add_mention(out, page);
	add_headline(out, page);
	add_facts(out, &page->facts);
	add_part(out, page, add_trouble);
	add_part(out, page, add_words);
	add_part(out, page, add_steps);
	add_facts(out, &page->outcome);
	add_part(out, page, add_advice);
	add_part(out, page, add_context);
}
