/*
 * privacy: what this process has in memory is nobody else's.
 *
 * Keys and tokens in use have to be in memory. After privacy_keep() the kernel writes no core of
 * the process, and only root may look into it: not even another process of the same user may attach
 * to it or read its /proc/PID/mem and environ (prctl(2), PR_SET_DUMPABLE; proc(5); core(5)).
 * Programs that it starts write no core files either, as they may hold the same secrets, but are no
 * more private than others.
 */
#ifndef EVERGOLD_ADAPTERS_PRIVACY_H
#define EVERGOLD_ADAPTERS_PRIVACY_H

void privacy_keep(void); /* first thing in main(); for good */

#endif
