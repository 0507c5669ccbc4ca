#include "common/decide/yaml.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/base/banned.h"

struct builder {
	yaml_parser_t parser;
	struct span text;
	struct arena *arena;
	struct faults *faults;
	size_t n_nodes;
	int depth;
};

static struct yaml_node *read_node(struct builder *builder, yaml_event_t *event);

static struct place place_of(yaml_mark_t mark)
{
	return (struct place){ (int)mark.line + 1, (int)mark.column + 1 };
}

static struct place place_of_byte(struct span text, size_t offset)
{
	struct place place = { 1, 1 };

	for (size_t i = 0; i < offset && i < text.len; i++) {
		bool inside_character = ((unsigned char)text.at[i] & 0xc0) == 0x80;

		if (text.at[i] == '\n')
			place = (struct place){ place.line + 1, 1 };
		else if (!inside_character)
			place.column++;
	}
	return place;
}

/* ---- Faults of the text itself --------------------------------------------------------------- */

static bool is_tab(struct span text, size_t character)
{
	size_t at = 0;

	for (size_t i = 0; i < character && at < text.len; i++)
		at += text_utf8_length(span_part(text, at, 4));
	return at < text.len && text.at[at] == '\t';
}

static void report_unreadable(struct builder *builder)
{
	size_t at = builder->parser.problem_offset;
	struct place place = place_of_byte(builder->text, at);

	if (at < builder->text.len && (unsigned char)builder->text.at[at] < 0x80)
		faults_add(builder->faults, place, false, "a control character cannot stand here");
	else
		faults_add(builder->faults, place, false, "the file must be UTF-8 text");
}

static void report_syntax(struct builder *builder)
{
	const yaml_parser_t *parser = &builder->parser;
	struct place place = place_of(parser->problem_mark);

	if (parser->error == YAML_MEMORY_ERROR)
		abort();
	if (parser->error == YAML_READER_ERROR)
		report_unreadable(builder);
	else if (parser->context && strcmp(parser->context, "while scanning an alias") == 0)
		faults_add(builder->faults, place_of(parser->context_mark), false,
		           "a text that begins with '*' needs quotes");
	else if (is_tab(builder->text, parser->problem_mark.index))
		faults_add(builder->faults, place, false, "not YAML: indent with spaces, not tabs");
	else
		faults_add(builder->faults, place, false, "not YAML: %s%s%s", parser->problem,
		           parser->context ? " " : "", parser->context ? parser->context : "");
}

static bool next_event(struct builder *builder, yaml_event_t *ret_event)
{
	if (yaml_parser_parse(&builder->parser, ret_event))
		return true;
	report_syntax(builder);
	return false;
}

/* ---- Scalars --------------------------------------------------------------------------------- */

static bool is_one_of(struct span text, const char *const *words)
{
	for (; *words; words++) {
		if (span_is(text, *words))
			return true;
	}
	return false;
}

static bool is_null(struct span text)
{
	return text.len == 0 ||
	       is_one_of(text, (const char *[]){ "~", "null", "Null", "NULL", NULL });
}

static bool resolve_bool(struct span text, struct yaml_node *node)
{
	bool yes = is_one_of(text, (const char *[]){ "true", "True", "TRUE", NULL });

	if (!yes && !is_one_of(text, (const char *[]){ "false", "False", "FALSE", NULL }))
		return false;
	node->kind = YAML_BOOL;
	node->number = yes;
	return true;
}

/* [-+]? [0-9]+, 0o [0-7]+ or 0x [0-9a-fA-F]+ */
static bool resolve_integer(struct span text, struct yaml_node *node)
{
	bool octal = span_starts(text, SPAN("0o")), hex = span_starts(text, SPAN("0x"));
	bool sign = text.len && (text.at[0] == '-' || text.at[0] == '+');
	struct span digits = span_part(text, octal || hex ? 2 : sign, text.len);
	const char *allowed = octal ? "01234567" : hex ? "0123456789abcdefABCDEF" : "0123456789";

	if (digits.len == 0 || !span_only(digits, allowed))
		return false;
	errno = 0;
	node->number = strtoll(sign ? text.at : digits.at, NULL, octal ? 8 : hex ? 16 : 10);
	node->kind = errno == ERANGE ? YAML_FLOAT : YAML_INTEGER;
	return true;
}

static bool is_float(struct span text)
{
	static const char *const named[] = { ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
		                             "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
		                             ".NaN",  ".NAN",  NULL };
	char *end;

	if (is_one_of(text, named))
		return true;
	if (!span_only(text, "0123456789+-.eE") || !strpbrk(text.at, "0123456789"))
		return false;
	(void)strtod(text.at, &end);
	return end == text.at + text.len;
}

/* What a plain scalar means; node->text is followed by a NUL. */
static void resolve(struct yaml_node *node)
{
	if (is_null(node->text))
		node->kind = YAML_NULL;
	else if (!resolve_bool(node->text, node) && !resolve_integer(node->text, node))
		node->kind = is_float(node->text) ? YAML_FLOAT : YAML_TEXT;
}

struct yaml_node yaml_scalar(const char *text)
{
	struct yaml_node node = { .text = span_of(text) };

	resolve(&node);
	return node;
}

struct place yaml_place_in(const struct yaml_node *node, size_t offset)
{
	struct place place = node->place;

	if (node->text_column)
		place.column = node->text_column +
		               (int)text_utf8_count(span_part(node->text, 0, offset));
	return place;
}

/* As many characters in the file as in the text, but for the quotes: then they are the same. */
static int text_column(const yaml_event_t *event, struct span text)
{
	const yaml_mark_t *start = &event->start_mark, *end = &event->end_mark;
	bool quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
	              event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	bool same = start->line == end->line &&
	            end->index - start->index == text_utf8_count(text) + (quoted ? 2 : 0);

	return same ? place_of(*start).column + quoted : 0;
}

static struct span copied(struct builder *builder, const yaml_event_t *event)
{
	struct span text = { (const char *)event->data.scalar.value, event->data.scalar.length };

	return (struct span){ arena_text(builder->arena, text), text.len };
}

static void read_scalar(struct builder *builder, const yaml_event_t *event, struct yaml_node *node)
{
	node->text = copied(builder, event);
	node->text_column = text_column(event, node->text);
	if (memchr(node->text.at, '\0', node->text.len)) {
		faults_add(builder->faults, node->place, false, "a text cannot hold NUL");
		node->kind = YAML_REFUSED;
	} else if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		resolve(node);
	}
}

/* ---- Mappings and lists ---------------------------------------------------------------------- */

static bool read_list(struct builder *builder, struct yaml_node *list)
{
	const struct yaml_node **end = &list->first;
	yaml_event_t event;

	while (next_event(builder, &event)) {
		struct yaml_node *child;

		if (event.type == YAML_SEQUENCE_END_EVENT)
			return true; /* this event owns nothing */
		child = read_node(builder, &event);
		if (!child)
			return false;
		*end = child;
		end = &child->next;
		list->n++;
	}
	return false;
}

static const struct yaml_node *child_with(const struct yaml_node *map, struct span key)
{
	for (const struct yaml_node *child = map->first; child; child = child->next) {
		if (span_equal(child->key, key))
			return child;
	}
	return NULL;
}

/* False when the mapping cannot take this key, which a fault then says. */
static bool accept_key(struct builder *builder, const struct yaml_node *map,
                       const struct yaml_node *key)
{
	const struct yaml_node *first = child_with(map, key->text);

	if (key->kind == YAML_REFUSED)
		return false;
	if (key->kind == YAML_LIST || key->kind == YAML_MAP) {
		faults_add(builder->faults, key->place, false, "a key must be a plain word");
		return false;
	}
	if (first)
		faults_add(builder->faults, key->place, false,
		           "the key '%.*s' stands here twice, first at %d:%d",
		           SPAN_ARG(faults_quote(key->text)), first->key_place.line,
		           first->key_place.column);
	return !first;
}

/* The value that belongs to the key; NULL after a fault that ends it all. */
static struct yaml_node *read_value(struct builder *builder, const struct yaml_node *key)
{
	yaml_event_t event;
	struct yaml_node *value = next_event(builder, &event) ? read_node(builder, &event) : NULL;

	if (value) {
		value->key = key->text;
		value->key_place = key->place;
	}
	return value;
}

static bool has_room(struct builder *builder, const struct yaml_node *map)
{
	if (map->n < LIMIT_CONFIG_KEYS)
		return true;
	faults_add(builder->faults, map->place, false, "a mapping has at most %d keys",
	           LIMIT_CONFIG_KEYS);
	return false;
}

static bool read_map(struct builder *builder, struct yaml_node *map)
{
	const struct yaml_node **end = &map->first;
	yaml_event_t event;

	while (next_event(builder, &event)) {
		struct yaml_node *key, *value;

		if (event.type == YAML_MAPPING_END_EVENT)
			return true;
		key = read_node(builder, &event);
		value = key ? read_value(builder, key) : NULL;
		if (!value || !has_room(builder, map))
			return false;
		if (!accept_key(builder, map, key))
			continue;
		*end = value;
		end = &value->next;
		map->n++;
	}
	return false;
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

static bool enter(struct builder *builder, struct place place)
{
	if (++builder->n_nodes > LIMIT_CONFIG_NODES)
		faults_add(builder->faults, place, false, "the file has more than %d values",
		           LIMIT_CONFIG_NODES);
	else if (++builder->depth > LIMIT_CONFIG_DEPTH)
		faults_add(builder->faults, place, false, "nested deeper than %d levels",
		           LIMIT_CONFIG_DEPTH);
	else
		return true;
	return false;
}

static void refuse(struct builder *builder, struct place place, const void *found, const char *what)
{
	if (found)
		faults_add(builder->faults, place, false,
		           "%s are not supported; a text that begins so needs quotes", what);
}

static bool fill_node(struct builder *builder, const yaml_event_t *event, struct yaml_node *node)
{
	switch ((int)event->type) {
	case YAML_SCALAR_EVENT:
		refuse(builder, node->place, event->data.scalar.anchor, "anchors (&name)");
		refuse(builder, node->place, event->data.scalar.tag, "tags (!name)");
		read_scalar(builder, event, node);
		return true;
	case YAML_SEQUENCE_START_EVENT:
		refuse(builder, node->place, event->data.sequence_start.anchor, "anchors (&name)");
		refuse(builder, node->place, event->data.sequence_start.tag, "tags (!name)");
		node->kind = YAML_LIST;
		return read_list(builder, node);
	case YAML_MAPPING_START_EVENT:
		refuse(builder, node->place, event->data.mapping_start.anchor, "anchors (&name)");
		refuse(builder, node->place, event->data.mapping_start.tag, "tags (!name)");
		node->kind = YAML_MAP;
		return read_map(builder, node);
	default:
		refuse(builder, node->place, event, "aliases (*name)");
		node->kind = YAML_REFUSED;
		return true;
	}
}

/* Takes the event over. NULL after a fault that ends it all. */
static struct yaml_node *read_node(struct builder *builder, yaml_event_t *event)
{
	struct yaml_node *node = arena_alloc(builder->arena, 1, sizeof(*node));
	bool fine;

	node->place = place_of(event->start_mark);
	fine = enter(builder, node->place) && fill_node(builder, event, node);
	builder->depth--;
	yaml_event_delete(event);
	return fine ? node : NULL;
}

/* ---- The document ---------------------------------------------------------------------------- */

/* Reads past what may stand before and after the document; false: nothing more comes. */
static bool find_node(struct builder *builder, yaml_event_t *ret_event)
{
	while (next_event(builder, ret_event)) {
		bool passes = ret_event->type == YAML_STREAM_START_EVENT ||
		              ret_event->type == YAML_DOCUMENT_START_EVENT ||
		              ret_event->type == YAML_DOCUMENT_END_EVENT;

		if (ret_event->type == YAML_STREAM_END_EVENT)
			return false;
		if (!passes)
			return true;
		yaml_event_delete(ret_event);
	}
	return false;
}

static const struct yaml_node *read_document(struct builder *builder)
{
	size_t errors_before = builder->faults->n_errors;
	struct yaml_node *root;
	yaml_event_t event;

	if (!find_node(builder, &event)) {
		root = arena_alloc(builder->arena, 1, sizeof(*root));
		*root = (struct yaml_node){ .kind = YAML_NULL, .place = { 1, 1 } };
		return builder->faults->n_errors == errors_before ? root : NULL;
	}
	root = read_node(builder, &event);
	if (root && find_node(builder, &event)) {
		faults_add(builder->faults, place_of(event.start_mark), false,
		           "a second document begins here; the file must be one");
		yaml_event_delete(&event);
	}
	return root;
}

/* A byte order mark is no character of the file, so that it moves no column. */
static struct span without_mark(struct span text)
{
	struct span rest = span_starts(text, SPAN("\xef\xbb\xbf")) ? span_part(text, 3, text.len)
	                                                           : text;

	return rest.len ? rest : SPAN("");
}

const struct yaml_node *yaml_parse(struct span text, struct arena *arena, struct faults *faults)
{
	struct builder builder = { .text = without_mark(text), .arena = arena, .faults = faults };
	const struct yaml_node *root;

	if (text.len > LIMIT_CONFIG_FILE) {
		faults_add(faults, (struct place){ 0 }, false, "larger than %d KiB",
		           LIMIT_CONFIG_FILE / 1024);
		return NULL;
	}
	if (!yaml_parser_initialize(&builder.parser))
		abort();
	yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING); /* no guessing at UTF-16 */
	yaml_parser_set_input_string(&builder.parser, (const unsigned char *)builder.text.at,
	                             builder.text.len);
	root = read_document(&builder);
	yaml_parser_delete(&builder.parser);
	return root;
}

const struct yaml_node *yaml_child(const struct yaml_node *node, const char *key)
{
	return node && node->kind == YAML_MAP ? child_with(node, span_of(key)) : NULL;
}

bool yaml_is_set(const struct yaml_node *node, const char *key)
{
	const struct yaml_node *child = yaml_child(node, key);

	return child && child->kind != YAML_NULL;
}

struct place yaml_place_of(const struct yaml_node *node, const char *key)
{
	const struct yaml_node *child = yaml_child(node, key);

	if (child)
		return child->key_place;
	return node ? node->place : (struct place){ 0 };
}

const struct yaml_node *yaml_element(const struct yaml_node *node, size_t at)
{
	const struct yaml_node *child = node && node->kind == YAML_LIST ? node->first : NULL;

	while (child && at-- > 0)
		child = child->next;
	return child;
}
