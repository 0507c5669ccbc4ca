#include "worker/flows/recorder.h"

#include "common/base/banned.h"

void recorder_keep(struct recorder *recorder, const struct sqs_message *message)
{
	struct err err;
	bool ignored;

	if (!recorder->archive)
		return;
	if (archive_keep(recorder->archive, message, &ignored, &err)) {
		if (recorder->troubled)
			log_event(recorder->log, LOG_INFO, "recording_again",
			          LOG_FIELDS(LOG_SPAN("sqs_message_id", message->message_id)));
		recorder->troubled = false;
	} else if (!recorder->troubled) {
		log_event(recorder->log, LOG_ERROR, "not_recording",
		          LOG_FIELDS(LOG_TEXT("error", err.text)));
		recorder->troubled = true;
	}
}
