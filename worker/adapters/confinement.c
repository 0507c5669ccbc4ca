#include "worker/adapters/confinement.h"

#include "common/base/attr.h"
#include "worker/adapters/confinement_calls.h"
#include "worker/adapters/confinement_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/banned.h"

/* ---- What is needed -------------------------------------------------------------------------- */

static void add(struct confinement *confinement, const char *path, bool written)
{
	if (!path || !path[0])
		return;
	assert(confinement->n < LIMIT_NEEDED_FILES);
	confinement->files[confinement->n++] = (struct confinement_file){
		.path = arena_printf(&confinement->arena, "%s", path),
		.written = written,
	};
}

void confinement_read(struct confinement *confinement, const char *path)
{
	add(confinement, path, false);
}

void confinement_write(struct confinement *confinement, const char *path)
{
	add(confinement, path, true);
}

/* ---- Capabilities ---------------------------------------------------------------------------- */

void confinement_no_new_privileges(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The C library has no function for it. */
static bool set_capabilities(uint32_t effective, uint32_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = effective, .permitted = permitted },
	};

	return syscall(SYS_capset, &header, sets) == 0;
}

static bool is_denied(const char *path, int wanted)
{
	return faccessat(AT_FDCWD, path, wanted, AT_EACCESS) != 0 && errno == EACCES;
}

/* Files are made beside one that is written. */
static bool is_out_of_reach(struct arena *arena, const struct confinement_file *file)
{
	const char *slash = strrchr(file->path, '/');
	int len = slash ? (int)(slash - file->path) : 0;

	if (!file->written)
		return is_denied(file->path, R_OK);
	return is_denied(file->path, R_OK | W_OK) ||
	       is_denied(arena_printf(arena, "%.*s%s", len, file->path, slash ? "/" : "."),
	                 R_OK | W_OK | X_OK);
}

static bool lacks_a_file(struct confinement *confinement)
{
	for (size_t i = 0; i < confinement->n; i++) {
		if (is_out_of_reach(&confinement->arena, &confinement->files[i]))
			return true;
	}
	return false;
}

/* The bounding set first: taking from it is a privilege itself. */
static const char *drop_capabilities(struct confinement *confinement)
{
	uint32_t kept = CAP_TO_MASK(CAP_DAC_OVERRIDE);

	for (unsigned long i = 0; i < 64; i++) {
		if (!confinement->programs)
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (set_capabilities(0, kept) && lacks_a_file(confinement) && set_capabilities(kept, kept))
		return "CAP_DAC_OVERRIDE";
	return set_capabilities(0, 0) ? "none" : "as given";
}

/* ---- All of it ------------------------------------------------------------------------------- */

void confinement_enter(struct confinement *confinement, const struct log *log)
{
	const char *capabilities, *files = "all", *calls;

	confinement_no_new_privileges();
	capabilities = drop_capabilities(confinement);
	if (!confinement->programs)
		files = confinement_files(confinement);
	calls = confinement_calls(confinement->programs);
	log_event(log, LOG_INFO, "confined",
	          LOG_FIELDS(LOG_TEXT("system_calls", calls), LOG_TEXT("files", files),
	                     LOG_TEXT("capabilities", capabilities),
	                     LOG_TEXT("user", geteuid() == 0 ? "root" : NULL),
	                     LOG_TEXT("programs", confinement->programs ? "may be run" : NULL)));
	arena_clear(&confinement->arena);
	*confinement = (struct confinement){ .n = 0 };
}
