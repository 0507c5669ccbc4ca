/*
 * withdrawal: a message by which a publisher takes images back, as the ledger learns of it.
 *
 * Each family that it concerns has the release in quarantine from then on, and is told what was
 * built from it. A message that names no release is only passed on to people.
 */
#ifndef EVERGOLD_FLOWS_WITHDRAWAL_H
#define EVERGOLD_FLOWS_WITHDRAWAL_H

#include "common/base/arena.h"
#include "common/decide/notification.h"
#include "worker/adapters/ledger.h"

/*
 * The entry has its decisions. Does nothing unless the release is a withdrawal and concerns a
 * family.
 */
void withdrawal_fill(struct ledger_entry *entry, const struct release *release,
                     struct arena *arena);

#endif
