/*
 * gate: from bytes in a queue to an envelope that SNS signed on a topic that we listen to.
 *
 * Cheap checks first, nothing is fetched before the URL passed. The gate is pure: the caller
 * brings the certificate and the time.
 *
 *	gate_open()   size, JSON, fields, type, topic, forms            -> envelope
 *	gate_url()    signature version and form, certificate URL       -> what to fetch
 *	gate_verify() certificate and signature                         -> trusted, or why not
 *	gate_age()    not too old, not in the future
 */
#ifndef EVERGOLD_SNS_GATE_H
#define EVERGOLD_SNS_GATE_H

#include "common/sns/certificate.h"
#include "common/sns/envelope.h"

struct gate_policy {
	const char *const *topics; /* ARNs, exactly; borrowed */
	size_t n_topics;
	int64_t max_age_s;
	struct certificate *const *pinned; /* stand in for the fetch; borrowed */
	size_t n_pinned;
};

struct verdict {
	enum trust trust;
	enum reason reason; /* when untrusted; REASON_MATCHED otherwise */
	struct err err;     /* explains it to people; kind ERR_BROKEN: no verdict, try again later */
};

bool gate_open(const struct gate_policy *policy, struct span body, enum envelope_form form,
               struct reader *reader, struct envelope *ret_envelope, struct verdict *ret_verdict)
	MUST_USE;

bool gate_url(const struct envelope *envelope, struct verdict *ret_verdict) MUST_USE;

/*
 * Tries the pinned certificates. True: one of them decided, *ret_verdict is verified or untrusted.
 * False: none stands in for this message's certificate, which must be fetched.
 * A pinned certificate decides when its id is the one in the URL, or when it verifies the message.
 */
bool gate_pinned(const struct gate_policy *policy, const struct envelope *envelope,
                 struct verdict *ret_verdict) MUST_USE;

void gate_verify(const struct envelope *envelope, const struct certificate *certificate,
                 struct verdict *ret_verdict);

/* Turns a verified verdict into too_old or in_future. Kind ERR_UNTRUSTED. */
void gate_age(const struct gate_policy *policy, const struct envelope *envelope, int64_t now_ms,
              struct verdict *verdict);

#endif
