/*
 * xml: the strict reader of small XML answers, through Expat.
 *
 * What comes is elements with text or elements with elements, as AWS's query protocols answer.
 * Attributes, comments and processing instructions are passed over. Refused with ERR_MALFORMED:
 * what is not well-formed, text beside elements, a document type (and with it every entity but
 * XML's own five), another encoding than UTF-8, and more bytes, depth, elements or text than
 * limits.h allows. Nothing is ever fetched. Whatever Expat kept is overwritten before it is freed.
 *
 *	static const struct xml_field fields[] = {
 *		XML_TEXT(struct identity, account, "Account", true),
 *		XML_SECRET(struct identity, token, "Session/Token", false),
 *	};
 *	struct xml_binding binding = { .root = "GetResponse/GetResult/", .fields = fields, ... };
 *
 *	return xml_fields(answer, &binding, reterr);
 */
#ifndef EVERGOLD_BASE_XML_H
#define EVERGOLD_BASE_XML_H

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/secret.h"
#include "common/base/span.h"

/*
 * Paths are names joined by '/', from the root on. Each element is opened; then it is either a leaf
 * (text or nothing in it) or closed after others. Path and text are borrowed until the callback
 * returns; entities are resolved, and the text holds no NUL. Callbacks may be NULL.
 */
struct xml_events {
	void (*on_open)(void *ctx, struct span path);
	void (*on_leaf)(void *ctx, struct span path, struct span text);
	void (*on_close)(void *ctx, struct span path);
};

/* What was told before a fault was told all the same: a caller uses it only after true. */
bool xml_read(struct span text, const struct xml_events *events, void *ctx, struct err *reterr)
	MUST_USE;

struct xml_field {
	const char *path; /* below the binding's root */
	size_t offset;    /* of a const char *, or of a struct secret, in the target */
	bool secret, needed;
};

#define XML_TEXT(type, field, path, needed)                    \
	{                                                      \
		(path), offsetof(type, field), false, (needed) \
	}
#define XML_SECRET(type, field, path, needed)                 \
	{                                                     \
		(path), offsetof(type, field), true, (needed) \
	}

/* Leaves put into a struct that starts out zeroed. An empty leaf counts as absent. */
struct xml_binding {
	const char *root; /* with a '/' at its end */
	const struct xml_field *fields;
	size_t n_fields;
	struct arena *arena; /* texts are copied there; secrets are owned by the target */
	void *target;
	const char *twice; /* the first field that came again; NULL */
};

void xml_take(struct xml_binding *binding, struct span path, struct span text);

/* Nothing came twice and nothing needed is absent; else ERR_MALFORMED. */
bool xml_bound(const struct xml_binding *binding, struct err *reterr) MUST_USE;

/*
 * All three, for an answer without lists, whose root element must be the first in the binding's
 * root: a proxy's page is not one that lacks a field. The caller clears the secrets in any case.
 */
bool xml_fields(struct span text, struct xml_binding *binding, struct err *reterr) MUST_USE;

#endif
