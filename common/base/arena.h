/*
 * arena: many small strings and arrays that live and die together.
 *
 * A parsed configuration or a row of the ledger keeps its texts in one. Nothing in it moves, so
 * pointers into an arena are valid until arena_clear().
 */
#ifndef EVERGOLD_BASE_ARENA_H
#define EVERGOLD_BASE_ARENA_H

#include "common/base/span.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* owned, newest first */
};

void arena_clear(struct arena *arena);

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t n, size_t size)
	__attribute__((returns_nonnull, warn_unused_result));

/* A NUL-terminated copy. */
const char *arena_text(struct arena *arena, struct span text)
	__attribute__((returns_nonnull, warn_unused_result));

const char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3)
	__attribute__((returns_nonnull, warn_unused_result));

#endif
