/*
 * attr: what the compiler should check for us.
 *
 * OWNED(f): the returned pointer is owned by the caller, who releases it with f().
 * clang has no deallocator argument, so there it only says that the pointer is fresh.
 */
#ifndef EVERGOLD_BASE_ATTR_H
#define EVERGOLD_BASE_ATTR_H

#if defined(__clang__)
#define OWNED(free_fn) __attribute__((malloc, warn_unused_result))
#else
#define OWNED(free_fn) __attribute__((malloc, malloc(free_fn, 1), warn_unused_result))
#endif
#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
