/*
 * shape_v1: the announcement of Amazon Linux, and of custom publishers that write alike.
 *
 *	{"v1": {"ReleaseVersion": "2.0", "ImageVersion": "2.0.20240109.0", "ReleaseNotes": "…",
 *	        "Regions": {"eu-west-1": [{"Name": "amzn2-ami-…", "ImageId": "ami-…"}, …], …}}}
 *
 * Source: Amazon Linux 2 user guide, "AMI release notifications" (its JSON schema). ReleaseNotes
 * may be absent and an image may have "Architecture", as FreeBSD's publisher does.
 */
#ifndef EVERGOLD_RELEASE_SHAPE_V1_H
#define EVERGOLD_RELEASE_SHAPE_V1_H

#include "common/release/release.h"

/* Fills version, notes (the text as it came) and images, unchecked. Kind ERR_MALFORMED. */
bool shape_v1_parse(struct span message, struct reader *reader, struct release *release,
                    struct err *reterr) MUST_USE;

#endif
