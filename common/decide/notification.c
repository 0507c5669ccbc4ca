#include "common/decide/notification.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/banned.h"

void notification_clear(struct notification *notification)
{
	release_clear(&notification->release);
	decisions_clear(&notification->decisions);
	envelope_clear(&notification->envelope);
	*notification = (struct notification){ 0 };
}

static void announce(struct notification *notification, const struct config *config)
{
	const struct envelope *envelope = &notification->envelope;

	notification->announcement = (struct announcement){
		.message_id = envelope->message_id,
		.topic = envelope->topic_arn,
		.publisher = config_publisher_of_topic(config, envelope->topic_arn),
		.announced_ms = envelope->timestamp_ms,
	};
}

bool notification_open(struct notification *notification, const struct config *config,
                       const struct gate_policy *policy, struct span body, enum envelope_form form)
{
	bool open;

	*notification = (struct notification){ 0 };
	open = gate_open(policy, body, form, &notification->envelope, &notification->verdict);
	announce(notification, config);
	if (!open)
		notification_reject(notification);
	return open;
}

void notification_open_bare(struct notification *notification, const struct config *config,
                            struct span topic, struct span message)
{
	*notification = (struct notification){
		.envelope = { .topic_arn = topic, .message = message },
	};
	announce(notification, config);
}

void notification_reject(struct notification *notification)
{
	decide_rejected(notification->verdict.reason, notification->verdict.err.text,
	                &notification->decisions);
}

void notification_decide(struct notification *notification, const struct config *config)
{
	const struct publisher *publisher = notification->announcement.publisher;
	struct release_text text = { notification->envelope.subject,
		                     notification->envelope.message };
	struct err err = { ERR_NONE, "" };

	if (publisher && !release_parse(publisher, &text, &notification->release, &err)) {
		decide_rejected(REASON_PAYLOAD, err.text, &notification->decisions);
		return;
	}
	decide_announcement(config, publisher, &notification->release, &notification->decisions);
}

void notification_remark(struct notification *notification, const char *format, ...)
{
	for (size_t i = 0; i < notification->decisions.n; i++) {
		struct decision *decision = &notification->decisions.at[i];
		va_list args;

		if (decision->detail[0])
			continue;
		va_start(args, format);
		vsnprintf(decision->detail, sizeof(decision->detail), format, args);
		va_end(args);
	}
}
