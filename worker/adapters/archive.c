#include "worker/adapters/archive.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/adapters/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/banned.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

enum { NAME_MAX_ID = 100, NAME_SIZE = NAME_MAX_ID + 16 };

struct archive {
	char *folder;
	int fd;   /* of the folder */
	size_t n; /* files in it */
};

static void destroy(struct archive *archive)
{
	if (archive->fd >= 0)
		close(archive->fd);
	free(archive->folder);
	free(archive);
}

void archive_close(struct archive *archive)
{
	if (archive)
		destroy(archive);
}

static bool failed(const struct archive *archive, struct err *reterr)
{
	return err_set(reterr, ERR_BROKEN, "%s: %s", archive->folder, strerror(errno));
}

static bool count(struct archive *archive, struct err *reterr)
{
	DIR *folder = opendir(archive->folder);
	const struct dirent *entry;

	if (!folder)
		return failed(archive, reterr);
	while ((entry = readdir(folder)))
		archive->n += entry->d_name[0] != '.';
	closedir(folder);
	return true;
}

static bool open_folder(struct archive *archive, struct err *reterr)
{
	if (mkdir(archive->folder, 0700) != 0 && errno != EEXIST)
		return failed(archive, reterr);
	archive->fd = open(archive->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (archive->fd < 0 || faccessat(archive->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		return failed(archive, reterr);
	return count(archive, reterr);
}

struct archive *archive_open(const char *folder, struct err *reterr)
{
	struct archive *archive = xcalloc(1, sizeof(*archive));

	archive->folder = xstrdup(folder);
	archive->fd = -1;
	if (open_folder(archive, reterr))
		return archive;
	destroy(archive);
	return NULL;
}

static bool write_file(const struct archive *archive, const char *name,
                       const struct sqs_message *message, struct err *reterr)
{
	struct buf text = buf_with_max(message->raw.len + 100);
	bool ok;

	buf_add_text(&text, "{\"Messages\":[");
	buf_add(&text, message->raw);
	buf_add_text(&text, "]}\n");
	ok = file_put(archive->fd, name, buf_span(&text), reterr);
	buf_clear(&text);
	return ok || err_wrap(reterr, "%s", archive->folder);
}

bool archive_keep(struct archive *archive, const struct sqs_message *message, bool *ret_new,
                  struct err *reterr)
{
	struct span id = message->message_id;
	char name[NAME_SIZE];

	*ret_new = false;
	if (!id.len || id.len > NAME_MAX_ID || !span_only(id, NAME_CHARACTERS))
		return err_set(reterr, ERR_MALFORMED, "the id of a message is no name for a file");
	snprintf(name, sizeof(name), "%.*s.json", SPAN_ARG(id));
	if (faccessat(archive->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	if (archive->n >= LIMIT_ARCHIVED)
		return err_set(reterr, ERR_REFUSED, "%s holds %d messages, which is the most",
		               archive->folder, LIMIT_ARCHIVED);
	if (!write_file(archive, name, message, reterr))
		return false;
	archive->n++;
	*ret_new = true;
	return true;
}
