#include "worker/adapters/wiped.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

void *wiped_malloc(size_t size)
{
	return malloc(size);
}

void *wiped_calloc(size_t n, size_t size)
{
	return calloc(n, size);
}

void wiped_free(void *old)
{
	if (old)
		explicit_bzero(old, malloc_usable_size(old));
	free(old);
}

/* Stays where there is room: the C library's would free the old place as it is. */
void *wiped_realloc(void *old, size_t size)
{
	size_t room = old ? malloc_usable_size(old) : 0;
	void *fresh;

	if (old && size <= room)
		return old;
	fresh = malloc(size);
	if (!fresh)
		return NULL;
	if (old)
		memcpy(fresh, old, room);
	wiped_free(old);
	return fresh;
}

char *wiped_strdup(const char *text)
{
	return strdup(text);
}
