/*
 * secret: text that must not be seen: keys, tokens, webhook URLs.
 *
 * It cannot be printed by accident, because it is no string; whoever needs the bytes says
 * secret_reveal(), which is easy to search for. It is overwritten before it is freed.
 */
#ifndef EVERGOLD_BASE_SECRET_H
#define EVERGOLD_BASE_SECRET_H

#include "common/base/span.h"

struct secret {
	char *owned_; /* NULL: not set */
	size_t size_;
};

struct secret secret_of(struct span text); /* copied; the text must hold no NUL */
struct secret secret_copy(const struct secret *secret);
void secret_clear(struct secret *secret);
bool secret_is_set(const struct secret *secret);
struct span secret_reveal(const struct secret *secret); /* borrowed until secret_clear() */

#endif
