/*
 * disk_vfs: a disk of disk.h as SQLite's default VFS, and a look at the statements that it runs.
 *
 * It syncs what SQLite's own VFS for Unix syncs: with the first sync of a new journal or log the
 * names, too, and with a removal where SQLite wants it. Locks and the shared memory of a log belong
 * to the processes that have a file open: a cut ends them.
 *
 * The folders of paths are left out: a name is a file's on the one disk.
 */
#ifndef EVERGOLD_TESTS_POWER_DISK_VFS_H
#define EVERGOLD_TESTS_POWER_DISK_VFS_H

#include "tests/power/disk.h"

#include <stdbool.h>

/* Before a statement is run that writes, or ends a transaction. sql: borrowed until it returns. */
typedef void disk_statement_fn(void *ctx, const char *sql);

/* From now on for all that is opened. Once in a program. */
void disk_vfs_register(struct disk *disk, disk_statement_fn *on_statement, void *ctx);

/* Nobody has anything open any more. What had is left where it is, and must not be used again. */
void disk_vfs_forget(void);

#endif
