/*
 * banned: calls that truncate, overflow or read the world behind the caller's back.
 *
 * Include it last in a .c file: the poison must come after the system's headers.
 */
#ifndef EVERGOLD_BASE_BANNED_H
#define EVERGOLD_BASE_BANNED_H

/* A fortified libc makes these macros for clang, and a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok strncpy strncat gets
#pragma GCC poison atoi atol atoll gmtime localtime asctime ctime

#endif
