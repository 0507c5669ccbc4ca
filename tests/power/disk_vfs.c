#include "tests/power/disk_vfs.h"

#include "common/base/mem.h"
#include "tests/unit/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define REGIONS    16
#define REGION     32768 /* of SQLite's shared memory, the only size it asks for */
#define PATH_SPACE 512

/* What the processes know of a file that is open, and the disk does not. */
struct node {
	struct node *next;
	struct disk_file *file;
	struct handle *handles; /* borrowed */
	char *regions[REGIONS]; /* owned */
};

struct handle {
	sqlite3_file base; /* first: what SQLite holds */
	struct handle *next;
	struct node *node;
	char *name;                 /* owned */
	bool goes_on_close;         /* a temporary file */
	bool sync_names;            /* with the next sync */
	int level;                  /* SQLITE_LOCK_… */
	unsigned shared, exclusive; /* locks of the shared memory, a bit each */
};

static struct {
	struct disk *disk;
	disk_statement_fn *on_statement;
	void *ctx;
	struct node *nodes;
	sqlite3_vfs *unix_vfs; /* what has nothing to do with files is left to it */
	uint64_t random;
	unsigned temporary;
} on;

static struct handle *handle_of(sqlite3_file *file)
{
	return (struct handle *)file;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct node *node_of(struct disk_file *file)
{
	struct node *node = on.nodes;

	while (node && node->file != file)
		node = node->next;
	if (node)
		return node;
	node = xcalloc(1, sizeof(*node));
	node->file = file;
	node->next = on.nodes;
	on.nodes = node;
	return node;
}

static void drop_regions(struct node *node)
{
	for (size_t i = 0; i < REGIONS; i++) {
		free(node->regions[i]);
		node->regions[i] = NULL;
	}
}

static void leave(struct handle *handle)
{
	struct handle **at = &handle->node->handles;
	struct node **node = &on.nodes;

	while (*at != handle)
		at = &(*at)->next;
	*at = handle->next;
	if (handle->node->handles)
		return;
	while (*node != handle->node)
		node = &(*node)->next;
	*node = handle->node->next;
	drop_regions(handle->node);
	free(handle->node);
}

void disk_vfs_forget(void)
{
	on.nodes = NULL;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int close_file(sqlite3_file *file)
{
	struct handle *handle = handle_of(file);

	leave(handle);
	if (handle->goes_on_close)
		disk_remove(on.disk, handle->name);
	free(handle->name);
	return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *out, int n, sqlite3_int64 offset)
{
	size_t wanted = (size_t)n;
	size_t got = disk_read(handle_of(file)->node->file, out, wanted, offset);

	if (got == wanted)
		return SQLITE_OK;
	memset((char *)out + got, 0, wanted - got);
	return SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 offset)
{
	disk_write(handle_of(file)->node->file, (struct span){ bytes, (size_t)n }, offset);
	return SQLITE_OK;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 length)
{
	disk_truncate(handle_of(file)->node->file, length);
	return SQLITE_OK;
}

static int sync_file(sqlite3_file *file, int flags)
{
	struct handle *handle = handle_of(file);

	(void)flags;
	disk_sync(handle->node->file);
	if (handle->sync_names)
		disk_sync_names(on.disk);
	handle->sync_names = false;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	*ret_size = disk_length(handle_of(file)->node->file);
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
	(void)file, (void)operation, (void)argument;
	return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

/* As on Linux: what stands beside a write that is torn stays as it was. */
static int characteristics(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks ----------------------------------------------------------------------------------- */

/* The highest level at which any other has the file. */
static int level_of_others(const struct handle *handle)
{
	int level = SQLITE_LOCK_NONE;

	for (const struct handle *other = handle->node->handles; other; other = other->next) {
		if (other != handle && other->level > level)
			level = other->level;
	}
	return level;
}

static int lock_file(sqlite3_file *file, int level)
{
	struct handle *handle = handle_of(file);
	int others = level_of_others(handle);
	bool taken = level == SQLITE_LOCK_SHARED     ? others >= SQLITE_LOCK_PENDING
	             : level == SQLITE_LOCK_RESERVED ? others >= SQLITE_LOCK_RESERVED
	                                             : others >= SQLITE_LOCK_SHARED;

	if (taken)
		return SQLITE_BUSY;
	if (handle->level < level)
		handle->level = level;
	return SQLITE_OK;
}

static int unlock_file(sqlite3_file *file, int level)
{
	handle_of(file)->level = level;
	return SQLITE_OK;
}

static int check_reserved(sqlite3_file *file, int *ret_reserved)
{
	*ret_reserved = level_of_others(handle_of(file)) >= SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

/* ---- the shared memory of a log -------------------------------------------------------------- */

static int map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_at)
{
	struct node *node = handle_of(file)->node;

	if (!CHECK(region < REGIONS && size == REGION))
		return SQLITE_IOERR_SHMMAP;
	if (!node->regions[region] && extend)
		node->regions[region] = xcalloc(1, REGION);
	*ret_at = node->regions[region];
	return SQLITE_OK;
}

static int lock_memory(sqlite3_file *file, int first, int n, int flags)
{
	struct handle *handle = handle_of(file);
	unsigned bits = ((1U << n) - 1) << first, shared = 0, exclusive = 0;

	if (flags & SQLITE_SHM_UNLOCK) {
		handle->shared &= ~bits;
		handle->exclusive &= ~bits;
		return SQLITE_OK;
	}
	for (const struct handle *other = handle->node->handles; other; other = other->next) {
		shared |= other == handle ? 0 : other->shared;
		exclusive |= other == handle ? 0 : other->exclusive;
	}
	if (bits & (flags & SQLITE_SHM_SHARED ? exclusive : shared | exclusive))
		return SQLITE_BUSY;
	if (flags & SQLITE_SHM_SHARED)
		handle->shared |= bits;
	else
		handle->exclusive |= bits;
	return SQLITE_OK;
}

/* There is one thread. */
static void barrier(sqlite3_file *file)
{
	(void)file;
}

static int unmap(sqlite3_file *file, int remove)
{
	struct handle *handle = handle_of(file);

	handle->shared = handle->exclusive = 0;
	if (remove)
		drop_regions(handle->node);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = file_size,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = check_reserved,
	.xFileControl = file_control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = map,
	.xShmLock = lock_memory,
	.xShmBarrier = barrier,
	.xShmUnmap = unmap,
};

/* ---- the folder ------------------------------------------------------------------------------ */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *name_of(const char *path)
{
	char name[32];

	if (path)
		return xstrdup(base_of(path));
	snprintf(name, sizeof(name), "temporary-%u", on.temporary++);
	return xstrdup(name);
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *ret_flags)
{
	static const int synced = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL |
	                          SQLITE_OPEN_SUPER_JOURNAL;
	struct handle *handle = handle_of(file);
	char *name = name_of(path);
	bool is_new = !disk_has(on.disk, name);
	struct disk_file *opened = disk_open(on.disk, name, flags & SQLITE_OPEN_CREATE);

	(void)vfs;
	*handle = (struct handle){ .base = { NULL } };
	if (!opened) {
		free(name);
		return SQLITE_CANTOPEN;
	}
	handle->base.pMethods = &methods;
	handle->name = name;
	handle->node = node_of(opened);
	handle->goes_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
	handle->sync_names = is_new && flags & synced;
	handle->next = handle->node->handles;
	handle->node->handles = handle;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int sync_names)
{
	(void)vfs;
	if (!disk_has(on.disk, base_of(path)))
		return SQLITE_IOERR_DELETE_NOENT;
	disk_remove(on.disk, base_of(path));
	if (sync_names)
		disk_sync_names(on.disk);
	return SQLITE_OK;
}

static int may_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_there)
{
	(void)vfs, (void)flags;
	*ret_there = disk_has(on.disk, base_of(path));
	return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	snprintf(out, (size_t)size, "/%s", base_of(path));
	return SQLITE_OK;
}

/* The same in every run. */
static int randomness(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	for (int i = 0; i < n; i++) {
		on.random = on.random * 6364136223846793005U + 1442695040888963407U;
		out[i] = (char)(on.random >> 56);
	}
	return n;
}

static int sleep_us(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
	(void)vfs;
	return on.unix_vfs->xCurrentTimeInt64(on.unix_vfs, ret_ms);
}

static int last_error(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs, (void)size, (void)out;
	return 0;
}

/* ---- statements ------------------------------------------------------------------------------ */

static int on_trace(unsigned kind, void *ctx, void *about, void *text)
{
	sqlite3_stmt *statement = about;
	const char *sql = text;

	(void)kind, (void)ctx;
	if (strncmp(sql, "--", 2) != 0 &&
	    (!sqlite3_stmt_readonly(statement) || strncmp(sql, "COMMIT", 6) == 0))
		on.on_statement(on.ctx, sql);
	return 0;
}

static int on_connection(sqlite3 *db, char **ret_error, const struct sqlite3_api_routines *api)
{
	(void)ret_error, (void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_trace, NULL);
}

void disk_vfs_register(struct disk *disk, disk_statement_fn *on_statement, void *ctx)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = PATH_SPACE,
		.zName = "disk",
		.xOpen = open_file,
		.xDelete = delete_file,
		.xAccess = may_access,
		.xFullPathname = full_path,
		.xRandomness = randomness,
		.xSleep = sleep_us,
		.xGetLastError = last_error,
		.xCurrentTimeInt64 = current_time,
	};

	on.disk = disk;
	on.on_statement = on_statement;
	on.ctx = ctx;
	on.unix_vfs = sqlite3_vfs_find(NULL);
	CHECK(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
	CHECK(sqlite3_auto_extension((void (*)(void))on_connection) == SQLITE_OK);
}
