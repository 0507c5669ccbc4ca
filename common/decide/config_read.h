/*
 * config_read: a mapping of the file, read into a struct by a table: one row a setting.
 *
 * The same rows check the file, give defaults and document what there is (help). A value that is
 * wrong leaves a fault and nothing in the struct; reading goes on, so that all faults are found.
 * Values point into the tree, which lives as long as the configuration.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_READ_H
#define EVERGOLD_DECIDE_CONFIG_READ_H

#include "common/decide/config.h"
#include "common/decide/yaml.h"

/* One pass over one file. */
struct reading {
	struct config *config;
	struct faults *faults;
	struct buf path; /* "families[0].pipeline": where we are, for faults */
};

struct setting;

/* Reads a node into *value; false after a fault. */
typedef bool kind_read_fn(struct reading *reading, const struct setting *setting,
                          const struct yaml_node *node, void *value);

/* A type of value. */
struct kind {
	const char *wanted; /* completes "expected …" */
	kind_read_fn *read;
	const char *format; /* of a text: extended regular expression; NULL: any */
	size_t size;        /* of the value in the struct */
	size_t longest;     /* text, in bytes; 0: LIMIT_CONFIG_TEXT */
};

/* A word that may be written, and what it stands for. */
struct word {
	const char *word, *means;
};

struct setting {
	const char *key;
	const struct kind *kind;
	size_t offset;            /* of the value in the struct of the section */
	size_t size;              /* of the value there: 4 or 8 for a number */
	size_t count;             /* of a list: offset of its size_t; NO_COUNT: ended by NULL */
	size_t place;             /* offset of its struct place; 0: it keeps none */
	int64_t min, max;         /* of a number, of a duration in seconds, of a list's length */
	const struct word *words; /* of a choice; ended by NULL */
	const struct kind *of;    /* of a list: what it holds */
	const struct section *section; /* of a section or a list of them */
	const char *fallback;          /* as it would be written; NULL: absent stays absent */
	bool needed;                   /* a section without it is wrong */
	bool or_zero;                  /* 0 is allowed besides min..max */
	bool or_one;                   /* a list of one may be written without brackets */
	bool or_null;                  /* null is not the fallback, but nothing */
	bool idle;                     /* this version checks it but does not act on it */
	const char *help;              /* for people: what it does */
};

struct section {
	const struct setting *settings;
	size_t n;
	size_t size;  /* of the struct, for lists of sections */
	size_t place; /* offset of its struct place; NO_PLACE: it keeps none */
};

#define NO_COUNT ((size_t)-1)
#define NO_PLACE ((size_t)-1)

/* Where a value goes; designated initialisers of a struct setting. */
#define INTO(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* The same for a list and its length. */
#define INTO_LIST(type, field, n_field) INTO(type, field), .count = offsetof(type, n_field)

/* With either: where it was written. The struct does not begin with a place. */
#define PLACED(type, field) .place = offsetof(type, field)

/* node NULL: the section is absent, and its fallbacks apply. */
void section_read(struct reading *reading, const struct section *section,
                  const struct yaml_node *node, void *target);

/* A fault, or a warning, at a place below the path of the reading. */
void reading_fault(struct reading *reading, struct place place, const char *format, ...)
	PRINTF_LIKE(3, 4);
void reading_warn(struct reading *reading, struct place place, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* "expected WANTED, got …". Returns false. */
bool reading_expected(struct reading *reading, const struct yaml_node *node, const char *wanted);

/* Make the path longer; reading_leave() makes it as it was. The element is returned. */
size_t reading_enter(struct reading *reading, const char *key);
size_t reading_enter_at(struct reading *reading, size_t index);
const struct yaml_node *reading_enter_element(struct reading *reading, const struct yaml_node *root,
                                              const char *list, size_t at);
void reading_leave(struct reading *reading, size_t length);

kind_read_fn read_section, read_list;

#endif
