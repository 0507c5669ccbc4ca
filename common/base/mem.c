#include "common/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

void *xcalloc(size_t n, size_t size)
{
	void *fresh = calloc(n ? n : 1, size ? size : 1);

	if (!fresh)
		abort();
	return fresh;
}

void *xreallocarray(void *array, size_t n, size_t size)
{
	size_t bytes = n * size;
	void *grown;

	if (size && n > SIZE_MAX / size)
		abort();
	grown = realloc(array, bytes > 0 ? bytes : 1);
	if (!grown)
		abort();
	return grown;
}

char *xstrdup(const char *text)
{
	return xspandup(span_of(text));
}

char *xspandup(struct span text)
{
	char *copy = xcalloc(text.len + 1, 1);

	if (text.len)
		memcpy(copy, text.at, text.len);
	return copy;
}
