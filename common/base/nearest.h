/*
 * nearest: the known word that an unknown one was probably meant to be.
 *
 * Nearness is the number of letters to add, drop, change or swap with the next one (optimal string
 * alignment). A third of the letters may differ, at least one. Three letters or more that a word
 * begins with are near to it, too.
 */
#ifndef EVERGOLD_BASE_NEAREST_H
#define EVERGOLD_BASE_NEAREST_H

#include "common/base/span.h"

/* One of the n words, borrowed; the first of equally near ones. NULL: none is near. */
const char *nearest_word(struct span word, const char *const *words, size_t n);

#endif
