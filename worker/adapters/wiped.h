/*
 * wiped: the C library's allocation, for a library that copies our secrets: freed memory is
 * overwritten.
 *
 * libcurl keeps requests with Authorization and session tokens in buffers of its own, and frees
 * them as they are. Nothing here aborts: the library deals with NULL.
 */
#ifndef EVERGOLD_ADAPTERS_WIPED_H
#define EVERGOLD_ADAPTERS_WIPED_H

#include <stddef.h>

void *wiped_malloc(size_t size);
void *wiped_calloc(size_t n, size_t size);
void *wiped_realloc(void *old, size_t size);
char *wiped_strdup(const char *text);
void wiped_free(void *old);

#endif
