#include "common/say/slack_text.h"

#include "common/base/limits.h"
#include "common/base/plain.h"
#include "common/base/text.h"

#include <string.h>

#include "common/base/banned.h"

#define CODE_BLOCK "```"

size_t slack_room(size_t max, size_t used)
{
	return used < max ? max - used : 0;
}

/* mrkdwn knows three characters that need escaping. */
static struct span escape_of(struct span character)
{
	switch (character.at[0]) {
	case '&':
		return SPAN("&amp;");
	case '<':
		return SPAN("&lt;");
	case '>':
		return SPAN("&gt;");
	case '`': /* would end a code block */
		return SPAN("'");
	default:
		return character;
	}
}

/* Nothing gets shorter by this, so the first max bytes of the text are enough. */
static void add_escaped(struct buf *out, struct span text, size_t max)
{
	struct buf clean = buf_with_max(LIMIT_MESSAGE_BODY);
	size_t room = slack_room(max, strlen(SLACK_ELLIPSIS));
	struct span rest;

	plain_add(&clean, span_part(text, 0, max));
	rest = buf_span(&clean);
	while (rest.len) {
		struct span character = span_part(rest, 0, text_utf8_length(rest));
		struct span shown = escape_of(character);

		if (shown.len > room) {
			buf_add_text(out, max < strlen(SLACK_ELLIPSIS) ? "" : SLACK_ELLIPSIS);
			break;
		}
		buf_add(out, shown);
		room -= shown.len;
		rest = span_part(rest, character.len, rest.len);
	}
	buf_clear(&clean);
}

void slack_add_escaped(struct buf *out, const char *text, size_t max)
{
	add_escaped(out, span_of(text), max);
}

/* Cuts the first line off the text. */
static struct span take_line(struct span *text)
{
	size_t at = 0;
	struct span line;

	while (at < text->len && text->at[at] != '\n')
		at++;
	line = span_part(*text, 0, at);
	*text = span_part(*text, at + 1, text->len);
	return line;
}

void slack_add_lines(struct buf *out, const char *text, size_t max)
{
	size_t end = out->len + max;
	struct span rest = span_of(text);

	while (rest.len && out->len < end) {
		add_escaped(out, take_line(&rest), end - out->len);
		if (rest.len && out->len < end)
			buf_add_char(out, '\n');
	}
}

void slack_add_code(struct buf *out, const char *text, size_t max)
{
	if (!text || !text[0])
		return;
	buf_add_char(out, '`');
	slack_add_escaped(out, text, slack_room(max, strlen("``")));
	buf_add_char(out, '`');
}

void slack_add_code_block(struct buf *out, const char *text, size_t max)
{
	if (!text || !text[0])
		return;
	buf_add_text(out, CODE_BLOCK);
	slack_add_lines(out, text, slack_room(max, strlen(CODE_BLOCK CODE_BLOCK)));
	buf_add_text(out, CODE_BLOCK);
}

bool slack_can_link(const char *url)
{
	size_t length = 0;

	if (!span_starts(span_of(url), SPAN("https://")))
		return false;
	for (const char *c = url; *c && length <= SLACK_URL; c++) {
		if (*c <= 0x20 || *c >= 0x7f || strchr("<>|\"`", *c))
			return false;
		length += *c == '&' ? strlen("&amp;") : 1;
	}
	return length <= SLACK_URL;
}

void slack_add_link(struct buf *out, const char *url, const char *text)
{
	if (!slack_can_link(url)) {
		slack_add_escaped(out, text, SLACK_NAME);
		return;
	}
	buf_add_char(out, '<');
	slack_add_escaped(out, url, SLACK_URL + strlen(SLACK_ELLIPSIS));
	buf_add_char(out, '|');
	slack_add_escaped(out, text, SLACK_NAME);
	buf_add_char(out, '>');
}
