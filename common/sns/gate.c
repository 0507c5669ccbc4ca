#include "common/sns/gate.h"

#include "common/base/base64.h"
#include "common/base/limits.h"

#include <inttypes.h>

#include "common/base/banned.h"

static const struct verdict unchecked = { .trust = TRUST_UNCHECKED, .reason = REASON_MATCHED };

static bool refuse(struct verdict *ret_verdict, enum reason reason)
{
	ret_verdict->trust = TRUST_UNTRUSTED;
	ret_verdict->reason = reason;
	return false;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Confirmations are genuine, but nothing that somebody else starts is confirmed here. */
static bool type_is_wanted(const struct envelope *envelope, enum reason *ret_reason,
                           struct err *reterr)
{
	if (span_is(envelope->type, "Notification"))
		return true;
	*ret_reason = REASON_TYPE_UNEXPECTED;
	return err_set(reterr, ERR_UNTRUSTED, "%.*s is not a Notification",
	               SPAN_ARG(envelope->type));
}

/* NULL: nobody listens to it. */
static const struct topic_rule *rule_of(const struct gate_policy *policy,
                                        const struct envelope *envelope)
{
	for (size_t i = 0; i < policy->n_topics; i++) {
		if (span_is(envelope->topic_arn, policy->topics[i].arn))
			return &policy->topics[i];
	}
	return NULL;
}

static bool topic_is_allowed(const struct gate_policy *policy, const struct envelope *envelope,
                             enum reason *ret_reason, struct err *reterr)
{
	if (rule_of(policy, envelope))
		return true;
	*ret_reason = REASON_TOPIC_NOT_ALLOWED;
	return err_set(reterr, ERR_UNTRUSTED, "the topic is not one of those listened to");
}

bool gate_open(const struct gate_policy *policy, struct span body, enum envelope_form form,
               struct envelope *ret_envelope, struct verdict *ret_verdict)
{
	enum reason reason;

	*ret_verdict = unchecked;
	if (envelope_parse(body, form, ret_envelope, &reason, &ret_verdict->err) &&
	    type_is_wanted(ret_envelope, &reason, &ret_verdict->err) &&
	    topic_is_allowed(policy, ret_envelope, &reason, &ret_verdict->err) &&
	    envelope_check(ret_envelope, &reason, &ret_verdict->err))
		return true;
	envelope_drop_malformed(ret_envelope);
	return refuse(ret_verdict, reason);
}

/* ---- What to fetch --------------------------------------------------------------------------- */

static bool version_counts(const struct gate_policy *policy, const struct envelope *envelope,
                           struct err *reterr)
{
	const struct topic_rule *rule = rule_of(policy, envelope);
	struct span version = envelope->signature_version;

	if (!span_is(version, "1") && !span_is(version, "2"))
		return err_set(reterr, ERR_UNTRUSTED, "SignatureVersion is neither 1 nor 2");
	if (rule && rule->signature && !span_is(version, rule->signature))
		return err_set(reterr, ERR_UNTRUSTED,
		               "SignatureVersion is %.*s, and trust.topics allows only %s here",
		               SPAN_ARG(version), rule->signature);
	return true;
}

static bool is_base64(struct span signature)
{
	struct buf bytes = buf_with_max(LIMIT_SIGNATURE);
	bool good = base64_decode(signature, &bytes) && bytes.len > 0;

	buf_clear(&bytes);
	return good;
}

bool gate_url(const struct gate_policy *policy, const struct envelope *envelope,
              struct verdict *ret_verdict)
{
	*ret_verdict = unchecked;
	if (!version_counts(policy, envelope, &ret_verdict->err))
		return refuse(ret_verdict, REASON_SIGNATURE_VERSION);
	if (!is_base64(envelope->signature)) {
		err_set(&ret_verdict->err, ERR_UNTRUSTED, "Signature is not base64");
		return refuse(ret_verdict, REASON_SIGNATURE_FORMAT);
	}
	if (!certificate_url_is_allowed(envelope->signing_cert_url, &envelope->topic)) {
		err_set(&ret_verdict->err, ERR_UNTRUSTED,
		        "SigningCertURL is not where SNS keeps certificates for %.*s",
		        SPAN_ARG(envelope->topic.region));
		return refuse(ret_verdict, REASON_CERT_URL);
	}
	return true;
}

/* ---- Verifying ------------------------------------------------------------------------------- */

void gate_verify(const struct envelope *envelope, const struct certificate *certificate,
                 struct verdict *ret_verdict)
{
	enum reason reason;

	*ret_verdict = unchecked;
	if (certificate_fits(certificate, &envelope->topic, envelope->timestamp_ms, &reason,
	                     &ret_verdict->err) &&
	    certificate_verify(certificate, envelope, &reason, &ret_verdict->err))
		ret_verdict->trust = TRUST_VERIFIED;
	else if (ret_verdict->err.kind != ERR_BROKEN)
		refuse(ret_verdict, reason);
}

static bool decided_by_id(const struct gate_policy *policy, const struct envelope *envelope,
                          struct verdict *ret_verdict)
{
	struct span id = certificate_url_id(envelope->signing_cert_url);

	for (size_t i = 0; i < policy->n_pinned; i++) {
		if (!span_is(id, certificate_id(policy->pinned[i])))
			continue;
		gate_verify(envelope, policy->pinned[i], ret_verdict);
		return true;
	}
	return false;
}

bool gate_pinned(const struct gate_policy *policy, const struct envelope *envelope,
                 struct verdict *ret_verdict)
{
	if (decided_by_id(policy, envelope, ret_verdict))
		return true;
	for (size_t i = 0; i < policy->n_pinned; i++) {
		gate_verify(envelope, policy->pinned[i], ret_verdict);
		if (ret_verdict->trust == TRUST_VERIFIED)
			return true;
	}
	*ret_verdict = unchecked;
	return false;
}

/* ---- Age ------------------------------------------------------------------------------------- */

void gate_age(const struct gate_policy *policy, const struct envelope *envelope, int64_t now_ms,
              struct verdict *verdict)
{
	int64_t age_ms = now_ms - envelope->timestamp_ms;

	if (verdict->trust != TRUST_VERIFIED)
		return;
	if (age_ms > policy->max_age_s * 1000) {
		err_set(&verdict->err, ERR_UNTRUSTED, "%" PRId64 " s old, more than %" PRId64 " s",
		        age_ms / 1000, policy->max_age_s);
		refuse(verdict, REASON_TOO_OLD);
	} else if (age_ms < -(int64_t)LIMIT_CLOCK_AHEAD_S * 1000) {
		err_set(&verdict->err, ERR_UNTRUSTED, "%" PRId64 " s in the future",
		        -age_ms / 1000);
		refuse(verdict, REASON_IN_FUTURE);
	}
}
