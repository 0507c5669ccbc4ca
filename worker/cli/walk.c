#include "worker/cli/walk.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/decide/saved.h"
#include "worker/adapters/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/banned.h"

#define LIMIT_WAITING 1000000 /* paths */

struct walk {
	char **waiting; /* owned: the paths still to be walked, the next one last */
	size_t n, cap;
	size_t n_named;             /* of them, the first: what the user named */
	struct file_stream *stream; /* the file that is being read; NULL: none */
	char *path;                 /* of it */
	struct buf text;
	size_t used; /* of text, by documents handed out */
	bool ended;  /* nothing follows text */
	bool lines;
};

static void push(struct walk *walk, char *path)
{
	if (walk->n == walk->cap) {
		walk->cap = walk->cap ? 2 * walk->cap : 16;
		walk->waiting = xreallocarray(walk->waiting, walk->cap, sizeof(*walk->waiting));
	}
	walk->waiting[walk->n++] = path;
}

struct walk *walk_open(char *const *paths)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));
	size_t n = 0;

	walk->text = buf_with_max(LIMIT_REPLAY_DOCUMENT);
	while (paths[n])
		n++;
	while (n-- > 0)
		push(walk, xstrdup(paths[n]));
	walk->n_named = walk->n;
	return walk;
}

static void leave_file(struct walk *walk)
{
	file_stream_close(walk->stream);
	walk->stream = NULL;
	free(walk->path);
	walk->path = NULL;
	buf_reset(&walk->text);
	walk->used = 0;
}

void walk_close(struct walk *walk)
{
	if (!walk)
		return;
	leave_file(walk);
	for (size_t i = 0; i < walk->n; i++)
		free(walk->waiting[i]);
	free(walk->waiting);
	buf_clear(&walk->text);
	free(walk);
}

/* ---- folders --------------------------------------------------------------------------------- */

static int descending(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

static char *joined(const char *folder, const char *name)
{
	struct buf path = buf_with_max(1 << 16);
	bool slash = span_ends(span_of(folder), SPAN("/"));

	buf_addf(&path, "%s%s%s", folder, slash ? "" : "/", name);
	return buf_take(&path);
}

static bool enter_folder(struct walk *walk, const char *path, struct err *reterr)
{
	DIR *folder = opendir(path);
	size_t first = walk->n;
	const struct dirent *entry;

	if (!folder)
		return err_set(reterr, ERR_BROKEN, "%s: %s", path, strerror(errno));
	while ((entry = readdir(folder)) && walk->n < LIMIT_WAITING) {
		if (entry->d_name[0] != '.')
			push(walk, joined(path, entry->d_name));
	}
	closedir(folder);
	if (walk->n > first)
		qsort(walk->waiting + first, walk->n - first, sizeof(*walk->waiting), descending);
	return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct span unused(const struct walk *walk)
{
	return span_part(buf_span(&walk->text), walk->used, walk->text.len);
}

/* Moves what is not used to the front and reads on. */
static bool refill(struct walk *walk, struct err *reterr)
{
	struct span rest = unused(walk);

	if (walk->used && rest.len)
		memmove(walk->text.at, rest.at, rest.len);
	walk->text.len = rest.len;
	walk->used = 0;
	return file_stream_fill(walk->stream, &walk->text, &walk->ended, reterr);
}

static bool looks_like_lines(const struct walk *walk)
{
	struct span rest = span_trim(unused(walk)), line = span_cut(&rest, '\n');

	if (walk->ended && saved_is_document(unused(walk)))
		return false;
	return rest.len && saved_is_document(line);
}

static bool enter_file(struct walk *walk, char *path, struct err *reterr)
{
	walk->path = path;
	walk->stream = file_stream_open(path, reterr);
	walk->ended = false;
	if (!walk->stream || !refill(walk, reterr))
		return false;
	walk->lines = looks_like_lines(walk);
	if (!walk->lines && !walk->ended)
		return err_set(reterr, ERR_BROKEN, "%s: over %d bytes and no JSON Lines", path,
		               LIMIT_REPLAY_DOCUMENT);
	return true;
}

/* What was named is followed wherever it leads. */
static bool enter_named(struct walk *walk, char *path, struct err *reterr)
{
	struct stat found;
	bool ok;

	if (strcmp(path, "-") == 0 || stat(path, &found) != 0 || !S_ISDIR(found.st_mode))
		return enter_file(walk, path, reterr);
	ok = enter_folder(walk, path, reterr);
	free(path);
	return ok;
}

/* Links to folders could lead round in circles, and reading a device or a pipe may never end. */
static bool enter_found(struct walk *walk, char *path, struct err *reterr)
{
	struct stat found;
	bool ok = true;

	if (stat(path, &found) != 0 || S_ISREG(found.st_mode))
		return enter_file(walk, path, reterr);
	if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode))
		ok = enter_folder(walk, path, reterr);
	free(path);
	return ok;
}

/* What waits below a folder stands above what was named and still waits. */
static bool enter(struct walk *walk, char *path, struct err *reterr)
{
	if (walk->n >= walk->n_named)
		return enter_found(walk, path, reterr);
	walk->n_named = walk->n;
	return enter_named(walk, path, reterr);
}

/* The next line that is not blank; empty at the end of the file. */
static bool next_line(struct walk *walk, struct span *ret_line, struct err *reterr)
{
	do {
		struct span rest = unused(walk), line;

		if (!walk->ended && !memchr(rest.at ? rest.at : "", '\n', rest.len)) {
			if (!refill(walk, reterr))
				return false;
			rest = unused(walk);
		}
		line = span_cut(&rest, '\n');
		walk->used += line.len + (walk->used + line.len < walk->text.len ? 1 : 0);
		*ret_line = span_trim(line);
	} while (ret_line->len == 0 && walk->used < walk->text.len);
	return true;
}

static bool next_text(struct walk *walk, struct span *ret_text, struct err *reterr)
{
	if (walk->lines)
		return next_line(walk, ret_text, reterr);
	*ret_text = span_trim(unused(walk));
	walk->used = walk->text.len;
	return true;
}

/* Leaves what is read to its end and enters what waits, until there is something to read. */
static bool have_file(struct walk *walk, struct err *reterr)
{
	for (;;) {
		if (walk->stream && walk->used == walk->text.len && walk->ended)
			leave_file(walk);
		if (walk->stream)
			return true;
		if (walk->n == 0 || !enter(walk, walk->waiting[--walk->n], reterr))
			return false;
	}
}

bool walk_next(struct walk *walk, struct walk_document *ret_document, struct err *reterr)
{
	*reterr = (struct err){ ERR_NONE, "" };
	while (have_file(walk, reterr)) {
		if (!next_text(walk, &ret_document->text, reterr))
			return false;
		ret_document->path = walk->path;
		if (ret_document->text.len || !walk->lines)
			return true;
	}
	return false;
}
