#include "tests/power/disk.h"

#include "common/base/mem.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct bytes {
	char *at; /* owned */
	size_t len, room;
};

/* Since the last sync: bytes at an offset; or, without any, a new length. */
struct change {
	struct change *next;
	char *bytes; /* owned; NULL: a truncation */
	size_t len;
	size_t offset;
};

struct disk_file {
	struct disk *disk;
	struct bytes seen, kept;
	struct change *changes, **end; /* owned, oldest first */
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static void resize(struct bytes *bytes, size_t len)
{
	if (len > bytes->room) {
		bytes->room = 2 * len;
		bytes->at = xreallocarray(bytes->at, bytes->room, 1);
	}
	if (len > bytes->len)
		memset(bytes->at + bytes->len, 0, len - bytes->len);
	bytes->len = len;
}

static void put(struct bytes *bytes, struct span what, size_t offset)
{
	if (offset + what.len > bytes->len)
		resize(bytes, offset + what.len);
	memcpy(bytes->at + offset, what.at, what.len);
}

static void copy(struct bytes *to, const struct bytes *from)
{
	resize(to, from->len);
	if (from->len)
		memcpy(to->at, from->at, from->len);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static void tell(const struct disk *disk, enum disk_change change)
{
	if (disk->on_change)
		disk->on_change(disk->ctx, change);
}

static struct disk_name *find(struct disk *disk, const char *name)
{
	size_t i = 0;

	while (i < disk->n_names && strcmp(disk->names[i].name, name) != 0)
		i++;
	return i < disk->n_names ? &disk->names[i] : NULL;
}

static struct disk_name *find_or_add(struct disk *disk, const char *name)
{
	struct disk_name *found = find(disk, name);

	if (found)
		return found;
	if (!CHECK(disk->n_names < DISK_FILES))
		abort();
	disk->names[disk->n_names] = (struct disk_name){ .name = xstrdup(name) };
	return &disk->names[disk->n_names++];
}

static struct disk_file *make_file(struct disk *disk)
{
	struct disk_file *file = xcalloc(1, sizeof(*file));

	file->disk = disk;
	file->end = &file->changes;
	return file;
}

struct disk_file *disk_open(struct disk *disk, const char *name, bool make)
{
	struct disk_name *found = make ? find_or_add(disk, name) : find(disk, name);

	if (found && !found->seen && make) {
		tell(disk, DISK_MAKE);
		found->seen = make_file(disk);
	}
	return found ? found->seen : NULL;
}

bool disk_has(struct disk *disk, const char *name)
{
	const struct disk_name *found = find(disk, name);

	return found && found->seen;
}

static void forget_changes(struct disk_file *file)
{
	while (file->changes) {
		struct change *change = file->changes;

		file->changes = change->next;
		free(change->bytes);
		free(change);
	}
	file->end = &file->changes;
}

static void free_file(struct disk_file *file)
{
	if (!file)
		return;
	forget_changes(file);
	free(file->seen.at);
	free(file->kept.at);
	free(file);
}

void disk_remove(struct disk *disk, const char *name)
{
	struct disk_name *found = find(disk, name);

	if (!found || !found->seen)
		return;
	tell(disk, DISK_REMOVE);
	if (found->seen != found->kept)
		free_file(found->seen);
	found->seen = NULL;
}

void disk_sync_names(struct disk *disk)
{
	tell(disk, DISK_SYNC);
	for (size_t i = 0; i < disk->n_names; i++) {
		struct disk_name *name = &disk->names[i];

		if (name->kept != name->seen)
			free_file(name->kept);
		name->kept = name->seen;
	}
}

/* ---- one file -------------------------------------------------------------------------------- */

size_t disk_read(const struct disk_file *file, char *out, size_t n, int64_t offset)
{
	size_t from = (size_t)offset;

	if (from >= file->seen.len)
		return 0;
	n = n < file->seen.len - from ? n : file->seen.len - from;
	memcpy(out, file->seen.at + from, n);
	return n;
}

int64_t disk_length(const struct disk_file *file)
{
	return (int64_t)file->seen.len;
}

static void remember(struct disk_file *file, struct change change)
{
	*file->end = xcalloc(1, sizeof(change));
	**file->end = change;
	file->end = &(*file->end)->next;
}

void disk_write(struct disk_file *file, struct span bytes, int64_t offset)
{
	char *saved = xcalloc(1, bytes.len);

	tell(file->disk, DISK_WRITE);
	memcpy(saved, bytes.at, bytes.len);
	remember(file, (struct change){ NULL, saved, bytes.len, (size_t)offset });
	put(&file->seen, bytes, (size_t)offset);
}

void disk_truncate(struct disk_file *file, int64_t length)
{
	tell(file->disk, DISK_TRUNCATE);
	remember(file, (struct change){ .offset = (size_t)length });
	resize(&file->seen, (size_t)length);
}

void disk_sync(struct disk_file *file)
{
	tell(file->disk, DISK_SYNC);
	copy(&file->kept, &file->seen);
	forget_changes(file);
}

/* ---- the cut --------------------------------------------------------------------------------- */

static uint64_t draw(uint64_t *seed, uint64_t n)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (*seed >> 33) % n;
}

/* Whole, or each of its sectors or not. */
static void apply_torn(struct bytes *bytes, const struct change *change, uint64_t *seed)
{
	size_t done = 0;

	while (done < change->len) {
		size_t room = DISK_SECTOR - (change->offset + done) % DISK_SECTOR;
		size_t part = room < change->len - done ? room : change->len - done;

		if (draw(seed, 2))
			put(bytes, (struct span){ change->bytes + done, part },
			    change->offset + done);
		done += part;
	}
}

/* Half of them happen, a quarter is torn. */
static void apply(struct bytes *bytes, const struct change *change, uint64_t *seed)
{
	uint64_t fate = draw(seed, 4);

	if (fate == 0)
		return;
	if (!change->bytes)
		resize(bytes, change->offset);
	else if (fate == 1)
		apply_torn(bytes, change, seed);
	else
		put(bytes, (struct span){ change->bytes, change->len }, change->offset);
}

static void apply_some(const struct disk_file *file, struct bytes *bytes, uint64_t *seed)
{
	const struct change **order = NULL;
	size_t n = 0;

	for (const struct change *change = file->changes; change; change = change->next) {
		order = xreallocarray(order, n + 1, sizeof(*order));
		order[n++] = change;
	}
	for (size_t i = 0; i < n; i++) {
		size_t other = i + (size_t)draw(seed, n - i);
		const struct change *next = order[other];

		order[other] = order[i];
		order[i] = next;
		apply(bytes, next, seed);
	}
	free(order);
}

/* A file of its own, so that nothing that was open before can touch it. */
static struct disk_file *left_of(const struct disk_file *file, enum disk_loss loss, uint64_t *seed)
{
	struct disk_file *left = make_file(file->disk);

	copy(&left->kept, loss == LOSS_NONE ? &file->seen : &file->kept);
	if (loss == LOSS_SOME)
		apply_some(file, &left->kept, seed);
	copy(&left->seen, &left->kept);
	return left;
}

static struct disk_file *survivor(const struct disk_name *name, enum disk_loss loss, uint64_t *seed)
{
	if (loss == LOSS_NONE || (loss == LOSS_SOME && draw(seed, 2)))
		return name->seen;
	return name->kept;
}

void disk_cut(struct disk *disk, enum disk_loss loss, uint64_t seed)
{
	for (size_t i = 0; i < disk->n_names; i++) {
		struct disk_name *name = &disk->names[i];
		const struct disk_file *file = survivor(name, loss, &seed);

		name->seen = name->kept = file ? left_of(file, loss, &seed) : NULL;
	}
}

void disk_copy_kept(struct disk *disk, const char *name, const char *copied)
{
	const struct disk_name *found = find(disk, name);
	struct disk_name *to = find_or_add(disk, copied);

	if (to->seen != to->kept)
		free_file(to->kept);
	free_file(to->seen);
	to->kept = NULL;
	to->seen = found && found->kept ? make_file(disk) : NULL;
	if (to->seen)
		copy(&to->seen->seen, &found->kept->kept);
}
