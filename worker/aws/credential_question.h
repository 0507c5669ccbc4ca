/*
 * credential_question: one get() of a credentials provider, what all sources have in common.
 *
 * A source embeds it as the first member of its own question, which is allocated here and freed
 * when it ends. Its first step runs on the next turn of the loop, so that each step may end it.
 */
#ifndef EVERGOLD_AWS_CREDENTIAL_QUESTION_H
#define EVERGOLD_AWS_CREDENTIAL_QUESTION_H

#include "common/aws/credential_plan.h"
#include "worker/aws/credentials.h"

struct credential_question {
	struct call call;     /* first: what who asks holds */
	struct call *pending; /* what the question waits for, cancelled with it; NULL: nothing */
	credentials_done_fn *done;
	void *ctx;
};

/* size: of the source's own, zeroed besides. Owned by itself. */
void *credential_question_new(size_t size, credentials_done_fn *done, void *ctx);

/* The ends. The credentials are handed over. The error is told with the place it comes from. */
void credential_question_give(struct credential_question *question,
                              struct credentials *credentials);
void credential_question_fail(struct credential_question *question,
                              const struct credential_step *step, const struct err *err);

/*
 * The JSON that a container's endpoint, IMDS, a credential_process and the portal of IAM Identity
 * Center answer with, by the kind of the step. ERR_BROKEN; never a value in its text.
 */
bool credential_answer_read(struct span json, const struct credential_step *step,
                            struct credentials *ret_credentials, struct err *reterr) MUST_USE;

/* A token out of a small file, without blanks around. ERR_BROKEN: unreadable, empty, of lines. */
bool credential_token_read(const char *path, struct secret *ret_token, struct err *reterr) MUST_USE;

#endif
