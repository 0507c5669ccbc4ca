#include "common/base/xml.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <expat.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* ---- Memory that is overwritten before it is freed ------------------------------------------- */

struct block {
	size_t size;
	alignas(max_align_t) char bytes[];
};

static void *block_new(size_t size)
{
	struct block *block = xcalloc(1, sizeof *block + size);

	block->size = size;
	return block->bytes;
}

static struct block *block_of(void *bytes)
{
	return (struct block *)(void *)((char *)bytes - offsetof(struct block, bytes));
}

static void block_free(void *bytes)
{
	struct block *block = bytes ? block_of(bytes) : NULL;

	if (block)
		explicit_bzero(block->bytes, block->size);
	free(block);
}

static void *block_resize(void *bytes, size_t size)
{
	void *fresh = block_new(size);
	size_t kept = bytes ? block_of(bytes)->size : 0;

	if (kept)
		memcpy(fresh, bytes, kept < size ? kept : size);
	block_free(bytes);
	return fresh;
}

/* ---- Walking --------------------------------------------------------------------------------- */

struct walk {
	XML_Parser parser;
	const struct xml_events *events;
	void *ctx;
	struct buf path;
	struct buf text; /* of the innermost element, since the last tag */
	size_t depth, elements;
	bool leaf;         /* the innermost element has none inside so far */
	const char *fault; /* a literal; NULL */
};

static void stop(struct walk *walk, const char *fault)
{
	if (!walk->fault)
		walk->fault = fault;
	(void)XML_StopParser(walk->parser, XML_FALSE);
}

static bool only_blanks(const struct walk *walk)
{
	return span_trim(buf_span(&walk->text)).len == 0;
}

static bool may_open(const struct walk *walk, const char **ret_fault)
{
	if (walk->depth > LIMIT_XML_DEPTH)
		*ret_fault = "too deep";
	else if (walk->elements > LIMIT_XML_ELEMENTS)
		*ret_fault = "too many elements";
	else if (walk->path.overflow)
		*ret_fault = "names too long";
	else if (!only_blanks(walk))
		*ret_fault = "text beside elements";
	else
		return true;
	return false;
}

/* After stop(), Expat may still close the element that it has just opened. */
static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct walk *walk = ctx;
	const char *fault;

	(void)attributes;
	walk->depth++;
	walk->elements++;
	if (walk->path.len)
		buf_add_char(&walk->path, '/');
	buf_add_text(&walk->path, name);
	if (!may_open(walk, &fault)) {
		stop(walk, fault);
		return;
	}
	buf_reset(&walk->text);
	walk->leaf = true;
	if (walk->events->on_open)
		walk->events->on_open(walk->ctx, buf_span(&walk->path));
}

static void leave(struct walk *walk, const char *name)
{
	size_t left = walk->path.len - strlen(name);

	walk->path.len = left ? left - 1 : 0;
	walk->path.at[walk->path.len] = '\0';
	walk->depth--;
	walk->leaf = false;
	buf_reset(&walk->text);
}

static void on_end(void *ctx, const XML_Char *name)
{
	struct walk *walk = ctx;
	struct span path = buf_span(&walk->path);

	if (walk->fault)
		return;
	if (!walk->leaf && !only_blanks(walk))
		stop(walk, "text beside elements");
	else if (walk->leaf && walk->events->on_leaf)
		walk->events->on_leaf(walk->ctx, path, buf_span(&walk->text));
	else if (!walk->leaf && walk->events->on_close)
		walk->events->on_close(walk->ctx, path);
	leave(walk, name);
}

static void on_text(void *ctx, const XML_Char *text, int len)
{
	struct walk *walk = ctx;

	buf_add(&walk->text, (struct span){ text, (size_t)len });
	if (walk->text.overflow)
		stop(walk, "too much text in one element");
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(ctx, "a document type");
}

/* Expat was told UTF-8 and would read on in it, whatever is declared. */
static void on_declaration(void *ctx, const XML_Char *version, const XML_Char *encoding,
                           int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding && strcasecmp(encoding, "UTF-8") != 0)
		stop(ctx, "not declared as UTF-8");
}

/* ---- Reading --------------------------------------------------------------------------------- */

static XML_Parser parser_new(struct walk *walk)
{
	static const XML_Memory_Handling_Suite blocks = { block_new, block_resize, block_free };
	XML_Parser parser = XML_ParserCreate_MM("UTF-8", &blocks, NULL);

	if (!parser)
		abort();
	XML_SetUserData(parser, walk);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	XML_SetXmlDeclHandler(parser, on_declaration);
	return parser;
}

/* A mark of UTF-16 would win over what Expat was told; it is no UTF-8, or holds a NUL. */
static const char *text_fault(struct span text)
{
	if (text.len > LIMIT_XML_SIZE)
		return "too big";
	if (!text_is_utf8(text) || (text.len && memchr(text.at, '\0', text.len)))
		return "no UTF-8 text";
	return NULL;
}

static bool parse(struct walk *walk, struct span text, struct err *reterr)
{
	enum XML_Status status = XML_Parse(walk->parser, text.len ? text.at : "", (int)text.len,
	                                   XML_TRUE);

	if (status == XML_STATUS_OK && !walk->fault)
		return true;
	return err_set(reterr, ERR_MALFORMED, "line %lu: %s",
	               (unsigned long)XML_GetCurrentLineNumber(walk->parser),
	               walk->fault ? walk->fault : XML_ErrorString(XML_GetErrorCode(walk->parser)));
}

bool xml_read(struct span text, const struct xml_events *events, void *ctx, struct err *reterr)
{
	struct walk walk = { .events = events,
		             .ctx = ctx,
		             .path = buf_with_max(LIMIT_XML_PATH),
		             .text = buf_with_max(LIMIT_XML_LEAF) };
	const char *fault = text_fault(text);
	bool fine;

	if (fault)
		return err_set(reterr, ERR_MALFORMED, "%s", fault);
	buf_reserve(&walk.path, LIMIT_XML_PATH);
	buf_reserve(&walk.text, LIMIT_XML_LEAF);
	walk.parser = parser_new(&walk);
	fine = parse(&walk, text, reterr);
	XML_ParserFree(walk.parser);
	buf_clear(&walk.path);
	buf_wipe(&walk.text);
	return fine;
}

/* ---- Binding --------------------------------------------------------------------------------- */

static const struct xml_field *field_of(const struct xml_binding *binding, struct span path)
{
	struct span root = span_of(binding->root);

	if (!span_starts(path, root))
		return NULL;
	path = span_part(path, root.len, path.len);
	for (size_t i = 0; i < binding->n_fields; i++) {
		if (span_is(path, binding->fields[i].path))
			return &binding->fields[i];
	}
	return NULL;
}

static struct secret *secret_at(const struct xml_binding *binding, const struct xml_field *field)
{
	return (struct secret *)(void *)((char *)binding->target + field->offset);
}

static const char **text_at(const struct xml_binding *binding, const struct xml_field *field)
{
	return (const char **)(void *)((char *)binding->target + field->offset);
}

static bool is_set(const struct xml_binding *binding, const struct xml_field *field)
{
	return field->secret ? secret_is_set(secret_at(binding, field))
	                     : *text_at(binding, field) != NULL;
}

void xml_take(struct xml_binding *binding, struct span path, struct span text)
{
	const struct xml_field *field = field_of(binding, path);

	if (!field || text.len == 0)
		return;
	if (is_set(binding, field)) {
		binding->twice = field->path;
	} else if (field->secret) {
		*secret_at(binding, field) = secret_of(text);
	} else {
		*text_at(binding, field) = arena_text(binding->arena, text);
	}
}

bool xml_bound(const struct xml_binding *binding, struct err *reterr)
{
	if (binding->twice)
		return err_set(reterr, ERR_MALFORMED, "%s comes twice", binding->twice);
	for (size_t i = 0; i < binding->n_fields; i++) {
		const struct xml_field *field = &binding->fields[i];

		if (field->needed && !is_set(binding, field))
			return err_set(reterr, ERR_MALFORMED, "%s is missing", field->path);
	}
	return true;
}

/* An answer without lists, while it is read. */
struct answer {
	struct xml_binding *binding;
	struct span name; /* of its root */
	bool is_there;
};

static void on_element(void *ctx, struct span path)
{
	struct answer *answer = ctx;

	answer->is_there |= span_equal(path, answer->name);
}

static void on_field(void *ctx, struct span path, struct span text)
{
	xml_take(((struct answer *)ctx)->binding, path, text);
}

bool xml_fields(struct span text, struct xml_binding *binding, struct err *reterr)
{
	static const struct xml_events events = { .on_open = on_element, .on_leaf = on_field };
	struct span root = span_of(binding->root);
	struct answer answer = { .binding = binding, .name = span_cut(&root, '/') };

	if (!xml_read(text, &events, &answer, reterr))
		return false;
	if (!answer.is_there)
		return err_set(reterr, ERR_MALFORMED, "no %.*s", SPAN_ARG(answer.name));
	return xml_bound(binding, reterr);
}
