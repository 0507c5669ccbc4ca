/*
 * self_test: can this system check SNS's signatures?
 *
 * Version "1" is SHA-1, which some systems forbid in signatures (RHEL 9, Fedora 41 and later,
 * FIPS). A known signature is verified on the way that messages go, so that the answer is there
 * before the first message is.
 */
#ifndef EVERGOLD_SNS_SELF_TEST_H
#define EVERGOLD_SNS_SELF_TEST_H

#include "common/base/attr.h"
#include "common/base/span.h"

/* version: "1" or "2"; any other is false. */
bool self_test_signature(struct span version) MUST_USE;

#endif
