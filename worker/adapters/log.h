/*
 * log: one line per event on standard error.
 *
 * As JSON (keys ts, level, event, then the fields in their order) or as text for people. Field
 * values are escaped: a line stays one line, whatever was in them. No secret, token, signature or
 * webhook URL is ever a field.
 */
#ifndef EVERGOLD_ADAPTERS_LOG_H
#define EVERGOLD_ADAPTERS_LOG_H

#include "common/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
	const char *key;  /* NULL ends the list */
	struct span text; /* a NULL `at` leaves the field out */
	int64_t number;   /* instead of text when is_number */
	bool is_number;
};

#define LOG_TEXT(key, value)                    \
	{                                       \
		(key), span_of(value), 0, false \
	}
#define LOG_SPAN(key, value)             \
	{                                \
		(key), (value), 0, false \
	}
#define LOG_NUMBER(key, value)                  \
	{                                       \
		(key), SPAN_NONE, (value), true \
	}
#define LOG_END                           \
	{                                 \
		NULL, SPAN_NONE, 0, false \
	}
#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, LOG_END })

struct log {
	enum log_level level; /* below it nothing is written */
	bool json;
	int fd;                  /* standard error */
	int64_t (*now_ms)(void); /* wall clock */
};

/* Writes one line with a single write(2); a full or closed descriptor loses it, nothing else. */
void log_event(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields);

/* "debug", "info", "warning", "error". */
bool log_level_of(const char *word, enum log_level *ret_level);

#endif
