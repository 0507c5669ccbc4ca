/*
 * explain_images: the part of an explanation that is about images; explain.h has the rest.
 */
#ifndef EVERGOLD_DECIDE_EXPLAIN_IMAGES_H
#define EVERGOLD_DECIDE_EXPLAIN_IMAGES_H

#include "common/decide/explain.h"

/* Adds conditions and near misses. Is there one image that fits? */
bool explain_images(const struct explain_question *question, struct arena *arena,
                    struct explanation *explanation);

#endif
