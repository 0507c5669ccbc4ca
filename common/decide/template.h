/*
 * template: text of the user's with {names} that are filled in when a build is decided.
 *
 *	{image_id} {image_name} {release} {region} {architecture} {family} {publisher}
 *	{message_id} {notes_url} {build}
 *
 * Anything else in braces is an error, and so is a brace without its partner: a typing mistake must
 * not reach a pipeline.
 */
#ifndef EVERGOLD_DECIDE_TEMPLATE_H
#define EVERGOLD_DECIDE_TEMPLATE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/span.h"

/* Borrowed for the call. What is not known is SPAN_NONE and becomes nothing. */
struct template_values {
	struct span image_id, image_name, release, region, architecture;
	struct span family, publisher, message_id, notes_url, build;
};

/* Kind ERR_MALFORMED; the text names the first fault. */
bool template_check(struct span text, struct err *reterr) MUST_USE;

/*
 * The other way: what a text that was filled from a template says. Only of a template with one name
 * in it; what another one says stays as it is. The span is in `filled`.
 */
void template_read(struct span text, struct span filled, struct template_values *values);

/* Appends the filled text. What template_check() refuses stays as it is written. */
void template_fill(struct span text, const struct template_values *values, struct buf *out);

#endif
