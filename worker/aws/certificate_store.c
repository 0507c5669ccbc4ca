#include "worker/aws/certificate_store.h"

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

#define SCHEME          "https://"
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-."
#define FILE_CHARACTERS HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { NAME_SIZE = LIMIT_HOST_NAME + 80 };

struct certificate_store {
	char *folder;
	int fd; /* of the folder */
};

static void destroy(struct certificate_store *store)
{
	if (store->fd >= 0)
		close(store->fd);
	free(store->folder);
	free(store);
}

void certificate_store_close(struct certificate_store *store)
{
	if (store)
		destroy(store);
}

static bool open_folder(struct certificate_store *store)
{
	if (mkdir(store->folder, 0700) != 0 && errno != EEXIST)
		return false;
	store->fd = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return store->fd >= 0 && faccessat(store->fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

struct certificate_store *certificate_store_open(const char *folder, struct err *reterr)
{
	struct certificate_store *store = xcalloc(1, sizeof(*store));

	store->folder = xstrdup(folder);
	store->fd = -1;
	if (open_folder(store))
		return store;
	err_set(reterr, ERR_BROKEN, "%s: %s", folder, strerror(errno));
	destroy(store);
	return NULL;
}

/* "https://HOST/FILE" is kept as HOST_FILE. */
static bool name_of(const char *url, char ret_name[NAME_SIZE])
{
	struct span rest = span_of(url), host;

	if (!span_starts(rest, SPAN(SCHEME)))
		return false;
	rest = span_part(rest, sizeof(SCHEME) - 1, rest.len);
	host = span_cut(&rest, '/');
	if (!host.len || host.len > LIMIT_HOST_NAME || !rest.len || host.at[0] == '.' ||
	    !span_only(host, HOST_CHARACTERS) || !span_only(rest, FILE_CHARACTERS))
		return false;
	return snprintf(ret_name, NAME_SIZE, "%.*s_%.*s", SPAN_ARG(host), SPAN_ARG(rest)) <
	       NAME_SIZE;
}

bool certificate_store_read(const struct certificate_store *store, const char *url, struct buf *out)
{
	char name[NAME_SIZE];

	return name_of(url, name) && file_read_in(store->fd, name, out, NULL);
}

static bool has_room(const struct certificate_store *store)
{
	DIR *folder = opendir(store->folder);
	const struct dirent *entry;
	size_t n = 0;

	if (!folder)
		return false;
	while ((entry = readdir(folder)))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n < LIMIT_CERTIFICATES_KEPT;
}

bool certificate_store_keep(struct certificate_store *store, const char *url, struct span pem,
                            struct err *reterr)
{
	char name[NAME_SIZE];

	if (!name_of(url, name))
		return err_set(reterr, ERR_MALFORMED, "the URL makes no name for a file");
	if (faccessat(store->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && !has_room(store))
		return err_set(reterr, ERR_REFUSED, "%s holds %d certificates, which is the most",
		               store->folder, LIMIT_CERTIFICATES_KEPT);
	return file_put(store->fd, name, pem, reterr) || err_wrap(reterr, "%s", store->folder);
}

void certificate_store_each(const char *folder, void (*each)(void *ctx, struct span pem), void *ctx)
{
	DIR *files = opendir(folder);
	struct buf pem = buf_with_max(LIMIT_CERTIFICATE + 1);
	const struct dirent *entry;

	while (files && (entry = readdir(files))) {
		buf_reset(&pem);
		if (entry->d_name[0] != '.' &&
		    file_read_in(dirfd(files), entry->d_name, &pem, NULL))
			each(ctx, buf_span(&pem));
	}
	if (files)
		closedir(files);
	buf_clear(&pem);
}
