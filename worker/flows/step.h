/*
 * step: what the steps of a build share (build.h says which there are).
 *
 * A step ends with step_save() or what calls it, once; the flow is gone when that is done.
 */
#ifndef EVERGOLD_FLOWS_STEP_H
#define EVERGOLD_FLOWS_STEP_H

#include "common/aws/wire_codepipeline.h"
#include "common/decide/golden.h"
#include "worker/flows/build.h"
#include "worker/flows/parameter.h"

#define STEP_POLL_FIRST_MS   15000
#define STEP_REFUSED_BASE_MS 60000 /* back-off where a person has to do something */
#define STEP_REFUSED_MAX_MS  3600000
#define STEP_FOLLOW_BASE_MS  5000
#define STEP_POLL_MAX_MS     60000
#define STEP_POLL_HINTED_MS  300000 /* where events come */

/* err: the actions could not be listed; NULL: flow->actions has them. */
typedef void step_listed_fn(struct build_flow *flow, const struct err *err);

struct build_flow {
	const struct ports *ports;
	const struct config *config;
	const struct family *family; /* NULL: the configuration has dropped it */
	struct build build;
	struct arena arena;
	struct call *pending;
	struct codepipeline_actions actions;
	step_listed_fn *listed;
	int pages;
	bool unlisted;               /* its actions could not be listed */
	struct parameter_state base; /* what the base parameter held when it was read */
	struct golden_move moves[LIMIT_GOLDEN];
	size_t n_moves, move; /* the one that is at hand */
	enum notice_kind notice;
	bool has_notice;
	bool asked; /* CodePipeline was, to start it */
	build_flow_done_fn *done;
	void *ctx;
};

/* The steps. */
void build_wanted(struct build_flow *flow);
void build_started(struct build_flow *flow);
void build_watched(struct build_flow *flow);

/* How is its execution? When it has ended: what failed, what came out? When it goes on: anew. */
void build_follow(struct build_flow *flow);
void build_ended(struct build_flow *flow);
void build_run_again(struct build_flow *flow, const struct codepipeline_execution *execution);

/* The base parameter: is it still to be written? Then it is, and the build is followed. */
bool build_wants_base(const struct build_flow *flow);
void build_write_base(struct build_flow *flow);

/* Has it succeeded, so that golden AMIs are to be named? Then their output variables are wanted. */
bool build_wants_golden(const struct build_flow *flow);
void build_want_outputs(struct build_flow *flow);

/* The golden parameters of what succeeded, the base one of any other build: then it is finished. */
void build_move_golden(struct build_flow *flow);
void build_return_base(struct build_flow *flow);

/* A question in the name of the build's account; the body is cleared. */
void step_ask(struct build_flow *flow, const struct aws_operation *operation, struct buf *body,
              aws_done_fn *done); /* about its pipeline */
void step_ask_in(struct build_flow *flow, const struct aws_operation *operation, const char *region,
                 struct buf *body, aws_done_fn *done);

/* GetPipelineExecution, and its answer; unless it is one, the error is ERR_TRANSIENT or AWS's. */
void step_ask_execution(struct build_flow *flow, aws_done_fn *done);
bool step_read_execution(struct build_flow *flow, const struct aws_answer *answer,
                         const struct err *err, struct codepipeline_execution *ret_execution,
                         struct err *reterr);

/* AWS knows no such execution, or not its pipeline. */
bool step_is_gone(const struct aws_answer *answer);

/* ListActionExecutions, all pages; what they told as the text of a row. */
void step_list_actions(struct build_flow *flow, step_listed_fn *listed);
const char *step_timeline(struct build_flow *flow);

/* It is looked at again, more and more rarely. */
void step_poll_failed(struct build_flow *flow, const struct err *err);

/* Counts one more failure in a row. */
int64_t step_backoff_ms(struct build_flow *flow, int64_t base_ms, int64_t max_ms);

/* Was it tried often enough for what is only told? For its golden AMI, what it is all for? */
bool step_tried_briefly(const struct build_flow *flow);
bool step_tried_for_golden(const struct build_flow *flow);

/* Has it gone on since then for longer than it may, and not only by a jump of the clock? */
bool step_too_long(const struct build_flow *flow, int64_t since_ms, int64_t limit_s);

void step_log(const struct build_flow *flow, enum log_level level, const char *event,
              const char *error);
void step_tell(struct build_flow *flow, enum notice_kind kind); /* with the next save */
void step_add_trouble(struct build_flow *flow, const char *trouble);

/* What a person has to mend is told once, as its trouble: `what` and why. */
void step_tell_refusal(struct build_flow *flow, const char *what, const char *why);
void step_forget_refusal(struct build_flow *flow, const char *what); /* it is over */

void step_save(struct build_flow *flow);
void step_look_again_in(struct build_flow *flow, int64_t delay_ms);
void step_finish(struct build_flow *flow, enum notice_kind kind);

/* Its execution has ended: may it be run again by hand? Then it is looked at later. */
void step_watch(struct build_flow *flow);

/* The ledger has it; or it cannot be asked: err. The flow is gone. */
void step_end(struct build_flow *flow, const struct err *err);

#endif
