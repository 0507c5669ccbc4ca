/* For O_PATH. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming): the C library chose the name */
#include "worker/adapters/confinement_files.h"

#include "common/base/attr.h"
#include "common/base/limits.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/banned.h"

#define MOST_LINKS 40 /* as many as the kernel follows (path_resolution(7)) */

/*
 * The kernel's interface (linux/landlock.h), of which the headers of a distribution may know only
 * the beginning. A larger struct is fine for an older kernel as long as the rest is zero.
 */
struct ruleset {
	uint64_t files, ports, scoped;
};

struct rule {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

enum { RULE_BENEATH = 1, ASK_VERSION = 1 };

enum {
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_FOLDER = 1 << 3,
	REMOVE_FILE = 1 << 5,
	MAKE_FILE = 1 << 8,
	TRUNCATE = 1 << 14,

	READING = READ_FILE | READ_FOLDER,
	WRITING = READING | WRITE_FILE | REMOVE_FILE | MAKE_FILE | TRUNCATE,
	OF_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE,

	BIND_TCP = 1 << 0,
	SIGNALS_AND_ABSTRACT_SOCKETS = 1 << 0 | 1 << 1,
};

/* All that is forbidden but for the rules, by the version in which it came. */
static struct ruleset forbidden(long version)
{
	uint64_t files = version >= 5   ? 0xffff
	                 : version >= 3 ? 0x7fff
	                 : version >= 2 ? 0x3fff
	                                : 0x1fff;

	return (struct ruleset){
		.files = files,
		.ports = version >= 4 ? BIND_TCP : 0,
		.scoped = version >= 6 ? SIGNALS_AND_ABSTRACT_SOCKETS : 0,
	};
}

struct rules {
	int fd;
	uint64_t known; /* of what can be allowed */
	struct arena arena;
};

/* ---- One rule -------------------------------------------------------------------------------- */

static bool is_folder(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* False: there is nothing of that name. */
static bool allow(const struct rules *rules, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct rule rule = { .folder = fd };

	if (fd < 0)
		return false;
	rule.allowed = rights & rules->known & (is_folder(fd) ? WRITING : OF_A_FILE);
	syscall(SYS_landlock_add_rule, rules->fd, RULE_BENEATH, &rule, 0);
	close(fd);
	return true;
}

static const char *folder_of(struct rules *rules, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : arena_printf(&rules->arena, "%.*s", (int)(slash - path), path);
}

/* By whatever name: the folder that the worker was started in can be it. */
static bool is_root(const char *folder)
{
	struct stat here, root;

	return stat(folder, &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev &&
	       here.st_ino == root.st_ino;
}

/* Who may read the root may read everything: no file is worth that. */
static void allow_beside(struct rules *rules, const char *path, uint64_t rights)
{
	const char *folder = folder_of(rules, path);

	while (!is_root(folder) && !allow(rules, folder, rights))
		folder = folder_of(rules, folder);
	if (is_root(folder))
		allow(rules, rights == READING ? path : folder, rights);
}

/* ---- One file, and the links that lead to it ------------------------------------------------- */

static size_t without_slashes(const char *path, size_t len)
{
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

/*
 * The path with its first link replaced by what that leads to; what will be beside that one day can
 * be read. NULL: there is no link in it.
 */
static const char *past_link(struct rules *rules, const char *path)
{
	char link[LIMIT_PATH];
	const char *before = path, *target;
	size_t end = 0;
	ssize_t found = -1;

	while (found <= 0 && path[end]) {
		end += 1 + strcspn(path + end + 1, "/");
		before = arena_printf(&rules->arena, "%.*s", (int)end, path);
		found = readlink(before, link, sizeof(link));
	}
	if (found <= 0)
		return NULL;
	target = arena_printf(
		&rules->arena, "%s%s%.*s", link[0] == '/' ? "" : folder_of(rules, before),
		link[0] == '/' ? "" : "/", (int)without_slashes(link, (size_t)found), link);
	allow_beside(rules, target, READING);
	return arena_printf(&rules->arena, "%s%s", target, path + end);
}

static void allow_file(struct rules *rules, const char *path, uint64_t rights)
{
	for (int links = 0; path && links < MOST_LINKS; links++) {
		allow_beside(rules, path, rights);
		path = past_link(rules, path);
	}
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* What libraries read: settings, trusted certificates, modules, and what name services keep. */
static const char *const of_the_system[] = {
	"/etc",         "/usr",
	"/lib",         "/lib64",
	"/opt",         "/nix/store",
	"/gnu/store",   "/run/systemd/resolve",
	"/var/lib/sss", "/var/lib/ca-certificates",
	"/dev/random",  "/dev/urandom",
	"/proc/self",   "/sys/devices/system/cpu",
};

/* Links of these lead to where others write them anew. */
static const char *const of_the_network[] = { "/etc/resolv.conf", "/etc/hosts",
	                                      "/etc/nsswitch.conf" };

static void allow_all(struct rules *rules, const struct confinement *confinement)
{
	for (size_t i = 0; i < ARRAY_LEN(of_the_system); i++)
		allow(rules, of_the_system[i], READING);
	for (size_t i = 0; i < ARRAY_LEN(of_the_network); i++)
		allow_file(rules, of_the_network[i], READING);
	for (size_t i = 0; i < confinement->n; i++) {
		const struct confinement_file *file = &confinement->files[i];

		allow_file(rules, file->path, file->written ? WRITING : READING);
	}
	arena_clear(&rules->arena);
}

const char *confinement_files(const struct confinement *confinement)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	struct ruleset ruleset = forbidden(version);
	struct rules rules = { .known = ruleset.files };
	bool fine;

	if (version < 1)
		return "all (no Landlock here)";
	rules.fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	if (rules.fd < 0)
		return "all (no Landlock here)";
	allow_all(&rules, confinement);
	fine = syscall(SYS_landlock_restrict_self, rules.fd, 0) == 0;
	close(rules.fd);
	return fine ? "needed ones" : "all (Landlock refuses)";
}
