#include "tests/flows/sql.h"

#include "common/base/mem.h"
#include "tests/unit/check.h"
#include "worker/adapters/sqlite.h"

int64_t sql_number(const char *path, const char *query)
{
	struct err err = { ERR_NONE, "" };
	struct sqlite *copy = sqlite_open_copy(path, &err);
	struct sqlite_query *rows;
	int64_t number = -1;

	if (!CHECK(copy != NULL, "%s", err.text))
		return -1;
	rows = sqlite_query(copy, query);
	if (sqlite_step(rows))
		number = sqlite_integer(rows, 0);
	CHECK(sqlite_finish(rows, &err), "%s", err.text);
	sqlite_close(copy);
	return number;
}

char *sql_text(const char *path, const char *query)
{
	struct err err = { ERR_NONE, "" };
	struct sqlite *copy = sqlite_open_copy(path, &err);
	struct sqlite_query *rows;
	char *text = NULL;

	if (!CHECK(copy != NULL, "%s", err.text))
		return xstrdup("");
	rows = sqlite_query(copy, query);
	if (sqlite_step(rows))
		text = xspandup(sqlite_text(rows, 0));
	CHECK(sqlite_finish(rows, &err), "%s", err.text);
	sqlite_close(copy);
	return text ? text : xstrdup("");
}

void sql_run(const char *path, const char *statements)
{
	struct err err = { ERR_NONE, "" };
	struct sqlite *file = sqlite_open(path, &err);

	CHECK(file && sqlite_run(file, statements, &err), "%s", err.text);
	sqlite_close(file);
}
