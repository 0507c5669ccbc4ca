#include "common/decide/faults.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define TEXT_SIZE  601
#define QUOTE_SIZE 60

void faults_clear(struct faults *faults)
{
	arena_clear(&faults->arena);
	free(faults->at);
	*faults = (struct faults){ 0 };
}

static bool comes_before(struct place a, struct place b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* Cuts what remains of a character that the end of a buffer split. */
static size_t whole_characters(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t step = text_utf8_length((struct span){ text + at, len - at });

		if (step == 0)
			break;
		at += step;
	}
	return at;
}

struct span faults_quote(struct span text)
{
	struct span start = span_part(text, 0, QUOTE_SIZE);

	return (struct span){ start.at, whole_characters(start.at, start.len) };
}

static struct span made_printable(char *text)
{
	size_t len = whole_characters(text, strlen(text));

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	return (struct span){ text, len };
}

static struct fault *room_for(struct faults *faults, struct place place)
{
	size_t at = faults->n;

	if (!faults->at)
		faults->at = xreallocarray(NULL, LIMIT_FAULTS, sizeof(*faults->at));
	while (at > 0 && comes_before(place, faults->at[at - 1].place))
		at--;
	memmove(&faults->at[at + 1], &faults->at[at], (faults->n - at) * sizeof(*faults->at));
	faults->n++;
	return &faults->at[at];
}

void faults_add(struct faults *faults, struct place place, bool warning, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	if (!warning)
		faults->n_errors++;
	if (faults->n == LIMIT_FAULTS) {
		faults->n_left_out++;
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*room_for(faults, place) = (struct fault){
		.place = place,
		.warning = warning,
		.text = arena_text(&faults->arena, made_printable(text)),
	};
}

void fault_text(const struct fault *fault, const char *file, struct buf *out)
{
	buf_add_text(out, file);
	if (fault->place.line)
		buf_addf(out, ":%d:%d", fault->place.line, fault->place.column);
	buf_addf(out, ": %s: %s\n", fault->warning ? "warning" : "error", fault->text);
}
