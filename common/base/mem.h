/*
 * mem: allocation that does not fail.
 *
 * When memory runs out the program aborts; a supervisor starts it again and every unfinished thing
 * is still in the queue or the ledger. Sizes that come from input are capped before they get here.
 * Everything returned is owned and released with free().
 */
#ifndef EVERGOLD_BASE_MEM_H
#define EVERGOLD_BASE_MEM_H

#include "common/base/span.h"

#include <stddef.h>

void *xcalloc(size_t n, size_t size)
	__attribute__((malloc, returns_nonnull, alloc_size(1, 2), warn_unused_result));

/* Grows or makes an array of n elements; what is new is not zeroed. */
void *xreallocarray(void *array, size_t n, size_t size)
	__attribute__((returns_nonnull, alloc_size(2, 3), warn_unused_result));

char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));

/* A NUL-terminated copy; the span must hold no NUL. */
char *xspandup(struct span text) __attribute__((malloc, returns_nonnull, warn_unused_result));

#endif
