/*
 * archive: a folder that keeps received messages, one file each, for `evergold replay`.
 *
 * A message is MESSAGE_ID.json, in the shape of an answer of ReceiveMessage with that message
 * alone, as SQS gave it. Only its owner may read it: it holds a receipt handle. A file appears as a
 * whole and survives a power cut (file.h), and one that is there is never written again.
 */
#ifndef EVERGOLD_ADAPTERS_ARCHIVE_H
#define EVERGOLD_ADAPTERS_ARCHIVE_H

#include "common/aws/wire_sqs.h"

struct archive;

void archive_close(struct archive *archive);

/* Makes the folder if it is not there (its parent must be). ERR_BROKEN: it cannot be used. */
struct archive *archive_open(const char *folder, struct err *reterr) OWNED(archive_close);

/*
 * *ret_new: it was not there yet. ERR_BROKEN: it cannot be written; ERR_REFUSED: the folder has
 * LIMIT_ARCHIVED files; ERR_MALFORMED: its id is no name for a file.
 */
bool archive_keep(struct archive *archive, const struct sqs_message *message, bool *ret_new,
                  struct err *reterr) MUST_USE;

#endif
