/*
 * slack_console: where AWS's console shows what a build is about, in its partition.
 */
#ifndef EVERGOLD_SAY_SLACK_CONSOLE_H
#define EVERGOLD_SAY_SLACK_CONSOLE_H

#include "common/base/buf.h"
#include "common/decide/build.h"

/* "https://console.aws.amazon.com/…" of the build's execution, or of its pipeline. */
void slack_console_url(const struct build *build, struct buf *out);

/* Of an AMI in a region. Nothing when the id looks like none: AMI ids are "ami-" and hex. */
void slack_image_url(const char *image_id, const char *region, struct buf *out);

#endif
