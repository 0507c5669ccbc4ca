/*
 * variables: the pipeline variables of a build, as the ledger keeps them: {"NAME": "value", ...}.
 */
#ifndef EVERGOLD_DECIDE_VARIABLES_H
#define EVERGOLD_DECIDE_VARIABLES_H

#include "common/aws/wire_codepipeline.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/decide/build.h"
#include "common/decide/config.h"
#include "common/decide/template.h"

/*
 * Fills the templates of the pipeline's variables. CodePipeline takes no empty value: a variable
 * whose template fills to nothing is left out, and its default in the pipeline holds. One that is
 * far too long is cut, but not so short that CodePipeline would take it.
 */
const char *variables_write(const struct pipeline *pipeline, const struct template_values *values,
                            struct arena *arena);

/* The same with what the build's row knows. */
const char *variables_of_build(const struct pipeline *pipeline, const struct build *build,
                               struct arena *arena);

struct variables {
	struct codepipeline_variable at[LIMIT_VARIABLES];
	size_t n;
};

/* Reads them back, into the arena: all of them, or it is ERR_MALFORMED. */
bool variables_read(const char *json, struct arena *arena, struct variables *ret_variables,
                    struct err *reterr) MUST_USE;

#endif
