/*
 * version: which release is newer.
 *
 * A version is a row of numbers; whatever stands between them only separates. They are compared
 * field by field as numbers of any length, so 2023.10 is newer than 2023.9; a missing field is 0.
 */
#ifndef EVERGOLD_DECIDE_VERSION_H
#define EVERGOLD_DECIDE_VERSION_H

#include "common/base/span.h"

int version_compare(struct span a, struct span b); /* <0: a is older, 0: equal, >0: a is newer */

/*
 * Likewise, but only the fields that both have: 2023.12.20260101.0 is equal to 2023.12, which
 * stands for all that begin with it.
 */
int version_compare_part(struct span a, struct span b);

#endif
