/*
 * confinement: what this process may ask the system for, once its work begins.
 *
 * Said first is which files the work needs; then confinement_enter() gives up the rest, for good:
 *
 *   - Capabilities: all. As root alone CAP_DAC_OVERRIDE stays, where a file of the work belongs to
 *     somebody else and could not be reached without (capabilities(7)).
 *   - Files (Landlock, landlock(7)): it reads what the work needs, the system's settings and its
 *     software; it writes where the work writes. Everything else is EACCES, except that names and
 *     attributes can be seen. TCP ports cannot be bound, and no process outside be signalled.
 *   - System calls (seccomp(2), through libseccomp): those that confinement_calls.c lists work;
 *     what only an intruder would ask for kills the process; anything else is ENOSYS, so that a
 *     C library which knows a newer call falls back on an older one.
 *
 * A program that the work runs would inherit all of that, and needs what nobody here knows. Where
 * one is run, files stay free, and of the calls only those that lead out of a process or change the
 * machine are refused (EPERM).
 *
 * A file is needed with its folder: files are replaced by renaming, and links by others (those of
 * Kubernetes' volumes, say), so on the way to a file each folder that a link leads into is open,
 * too. What is not there yet opens the nearest folder that is. In "/" only the file itself counts.
 *
 * What a kernel lacks is left out, and said in the log.
 */
#ifndef EVERGOLD_ADAPTERS_CONFINEMENT_H
#define EVERGOLD_ADAPTERS_CONFINEMENT_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "worker/adapters/log.h"

struct confinement_file {
	const char *path; /* of a file; with a slash at its end, of a folder */
	bool written;     /* it, and others beside it, are made, written, renamed and removed */
};

/* Begins as zeros. */
struct confinement {
	struct arena arena;
	struct confinement_file files[LIMIT_NEEDED_FILES];
	size_t n;
	bool programs; /* the work runs some */
};

/* Copied. NULL and "" are no file. */
void confinement_read(struct confinement *confinement, const char *path);
void confinement_write(struct confinement *confinement, const char *path);

/* While there is one thread. Clears the confinement. */
void confinement_enter(struct confinement *confinement, const struct log *log);

/* No program that is run from here on gains rights by being run, by its set-user-id bit, say. */
void confinement_no_new_privileges(void); /* for good */

#endif
