/*
 * disk: a folder on a disk whose power can be cut, in memory.
 *
 * What is written is seen at once, and is on the disk only when it has been synced: the bytes and
 * the length of a file by disk_sync(), which files there are by disk_sync_names(). Neither says
 * anything about the other, so that nothing is kept but what was asked for. After a cut the folder
 * is what the disk has kept; every struct disk_file from before is gone.
 *
 * Before each change the disk says what is about to happen, so that somebody can end all of it.
 */
#ifndef EVERGOLD_TESTS_POWER_DISK_H
#define EVERGOLD_TESTS_POWER_DISK_H

#include "common/base/span.h"

#include <stdint.h>

#define DISK_FILES 24
#define DISK_SECTOR \
	512 /* of a write that was under way all of a sector is on the disk, or nothing */

enum disk_change { DISK_MAKE, DISK_WRITE, DISK_TRUNCATE, DISK_SYNC, DISK_REMOVE };

/* What is there after a cut. */
enum disk_loss {
	LOSS_UNSYNCED, /* only what was synced */
	LOSS_SOME,     /* of the rest any part, drawn by a seed: writes in any order, some torn */
	LOSS_NONE,     /* everything: the process was killed, and the disk went on */
	LOSSES
};

struct disk_file;

struct disk {
	void (*on_change)(void *ctx, enum disk_change change); /* NULL: nobody looks on */
	void *ctx;

	/* The disk's own: what is seen, and what is kept. */
	struct disk_name {
		char *name;
		struct disk_file *seen, *kept; /* NULL: there is none */
	} names[DISK_FILES];

	size_t n_names;
};

/* NULL: it is not there, and is not to be made. Borrowed until it is removed, or a cut. */
struct disk_file *disk_open(struct disk *disk, const char *name, bool make);
bool disk_has(struct disk *disk, const char *name);
void disk_remove(struct disk *disk, const char *name);
void disk_sync_names(struct disk *disk);

/* Fewer bytes than asked for: the file ends there. */
size_t disk_read(const struct disk_file *file, char *out, size_t n, int64_t offset);
int64_t disk_length(const struct disk_file *file);
void disk_write(struct disk_file *file, struct span bytes, int64_t offset);
void disk_truncate(struct disk_file *file, int64_t length);
void disk_sync(struct disk_file *file);

/*
 * A cut, and the power is back. Nothing is freed: it happens in the midst of what was under way.
 */
void disk_cut(struct disk *disk, enum disk_loss loss, uint64_t seed);

/* What a cut would leave of a file at this moment at the worst, under another name. */
void disk_copy_kept(struct disk *disk, const char *name, const char *copy);

#endif
