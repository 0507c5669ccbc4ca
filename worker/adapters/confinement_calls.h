/*
 * confinement_calls: which system calls a confined process can make (seccomp(2), libseccomp).
 */
#ifndef EVERGOLD_ADAPTERS_CONFINEMENT_CALLS_H
#define EVERGOLD_ADAPTERS_CONFINEMENT_CALLS_H

#include <stdbool.h>

/*
 * Needs no_new_privs. programs: of others, too. What can be called from now on, for people:
 * "needed ones", "harmless ones", "all (…)".
 */
const char *confinement_calls(bool programs);

#endif
