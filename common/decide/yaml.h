/*
 * yaml: a YAML text as a small tree of nodes that know their place.
 *
 * The subset that a configuration needs: one document of mappings, lists and scalars, in UTF-8.
 * Anchors, aliases, tags and further documents are refused, and so are duplicate keys and keys that
 * are no scalars. Plain scalars are resolved by the core schema of YAML 1.2.2 (chapter 10.3), where
 * `yes`, `on` and `012` are not booleans or octal numbers; quoted ones are always text.
 *
 * Everything lives in the arena that the caller gives, and is valid as long as that.
 */
#ifndef EVERGOLD_DECIDE_YAML_H
#define EVERGOLD_DECIDE_YAML_H

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/decide/faults.h"

#include <stdint.h>

enum yaml_kind {
	YAML_TEXT,
	YAML_NULL, /* `null`, `~`, or nothing at all */
	YAML_BOOL,
	YAML_INTEGER,
	YAML_FLOAT, /* also an integer that no int64_t holds */
	YAML_LIST,
	YAML_MAP,
	YAML_REFUSED, /* something that a fault already names */
};

struct yaml_node {
	enum yaml_kind kind;
	struct place place; /* where the value starts */
	struct span text;   /* of a scalar, as written but without quotes; followed by a NUL */
	int64_t number;     /* of YAML_INTEGER; 0 or 1 of YAML_BOOL */
	int text_column;    /* where the text starts; 0: the file has it in other characters */

	const struct yaml_node *first; /* of a list or mapping: its children, in their order */
	size_t n;
	const struct yaml_node *next; /* the parent's next child; NULL: none */
	struct span key;              /* of a mapping's child; followed by a NUL */
	struct place key_place;
};

/*
 * NULL when the text is no YAML or too large (limits.h); what stands before the fault is lost then.
 * Lesser faults leave a tree, but are errors all the same: ask faults->n_errors.
 */
const struct yaml_node *yaml_parse(struct span text, struct arena *arena, struct faults *faults)
	MUST_USE;

/* The child with this key; NULL: none, or node is NULL or no mapping. */
const struct yaml_node *yaml_child(const struct yaml_node *node, const char *key);

/* Has it such a child that is not null? */
bool yaml_is_set(const struct yaml_node *node, const char *key);

/* Where the child's key stands; where the node does when there is none; 0:0 when node is NULL. */
struct place yaml_place_of(const struct yaml_node *node, const char *key);

/* The element at this position of a list, from 0; NULL: none, or node is NULL or no list. */
const struct yaml_node *yaml_element(const struct yaml_node *node, size_t at);

/*
 * Where a byte of a scalar's text stands in the file; where the value starts if the text has
 * escapes or reaches over several lines.
 */
struct place yaml_place_in(const struct yaml_node *node, size_t offset);

/* A scalar that no file holds, for a setting's default value: text is borrowed. */
struct yaml_node yaml_scalar(const char *text);

#endif
