#include "worker/flows/decided.h"

#include "common/base/banned.h"

void decided_log(const struct log *log, const struct decided *decided)
{
	const struct decision *decision = decided->decision;
	const struct publisher *publisher = decided->announcement->publisher;

	log_event(
		log, decided->level, "decided",
		LOG_FIELDS(LOG_TEXT("source", decided->source),
	                   LOG_SPAN("message_id", decided->announcement->message_id),
	                   LOG_TEXT("family", decision->family ? decision->family->name : NULL),
	                   LOG_TEXT("region", decision->region),
	                   LOG_SPAN("image_id", decision->image ? decision->image->id : SPAN_NONE),
	                   LOG_TEXT("publisher", publisher ? publisher->name : NULL),
	                   LOG_SPAN("release", decision->version),
	                   LOG_TEXT("outcome", outcome_word(reason_outcome(decision->reason))),
	                   LOG_TEXT("reason", reason_word(decision->reason)),
	                   LOG_TEXT("detail", decision->detail[0] ? decision->detail : NULL)));
}
