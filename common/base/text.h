/*
 * text: hexadecimal, UTF-8 and time stamps.
 */
#ifndef EVERGOLD_BASE_TEXT_H
#define EVERGOLD_BASE_TEXT_H

#include "common/base/buf.h"
#include "common/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_HEX "0123456789abcdef"

/* Lower-case hex of n bytes into ret_hex, 2 * n characters and a NUL. */
void text_hex(const unsigned char *bytes, size_t n, char *ret_hex);

/* Length of the UTF-8 sequence at text.at (1..4), 0 when malformed, overlong or a surrogate. */
size_t text_utf8_length(struct span text);
bool text_is_utf8(struct span text);
size_t text_utf8_count(struct span text); /* code points; the text must be UTF-8 */
void text_add_utf8(struct buf *out, uint32_t code_point);

/* At most max bytes of it, whole characters; what is no UTF-8 is cut anywhere. */
struct span text_cut(struct span text, size_t max);

/* A decimal number without sign, 0..max; false when anything else is there. */
bool text_number(struct span text, uint64_t max, uint64_t *ret_number);

/* 36 characters as in RFC 9562, lower case, of any version. */
bool text_is_uuid(struct span text);

/* Any byte below 0x20, or 0x7f. */
bool text_has_control(struct span text);

#define TEXT_TIME_SIZE 25 /* "2026-08-18T01:00:00.000Z" and NUL */

/* ms since 1970 UTC as RFC 3339 with milliseconds. */
void text_time(int64_t ms, char ret_time[TEXT_TIME_SIZE]);

/* ms as "20260818T010000Z" (SigV4, ISO 8601 basic form), 16 characters and a NUL. */
void text_time_basic(int64_t ms, char ret_time[17]);

/*
 * Reads "YYYY-MM-DDThh:mm:ss[.fff]Z", years 1970..9999, real dates only, no leap second.
 * This is what SNS sends as Timestamp, and ISO 8601 as AWS answers; the fraction may have 1 to 9
 * digits, as others write it.
 */
bool text_parse_time(struct span text, int64_t *ret_ms);

/* "14m 02s", "2h 05m", "9s": for people. */
void text_add_duration(struct buf *out, int64_t ms);

#endif
