/*
 * gate: from bytes in a queue to an envelope that SNS signed on a topic that we listen to.
 *
 * Cheap checks first; nothing is fetched before the URL passed. The gate is pure: the caller brings
 * the certificate and the time. In this order:
 *
 *	gate_open()   size, JSON, fields, Type, topic, forms          -> envelope
 *	gate_url()    signature's version and form, certificate's URL -> what to fetch
 *	gate_verify() certificate's name and dates, signature         -> trusted, or why not
 *	gate_age()    not too old, not in the future
 *
 * Each returns or leaves its finding in a verdict. A text in a verdict never quotes what was not
 * checked before, so it is fit for a log.
 */
#ifndef EVERGOLD_SNS_GATE_H
#define EVERGOLD_SNS_GATE_H

#include "common/sns/certificate.h"
#include "common/sns/envelope.h"
#include "common/sns/topic_rule.h"

struct gate_policy {
	const struct topic_rule *topics; /* borrowed */
	size_t n_topics;
	int64_t max_age_s;
	struct certificate *const *pinned; /* stand in for the fetch; borrowed */
	size_t n_pinned;
};

struct verdict {
	enum trust trust;   /* unchecked: not yet, or not decidable (see err) */
	enum reason reason; /* when untrusted; REASON_MATCHED otherwise */
	struct err err; /* explains it to people; kind ERR_BROKEN: no verdict, try again later */
};

/*
 * The caller owes envelope_clear() in any case; the body is borrowed until then. On false
 * *ret_verdict says why, and of the envelope only message_id and topic_arn may be used, which are
 * there if they were found and well-formed; type and message, too, though nothing is known of them,
 * when the reason is topic_not_allowed. On true the verdict is `unchecked`.
 */
bool gate_open(const struct gate_policy *policy, struct span body, enum envelope_form form,
               struct envelope *ret_envelope, struct verdict *ret_verdict) MUST_USE;

/* On true signing_cert_url is the one URL that may be fetched for this message. */
bool gate_url(const struct gate_policy *policy, const struct envelope *envelope,
              struct verdict *ret_verdict) MUST_USE;

/*
 * Tries the pinned certificates. True: one of them decided, *ret_verdict is as gate_verify() leaves
 * it. False: none stands in for this message's certificate, which must be fetched.
 * A pinned certificate decides when its id is the one in the URL, or when it verifies the message.
 */
bool gate_pinned(const struct gate_policy *policy, const struct envelope *envelope,
                 struct verdict *ret_verdict) MUST_USE;

void gate_verify(const struct envelope *envelope, const struct certificate *certificate,
                 struct verdict *ret_verdict);

/*
 * Turns a verified verdict into untrusted with too_old (older than max_age_s) or in_future (ahead
 * by more than LIMIT_CLOCK_AHEAD_S). now_ms: since 1970 UTC.
 */
void gate_age(const struct gate_policy *policy, const struct envelope *envelope, int64_t now_ms,
              struct verdict *verdict);

#endif
