#include "common/decide/template.h"

#include "common/base/nearest.h"
#include "common/decide/faults.h"

#include <string.h>

#include "common/base/banned.h"

#define NAME(field)                                             \
	{                                                       \
#field, offsetof(struct template_values, field) \
	}

static const struct name {
	const char *word;
	size_t offset; /* of its span */
} names[] = {
	NAME(image_id), NAME(image_name), NAME(release),    NAME(region),    NAME(architecture),
	NAME(family),   NAME(publisher),  NAME(message_id), NAME(notes_url), NAME(build),
};

static const struct name *find_name(struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (span_is(word, names[i].word))
			return &names[i];
	}
	return NULL;
}

/* How far literal text, or one "{name}", goes. */
static size_t piece_length(struct span text)
{
	const char *end;

	if (text.at[0] != '{')
		return span_cut(&text, '{').len;
	end = memchr(text.at, '}', text.len);
	return end ? (size_t)(end - text.at) + 1 : text.len;
}

static struct span next_piece(struct span *rest)
{
	struct span all = *rest;
	size_t len = piece_length(all);

	*rest = span_part(all, len, all.len);
	return span_part(all, 0, len);
}

/* What stands between the braces of a piece; empty at: the piece is literal text. */
static struct span word_in(struct span piece)
{
	bool braces = piece.len >= 2 && piece.at[0] == '{' && piece.at[piece.len - 1] == '}';

	return braces ? (struct span){ piece.at + 1, piece.len - 2 } : SPAN_NONE;
}

static bool refuse_name(struct span word, struct err *reterr)
{
	const char *words[ARRAY_LEN(names)], *meant;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		words[i] = names[i].word;
	meant = nearest_word(word, words, ARRAY_LEN(words));
	return err_set(reterr, ERR_MALFORMED, "{%.*s} is nothing to fill in%s%s%s",
	               SPAN_ARG(faults_quote(word)), meant ? " (did you mean {" : "",
	               meant ? meant : "", meant ? "}?)" : "");
}

bool template_check(struct span text, struct err *reterr)
{
	struct span rest = text;

	while (rest.len) {
		struct span piece = next_piece(&rest), word = word_in(piece);

		if (word.at && !find_name(word))
			return refuse_name(word, reterr);
		if (!word.at && piece.at[0] == '{')
			return err_set(reterr, ERR_MALFORMED, "'{' without its '}'");
		if (!word.at && memchr(piece.at, '}', piece.len))
			return err_set(reterr, ERR_MALFORMED, "'}' without its '{'");
	}
	return true;
}

void template_fill(struct span text, const struct template_values *values, struct buf *out)
{
	struct span rest = text;

	while (rest.len) {
		struct span piece = next_piece(&rest), value = piece;
		const struct name *name = find_name(word_in(piece));

		if (name)
			memcpy(&value, (const char *)values + name->offset, sizeof(value));
		buf_add(out, value);
	}
}

/* ---- read back ------------------------------------------------------------------------------- */

/* The only name in it, and what stands around; NULL: there is none, or more. */
static const struct name *only_name(struct span text, struct span *ret_before,
                                    struct span *ret_after)
{
	const struct name *found = NULL;
	struct span rest = text;

	while (rest.len) {
		struct span piece = next_piece(&rest);
		const struct name *name = find_name(word_in(piece));

		if (name && found)
			return NULL;
		if (name) {
			found = name;
			*ret_before = span_part(text, 0, (size_t)(piece.at - text.at));
			*ret_after = rest;
		}
	}
	return found;
}

void template_read(struct span text, struct span filled, struct template_values *values)
{
	struct span before = SPAN_NONE, after = SPAN_NONE;
	const struct name *name = only_name(text, &before, &after);

	if (!name || filled.len <= before.len + after.len || !span_starts(filled, before) ||
	    !span_ends(filled, after))
		return;
	*(struct span *)(void *)((char *)values + name->offset) = span_part(
		filled, before.len, filled.len - before.len - after.len);
}
