/*
 * pointer: a value inside a JSON text, named by a JSON pointer (RFC 6901).
 *
 * "" is the whole text, "/a/0" the first element of the member a; in a part, "~1" stands for "/"
 * and "~0" for "~".
 */
#ifndef EVERGOLD_BASE_POINTER_H
#define EVERGOLD_BASE_POINTER_H

#include "common/base/span.h"

/* Empty, or each part after a "/"; no "~" but in "~0" and "~1". */
bool pointer_is_valid(struct span pointer);

/* The bytes of the value in a text that is valid JSON. False: there is none. */
bool pointer_find(struct span json, struct span pointer, struct span *ret_value);

#endif
