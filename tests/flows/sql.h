/*
 * sql: a look at a ledger's file past the ledger. A statement that fails is a failed check.
 */
#ifndef TESTS_FLOWS_SQL_H
#define TESTS_FLOWS_SQL_H

#include <stdint.h>

/* The first column of the first row; -1 without one. The file may be in use. */
int64_t sql_number(const char *path, const char *query);

/* The same as text, owned; "" without a row or for NULL. */
char *sql_text(const char *path, const char *query);

void sql_run(const char *path, const char *statements); /* nobody else has it open */

#endif
