/*
 * zone: time zones of the system's database, by name.
 *
 * The database is $TZDIR if that is an absolute path, else /usr/share/zoneinfo. The C library reads
 * it (TZif, RFC 9636), and knows one zone at a time, through the variable TZ and for all threads.
 * So a zone is taken as a whole, as a table of its changes from 1970 to 2099, and TZ is as before
 * when that is done. It must be done while no other thread runs: before the loop begins.
 */
#ifndef EVERGOLD_ADAPTERS_ZONE_H
#define EVERGOLD_ADAPTERS_ZONE_H

#include "common/decide/zone.h"

/*
 * Lives as long as the arena. NULL, ERR_BROKEN: the database has no such zone, or there is none.
 * "UTC" needs no database.
 */
const struct zone *zone_load(struct span name, struct arena *arena, struct err *reterr);

#endif
