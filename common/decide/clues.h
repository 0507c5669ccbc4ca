/*
 * clues: which build an execution was, from what AWS still knows of it.
 *
 * A ledger that was lost is made anew from CodePipeline's executions. Of a V2 pipeline the
 * variables that it was given name the image: the templates of the configuration are read back. Of
 * a V1 pipeline it is what the base parameter held while it ran. EC2 tells the image's name, and
 * with it the release; of an image that is no more the variables may tell both.
 */
#ifndef EVERGOLD_DECIDE_CLUES_H
#define EVERGOLD_DECIDE_CLUES_H

#include "common/aws/wire_ec2.h"
#include "common/aws/wire_ssm.h"
#include "common/decide/build.h"
#include "common/decide/config.h"
#include "common/decide/template.h"

/* What the variables say, as far as the pipeline's templates tell; spans of `execution`. */
struct template_values clues_read(const struct pipeline *pipeline,
                                  const struct codepipeline_execution *execution);

/* Nothing that they say is against it. */
bool clues_allow(const struct template_values *values, const struct family *family,
                 const char *region);

/*
 * What a parameter held for an execution: written first while it ran, or soon after its start when
 * it was over at once; else before it; or NULL.
 */
const char *clues_base(const struct ssm_history *history, int64_t started_ms, int64_t ended_ms);
const char *clues_base_before(const struct ssm_history *history, int64_t at_ms); /* or NULL */

struct clues {
	const struct family *family;
	const char *region, *image_id;
	const struct ec2_image *image; /* NULL: EC2 knows it no more */
	struct template_values values;
};

/*
 * The row, as its decision would have made it, with attempt 0 unless the variables name its token.
 * False: the image is none of the family's. Texts are in the arena and the configuration.
 */
bool clues_build(const struct clues *clues, struct arena *arena, struct build *ret_build) MUST_USE;

#endif
