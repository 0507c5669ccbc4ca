/*
 * plain: hostile text made harmless for terminals, logs and chat.
 *
 * Control characters, line separators, and the invisible and direction-changing characters of
 * Unicode (UTR 36) become \u{...}, bytes that are no UTF-8 become \x..; everything else stays as it
 * is. So the result is UTF-8 on one line, whatever the text was.
 */
#ifndef EVERGOLD_BASE_PLAIN_H
#define EVERGOLD_BASE_PLAIN_H

#include "common/base/buf.h"
#include "common/base/span.h"

void plain_add(struct buf *out, struct span text);

#endif
