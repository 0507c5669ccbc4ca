/*
 * remarks: what people are told about what is no build of ours: announcements that they have to
 * look at, and what others do in our pipelines. What is written into the texts is as it was
 * received; Slack's messages make it plain.
 */
#ifndef EVERGOLD_SAY_REMARKS_H
#define EVERGOLD_SAY_REMARKS_H

#include "common/decide/notification.h"

struct remark_words {
	const char *key; /* told once for each, for ever */
	const char *text;
};

/* Several images fit a family: "ambiguous/<family>/<region>/<release>". In the arena. */
struct remark_words remark_ambiguous(const struct announcement *announcement,
                                     const struct decision *decision, struct arena *arena);

/* A publisher writes in a shape that we do not know: "unreadable/<publisher>/<message id>". */
struct remark_words remark_unreadable(const struct notification *notification, struct arena *arena);

/*
 * An execution has ended that somebody else started: "execution/<id>/<status>". The build has only
 * what is known of it: its pipeline, where that is, and the execution.
 */
struct remark_words remark_other_execution(const struct build *build,
                                           const struct codepipeline_execution *execution,
                                           struct arena *arena);

#endif
