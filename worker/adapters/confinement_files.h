/*
 * confinement_files: which files a confined process can open, by Landlock (landlock(7); the
 * kernel's userspace-api/landlock). Three system calls, for which no library is needed.
 *
 * A rule belongs to a folder as it is now, and counts for all below it, mounts included. What is
 * open stays open: only opening is judged.
 */
#ifndef EVERGOLD_ADAPTERS_CONFINEMENT_FILES_H
#define EVERGOLD_ADAPTERS_CONFINEMENT_FILES_H

#include "worker/adapters/confinement.h"

/* Needs no_new_privs. What can be opened from now on, for people: "needed ones", "all (…)". */
const char *confinement_files(const struct confinement *confinement);

#endif
